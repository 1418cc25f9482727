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
        submission = self.session.execute(
            sa.select(SubmittedAssignment.id).where(
                SubmittedAssignment.assignment_id == self.id, SubmittedAssignment.student_id == student
            )
        ).scalar()
        if submission is None:
            return self._enter(student, timestamp, person)
        if timestamp is not None:
            self._update(SubmittedAssignment, submission, timestamp=timestamp)
        rows = self.session.execute(
            sa.select(Notebook.name, SubmittedNotebook.id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .where(SubmittedNotebook.assignment_id == submission)
        )
        return dict(rows.all())

    def _enter(self, student: str, timestamp: dt.datetime | None, person: Person | None) -> dict[str, str]:
        known = self.session.execute(sa.select(Student.id).where(Student.id == student)).scalar()
        if known is None:
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
            self._insert(Student, [{"id": student, **told}])
        submission = new_uuid()
        entry = {"id": submission, "assignment_id": self.id, "student_id": student, "timestamp": timestamp}
        self._insert(SubmittedAssignment, [entry])
        opened = {name: new_uuid() for name in self.notebooks}
        self._insert(
            SubmittedNotebook,
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
        self._insert(Grade, grades)
        self._insert(Comment, comments)
        return opened

    def give(self, submitted: str, report: Report) -> None:
        """Enter the marks of one submitted notebook; what a person gave stays, and is to be looked at again."""
        cells = self._marked[report.notebook]
        by_cell = {cells[cell.grade_id]: cell for cell in report.cells if cell.grade_id in cells}
        failed = report.status == "failed"  # then it has 0, and someone should look at it
        rows = self.session.execute(
            sa.select(Grade.id, Grade.cell_id, Grade.manual_score)
            .where(Grade.notebook_id == submitted)
            .with_for_update()  # nobody gives a manual mark between this line and the next statement
        )
        changed = [
            {
                "row": row.id,
                "auto_score": cell.score,
                "needs_manual_grade": failed or cell.score is None or row.manual_score is not None,
            }
            for row in rows
            if (cell := by_cell.get(row.cell_id))
        ]
        self._update_all(Grade, changed, "auto_score", "needs_manual_grade")

    def comment(self, submitted: str, notebook: str, untouched: Mapping[str, bool]) -> None:
        """Say of each answer whether it was touched, as nbgrader does."""
        cells = {self._answered[notebook][name]: name for name in untouched if name in self._answered[notebook]}
        rows = self.session.execute(sa.select(Comment.id, Comment.cell_id).where(Comment.notebook_id == submitted))
        changed = [
            {"row": row.id, "auto_comment": NO_RESPONSE if untouched[cells[row.cell_id]] else None}
            for row in rows
            if row.cell_id in cells
        ]
        self._update_all(Comment, changed, "auto_comment")

    def give_nothing(self, submitted: Iterable[str]) -> None:
        """Give 0 for notebooks that were not handed in, as nbgrader does."""
        where = Grade.notebook_id.in_(list(submitted))
        self.session.execute(
            sa.update(Grade.__table__).where(where).values(auto_score=0, needs_manual_grade=False)
        )

    def seconds_late(self, student: str) -> float:
        """Return how late a submission is, an extension counted."""
        row = self.session.execute(
            sa.select(SubmittedAssignment.timestamp, SubmittedAssignment.extension).where(
                SubmittedAssignment.assignment_id == self.id, SubmittedAssignment.student_id == student
            )
        ).one()
        if row.timestamp is None or self.duedate is None:
            return 0.0
        until = self.duedate + (row.extension or dt.timedelta())
        return float(max(0.0, (row.timestamp - until).total_seconds()))

    def score(self, submitted: str) -> float:
        """Return what nbgrader makes of a submitted notebook's marks: manual ones first, extra credit added."""
        return float(self.session.get_one(SubmittedNotebook, submitted, populate_existing=True).score)

    def set_penalty(self, submitted: str, penalty: float | None) -> None:
        """Enter the penalty for lateness."""
        self._update(SubmittedNotebook, submitted, late_submission_penalty=penalty)

    # --- journal -----------------------------------------------------------------------------------------

    def graded(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return of each student and notebook the digest and the report that were entered last.

        A submission that was removed from the gradebook since (``nbgrader db``) has no marks any more, so that
        its note counts for nothing.
        """
        there = sa.select(SubmittedAssignment.student_id).where(SubmittedAssignment.assignment_id == self.id)
        rows = self.session.execute(
            sa.select(JOURNAL).where(JOURNAL.c.assignment == self.name, JOURNAL.c.student_id.in_(there))
        )
        return {(row.student_id, row.notebook): (row.digest, row.report) for row in rows}

    def note(self, report: Report, digest: str) -> None:
        """Note that a report was entered."""
        forget(self.session, report.student, self.name, [report.notebook])
        entry = {"student_id": report.student, "assignment": self.name, "notebook": report.notebook}
        self.session.execute(sa.insert(JOURNAL).values(**entry, digest=digest, report=to_json(report)))

    # --- statements --------------------------------------------------------------------------------------

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(sa.insert(table.__table__), rows)

    def _update(self, table: Any, ident: str, **values: Any) -> None:
        self.session.execute(sa.update(table.__table__).where(table.id == ident).values(**values))

    def _update_all(self, table: Any, rows: list[dict[str, Any]], *columns: str) -> None:
        if rows:
            statement = sa.update(table.__table__).where(table.__table__.c.id == sa.bindparam("row"))
            self.session.connection().execute(
                statement.values({name: sa.bindparam(name) for name in columns}), rows
            )
