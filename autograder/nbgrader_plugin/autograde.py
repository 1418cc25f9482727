"""``nbgrader autograde``, sealed: what must happen before its preprocessors run, and after one of them fails.

- Links, devices and oversized files are refused before any file of a submission is copied or parsed.
- A notebook that fails gets 0 marks, or none where the grader is at fault, and a flag for a person; the other
  submissions are graded. nbgrader itself keeps the mark of an older submission, and some failures end its run.
- On a shared gradebook, no other grader writes a student's rows until the submission is graded.
"""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbgrader.apps.api
import nbgrader.apps.autogradeapp
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde, BaseConverter
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import find_all_files, setenv
from sqlalchemy.exc import SQLAlchemyError
from traitlets import TraitError, Type

from autograder import exercises, intake
from autograder.course import Course
from autograder.gradebook import database, history, locks
from autograder.gradebook.connection import create_tables
from autograder.gradebook.journal import remove_entries
from autograder.gradebook.released import released_source
from autograder.grading.options import SECTION, OptionError, refuse_unknown
from autograder.grading.workers import NotGradedError
from autograder.intake.links import refuse_links
from autograder.nbgrader_plugin import opened
from autograder.nbgrader_plugin.exporter import TolerantExporter
from autograder.nbgrader_plugin.opened import open_database, opened_once
from autograder.nbgrader_plugin.preprocessors import GradeSealed, workers_of
from autograder.notebooks.source import Source
from autograder.reports.overview import report_as_line, waiting_as_text, waiting_in
from autograder.results import Report
from autograder.sandbox.policy import CannotIsolateError, TooLittleError

CANNOT_START = (
    OptionError,
    TraitError,
    CannotIsolateError,
    TooLittleError,
    exercises.OwnExerciseError,
    database.NbgraderError,
)
"""Errors for which no submission can be graded; the text of each is a sentence."""


