"""A student's mark for an assignment: from the gradebook, or the sum of the marks in Reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.results import Report


class DuplicateReportError(ValueError):
    """There are two Reports of the same notebook by the same student, and nothing decides which one counts."""


@dataclass(frozen=True, kw_only=True)
class AssignmentMark:
    """A student's mark for an assignment, with all that may identify the student in a platform's sheet."""

    student: str
    assignment: str
    score: float
    """The mark that counts, after the penalty for lateness."""
    max_score: float
    raw_score: float
    penalty: float = 0.0
    duedate: dt.datetime | None = None
    timestamp: dt.datetime | None = None
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    platform_id: str = ""
    """The learning platform's own number for the student; empty if it is not known, or the same as ``student``."""
    submitted: bool = True
    """False if the student has submitted nothing, so that the mark is 0."""
    open_cells: int = 0
    """The number of cells that a person has still to mark."""
    cells: dict[str, float | None] = field(default_factory=dict)
    """The mark of each cell, by ``notebook/grade_id``; None where a person has still to mark."""


def marks_from_reports(reports: Iterable[Report]) -> list[AssignmentMark]:
    """Add up the notebooks of each student and assignment, in the order of the reports.

    Raises
    ------
    DuplicateReportError
        If a student's notebook occurs twice.
    """
    groups: dict[tuple[str, str], dict[str, Report]] = {}
    for report in reports:
        group = groups.setdefault((report.student, report.assignment), {})
        if report.notebook in group:
            raise DuplicateReportError(
                f"There are two reports of {report.notebook} of {report.assignment} by “{report.student}”."
            )
        group[report.notebook] = report
    return [_sum(list(group.values())) for group in groups.values()]


def _sum(reports: list[Report]) -> AssignmentMark:
    score = sum(report.score for report in reports)
    return AssignmentMark(
        student=reports[0].student,
        assignment=reports[0].assignment,
        score=score,
        raw_score=score,
        max_score=sum(report.max_score for report in reports),
        open_cells=sum(len(report.needs_person) for report in reports),
        cells={f"{r.notebook}/{cell.grade_id}": cell.score for r in reports for cell in r.cells},
    )
