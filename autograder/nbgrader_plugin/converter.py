"""nbgrader's converters, with what its preprocessors come too late for.

Before any file of a submission is copied or parsed, links, devices and oversized files are refused. And
whatever makes a notebook fail, the gradebook gets a mark of 0 and a flag for a person: nbgrader itself would
leave the mark of an older submission standing, and stop at some failures with all students who come after. On a
shared gradebook a student's rows are this grader's alone until the submission is through.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generatefeedbackapp
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook as Database
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import find_all_files
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError
from traitlets import TraitError, Type

from autograder import exercises, intake
from autograder.gradebook import database, locks
from autograder.gradebook.journal import JOURNAL, remove_entries
from autograder.grading.options import SECTION, OptionError, refuse_unknown
from autograder.intake.links import refuse_links
from autograder.nbgrader_plugin.preprocessors import GradeSealed
from autograder.notebooks import notebook
from autograder.notebooks.restore import WrongAssignmentError
from autograder.reports.glance import report_as_line, waiting_as_text
from autograder.results import Report
from autograder.sandbox.policy import CannotIsolateError, isolation


class TolerantExporter(NotebookExporter):  # type: ignore[misc]
    """Reads a notebook as ``autograder grade`` does: of any version, and untidy."""

    def from_filename(self, filename: str, resources: Any = None, **_: Any) -> Any:
        """Read and convert a notebook; what had to be mended is told with the verdict."""
        path = Path(filename)
        book = notebook.read(intake.read_file(path), resources["nbgrader"]["repairs"])
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(nbformat.from_dict(book), resources=resources)


REFUSALS = (OptionError, TraitError, CannotIsolateError, exercises.OwnExerciseError, database.NbgraderError)
"""What keeps a whole run from starting; each is a sentence."""


class SealedAutograde(Autograde):  # type: ignore[misc]
    """``nbgrader autograde``, sealed. Its configuration is still called ``Autograde``."""

    exporter_class = Type(TolerantExporter).tag(config=False)

    def start(self) -> None:
        root = Path(self.coursedir.root)
        try:
            refuse_unknown(self.config.get(SECTION, {}))
            if GradeSealed(parent=self).settings(root, self.config).isolated:
                isolation()
            exercises.use_course(root)
            database.check_connection(self.coursedir.db_url)
        except REFUSALS as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None
        if self.config.Execute.get("enabled") is False:
            self.log.warning("--no-execute has no effect: marks come from running what was submitted, sealed.")
        self.reports: list[Report] = []
        self.failures: list[str] = []
        self._repairs: list[str] = []
        super().start()

    # --- one submission ----------------------------------------------------------------------------------

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        self._one_at_a_time.close()  # the submission before this one is through
        self._one_at_a_time.enter_context(locks.locked(self.coursedir.db_url, locks.STUDENT, student_id))
        self._forget(assignment_id, student_id)
        folder = Path(self._format_source(assignment_id, student_id))
        try:
            intake.refuse_linked_folders(folder / "any", Path(self.coursedir.root))
            copied = find_all_files(str(folder), [*self.coursedir.ignore, "*.ipynb"])
            refuse_links(folder, [*copied, *self.notebooks])
            intake.read_attachments(folder)
        except intake.RefusedError as error:
            self._fail(assignment_id, student_id, str(error))
            self.notebooks: list[str] = []  # so that nothing of it is converted, and the others are
            return
        super().init_assignment(assignment_id, student_id)

    def _forget(self, assignment: str, student: str) -> None:
        """Forget what `autograder grade` noted of a submission; its marks will be nbgrader's."""
        with Database(self.coursedir.db_url, self.coursedir.course_id) as opened:
            if inspect(opened.engine).has_table(JOURNAL.name):
                remove_entries(opened.db, student, assignment)
                opened.db.commit()

    def init_single_notebook_resources(self, notebook_filename: str) -> Any:
        """Add what the preprocessors need to know besides, and what was mended so far."""
        resources = super().init_single_notebook_resources(notebook_filename)
        resources["nbgrader"] |= {"root": self.coursedir.root, "repairs": list(self._repairs)}
        return resources

    def write_single_notebook(self, output: str, resources: Any) -> None:
        """Write a notebook, and take over what the preprocessors tell: what was mended, and the report."""
        super().write_single_notebook(output, resources)
        told = resources["nbgrader"]
        self._repairs = told["repairs"]
        if "report" in told:
            self.reports.append(told["report"])

    def convert_single_notebook(self, notebook_filename: str) -> None:
        self._repairs = []
        known = self.init_single_notebook_resources(notebook_filename)["nbgrader"]
        try:
            super().convert_single_notebook(notebook_filename)
        except SQLAlchemyError:  # no database, no marks: nobody else's either
            raise
        except Exception as error:  # noqa: BLE001  # whatever went wrong, a verdict is recorded and the others go on
            self._fail(known["assignment"], known["student"], _said(error, notebook_filename), known["notebook"])
        else:
            report = self.reports[-1]
            (self.log.warning if report.repairs else self.log.info)("%s", report_as_line(report))

    def _fail(self, assignment: str, student: str, said: str, name: str | None = None) -> None:
        """Give a submission, or one notebook of it, 0 marks and a flag; leave no page that says more."""
        said = said.rstrip(".")
        self.log.error("%s: 0 marks, because %s", student, said)
        self.failures.append(f"{student}: {said}")
        with Database(self.coursedir.db_url, self.coursedir.course_id) as opened:
            record_failure(opened, assignment, student, name)
        if name is not None:
            Path(self._format_dest(assignment, student), f"{name}.ipynb").unlink(missing_ok=True)
        pages = self.coursedir.format_path(self.coursedir.feedback_directory, student, assignment)
        shutil.rmtree(pages, ignore_errors=True)

    # --- all of them -------------------------------------------------------------------------------------

    def convert_notebooks(self) -> None:
        try:
            with ExitStack() as self._one_at_a_time:
                super().convert_notebooks()
        finally:
            if waiting := waiting_as_text(self.reports):
                self.log.info("%s", waiting)
            for failure in self.failures:
                self.log.error("Could not be graded, and has 0 marks: %s.", failure)
        if self.failures:
            raise NbGraderException("\n".join(self.failures))


