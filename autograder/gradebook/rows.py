"""nbgrader's rows for the submissions of one assignment, read and written in bulk.

The rows are those that nbgrader's own methods write. nbgrader executes a dozen statements for each cell and
commits after each one; here a submission takes a few statements, and the caller commits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Assignment, GradeCell, Notebook, SolutionCell, SubmittedNotebook, TaskCell, new_uuid
from sqlalchemy.orm import Session

from autograder.gradebook import statements
from autograder.gradebook.history import Changes
from autograder.intake import Person
from autograder.results import Report

NO_RESPONSE = "No response."
"""nbgrader's comment on an answer that is still as it was released."""


class AssignmentRows:
    """The rows of one assignment.

    Parameters
    ----------
    session
        A session of nbgrader's database; the caller commits.
    assignment
        The name of the assignment, which has been released.
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
        self._graded_cells = {
            name: self._cells(notebook, GradeCell, TaskCell) for name, notebook in self.notebooks.items()
        }
        self._answer_cells = {
            name: self._cells(notebook, SolutionCell, TaskCell) for name, notebook in self.notebooks.items()
        }

    def _cells(self, notebook: str, *kinds: Any) -> dict[str, str]:
        cells: dict[str, str] = {}
        for kind in kinds:
            rows = self.session.execute(sa.select(kind.name, kind.id).where(kind.notebook_id == notebook))
            cells |= dict(rows.all())
        return cells

    # --- submissions -------------------------------------------------------------------------------------

    def ensure_submission(
        self, student: str, timestamp: dt.datetime | None, person: Person | None = None
    ) -> dict[str, str]:
        """Return the row ids of a student's submitted notebooks by name; insert the rows that are missing.

        Parameters
        ----------
        student
            The student's id.
        timestamp
            The time of submission in UTC, without a zone. It replaces an earlier one; None keeps the earlier one.
        person
            What a platform says about the student; it is entered only with a new student.
        """
        submission = self._execute(statements.SELECT_SUBMISSION, assignment=self.id, student=student).scalar()
        if submission is None:
            return self._insert_submission(student, timestamp, person)
        if timestamp is not None:
            self._update(statements.SET_TIME, [{"row": submission, "timestamp": timestamp}])
        names = {notebook: name for name, notebook in self.notebooks.items()}
        rows = self._execute(statements.SELECT_NOTEBOOKS, submission=submission)
        found = {names[row.notebook_id]: row.id for row in rows if row.notebook_id in names}
        return found | self._insert_notebooks(submission, self.notebooks.keys() - found.keys())

    def _insert_submission(
        self, student: str, timestamp: dt.datetime | None, person: Person | None
    ) -> dict[str, str]:
        if self._execute(statements.SELECT_STUDENT, student=student).scalar() is None:
            self._insert(statements.STUDENTS, [{"id": student, **_columns_of(person)}])
        submission = new_uuid()
        row = {"id": submission, "assignment_id": self.id, "student_id": student, "timestamp": timestamp}
        self._insert(statements.SUBMITTED, [row])
        return self._insert_notebooks(submission, self.notebooks)

    def _insert_notebooks(self, submission: str, names: Collection[str]) -> dict[str, str]:
        """Insert the rows of notebooks of a submission, with those of their cells; return their ids by name."""
        inserted = {name: new_uuid() for name in names}
        self._insert(
            statements.NOTEBOOKS,
            [
                {"id": row_id, "assignment_id": submission, "notebook_id": self.notebooks[name], "flagged": False}
                for name, row_id in inserted.items()
            ],
        )
        grades = [
            {"id": new_uuid(), "notebook_id": row_id, "cell_id": cell, "needs_manual_grade": True}
            for name, row_id in inserted.items()
            for cell in self._graded_cells[name].values()
        ]
        comments = [
            {"id": new_uuid(), "notebook_id": row_id, "cell_id": cell}
            for name, row_id in inserted.items()
            for cell in self._answer_cells[name].values()
        ]
        self._insert(statements.GRADES, grades)
        self._insert(statements.COMMENTS, comments)
        return inserted

    def submission_time(self, student: str) -> tuple[dt.datetime | None, dt.timedelta | None]:
        """Return the time of a student's submission and the extension, each None where there is none."""
        row = self._execute(statements.SELECT_TIME, assignment=self.id, student=student).one()
        return row.timestamp, row.extension

    # --- marks of a submitted notebook, by the id of its row ---------------------------------------------

    def set_marks(self, notebook_id: str, report: Report) -> Changes:
        """Enter the automatic marks; a manual mark stays, and is flagged for a person to check.

        Returns
        -------
        Changes
            The automatic marks that are others than before.
        """
        cells = self._graded_cells[report.notebook]
        by_cell = {cells[cell.grade_id]: cell for cell in report.cells if cell.grade_id in cells}
        failed = report.status == "failed"  # it has 0 marks, and a person should look at it
        rows = self._execute(statements.SELECT_GRADES, notebook=notebook_id).all()
        entered = [
            {
                "row": row.id,
                "auto_score": cell.score,
                "needs_manual_grade": failed
                or cell.score is None
                or bool(cell.fault)
                or row.manual_score is not None,
            }
            for row in rows
            if (cell := by_cell.get(row.cell_id))
        ]
        self._update(statements.SET_MARK, entered)
        marks = ((row.auto_score, by_cell[row.cell_id]) for row in rows if row.cell_id in by_cell)
        return {cell.grade_id: (old, cell.score) for old, cell in marks if old != cell.score}

    def set_comments(self, notebook_id: str, notebook: str, untouched: Mapping[str, bool]) -> None:
        """Enter nbgrader's comment on each answer that is untouched, and remove it from the others.

        Parameters
        ----------
        notebook_id
            The id of the submitted notebook's row.
        notebook
            The name of the notebook.
        untouched
            Whether an answer is still as it was released, by ``grade_id``.
        """
        answers = self._answer_cells[notebook]
        by_cell = {answers[name]: name for name in untouched if name in answers}
        changed = [
            {"row": row.id, "auto_comment": NO_RESPONSE if untouched[by_cell[row.cell_id]] else None}
            for row in self._execute(statements.SELECT_COMMENTS, notebook=notebook_id)
            if row.cell_id in by_cell
        ]
        self._update(statements.SET_COMMENT, changed)

    def set_zero(self, name: str, notebook_id: str) -> Changes:
        """Enter 0 for every cell of a notebook that was not handed in, as nbgrader does; return what changed."""
        names = {cell: grade_id for grade_id, cell in self._graded_cells[name].items()}
        rows = self._execute(statements.SELECT_GRADES, notebook=notebook_id).all()
        self.session.execute(
            sa.update(statements.GRADES)
            .where(statements.GRADES.c.notebook_id == notebook_id)
            .values(auto_score=0, needs_manual_grade=False)
        )
        changed = [row for row in rows if row.auto_score != 0 and row.cell_id in names]
        return {names[row.cell_id]: (row.auto_score, 0.0) for row in changed}

    def score(self, notebook_id: str) -> float:
        """Return nbgrader's score: a manual mark replaces the automatic one, and extra credit is added."""
        return float(self.session.get_one(SubmittedNotebook, notebook_id, populate_existing=True).score)

    def set_penalty(self, notebook_id: str, penalty: float | None) -> None:
        """Enter the penalty for lateness; None removes it."""
        self._update(statements.SET_PENALTY, [{"row": notebook_id, "late_submission_penalty": penalty}])

    # --- statements --------------------------------------------------------------------------------------

    def _execute(self, statement: Any, **parameters: Any) -> Any:
        return self.session.execute(statement, parameters)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(statements.INSERT[table], rows)

    def _update(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.connection().execute(statement, rows)


def _columns_of(person: Person | None) -> dict[str, str | None]:
    """Return the columns of a new student that a platform knows."""
    if person is None:
        return {}
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "lms_user_id": person.ids[0],
    }
