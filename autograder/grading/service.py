"""What a worker process does: everything that touches the bytes of a submission."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder import exercises, intake
from autograder.course import Course
from autograder.grading.grader import Grader
from autograder.grading.outcome import grade_submission
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.intake import SubmittedNotebook
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.restore import WrongAssignmentError, restore
from autograder.notebooks.source import Source
from autograder.results import FileResult, Report
from autograder.sandbox.pool import Pool


class Service:
    """The requests that a worker answers, with the grader that it keeps.

    Parameters
    ----------
    settings
        The settings of the run.
    pool
        The pool that the grader uses and closes.
    """

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self.grader = Grader(settings, pool)
        self._course: Course | None = None

    def methods(self) -> Mapping[str, Callable[..., Any]]:
        """Return the requests by name."""
        return {
            each.__name__: each
            for each in (
                *(self.grade, self.grade_sent, self.grade_alone, self.grade_file),
                *(self.read, self.restore, self.grade_read),
            )
        }

    def grade(
        self, root: Path, found: SubmittedNotebook, source: Source, earlier_digest: str
    ) -> tuple[Report, Notebook | None, str] | None:
        """Grade a notebook of the course at ``root``; see :func:`grade_submission`."""
        self._use(root)
        outcome = grade_submission(self.grader, self._course_at(root), found, source, earlier_digest)
        return (outcome.report, outcome.notebook, outcome.digest) if outcome else None

    def grade_sent(self, root: Path, source: Source, submission: Submission) -> tuple[Report, Notebook | None]:
        """Grade a submission that another machine has read; ``root`` holds the course's own exercises."""
        self._use(root)
        graded = self.grader.grade(source, submission)
        return graded.report, graded.notebook

    def grade_alone(self, source: Source, submission: Submission) -> Report:
        """Grade a submission that belongs to no course."""
        return self.grader.grade(source, submission).report

    def grade_file(self, root: Path | None, exercise: str, path: Path, student: str) -> FileResult:
        """Grade one function of a ``.py`` file."""
        self._use(root)
        return self.grader.grade_file(exercise, intake.read_file(path), file=str(path), student=student)

    # --- the steps of nbgrader's own converter -----------------------------------------------------------

    def read(self, path: Path) -> tuple[Notebook, list[str]]:
        """Read a notebook file; return it with its repairs."""
        repairs: list[str] = []
        try:
            return notebook.read(intake.read_file(path), repairs), repairs
        except notebook.UnreadableError as error:
            raise intake.RefusedError(f"{path} {error}") from None

    def restore(self, path: Path, source: Source, submitted: Notebook) -> tuple[Notebook, list[str]]:
        """Restore the instructor's cells; return the notebook with its repairs."""
        try:
            restored = restore(source, submitted)
        except WrongAssignmentError as error:
            raise intake.RefusedError(f"{path} {error}") from None
        return restored.notebook, restored.repairs

    def grade_read(
        self, root: Path, folder: Path, source: Source, submitted: Notebook, submission: Submission
    ) -> tuple[Report, Notebook | None]:
        """Grade a notebook that has been read already, with the files in its folder."""
        self._use(root)
        files = intake.read_attachments(folder)
        ours = self._course_at(root).instructors_among(files, submission.assignment)
        submission = replace(submission, files=files, instructors=ours)
        graded = self.grader.grade_notebook(source, notebook.from_json(submitted), submission)
        return graded.report, graded.notebook

    def _course_at(self, root: Path) -> Course:
        if self._course is None or self._course.root != root:
            self._course = Course(root)
        return self._course

    @staticmethod
    def _use(root: Path | None) -> None:
        """Register a course's exercises, unless the process was forked from one that did so."""
        if root is not None and exercises.course_in_use() != root:
            exercises.use_course(root)
