"""The marks that stand in nbgrader's gradebook, read in bulk, as ``nbgrader export`` reckons them."""

from __future__ import annotations

from collections import Counter, defaultdict
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
    """Return the assignments that the gradebook knows."""
    return list(session.execute(sa.select(Assignment.name).order_by(Assignment.name)).scalars())


def entries_of(session: Session, assignment: str) -> list[AssignmentMark]:
    """Return every known student's mark of an assignment; who submitted nothing has 0, as in nbgrader.

    A mark is the person's where a person gave one, with extra credit, less the penalty for lateness.
    """
    known = session.execute(
        sa.select(Assignment.id, Assignment.duedate, Assignment.max_score).where(Assignment.name == assignment)
    ).one()
    cells, waiting = _cells(session, known.id)
    submitted = {
        row.student_id: row
        for row in session.execute(
            sa.select(
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.score.label("score"),
                SubmittedAssignment.late_submission_penalty.label("penalty"),
            ).where(SubmittedAssignment.assignment_id == known.id)
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
                max_score=known.max_score,
                raw_score=raw,
                penalty=penalty,
                duedate=known.duedate,
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
    """Return each student's marks by cell, and how many cells of theirs a person has still to look at."""
    cells: dict[str, dict[str, float | None]] = defaultdict(dict)
    waiting: Counter[str] = Counter()
    rows: Any = session.execute(
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
    for row in rows:
        unmarked = row.auto_score is None and row.manual_score is None
        cells[row.student_id][f"{row.notebook}/{row.cell}"] = None if unmarked else row.score
        waiting[row.student_id] += bool(row.open)
    return cells, waiting
