"""A student's mark of an assignment, as sheets hold it: from the gradebook, or added up from Reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.results import Report


class DoubledError(ValueError):
    """Two Reports of one notebook of one student: no one can tell which counts."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A mark, with what tells whose it is."""

    student: str
    assignment: str
    score: float
    """What counts: after the penalty for lateness."""
    max_score: float
    raw_score: float
    penalty: float = 0.0
    duedate: dt.datetime | None = None
    timestamp: dt.datetime | None = None
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    platform_id: str = ""
    """The learning platform's own number of the student, where it is known apart from ``student``."""
    submitted: bool = True
    open_cells: int = 0
    """How many cells a person has still to mark."""
    cells: dict[str, float | None] = field(default_factory=dict)
    """The marks of each cell, as ``notebook/grade_id``; None where a person has still to mark."""


def entries_from(reports: Iterable[Report]) -> list[Entry]:
    """Add up the notebooks of each submission, in the order in which the submissions come.

    Raises
    ------
    DoubledError
        If a notebook of a student's stands there twice.
    """
    groups: dict[tuple[str, str], dict[str, Report]] = {}
    for report in reports:
        group = groups.setdefault((report.student, report.assignment), {})
        if report.notebook in group:
            raise DoubledError(
                f"There are two reports of {report.notebook} of {report.assignment} by “{report.student}”."
            )
        group[report.notebook] = report
    return [_added_up(list(group.values())) for group in groups.values()]


def _added_up(reports: list[Report]) -> Entry:
    score = sum(report.score for report in reports)
    return Entry(
        student=reports[0].student,
        assignment=reports[0].assignment,
        score=score,
        raw_score=score,
        max_score=sum(report.max_score for report in reports),
        open_cells=sum(len(report.needs_person) for report in reports),
        cells={f"{r.notebook}/{cell.grade_id}": cell.score for r in reports for cell in r.cells},
    )
