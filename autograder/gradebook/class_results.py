"""The results of a class as the gradebook has them: the journal's reports, with the marks that persons gave."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy.orm import Session

from autograder.gradebook import journal
from autograder.results import CellResult, Report, from_json

Place = tuple[str, str]
"""A student and a notebook."""


def reports_of(session: Session, assignment: str) -> list[Report]:
    """Return a report for each submitted notebook of an assignment, in the order of students and notebooks.

    A mark is the one that counts in nbgrader: a person's replaces the grader's, and extra credit is added. A
    notebook that something else graded has marks alone, without checks.
    """
    key = session.execute(sa.select(Assignment.id).where(Assignment.name == assignment)).scalar_one()
    marks = _marks(session, key)
    found = []
    entries = journal.read_entries(session, assignment, key)
    for place, cells in sorted(marks.items()):
        _, line = entries.get(place, ("", ""))
        report = _decoded(line) or _without_checks(place, assignment, cells)
        found.append(_with_marks(report, cells))
    return found


def _decoded(line: str) -> Report | None:
    try:
        return from_json(line) if line else None
    except msgspec.MsgspecError:  # written by a version with another format of reports
        return None


def _with_marks(report: Report, entered: dict[str, CellResult]) -> Report:
    if report.status == "failed":
        return report
    cells = [
        msgspec.structs.replace(cell, score=entered[cell.grade_id].score) if cell.grade_id in entered else cell
        for cell in report.cells
    ]
    return msgspec.structs.replace(report, cells=cells, score=sum(cell.score or 0.0 for cell in cells))


def _without_checks(place: Place, assignment: str, entered: dict[str, CellResult]) -> Report:
    student, notebook = place
    return Report(
        student=student,
        assignment=assignment,
        notebook=notebook,
        file="",
        status="graded",
        message=None,
        score=0.0,
        max_score=sum(cell.max_score for cell in entered.values()),
        isolation=None,
        seconds=0.0,
        cells=list(entered.values()),
    )


def _marks(session: Session, assignment_id: str) -> dict[Place, dict[str, CellResult]]:
    """Return each submitted notebook's marks as they stand in nbgrader's tables, by ``grade_id``."""
    cells = _graded_cells(session, assignment_id)
    found: dict[Place, dict[str, CellResult]] = defaultdict(dict)
    rows: Any = session.execute(
        sa.select(
            SubmittedAssignment.student_id,
            Notebook.name.label("notebook"),
            Grade.cell_id,
            Grade.auto_score,
            Grade.manual_score,
            Grade.score.label("score"),
        )
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment_id)
        .order_by(Notebook.name, BaseCell.name)
    )
    for row in rows:
        name, maximum, mode = cells[row.cell_id]
        unmarked = row.auto_score is None and row.manual_score is None
        found[row.student_id, row.notebook][name] = CellResult(
            grade_id=name, exercise=None, mode=mode, score=None if unmarked else row.score, max_score=maximum
        )
    return found


def _graded_cells(
    session: Session, assignment_id: str
) -> dict[str, tuple[str, float, Literal["in-process", "manual"]]]:
    """Return name, maximum and kind of each graded cell; nbgrader marks cells of code by itself."""
    found: dict[str, tuple[str, float, Literal["in-process", "manual"]]] = {}
    for kind in (GradeCell, TaskCell):
        rows = session.execute(
            sa.select(kind.id, kind.name, kind.max_score, kind.cell_type)
            .join(Notebook, Notebook.id == kind.notebook_id)
            .where(Notebook.assignment_id == assignment_id)
        )
        for row in rows:
            by_machine = kind is GradeCell and row.cell_type == "code"
            found[row.id] = (row.name, row.max_score, "in-process" if by_machine else "manual")
    return found
