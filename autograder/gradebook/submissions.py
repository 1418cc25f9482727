"""The rows of a submission, written in order: student, submission, marks, comments, penalty and journal entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from autograder.course import Course
from autograder.gradebook import history, journal, locks
from autograder.gradebook.autograded_files import untouched_answers
from autograder.gradebook.lateness import Lateness
from autograder.gradebook.rows import AssignmentRows
from autograder.intake import SubmittedNotebook
from autograder.notebooks.notebook import Notebook
from autograder.results import Report


class Submissions:
    """The submissions of a gradebook; each method writes within the current transaction, and the caller commits.

    On a shared gradebook, no other grader writes the student's rows until then.

    Parameters
    ----------
    session
        A session of nbgrader's database.
    course
        The course.
    lateness
        The course's rules for timestamps and penalties.
    """

    def __init__(self, session: Any, course: Course, lateness: Lateness) -> None:
        self.session, self.course, self.lateness = session, course, lateness
        self._rows: dict[str, AssignmentRows] = {}

    def rows_of(self, assignment: str) -> AssignmentRows:
        """Return the rows of an assignment, which are looked up once."""
        if assignment not in self._rows:
            self._rows[assignment] = AssignmentRows(self.session, assignment)
        return self._rows[assignment]

    def time_of(self, submitted: SubmittedNotebook) -> dt.datetime | None:
        """Return when a notebook was received, in UTC and without a zone; None where it is not known."""
        return self.lateness.timestamp_of(submitted, self.rows_of(submitted.assignment).duedate)

    def write_report(
        self, submitted: SubmittedNotebook, report: Report, notebook: Notebook | None, digest: str
    ) -> None:
        """Enter the marks of one notebook.

        Parameters
        ----------
        submitted
            The submitted notebook.
        report
            Its report.
        notebook
            The notebook after its run; None for a failed submission.
        digest
            The digest of everything that decides about the report; empty if the next run must grade it again.
        """
        locks.lock_until_commit(self.session, locks.STUDENT, submitted.student)
        rows = self.rows_of(submitted.assignment)
        notebook_id = self._ensure_notebook(submitted, rows)
        changes = rows.set_marks(notebook_id, report)
        if notebook:
            rows.set_comments(notebook_id, submitted.notebook, untouched_answers(notebook))
        self.lateness.enter_penalty(rows, submitted.student, notebook_id)
        journal.write_entry(self.session, submitted.assignment, report, digest)
        key = (submitted.student, submitted.assignment, submitted.notebook)
        history.add_entry(self.session, *key, digest, changes)

    def write_time(self, submitted: SubmittedNotebook) -> None:
        """Enter the time of one notebook, and the penalty that follows from it."""
        locks.lock_until_commit(self.session, locks.STUDENT, submitted.student)
        rows = self.rows_of(submitted.assignment)
        notebook_id = self._ensure_notebook(submitted, rows)
        self.lateness.enter_penalty(rows, submitted.student, notebook_id)

    def _ensure_notebook(self, submitted: SubmittedNotebook, rows: AssignmentRows) -> str:
        """Return the row id of a submitted notebook; enter its student, if new, and its time."""
        person = submitted.upload.person if submitted.upload else None
        timestamp = self.time_of(submitted)
        return rows.ensure_submission(submitted.student, timestamp, person)[submitted.notebook]

    def write_missing(
        self, student: str, assignment: str, found: Collection[SubmittedNotebook], entries: journal.Entries
    ) -> None:
        """Enter 0 for every notebook of a submission that was not handed in, as nbgrader does.

        An upload is a whole submission: its other notebooks are missing, and their older marks don't count. Where
        notebooks are named one by one, a notebook that lies in the course's folder or has a mark isn't missing.

        Parameters
        ----------
        student, assignment
            The student's id and the name of the assignment.
        found
            The notebooks that were handed in.
        entries
            The journal of the assignment.
        """
        locks.lock_until_commit(self.session, locks.STUDENT, student)
        rows = self.rows_of(assignment)
        given = {entry.notebook for entry in found}
        if not any(entry.upload and not self.course.is_in_submitted_folder(entry) for entry in found):
            folder = self.course.folder("submitted", student, assignment)
            given |= {name for name in rows.notebooks if (folder / f"{name}.ipynb").exists()}
            if not any(self.course.is_in_submitted_folder(entry) for entry in found):
                given |= {name for name in rows.notebooks if (student, name) in entries}
        notebook_ids = rows.ensure_submission(student, None)
        missing = {name: row_id for name, row_id in notebook_ids.items() if name not in given}
        if missing:
            for name, row_id in missing.items():
                history.add_entry(self.session, student, assignment, name, "", rows.set_zero(name, row_id))
            journal.remove_entries(self.session, student, assignment, missing)
