"""What a log may hold of a class: how many, never who or how well.

A job's log is read by more people than the marks are meant for, and kept for longer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.results import Report

SOMEONES = "A submission"
PATH = re.compile(r"^/.*(?= (?:is|has|holds|can't|could)\b)")
"""A path that a sentence begins with, up to the last verb that may follow one."""


@dataclass(frozen=True)
class Row:
    """How the submissions of one notebook fared."""

    assignment: str
    notebook: str
    graded: int
    waiting: int
    """Of the graded: with answers that wait for a person."""
    failed: int


def rows(reports: Iterable[Report]) -> Iterator[Row]:
    """Count the reports of each notebook."""

    def place(report: Report) -> tuple[str, str]:
        return report.assignment, report.notebook

    for (assignment, name), group in itertools.groupby(sorted(reports, key=place), key=place):
        each = list(group)
        graded = [report for report in each if report.status == "graded"]
        waiting = sum(bool(report.needs_person) for report in graded)
        yield Row(assignment, name, len(graded), waiting, len(each) - len(graded))


def neutral(report: Report) -> str:
    """Say why a submission could not be graded, and not whose it is.

    A number made from the name would tell it to whoever has the list of the class.
    """
    said = (report.message or "").replace(report.file, SOMEONES) if report.file else ""
    said = PATH.sub(SOMEONES, said)
    if not said.startswith(SOMEONES) or (report.student and report.student in said):
        return f"{SOMEONES} could not be graded."
    return said
