"""The marks of a class, read in bulk and added up as ``nbgrader export`` does."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.orm import Session

from autograder.reports.mark import AssignmentMark


def assignments_of(session: Session) -> list[str]:
    """Return the names of the assignments in the gradebook."""
    return list(session.execute(sa.select(Assignment.name).order_by(Assignment.name)).scalars())


def entries_of(session: Session, assignment: str) -> list[AssignmentMark]:
    """Return the mark of every student for an assignment; without a submission it is 0, as in nbgrader.

    A manual mark replaces the automatic one. Extra credit is added, and the penalty for lateness subtracted.
    """
    assigned = session.execute(
        sa.select(Assignment.id, Assignment.duedate, Assignment.max_score).where(Assignment.name == assignment)
    ).one()
    cells, waiting = _cells(session, assigned.id)
    submitted = {
        row.student_id: row
        for row in session.execute(
            sa.select(
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.score.label("score"),
                SubmittedAssignment.late_submission_penalty.label("penalty"),
            ).where(SubmittedAssignment.assignment_id == assigned.id)
        )
    }
    entries = []
    for student in session.execute(
        sa.select(Student.id, Student.last_name, Student.first_name, Student.email, Student.lms_user_id).order_by(
            Student.last_name, Student.first_name, Student.id
        )
    ):
        row = submitted.get(student.id)
        raw, penalty = (row.score, row.penalty) if row else (0.0, 0.0)
        entries.append(
            AssignmentMark(
                student=student.id,
                assignment=assignment,
                score=max(0.0, raw - penalty),
                max_score=assigned.max_score,
                raw_score=raw,
                penalty=penalty,
                duedate=assigned.duedate,
                timestamp=row.timestamp if row else None,
                last_name=student.last_name or "",
                first_name=student.first_name or "",
                email=student.email or "",
                platform_id=student.lms_user_id or "",
                submitted=row is not None,
                open_cells=waiting[student.id],
                cells=cells[student.id],
            )
        )
    return entries


def _cells(session: Session, assignment: str) -> tuple[dict[str, dict[str, float | None]], Counter[str]]:
    """Return each student's marks by cell, and the number of cells that a person must still mark."""
    cells: dict[str, dict[str, float | None]] = defaultdict(dict)
    waiting: Counter[str] = Counter()
    for row in _grades(session, assignment):
        unmarked = row.auto_score is None and row.manual_score is None
        cells[row.student_id][f"{row.notebook}/{row.cell}"] = None if unmarked else row.score
        waiting[row.student_id] += bool(row.open)
    return cells, waiting


@dataclass(frozen=True)
class Mark:
    """The marks of one cell; None where there is none."""

    auto: float | None
    manual: float | None


def marks_by_cell(session: Session, assignment: str) -> dict[tuple[str, str], dict[str, Mark]]:
    """Return the marks of every submitted notebook, by student and notebook, and by ``grade_id``."""
    assigned = session.execute(sa.select(Assignment.id).where(Assignment.name == assignment)).scalar()
    marks: dict[tuple[str, str], dict[str, Mark]] = defaultdict(dict)
    for row in _grades(session, assigned):
        marks[row.student_id, row.notebook][row.cell] = Mark(row.auto_score, row.manual_score)
    return dict(marks)


def _grades(session: Session, assignment: Any) -> Any:
    """Return a row for each cell that carries marks of each submission of an assignment, by its row's id."""
    return session.execute(
        sa.select(
            SubmittedAssignment.student_id,
            Notebook.name.label("notebook"),
            BaseCell.name.label("cell"),
            Grade.auto_score,
            Grade.manual_score,
            Grade.score.label("score"),
            Grade.needs_manual_grade.label("open"),
        )
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment)
        .order_by(Notebook.name, BaseCell.name)
    )
