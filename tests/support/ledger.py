"""nbgrader's tables in memory, with two assignments whose notebooks and cells have the same names."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from functools import cache

import sqlalchemy as sa
from nbgrader.api import Assignment, Base, GradeCell, Notebook, SolutionCell, Student, TaskCell
from sqlalchemy.orm import Session

from autograder.gradebook.connection import create_tables
from autograder.gradebook.rows import AssignmentRows

DUE = dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC).replace(tzinfo=None)
BOOKS = {"old": ["nb"], "hw": ["nb", "more"]}
"""The notebooks of each assignment; each has a test of 4 points, an answer of 3 and a task of 2."""


@cache
def _made() -> bytes:
    """The database, made once: each test has a copy."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    Base.metadata.create_all(engine)
    create_tables(engine)
    with Session(engine) as session:
        for name, books in BOOKS.items():
            assignment = Assignment(name=name, duedate=DUE if name == "hw" else None, course_id="any")
            session.add(assignment)
            for book in books:
                notebook = Notebook(name=book, assignment=assignment)
                session.add_all(
                    [
                        notebook,
                        GradeCell(name="test", max_score=4, cell_type="code", notebook=notebook),
                        GradeCell(name="why", max_score=3, cell_type="markdown", notebook=notebook),
                        SolutionCell(name="why", notebook=notebook),
                        SolutionCell(name="test-solution", notebook=notebook),
                        TaskCell(name="draw", max_score=2, cell_type="markdown", notebook=notebook),
                    ]
                )
        session.commit()
        made = session.connection().connection.driver_connection.serialize()
    engine.dispose()
    return made


@contextmanager
def session_with(*students):
    """A session of such tables; each student is a row's columns."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with Session(engine) as session:
        session.connection().connection.driver_connection.deserialize(_made())
        session.add_all([Student(**columns) for columns in students])
        session.commit()
        yield session
    engine.dispose()


def grades(session, notebook_id):
    """The automatic mark and the flag of each cell of a submitted notebook, by its row's id."""
    asked = (
        "select base_cell.name, auto_score, needs_manual_grade from grade "
        "join base_cell on base_cell.id = grade.cell_id where grade.notebook_id = :id"
    )
    found = session.execute(sa.text(asked), {"id": notebook_id})
    return {name: (score, bool(flag)) for name, score, flag in found}


def comments(session, notebook_id):
    asked = (
        "select base_cell.name, auto_comment from comment "
        "join base_cell on base_cell.id = comment.cell_id where comment.notebook_id = :id"
    )
    return dict(session.execute(sa.text(asked), {"id": notebook_id}).all())


def by_hand(session, notebook_id, cell, **columns):
    """Set columns of the grade of a cell, as a person does in the formgrader."""
    values = ", ".join(f"{name} = :{name}" for name in columns)
    where = "notebook_id = :id and cell_id in (select id from base_cell where name = :cell)"
    session.execute(
        sa.text(f"update grade set {values} where {where}"), {"id": notebook_id, "cell": cell, **columns}
    )


def submit(session, student, assignment="hw", timestamp=None):
    """Enter a submission; return its notebooks' row ids by name."""
    return AssignmentRows(session, assignment).ensure_submission(student, timestamp)
