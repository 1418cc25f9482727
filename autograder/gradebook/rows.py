"""nbgrader's rows for the submissions of one assignment, read and written in bulk.

nbgrader's own methods ask the database a dozen times for each cell and commit after each; here a submission is
a handful of statements, and the caller commits when it likes. The rows are the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from sqlalchemy.orm import Session

from autograder.intake import Person
from autograder.results import Report, to_json

JOURNAL = sa.Table(
    "autograder_report",
    sa.MetaData(),
    sa.Column("student_id", sa.String(128), primary_key=True),
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("notebook", sa.String(128), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("report", sa.Text(), nullable=False),
)
"""What was graded: a digest of everything that decides about a report, and the report.

It lies in nbgrader's database, so that a mark and the note that it was given are committed together.
"""
SUBMITTED, NOTEBOOKS = SubmittedAssignment.__table__, SubmittedNotebook.__table__
GRADES, COMMENTS = Grade.__table__, Comment.__table__


def _select(*columns: Any, **where: Any) -> Any:
    """Select columns of the rows where others are what the statement is given by name."""
    return sa.select(*columns).where(*(column == sa.bindparam(name) for name, column in where.items()))


def _update(table: Any, *columns: str) -> Any:
    """Update columns of the row whose id the statement is given."""
    values = {name: sa.bindparam(name) for name in columns}
    return sa.update(table).where(table.c.id == sa.bindparam("row")).values(values)


# Built once: to put a statement together takes SQLAlchemy as long as to execute it.
_THEIRS = {"assignment": SUBMITTED.c.assignment_id, "student": SUBMITTED.c.student_id}
_SUBMISSION = _select(SUBMITTED.c.id, **_THEIRS)
_WHEN = _select(SUBMITTED.c.timestamp, SUBMITTED.c.extension, **_THEIRS)
_STUDENT = _select(Student.__table__.c.id, student=Student.__table__.c.id)
_OPENED = _select(NOTEBOOKS.c.notebook_id, NOTEBOOKS.c.id, submission=NOTEBOOKS.c.assignment_id)
# Nobody gives a manual mark between reading these rows and updating them.
_GRADES = _select(GRADES.c.id, GRADES.c.cell_id, GRADES.c.manual_score, notebook=GRADES.c.notebook_id)
_GRADES = _GRADES.with_for_update()
_COMMENTS = _select(COMMENTS.c.id, COMMENTS.c.cell_id, notebook=COMMENTS.c.notebook_id)
_SET_TIME = _update(SUBMITTED, "timestamp")
_SET_PENALTY = _update(NOTEBOOKS, "late_submission_penalty")
_SET_MARK = _update(GRADES, "auto_score", "needs_manual_grade")
_SET_COMMENT = _update(COMMENTS, "auto_comment")
_FORGET = sa.delete(JOURNAL).where(*(column == sa.bindparam(column.name) for column in JOURNAL.primary_key))
_TABLES = (Student.__table__, SUBMITTED, NOTEBOOKS, GRADES, COMMENTS, JOURNAL)
_INSERT = {table: sa.insert(table) for table in _TABLES}


def forget(session: Session, student: str, assignment: str, notebooks: Collection[str] | None = None) -> None:
    """Forget that notebooks, or all of a submission, were graded: their marks will not be what was noted."""
    noted = (JOURNAL.c.student_id == student) & (JOURNAL.c.assignment == assignment)
    if notebooks is not None:
        noted &= JOURNAL.c.notebook.in_(notebooks)
    session.execute(sa.delete(JOURNAL).where(noted))


NO_RESPONSE = "No response."
"""nbgrader's comment on an answer that was not touched."""


