"""Grade one submission: notebook in, :class:`~autograder.results.Report` out.

A pure function of two notebooks and a secret: no database, no course folder. Cells run in order in the
sandbox; at a sealed cell the trusted side asks the student's function for values. Whatever the submission
does, every graded cell gets a verdict and a reason.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any, Self, TypeVar

from autograder import exercises
from autograder.grading.runner import Stage
from autograder.grading.settings import Settings
from autograder.judging.assess import Assessment, assess, seed_for
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.restore import WrongAssignmentError, restore
from autograder.notebooks.source import Sealed, Source, SourceCell, visible_part
from autograder.results import CellResult, Feedback, FileResult, Isolation, Report
from autograder.sandbox.policy import isolation
from autograder.sandbox.pool import Pool
from autograder.sandbox.zygote import ZygoteError

T = TypeVar("T")
VERSION = version("logits-and-likelihoods")


@dataclass(frozen=True)
class Submission:
    """One submitted notebook, as it came."""

    content: bytes
    student: str = ""
    assignment: str = ""
    name: str = ""
    """Of the notebook, without its suffix."""
    file: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What lies beside the notebook, by relative path."""


@dataclass(frozen=True)
class Graded:
    """A report, and the notebook as it ran: restored, with the outputs of its cells."""

    report: Report
    notebook: Notebook | None


def grade(
    source: bytes, submission: bytes, *, secret: bytes, student: str = "", feedback: Feedback = "messages"
) -> Report:
    """Grade one notebook against its source.

    Parameters
    ----------
    source, submission
        The contents of the two ``.ipynb`` files.
    secret
        Decides the hidden inputs, together with the student and the submission.
    student
        Whose it is; another student gets other inputs.
    feedback
        How much the messages may tell.

    Raises
    ------
    UnreadableError
        If the *source* is no notebook. A submission that is none gets a report that says so.
    CannotIsolateError
        If this machine can't keep student code away from the tests.
    """
    with Grader(Settings(secret, feedback)) as grader:
        return grader.grade(Source.from_notebook(notebook.read(source)), Submission(submission, student)).report


class Grader:
    """Grades submissions one by one; may be used from several threads.

    Parameters
    ----------
    settings
        How.
    pool
        Where, if its warm processes were started before; it is closed with the grader.

    Raises
    ------
    CannotIsolateError
        If this machine can't keep student code away from the tests, and that was not waived.
    """

    def __init__(self, settings: Settings, pool: Pool | None = None) -> None:
        self.settings = settings
        self._pool = pool or Pool(settings.limits, isolated=not settings.bare)
        self.isolation: Isolation = "none" if settings.bare else isolation()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def stop(self) -> None:
        """Kill the processes of all submissions that are being graded."""
        self._pool.stop()

    def digest(self, source: Source, submission: Submission) -> str:
        """Return a digest of everything that decides about a report: the same digest, the same report."""
        decides = (
            *(VERSION, exercises.digest_of_own(), replace(self.settings, secret=b""), source),
            *(submission.student, submission.assignment, submission.name),
        )
        sums = [hashlib.sha256(content).hexdigest() for content in (self.settings.secret, submission.content)]
        sums += [
            f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(submission.files.items())
        ]
        return hashlib.sha256(repr((decides, sums)).encode("utf-8", "surrogatepass")).hexdigest()

    def grade(self, source: Source, submission: Submission) -> Graded:
        """Grade a notebook from its bytes; never raises on account of a submission."""
        mended: list[str] = []
        try:
            submitted = notebook.read(submission.content, mended)
        except notebook.UnreadableError as error:
            return Graded(failed(source, submission, f"{submission.file or 'The notebook'} {error}."), None)
        return self.grade_notebook(source, submitted, submission, mended)

    def grade_notebook(
        self, source: Source, submitted: Notebook, submission: Submission, mended: Sequence[str] = ()
    ) -> Graded:
        """Grade a notebook that has been read already, and perhaps mended."""
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
        allow, draws = self.settings.allowed_for(source), self.settings.draws(source)
        digest = notebook.digest(restored.notebook)
        cells = restored.notebook["cells"]

        def play() -> list[CellResult | None]:
            sources = [cell["source"] for cell in cells]
            with Stage(self._pool, allow, submission.files, sources, fixed=source.fixed, draws=draws) as stage:
                player = _Player(self, source, submission, stage, restored.missing, digest)
                return [player.cell(cell) for cell in cells]

        results = {result.grade_id: result for result in _once_more(play) if result}
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

    def grade_file(self, exercise: str, content: bytes, *, file: str, student: str) -> FileResult:
        """Grade one function of a ``.py`` file; never raises on account of the file."""
        started = time.monotonic()
        wanted = exercises.find(exercise)
        digest = hashlib.sha256(content).digest()

        def play() -> Assessment:
            with Stage(self._pool, self.settings.allow, {}, [content.decode("utf-8", "replace")]) as stage:
                try:
                    stage.run(content.decode("utf-8-sig"), draw=False)
                except UnicodeDecodeError:
                    stage.first_error = "it is not UTF-8 text"
                return self.assess(stage, Sealed(exercise, exercise, None), None, student, digest)

        outcome = _once_more(play)
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
        )

    def assess(
        self, stage: Stage, wanted: Sealed, points: float | None, student: str, digest: bytes
    ) -> Assessment:
        """Ask the function that a stage holds, and give its marks."""
        return assess(
            exercises.find(wanted.exercise),
            stage.asker(wanted.function),
            seed=seed_for(self.settings.secret, student, wanted.exercise, digest),
            points=points,
            feedback=self.settings.feedback,
        )


