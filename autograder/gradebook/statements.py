"""The SQL statements that grading executes for every submission.

They are built once: SQLAlchemy takes as long to build a statement as to execute it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook

STUDENTS, SUBMITTED, NOTEBOOKS = Student.__table__, SubmittedAssignment.__table__, SubmittedNotebook.__table__
GRADES, COMMENTS = Grade.__table__, Comment.__table__


def _select(*columns: Any, **where: Any) -> Any:
    """Build a select of columns; each keyword is a parameter of the statement, and the column that equals it."""
    return sa.select(*columns).where(*(column == sa.bindparam(name) for name, column in where.items()))


def _update(table: Any, *columns: str) -> Any:
    """Build an update of columns; the parameter ``row`` is the row's id."""
    values = {name: sa.bindparam(name) for name in columns}
    return sa.update(table).where(table.c.id == sa.bindparam("row")).values(values)


_OF_STUDENT = {"assignment": SUBMITTED.c.assignment_id, "student": SUBMITTED.c.student_id}
SELECT_SUBMISSION = _select(SUBMITTED.c.id, **_OF_STUDENT)
SELECT_TIME = _select(SUBMITTED.c.timestamp, SUBMITTED.c.extension, **_OF_STUDENT)
SELECT_STUDENT = _select(STUDENTS.c.id, student=STUDENTS.c.id)
SELECT_NOTEBOOKS = _select(NOTEBOOKS.c.notebook_id, NOTEBOOKS.c.id, submission=NOTEBOOKS.c.assignment_id)
# Locked, so that nobody enters a manual mark between this select and the update.
SELECT_GRADES = _select(
    *(GRADES.c.id, GRADES.c.cell_id, GRADES.c.auto_score, GRADES.c.manual_score), notebook=GRADES.c.notebook_id
).with_for_update()
SELECT_COMMENTS = _select(COMMENTS.c.id, COMMENTS.c.cell_id, notebook=COMMENTS.c.notebook_id)
SET_TIME = _update(SUBMITTED, "timestamp")
SET_PENALTY = _update(NOTEBOOKS, "late_submission_penalty")
SET_MARK = _update(GRADES, "auto_score", "needs_manual_grade")
SET_COMMENT = _update(COMMENTS, "auto_comment")
INSERT = {table: sa.insert(table) for table in (STUDENTS, SUBMITTED, NOTEBOOKS, GRADES, COMMENTS)}