class Marks:
    """The rows of one assignment.

    Parameters
    ----------
    session
        A session of nbgrader's database; the caller commits.
    assignment
        The assignment's name; it has been released.
    """

    def __init__(self, session: Session, assignment: str) -> None:
        self.session, self.name = session, assignment
        row = session.execute(
            sa.select(Assignment.id, Assignment.duedate).where(Assignment.name == assignment)
        ).one()
        self.id, self.duedate = row.id, row.duedate
        found = session.execute(
            sa.select(Notebook.name, Notebook.id).where(Notebook.assignment_id == self.id).order_by(Notebook.name)
        )
        self.notebooks: dict[str, str] = dict(found.all())
        self._marked = {name: self._cells(ident, GradeCell, TaskCell) for name, ident in self.notebooks.items()}
        self._answered = {
            name: self._cells(ident, SolutionCell, TaskCell) for name, ident in self.notebooks.items()
        }

    def _cells(self, notebook: str, *kinds: Any) -> dict[str, str]:
        cells: dict[str, str] = {}
        for kind in kinds:
            rows = self.session.execute(sa.select(kind.name, kind.id).where(kind.notebook_id == notebook))
            cells |= dict(rows.all())
        return cells

    def open(self, student: str, timestamp: dt.datetime | None, person: Person | None = None) -> dict[str, str]:
        """Return the ids of a student's submitted notebooks by name; enter what is not there yet.

        The time of submission replaces an earlier one, unless it is not known. What a platform tells of a person
        is entered with a student who is new.
        """
        submission = self._execute(_SUBMISSION, assignment=self.id, student=student).scalar()
        if submission is None:
            return self._enter(student, timestamp, person)
        if timestamp is not None:
            self._set(_SET_TIME, [{"row": submission, "timestamp": timestamp}])
        names = {ident: name for name, ident in self.notebooks.items()}
        rows = self._execute(_OPENED, submission=submission)
        return {names[row.notebook_id]: row.id for row in rows if row.notebook_id in names}

    def _enter(self, student: str, timestamp: dt.datetime | None, person: Person | None) -> dict[str, str]:
        if self._execute(_STUDENT, student=student).scalar() is None:
            told = (
                {
                    "first_name": person.first_name,
                    "last_name": person.last_name,
                    "email": person.email,
                    "lms_user_id": person.ids[0],
                }
                if person
                else {}
            )
            self._insert(Student.__table__, [{"id": student, **told}])
        submission = new_uuid()
        entry = {"id": submission, "assignment_id": self.id, "student_id": student, "timestamp": timestamp}
        self._insert(SUBMITTED, [entry])
        opened = {name: new_uuid() for name in self.notebooks}
        self._insert(
            NOTEBOOKS,
            [
                {"id": ident, "assignment_id": submission, "notebook_id": self.notebooks[name], "flagged": False}
                for name, ident in opened.items()
            ],
        )
        grades = [
            {"id": new_uuid(), "notebook_id": ident, "cell_id": cell, "needs_manual_grade": True}
            for name, ident in opened.items()
            for cell in self._marked[name].values()
        ]
        comments = [
            {"id": new_uuid(), "notebook_id": ident, "cell_id": cell}
            for name, ident in opened.items()
            for cell in self._answered[name].values()
        ]
        self._insert(GRADES, grades)
        self._insert(COMMENTS, comments)
        return opened

    def give(self, submitted: str, report: Report) -> None:
        """Enter the marks of one submitted notebook; what a person gave stays, and is to be looked at again."""
        cells = self._marked[report.notebook]
        by_cell = {cells[cell.grade_id]: cell for cell in report.cells if cell.grade_id in cells}
        failed = report.status == "failed"  # then it has 0, and someone should look at it
        changed = [
            {
                "row": row.id,
                "auto_score": cell.score,
                "needs_manual_grade": failed or cell.score is None or row.manual_score is not None,
            }
            for row in self._execute(_GRADES, notebook=submitted)
            if (cell := by_cell.get(row.cell_id))
        ]
        self._set(_SET_MARK, changed)

    def comment(self, submitted: str, notebook: str, untouched: Mapping[str, bool]) -> None:
        """Say of each answer whether it was touched, as nbgrader does."""
        cells = {self._answered[notebook][name]: name for name in untouched if name in self._answered[notebook]}
        changed = [
            {"row": row.id, "auto_comment": NO_RESPONSE if untouched[cells[row.cell_id]] else None}
            for row in self._execute(_COMMENTS, notebook=submitted)
            if row.cell_id in cells
        ]
        self._set(_SET_COMMENT, changed)

    def give_nothing(self, submitted: Iterable[str]) -> None:
        """Give 0 for notebooks that were not handed in, as nbgrader does."""
        where = GRADES.c.notebook_id.in_(list(submitted))
        self.session.execute(sa.update(GRADES).where(where).values(auto_score=0, needs_manual_grade=False))

    def seconds_late(self, student: str) -> float:
        """Return how late a submission is, an extension counted."""
        if self.duedate is None:
            return 0.0
        row = self._execute(_WHEN, assignment=self.id, student=student).one()
        if row.timestamp is None:
            return 0.0
        until = self.duedate + (row.extension or dt.timedelta())
        return float(max(0.0, (row.timestamp - until).total_seconds()))

    def score(self, submitted: str) -> float:
        """Return what nbgrader makes of a submitted notebook's marks: manual ones first, extra credit added."""
        return float(self.session.get_one(SubmittedNotebook, submitted, populate_existing=True).score)

    def set_penalty(self, submitted: str, penalty: float | None) -> None:
        """Enter the penalty for lateness."""
        self._set(_SET_PENALTY, [{"row": submitted, "late_submission_penalty": penalty}])

    # --- journal -----------------------------------------------------------------------------------------

    def graded(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return of each student and notebook the digest and the report that were entered last.

        A submission that was removed from the gradebook since (``nbgrader db``) has no marks any more, so that
        its note counts for nothing.
        """
        there = sa.select(SUBMITTED.c.student_id).where(SUBMITTED.c.assignment_id == self.id)
        rows = self.session.execute(
            sa.select(JOURNAL).where(JOURNAL.c.assignment == self.name, JOURNAL.c.student_id.in_(there))
        )
        return {(row.student_id, row.notebook): (row.digest, row.report) for row in rows}

    def note(self, report: Report, digest: str) -> None:
        """Note that a report was entered."""
        entry = {"student_id": report.student, "assignment": self.name, "notebook": report.notebook}
        self._execute(_FORGET, **entry)
        self._insert(JOURNAL, [{**entry, "digest": digest, "report": to_json(report)}])

    # --- statements --------------------------------------------------------------------------------------

    def _execute(self, statement: Any, **given: Any) -> Any:
        return self.session.execute(statement, given)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(_INSERT[table], rows)

    def _set(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.connection().execute(statement, rows)
