"""Who is in a gradebook, who has handed in an assignment, and what waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
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


def students_with(session: Any, assignment: str) -> frozenset[str]:
    """Return the ids of the students who have a submission of an assignment."""
    rows = session.execute(
        sa.select(SubmittedAssignment.student_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    return frozenset(rows.scalars())


def everyone(session: Any) -> frozenset[str]:
    """Return the ids of all students of the gradebook."""
    return frozenset(session.execute(sa.select(Student.id)).scalars())


Waiting = Counter[tuple[str, str]]
"""How many answers wait for a person, by assignment and ``grade_id``."""


def waiting(session: Any, assignments: Collection[str]) -> Waiting:
    """Count the answers that a person must mark: those without an automatic mark that nobody has marked since."""
    rows = session.execute(
        sa.select(Assignment.name, BaseCell.name, sa.func.count())
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(Grade.needs_manual_grade, Grade.auto_score.is_(None), Assignment.name.in_(assignments))
        .group_by(Assignment.name, BaseCell.name)
        .order_by(Assignment.name, BaseCell.name)
    )
    return Counter({(assignment, cell): count for assignment, cell, count in rows})