def failed(source: Source, submission: Submission, message: str) -> Report:
    """Give the report of a submission that can't be graded: no marks, and the reason on every cell."""
    cells = [
        CellResult(
            grade_id=cell.grade_id,
            exercise=None,
            mode=_mode(cell),
            score=0.0,
            max_score=cell.points,
            message=message,
        )
        for cell in source.marked
    ]
    return Report(
        student=submission.student,
        assignment=submission.assignment,
        notebook=submission.name,
        file=submission.file,
        status="failed",
        message=message,
        score=0.0,
        max_score=sum(cell.points for cell in source.marked),
        isolation=None,
        seconds=0.0,
        cells=cells,
    )


def _once_more(play: Callable[[], T]) -> T:
    """Play a submission; and again, where a warm process died under it, which is no fault of the submission's."""
    try:
        return play()
    except ZygoteError:
        return play()


def _mode(cell: SourceCell) -> Any:
    return "manual" if cell.by_hand else "sealed" if cell.sealed else "in-process"


# --- one performance -------------------------------------------------------------------------------------


class _Player:
    """One submission's cells, in order, each with its verdict."""

    def __init__(
        self,
        grader: Grader,
        source: Source,
        submission: Submission,
        stage: Stage,
        missing: Collection[str],
        digest: bytes,
    ) -> None:
        self.grader, self.student, self.stage = grader, submission.student, stage
        self.draw = grader.settings.figures
        self.missing, self.digest = missing, digest
        self.known = {cell.grade_id: cell for cell in source.cells}

    def cell(self, cell: notebook.Cell) -> CellResult | None:
        """Run one cell, put its outputs on it, and mark it if it carries marks."""
        wanted = self.known.get(notebook.grade_id_of(cell) or "")
        if wanted and wanted.is_marked:
            if wanted.by_hand:
                return self._by_hand(cell, wanted)
            asked = wanted.sealed
            return self._sealed(wanted, asked) if asked else self._in_process(cell, wanted)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = self.stage.run(cell["source"], draw=self.draw)
        return None

    def _sealed(self, wanted: SourceCell, asked: Sealed) -> CellResult:
        self.stage.run(visible_part(wanted.source), draw=False)
        outcome = self.grader.assess(self.stage, asked, wanted.points, self.student, self.digest)
        return CellResult(
            grade_id=wanted.grade_id,
            exercise=asked.exercise,
            mode="sealed",
            score=outcome.score,
            max_score=wanted.points,
            message=outcome.message,
            checks=outcome.checks,
            misconceptions=outcome.misconceptions,
            curve=outcome.curve,
        )

    def _in_process(self, cell: notebook.Cell, wanted: SourceCell) -> CellResult:
        cell["outputs"], cell["execution_count"] = self.stage.run(wanted.source, draw=self.draw)
        score, message = nbgrader_score(cell["outputs"], wanted.points)
        return CellResult(
            grade_id=wanted.grade_id,
            exercise=None,
            mode="in-process",
            score=score,
            max_score=wanted.points,
            message=message,
        )

    def _by_hand(self, cell: notebook.Cell, wanted: SourceCell) -> CellResult:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = self.stage.run(cell["source"], draw=True)
        score, message = None, "waits to be marked by a person"
        meta = notebook.nbgrader_of(cell)
        if wanted.grade_id in self.missing:
            message = "its cell was missing: look whether the answer stands elsewhere"
        elif not wanted.task and meta.get("checksum") == notebook.checksum(cell):
            score, message = 0.0, "no response"
        return CellResult(
            grade_id=wanted.grade_id,
            exercise=None,
            mode="manual",
            score=score,
            max_score=wanted.points,
            message=message,
        )


def nbgrader_score(outputs: list[dict[str, Any]], points: float) -> tuple[float, str | None]:
    """Score a cell by its own tests, as nbgrader does, where nobody tampers.

    An error gives 0, a number as the cell's result gives partial credit, anything else full marks. Unlike
    nbgrader's, what was shown before an error or before the cell's own result decides nothing, nor does what is
    written to stderr; and a result that is no proper mark (nan, negative) gives 0, one above the maximum the
    maximum.
    """
    for output in outputs:
        if output["output_type"] == "error":
            said = f": {output['evalue'][:200]}" if output["evalue"] else ""
            return 0.0, f"stopped with {output['ename']}{said}"
    results = [output for output in outputs if output["output_type"] == "execute_result"]
    if results:
        text = str(results[-1]["data"].get("text/plain", "")).strip()
        wrapped = text[text.find("(") + 1 : -1] if text.startswith("np.") and text.endswith(")") else text
        try:
            mark = float(wrapped)
        except ValueError:
            return points, None
        return (min(mark, points) if mark >= 0 else 0.0), None
    return points, None
