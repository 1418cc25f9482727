"""The gradebook of a course: marks are entered in nbgrader's own tables and by nbgrader's rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

import msgspec
from nbgrader.api import MissingEntry
from sqlalchemy.exc import DataError

from autograder import intake
from autograder.course import Course
from autograder.gradebook import database, history, journal, kept, locks, students
from autograder.gradebook.atomic import kept_unless_replaced
from autograder.gradebook.autograded_files import AutogradedFiles
from autograder.gradebook.connection import coursedir_of, open_database
from autograder.gradebook.database import NbgraderError
from autograder.gradebook.lateness import Lateness
from autograder.gradebook.marks import Mark, assignments_of, marks_by_cell
from autograder.gradebook.released import released_source
from autograder.gradebook.releases import (
    Changes,
    Release,
    cells_of,
    changes,
    digest_of,
    read_release,
    write_release,
)
from autograder.gradebook.submissions import Submissions
from autograder.gradebook.transaction import Transaction, uninterrupted
from autograder.grading.outcome import Outcome
from autograder.intake import Collected, SubmittedNotebook
from autograder.notebooks.source import Source
from autograder.results import Report, from_json

FIXED_CELLS = (
    " Give the source the cells back with which it was released, under their names; what is new goes into a new "
    "assignment."
)


class Gradebook:
    """The gradebook of a course, open for writing; as a context manager it commits and closes at the end.

    Parameters
    ----------
    course
        The course.

    Raises
    ------
    NbgraderError
        If the database can't be opened.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.coursedir = coursedir_of(course)
        self.database = open_database(self.coursedir)
        self._transaction = Transaction(self.database.db)
        self._submissions = Submissions(self.database.db, course, Lateness(course, self.coursedir))
        self._autograded = AutogradedFiles(course)
        self._journal: dict[str, journal.Entries] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, NbgraderError):
                self.commit()
        except NbgraderError:
            if error is None:  # otherwise the first error says more
                raise
        finally:
            self.database.close()

    def commit(self) -> None:
        """Make everything that was recorded permanent."""
        self._transaction.commit()

    # --- assignments and students ------------------------------------------------------------------------

    def source(self, assignment: str, name: str) -> Source:
        """Return the instructor's cells of a notebook; generate the assignment first if it isn't entered.

        Raises
        ------
        CourseError
            If the assignment has no such notebook.
        NbgraderError
            If nbgrader can't generate the assignment, or the database raises an error.
        """
        with database.readable_errors("The gradebook can't be read"):
            if not self._has(assignment, name):
                with self._locked(assignment):
                    if not self._has(assignment, name):  # another grader may have generated it meanwhile
                        self._generate(assignment)
            source = released_source(self.database, self.course, assignment, name)
            self.commit()  # grading takes long: leave no transaction open
            return source

    def released(self, assignment: str, name: str) -> Source | None:
        """Return the instructor's cells of a notebook; None if the gradebook has no such notebook."""
        with database.readable_errors("The gradebook can't be read"):
            found = self._has(assignment, name)
            source = released_source(self.database, self.course, assignment, name) if found else None
            self.commit()
            return source

    def knows(self, assignment: str) -> bool:
        """Whether the assignment is entered."""
        with database.readable_errors("The gradebook can't be read"):
            known = assignment in assignments_of(self.database.db)
            self.commit()
            return known

    def last_release(self, assignment: str, name: str) -> Release | None:
        """Return what is noted about the last release of a notebook; None if nothing is."""
        with database.readable_errors("The gradebook can't be read"):
            found = read_release(self.database.db, assignment, name)
            self.commit()
            return found

    def changes(self, assignment: str, name: str) -> Changes:
        """Return what has changed in a source notebook since its release; nothing if it is not released.

        Raises
        ------
        CourseError
            If the source notebook can't be read.
        """
        entered = self.released(assignment, name)
        if entered is None:
            return Changes()
        return changes(entered, self.last_release(assignment, name), self.course.source_notebook(assignment, name))

    def note_release(self, assignment: str, name: str, proved: str, *, anew: bool = True) -> None:
        """Note the release of a notebook whose source, with this digest, gets full marks by its own solution.

        ``anew`` is false if it was released before and is only proved now.
        """
        entered = self.released(assignment, name)
        if entered is None:
            return
        before = self.last_release(assignment, name)
        now = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
        released = now if anew else before.released if before else ""
        cells = cells_of(self.course.source_notebook(assignment, name))
        with uninterrupted():
            noted = Release(released, proved, digest_of(entered), cells)
            write_release(self.database.db, assignment, name, noted)
            self.commit()

    def _has(self, assignment: str, name: str) -> bool:
        self.commit()
        try:
            self.database.find_notebook(name, assignment)
        except MissingEntry:
            return False
        return True

    def generate_assignment(self, assignment: str) -> None:
        """Make ``release/<assignment>`` and enter its cells, as ``nbgrader generate_assignment --force`` does."""
        with self._locked(assignment):
            self._generate(assignment)

    def _locked(self, assignment: str) -> AbstractContextManager[None]:
        return locks.locked(self.coursedir.db_url, locks.ASSIGNMENT, assignment)

    def _generate(self, assignment: str) -> None:
        with kept_unless_replaced(self.course.folder("release", assignment=assignment)):
            self._check(
                self._api().generate_assignment(assignment, force=True, create=True), "release", assignment
            )

    def generate_feedback(self, assignment: str, student: str) -> None:
        """Make the feedback pages of one submission, as ``nbgrader generate_feedback --force`` does."""
        api = self._api()
        Course(self.course.root).config  # noqa: B018  # read once nbgrader's converters are imported, it replaces them
        self._check(api.generate_feedback(assignment, student, force=True), "feedback for", assignment)

    def _api(self) -> Any:
        from nbgrader.apps import NbGraderAPI  # noqa: PLC0415  # imports all of nbgrader

        return NbGraderAPI(self.coursedir, config=self.course.config)

    def _check(self, result: dict[str, Any], step: str, assignment: str) -> None:
        self.database.db.expire_all()  # nbgrader writes in a session of its own
        if not result["success"]:
            cause = database.cause_in(result)
            if cause.startswith("KeyboardInterrupt"):  # nbgrader takes it for a failure
                raise KeyboardInterrupt
            advice = FIXED_CELLS if "Cannot add or remove cells" in cause else ""
            raise NbgraderError(f"nbgrader could not generate {step} “{assignment}”: {cause}{advice}")

    def students(self) -> frozenset[str]:
        """Return the ids of all students of the gradebook."""
        with database.readable_errors("The gradebook can't be read"):
            found = frozenset(row.id for row in students.read_students(self.database.db))
            self.commit()
            return found

    def match_students(self, entries: Iterable[SubmittedNotebook]) -> Collected:
        """Replace the ids of a platform by those of the gradebook's students; see `students.match_students`."""
        with uninterrupted():
            everyone = students.read_students(self.database.db)
            self.commit()  # grading takes long: leave no transaction open
        return students.match_students(everyone, entries)

    def keep(self, notebooks: Iterable[SubmittedNotebook]) -> Collected:
        """Copy uploads into the course's ``submitted/``; see `kept.keep`. Their assignments are entered.

        Raises
        ------
        NbgraderError
            If a file can't be written.
        """
        try:
            collected = Collected.of(kept.keep(self.course, notebooks, self._submissions.time_of))
        except OSError as error:
            raise NbgraderError(
                f"Submissions can't be kept in {self.course.folder('submitted').parent}: {error.strerror} "
                f"({error.filename}). Make room or allow writing there, or grade with --no-keep."
            ) from None
        self.commit()
        return collected

    # --- marks -------------------------------------------------------------------------------------------

    def previous_report(self, submitted: SubmittedNotebook) -> tuple[str, Report] | None:
        """Return the digest and the report that were entered last; None if its autograded notebook is gone."""
        if not self._autograded.path_of(submitted).exists():
            return None
        return self.entered_report(submitted.student, submitted.assignment, submitted.notebook)

    def record(self, outcome: Outcome) -> Report:
        """Write the autograded notebook and the submission's other files, and enter the report.

        Returns
        -------
        Report
            The report that was entered. It is a failure if the notebook can't be written: then no marks stand
            without the notebook that explains them, and the other submissions go on.

        Raises
        ------
        NbgraderError
            If the database raises an error; everything that was committed before is complete.
        """
        submitted, report, notebook = outcome.found, outcome.report, outcome.notebook
        if not outcome.fresh:
            self._record_time(submitted)
            return report
        try:
            if notebook is None:
                self._autograded.remove(submitted)
            else:
                self._autograded.write(submitted, report, notebook)
        except (OSError, intake.RefusedError) as error:
            why = f"{report.file} was graded, but its notebook could not be written: {error}"
            report, notebook = report.as_failed(why, fault=True), None
        digest = outcome.digest if report.status == "graded" and not report.faults else ""
        with uninterrupted():
            try:
                self._submissions.write_report(submitted, report, notebook, digest)
            except DataError as error:  # PostgreSQL refuses a name of 200 letters, SQLite takes it
                self.database.db.rollback()
                why = f"{report.file} was graded, but the gradebook can't hold its marks:"
                report = report.as_failed(f"{why} {database.message_of(error)}", fault=True)
                self._autograded.remove(submitted)
            self._transaction.commit_when_due()
        return report

    def entered_report(self, student: str, assignment: str, notebook: str) -> tuple[str, Report] | None:
        """Return the digest and the report that were entered last; None if another program entered the marks."""
        entry = self._entries(assignment).get((student, notebook))
        try:
            return (entry[0], from_json(entry[1])) if entry else None
        except msgspec.MsgspecError:  # written by a version with another format of reports
            return None

    def entered_marks(self, assignment: str) -> dict[tuple[str, str], dict[str, Mark]]:
        """Return the marks of every submitted notebook, by student and notebook, and by cell."""
        with database.readable_errors("The gradebook can't be read"):
            marks = marks_by_cell(self.database.db, assignment)
            self.commit()
            return marks

    def history(self, student: str, assignment: str) -> list[history.Entry]:
        """Return the gradings that changed marks of a submission, the oldest first."""
        with database.readable_errors("The gradebook can't be read"):
            entries = history.read_history(self.database.db, student, assignment)
            self.commit()
            return entries

    def _record_time(self, submitted: SubmittedNotebook) -> None:
        """Enter the time of an unchanged notebook: a new upload of it may have another time."""
        if submitted.upload and not self.course.is_in_submitted_folder(submitted):
            with uninterrupted():
                self._submissions.write_time(submitted)
                self._transaction.commit_if_shared()

    def record_missing(self, student: str, assignment: str, found: Collection[SubmittedNotebook]) -> None:
        """Enter 0 for every notebook that a student didn't hand in; see `Submissions.write_missing`."""
        entries = self._entries(assignment)
        with uninterrupted():
            try:
                self._submissions.write_missing(student, assignment, found, entries)
            except DataError:  # `record` has reported it
                self.database.db.rollback()
                return
            self._transaction.commit_if_shared()

    def _entries(self, assignment: str) -> journal.Entries:
        """Return the journal of an assignment as it stood at the first call."""
        if assignment not in self._journal:
            with uninterrupted():
                rows = self._submissions.rows_of(assignment)
                self._journal[assignment] = journal.read_entries(self.database.db, assignment, rows.id)
                self.commit()  # grading takes long: leave no transaction open
        return self._journal[assignment]
