"""Grade one submission: a notebook in, a :class:`~autograder.results.Report` out.

The report is a pure function of two notebooks and a secret; no database and no course folder is needed. The cells
run in order in the sandbox. At a sealed cell, the trusted side calls the student's function and judges its values.
Whatever the submission does, every graded cell has a result, with the reason for lost marks.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Self, TypeVar

from msgspec import UNSET

from autograder import exercises
from autograder.grading.cells import CellGrader, grade_function
from autograder.grading.pace import Pace
from autograder.grading.runner import Runner
from autograder.grading.settings import Settings
from autograder.grading.submission import Graded, Submission, failed
from autograder.judging.assess import Assessment
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.restore import WrongAssignmentError, restore
from autograder.notebooks.source import Sealed, Source
from autograder.results import CellResult, FileResult, Isolation, Report
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.policy import isolation
from autograder.sandbox.pool import Pool

T = TypeVar("T")
VERSION = version("logits-and-likelihoods")
MAX_PACES = 32


class Grader:
    """Grades submissions, one at a time in each thread that uses it.

    Parameters
    ----------
    settings
        The settings of the run.
    pool
        The pool in which submissions run; a new one by default. The grader closes it.

    Raises
    ------
    CannotIsolateError
        If this machine can't keep student code away from the tests, and the settings ask for isolation.
    """

    def __init__(self, settings: Settings, pool: Pool | None = None) -> None:
        self.settings = settings
        self._pool = pool or Pool(settings.limits, isolated=settings.isolated, way=settings.way)
        self._paces: dict[object, Pace] = {}
        self.isolation: Isolation = isolation(settings.way) if settings.isolated else "none"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def digest(self, source: Source, submission: Submission) -> str:
        """Return :func:`digest_of` a submission under this grader's settings."""
        return digest_of(self.settings, source, submission)

    def grade(self, source: Source, submission: Submission) -> Graded:
        """Grade a notebook from its bytes. No submission makes this raise.

        Raises
        ------
        ForkServerError
                If fork servers fail twice, which is a fault of the machine.
        """
        mended: list[str] = []
        try:
            submitted = notebook.read(submission.content, mended)
        except notebook.UnreadableError as error:
            return Graded(failed(source, submission, f"{submission.file or 'The notebook'} {error}."), None)
        return self.grade_notebook(source, submitted, submission, mended)

    def grade_notebook(
        self, source: Source, submitted: Notebook, submission: Submission, mended: Sequence[str] = ()
    ) -> Graded:
        """Grade a notebook that has been read already, as :meth:`grade`; ``mended`` lists the repairs so far."""
        started = time.monotonic()
        language = source.kernelspec.get("language", "python")
        if language.lower() != "python":
            return Graded(
                failed(source, submission, f"Only Python is graded, and the source is in {language}."), None
            )
        try:
            restored = restore(source, submitted)
        except WrongAssignmentError as error:
            return Graded(failed(source, submission, f"{submission.file or 'The notebook'} {error}."), None)
        pace = self._pace_of(source, submission)
        allow, figures = self.settings.allowed_for(source), self.settings.shows_figures(source)
        cells = restored.notebook["cells"]

        def run() -> list[CellResult]:
            texts = [cell["source"] for cell in cells]
            with Runner(self._pool, allow, submission.files, texts, fixed=source.fixed, figures=figures) as runner:
                cell_grader = CellGrader(
                    source,
                    runner,
                    self.settings,
                    pace,
                    student=submission.student,
                    missing=restored.missing,
                )
                return cell_grader.grade_all(cells)

        results = {result.grade_id: result for result in _retry_once(run)}
        ordered = [results[cell.grade_id] for cell in source.marked]
        report = Report(
            student=submission.student,
            assignment=submission.assignment,
            notebook=submission.name,
            file=submission.file,
            status="graded",
            message=None,
            score=sum(cell.score or 0.0 for cell in ordered),
            max_score=sum(cell.max_score for cell in ordered),
            isolation=self.isolation,
            seconds=round(time.monotonic() - started, 4),
            cells=ordered,
            repairs=[*mended, *restored.repairs],
        )
        return Graded(report, restored.notebook)

    def _pace_of(self, source: Source, submission: Submission) -> Pace:
        """Return what is known about a source's own cells; the last few sources are kept."""
        key = (source.program, tuple(sorted(submission.instructors)))
        if key not in self._paces:
            if len(self._paces) >= MAX_PACES:
                self._paces.clear()
            files = {name: submission.files[name] for name in submission.instructors}
            self._paces[key] = Pace(self._pool, source, self.settings.allowed_for(source), files)
        return self._paces[key]

    def grade_file(self, exercise: str, content: bytes, *, file: str, student: str) -> FileResult:
        """Grade one function of a ``.py`` file; no file makes this raise. It raises as :meth:`grade` does."""
        started = time.monotonic()
        wanted = exercises.find(exercise)

        def run() -> Assessment:
            with Runner(
                self._pool, self.settings.allow, {}, [content.decode("utf-8", "surrogateescape")]
            ) as runner:
                try:
                    runner.run(content.decode("utf-8-sig"), figures=False)
                except UnicodeDecodeError:
                    runner.note_error("", "it is not UTF-8 text")
                sealed = Sealed(exercise, exercise, None)
                return grade_function(sealed, runner, self.settings, student=student)

        outcome = _retry_once(run)
        return FileResult(
            exercise=exercise,
            file=file,
            score=outcome.score,
            max_score=wanted.points,
            passed=outcome.score == wanted.points,
            isolation=self.isolation,
            seconds=round(time.monotonic() - started, 4),
            message=outcome.message,
            checks=outcome.checks,
            misconceptions=outcome.misconceptions,
            curve=outcome.curve,
            fault=outcome.fault or UNSET,
        )


def digest_of(settings: Settings, source: Source, submission: Submission) -> str:
    """Return a digest of everything that decides about a report. Equal digests mean equal reports."""
    decides = (
        *(VERSION, exercises.digest_of_own(), replace(settings, secret=b""), source),
        *(submission.student, submission.assignment, submission.name),
    )
    sums = [hashlib.sha256(content).hexdigest() for content in (settings.secret, submission.content)]
    sums += [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(submission.files.items())]
    return hashlib.sha256(repr((decides, sums)).encode("utf-8", "surrogatepass")).hexdigest()


def _retry_once(run: Callable[[], T]) -> T:
    """Run a submission; run it again if its fork server died, which is not the submission's fault."""
    try:
        return run()
    except ForkServerError:
        return run()