class SealedAutograde(Autograde):  # type: ignore[misc]
    """``nbgrader autograde``, sealed; ``c.Autograde`` configures it as before."""

    exporter_class = Type(TolerantExporter).tag(config=False)

    def start(self) -> None:
        root = Path(self.coursedir.root)
        try:
            refuse_unknown(self.config.get(SECTION, {}))
            exercises.use_course(root)
            workers_of(self.config, root)  # before a database is open
            database.check_connection(self.coursedir.db_url)
        except CANNOT_START as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None
        if self.config.Execute.get("enabled") is False:
            self.log.warning("--no-execute has no effect: marks come from running what was submitted, sealed.")
        options = GradeSealed(config=self.config)
        if options.cluster:
            self.log.warning(
                "nbgrader autograde grades on this machine, one submission after another. The command "
                "“autograder grade” grades on the cluster %s.",
                options.cluster,
            )
        self.reports: list[Report] = []
        self.failures: list[str] = []
        self._left_over: list[str] = []
        self._has_tables = False
        self._sources: dict[tuple[str, str], Source] = {}
        self._deadline = time.monotonic() + options.class_seconds if options.class_seconds else None
        super().start()

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Begin no submission once the time for the class is up: the gradebook keeps what it has for it."""
        if self._deadline and time.monotonic() >= self._deadline:
            self._left_over.append(f"{student_id} ({assignment_id})")
            return False
        return bool(super().init_destination(assignment_id, student_id))

    # --- one submission ----------------------------------------------------------------------------------

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        self._student_lock.close()  # the previous submission is graded
        self._student_lock.enter_context(locks.locked(self.coursedir.db_url, locks.STUDENT, student_id))
        self._remove_journal(assignment_id, student_id)
        folder = Path(self._format_source(assignment_id, student_id))
        try:
            intake.refuse_linked_folders(folder / "any", Path(self.coursedir.root))
            copied = find_all_files(str(folder), [*self.coursedir.ignore, "*.ipynb"])
            refuse_links(folder, [*copied, *self.notebooks])
            intake.read_attachments(folder)
        except intake.RefusedError as error:
            self._fail(assignment_id, student_id, str(error))
            self.notebooks: list[str] = []  # nothing of it is converted; nbgrader goes on to the next
            return
        super().init_assignment(assignment_id, student_id)

    def _remove_journal(self, assignment: str, student: str) -> None:
        """Remove the journal entries of `autograder grade`: the submission gets marks from this run."""
        with open_database(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            if not self._has_tables:
                with locks.locked(self.coursedir.db_url, locks.TABLES):
                    create_tables(gradebook.engine)
                self._has_tables = True
            remove_entries(gradebook.db, student, assignment)
            gradebook.db.commit()

    def init_single_notebook_resources(self, notebook_filename: str) -> Any:
        """Add what the preprocessors need: two folders, the instructor's cells, and a list for the repairs."""
        resources = super().init_single_notebook_resources(notebook_filename)
        names = resources["nbgrader"]
        names |= {
            "root": self.coursedir.root,
            "folder": self._format_dest(names["assignment"], names["student"]),
            "source": self._source(names["assignment"], names["notebook"]),
            "repairs": [],
        }
        return resources

    def _source(self, assignment: str, name: str) -> Source:
        """Return the instructor's cells of a notebook; they are read once a run."""
        if (assignment, name) not in self._sources:
            with open_database(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                self._sources[assignment, name] = released_source(
                    gradebook, Course(Path(self.coursedir.root)), assignment, name
                )
        return self._sources[assignment, name]

    def write_single_notebook(self, output: str, resources: Any) -> None:
        """Write a notebook, and keep the report that the preprocessors put into the resources."""
        super().write_single_notebook(output, resources)
        self.reports.append(resources["nbgrader"]["report"])

    def _init_preprocessors(self) -> None:
        """Register all preprocessors: nbgrader writes the notebook after the first list, and reads it again."""
        self.exporter._preprocessors = []  # noqa: SLF001  # as nbgrader does
        for each in (*self.sanitize_preprocessors, *self.autograde_preprocessors):
            self.exporter.register_preprocessor(each)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        names = super().init_single_notebook_resources(notebook_filename)["nbgrader"]
        try:
            self._init_preprocessors()
            with setenv(NBGRADER_EXECUTION="autograde"):
                BaseConverter.convert_single_notebook(self, notebook_filename)
        except SQLAlchemyError:  # without a database, nobody's marks can be entered
            raise
        except Exception as error:  # noqa: BLE001  # a failure of any kind gets a verdict, and the others are graded
            why = _reason(error, notebook_filename)
            self._fail(names["assignment"], names["student"], why, names["notebook"], fault=is_fault(error))
        else:
            report = self.reports[-1]
            for fault in report.faults:
                self.log.error("%s: %s", names["student"], fault)
                self.failures.append(f"{names['student']}: {fault}")
            (self.log.warning if report.repairs else self.log.info)("%s", report_as_line(report))

    def _fail(
        self, assignment: str, student: str, why: str, name: str | None = None, *, fault: bool = False
    ) -> None:
        """Give a submission, or one notebook of it, 0 marks and a flag; remove its older notebook and feedback.

        Where the grader is at ``fault``, it has no marks until a person enters them.
        """
        why = why.rstrip(".")
        self.log.error("%s: %s, because %s", student, "no marks yet" if fault else "0 marks", why)
        self.failures.append(f"{student}: {why}")
        with open_database(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            record_failure(gradebook, assignment, student, name, fault=fault)
        if name is not None:
            Path(self._format_dest(assignment, student), f"{name}.ipynb").unlink(missing_ok=True)
        pages = self.coursedir.format_path(self.coursedir.feedback_directory, student, assignment)
        shutil.rmtree(pages, ignore_errors=True)

    # --- all submissions ---------------------------------------------------------------------------------

    def convert_notebooks(self) -> None:
        try:
            with opened_once(), ExitStack() as self._student_lock:
                super().convert_notebooks()
        finally:
            if waiting := waiting_as_text(waiting_in(self.reports)):
                self.log.info("%s", waiting)
            for failure in self.failures:
                self.log.error("Could not be graded, and waits for a person: %s.", failure)
        if self._left_over:
            late = f"Left over, because the time for the class was up: {', '.join(self._left_over)}."
            self.failures.append(late)
            self.log.error("%s", late)
        if self.failures:
            raise NbGraderException("\n".join(self.failures))


def _reason(error: Exception, path: str) -> str:
    """Return why a notebook can't be graded, as a sentence that names the cause: the submission or the grader."""
    if isinstance(error, intake.RefusedError | NotGradedError):
        return str(error)
    return f"{path} could not be graded: a fault of the grader ({type(error).__name__}: {error})"


def is_fault(error: Exception) -> bool:
    """Whether the grader is at fault, and not the submission."""
    return error.fault if isinstance(error, NotGradedError) else not isinstance(error, intake.RefusedError)


def record_failure(
    gradebook: Any, assignment: str, student: str, name: str | None = None, *, fault: bool = False
) -> None:
    """Enter 0 for every cell of a submission, or of one of its notebooks, and flag it for a person.

    Parameters
    ----------
    gradebook
        nbgrader's database, open.
    assignment, student
        The name of the assignment and the student's id.
    name
        The name of the notebook; None for all.
    fault
        Whether the grader is at fault: then there is no mark, and not 0.
    """
    gradebook.update_or_create_student(student)
    try:
        submission = gradebook.update_or_create_submission(assignment, student)
    except MissingEntry:  # the assignment was never released: it has no marks
        return
    mark = None if fault else 0.0
    for book in submission.notebooks:
        if name in (None, book.name):
            before = {grade.name: grade.auto_score for grade in book.grades}
            for grade in book.grades:
                grade.auto_score, grade.needs_manual_grade = mark, True
            changes = history.changed(before, dict.fromkeys(before, mark))
            history.add_entry(gradebook.db, student, assignment, book.name, "", changes)
    gradebook.db.commit()


def install() -> None:
    """Replace nbgrader's converter in its command line and in its API, which the formgrader's button calls."""
    nbgrader.apps.autogradeapp.Autograde = SealedAutograde
    nbgrader.apps.api.Autograde = SealedAutograde
    opened.install()