class SealedFeedback(GenerateFeedback):  # type: ignore[misc]
    """``nbgrader generate_feedback``, which copies no link that an unsealed run left in ``autograded/``."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        folder = Path(self._format_source(assignment_id, student_id))
        try:
            refuse_links(folder, find_all_files(str(folder), self.coursedir.ignore))
        except intake.RefusedError as error:
            raise NbGraderException(f"{error} Grade the submission again.") from None
        super().init_assignment(assignment_id, student_id)


def _said(error: Exception, path: str) -> str:
    """Say why a notebook can't be graded: for which a submission is to blame, or the grader itself."""
    if isinstance(error, intake.RefusedError):
        return str(error)
    if isinstance(error, notebook.UnreadableError | WrongAssignmentError):
        return f"{path} {error}"
    return f"{path} could not be graded: a fault of the grader ({type(error).__name__}: {error})"


def record_failure(opened: Any, assignment: str, student: str, name: str | None = None) -> None:
    """Give a submission, or one notebook of it, 0 marks throughout, and flag it for a person."""
    opened.update_or_create_student(student)
    try:
        submission = opened.update_or_create_submission(assignment, student)
    except MissingEntry:  # the assignment was never released: there is no mark to replace
        return
    for book in submission.notebooks:
        if name in (None, book.name):
            for grade in book.grades:
                grade.auto_score, grade.needs_manual_grade = 0, True
    opened.db.commit()


def install() -> None:
    """Let nbgrader's command line and its API (the formgrader's button) use the sealed converters."""
    nbgrader.apps.autogradeapp.Autograde = SealedAutograde
    nbgrader.apps.generatefeedbackapp.GenerateFeedback = SealedFeedback
    nbgrader.apps.api.Autograde = SealedAutograde
    nbgrader.apps.api.GenerateFeedback = SealedFeedback
