"""nbgrader's autograde converter, with what its preprocessors come too late for.

Before any file of a submission is copied or parsed, links, devices and oversized files are refused. And
whatever makes a submission fail, the gradebook gets a mark of 0 and a flag for a person: nbgrader itself
would leave the mark of an older submission standing. On a shared gradebook a student's rows are this grader's
alone until the submission is through.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import nbgrader.apps.api
import nbgrader.apps.autogradeapp
from nbgrader.api import Gradebook as Database
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from sqlalchemy import inspect

from autograder import database, exercises, intake, notebook
from autograder.marks import JOURNAL, forget
from autograder.sandbox.policy import CannotIsolateError, isolation


class SealedAutograde(Autograde):  # type: ignore[misc]
    """``nbgrader autograde``, sealed. Its configuration is still called ``Autograde``."""

    def start(self) -> None:
        if self.config.GradeSealed.get("sandbox", "auto") != "none":
            try:
                isolation()
            except CannotIsolateError as error:
                self.log.error("%s", error)
                raise NbGraderException(str(error)) from None
        try:
            exercises.use_course(Path(self.coursedir.root))
        except exercises.OwnExerciseError as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None
        try:
            database.check(self.coursedir.db_url)
        except database.NbgraderError as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None
        super().start()

    def convert_notebooks(self) -> None:
        with ExitStack() as self._one_at_a_time:
            super().convert_notebooks()

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        self._one_at_a_time.close()  # the submission before this one is through
        self._one_at_a_time.enter_context(database.locked(self.coursedir.db_url, database.STUDENT, student_id))
        self._forget(assignment_id, student_id)
        with self._zero_on_failure(assignment_id, student_id):
            self._refuse_what_must_not_be_opened(Path(self._format_source(assignment_id, student_id)))
            super().init_assignment(assignment_id, student_id)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        known = self.init_single_notebook_resources(notebook_filename)["nbgrader"]
        with self._zero_on_failure(known["assignment"], known["student"]):
            super().convert_single_notebook(notebook_filename)

    def _refuse_what_must_not_be_opened(self, folder: Path) -> None:
        try:
            intake.refuse_linked_folders(folder / "any", Path(self.coursedir.root))
            intake.files_beside(folder)
            for path in self.notebooks:
                notebook.read(intake.read_file(Path(path)))
        except (intake.RefusedError, notebook.UnreadableError) as error:
            self.log.error("Refused: %s", error)
            raise NbGraderException(str(error)) from None

    def _forget(self, assignment: str, student: str) -> None:
        """Forget what `autograder grade` noted of a submission; its marks will be nbgrader's."""
        with Database(self.coursedir.db_url, self.coursedir.course_id) as opened:
            if inspect(opened.engine).has_table(JOURNAL.name):
                forget(opened.db, student, assignment)
                opened.db.commit()

    @contextmanager
    def _zero_on_failure(self, assignment: str, student: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            with Database(self.coursedir.db_url, self.coursedir.course_id) as opened:
                record_failure(opened, assignment, student)
            raise


def record_failure(opened: Any, assignment: str, student: str) -> None:
    """Give a submission 0 marks throughout, and flag it for a person."""
    opened.update_or_create_student(student)
    submission = opened.update_or_create_submission(assignment, student)
    for book in submission.notebooks:
        for grade in book.grades:
            grade.auto_score, grade.needs_manual_grade = 0, True
    opened.db.commit()


def install() -> None:
    """Let nbgrader's command line and its API (the formgrader's button) use the sealed converter."""
    nbgrader.apps.autogradeapp.Autograde = SealedAutograde
    nbgrader.apps.api.Autograde = SealedAutograde
