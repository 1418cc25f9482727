"""What a job's log may hold about a class: counts and reasons, without names and marks.

More people read a log than may see the marks, and it is kept for longer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.results import Report

NO_NAME = "A submission"
PATH = re.compile(r"^[^ ]*/.*(?= (?:is|has|holds|can't|could)\b)")
"""A path at the start of a sentence, up to the last verb that may follow it."""


@dataclass(frozen=True)
class NotebookCount:
    """How many submissions of one notebook were graded."""

    assignment: str
    notebook: str
    graded: int
    waiting: int
    """Those of the graded submissions in which a person has answers to mark."""
    failed: int
    """How many could not be graded."""


def count_by_notebook(reports: Iterable[Report]) -> Iterator[NotebookCount]:
    """Count the reports of each notebook, sorted by assignment and notebook."""

    def place(report: Report) -> tuple[str, str]:
        return report.assignment, report.notebook

    for (assignment, name), group in itertools.groupby(sorted(reports, key=place), key=place):
        each = list(group)
        graded = [report for report in each if report.status == "graded"]
        waiting = sum(bool(report.needs_person) for report in graded)
        yield NotebookCount(assignment, name, len(graded), waiting, len(each) - len(graded))


def failure_without_name(report: Report) -> str:
    """Say why a submission could not be graded, without its student's name.

    The name is not replaced by a number computed from it: with the list of the class, anybody could compute the
    same number.
    """
    message = (report.message or "").replace(report.file, NO_NAME) if report.file else ""
    message = PATH.sub(NO_NAME, message)
    if not message.startswith(NO_NAME) or (report.student and report.student in message):
        return f"{NO_NAME} could not be graded."
    return message
