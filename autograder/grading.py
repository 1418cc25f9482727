"""Grade one submission: notebook in, :class:`~autograder.results.Report` out.

A pure function of two notebooks and a secret: no database, no course folder. Cells run in order in the
sandbox; at a sealed cell the trusted side asks the student's function for values. Whatever the submission
does, every graded cell gets a verdict and a reason.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from autograder import exercises, notebook
from autograder.assess import Assessment, assess, seed_for
from autograder.exercise import Answer, Call, Stopped
from autograder.notebook import Notebook, Sealed, Source, SourceCell
from autograder.outputs import as_nbformat
from autograder.results import CellResult, Feedback, FileResult, Isolation, Report
from autograder.sandbox.policy import EVERYTHING, Limits, isolation
from autograder.sandbox.pool import Pool, Session, SessionEndedError

MAX_RESTARTS = 2
MAX_LATE_CALLS = 2
ALLOWED_SENTENCE = (
    "A submission may import NumPy, matplotlib, ipywidgets, IPython and the standard library; "
    "an instructor can allow more with --allow."
)


@dataclass(frozen=True)
class Settings:
    """How a run grades; the same for all its submissions."""

    secret: bytes
    """From which the hidden inputs are derived; known to the course alone."""
    feedback: Feedback = "messages"
    limits: Limits = field(default_factory=Limits)
    allow: tuple[str, ...] = ()
    """Modules that submissions may import besides the default ones."""
    bare: bool = False
    """Run without isolation (``--sandbox none``): an instructor's explicit choice."""


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

    Raises
    ------
    CannotIsolateError
        If this machine can't keep student code away from the tests, and that was not waived.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.isolation: Isolation = "none" if settings.bare else isolation()
        self._pool = Pool(settings.limits, isolated=not settings.bare)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def grade(self, source: Source, submission: Submission) -> Graded:
        """Grade a notebook from its bytes; never raises on account of a submission."""
        try:
            submitted = notebook.read(submission.content)
        except notebook.UnreadableError as error:
            return Graded(failed(source, submission, f"{submission.file or 'The notebook'} {error}."), None)
        return self.grade_notebook(source, submitted, submission)

    def grade_notebook(self, source: Source, submitted: Notebook, submission: Submission) -> Graded:
        """Grade a notebook that has been read already."""
        started = time.monotonic()
        try:
            restored = notebook.restore(source, submitted)
        except notebook.WrongAssignmentError as error:
            return Graded(failed(source, submission, f"{submission.file or 'The notebook'} {error}."), None)
        is_sealed = any(notebook.sealed(cell) for cell in source.cells)
        allow = self.settings.allow if is_sealed else (EVERYTHING,)
        with _Stage(self._pool, allow, submission.files) as stage:
            play = _Play(self, source, submission, stage, restored.missing, notebook.digest(restored.notebook))
            cells = [play.cell(cell) for cell in restored.notebook["cells"]]
        results = {result.grade_id: result for result in cells if result}
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
            repairs=restored.repairs,
        )
        return Graded(report, restored.notebook)

    def grade_file(self, exercise: str, content: bytes, *, file: str, student: str) -> FileResult:
        """Grade one function of a ``.py`` file; never raises on account of the file."""
        started = time.monotonic()
        wanted = exercises.find(exercise)
        with _Stage(self._pool, self.settings.allow, {}) as stage:
            try:
                stage.run(content.decode("utf-8-sig"))
            except UnicodeDecodeError:
                stage.first_error = "it is not UTF-8 text"
            digest = hashlib.sha256(content).digest()
            outcome = self.assess(stage, Sealed(exercise, exercise, None), None, student, digest)
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
        )

    def assess(
        self, stage: _Stage, wanted: Sealed, points: float | None, student: str, digest: bytes
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


def _mode(cell: SourceCell) -> Any:
    return "manual" if cell.by_hand else "sealed" if notebook.sealed(cell) else "in-process"


# --- one performance -------------------------------------------------------------------------------------


class _Play:
    """One submission's cells, in order, each with its verdict."""

    def __init__(
        self,
        grader: Grader,
        source: Source,
        submission: Submission,
        stage: _Stage,
        missing: Collection[str],
        digest: bytes,
    ) -> None:
        self.grader, self.student, self.stage = grader, submission.student, stage
        self.missing, self.digest = missing, digest
        self.known = {cell.grade_id: cell for cell in source.cells}

    def cell(self, cell: notebook.Cell) -> CellResult | None:
        """Run one cell, put its outputs on it, and mark it if it carries marks."""
        wanted = self.known.get(notebook.grade_id_of(cell) or "")
        if wanted and wanted.is_marked:
            if wanted.by_hand:
                return self._by_hand(cell, wanted)
            asked = notebook.sealed(wanted)
            return self._sealed(wanted, asked) if asked else self._in_process(cell, wanted)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = self.stage.run(cell["source"])
        return None

    def _sealed(self, wanted: SourceCell, asked: Sealed) -> CellResult:
        self.stage.run(notebook.visible_part(wanted.source))
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
        )

    def _in_process(self, cell: notebook.Cell, wanted: SourceCell) -> CellResult:
        cell["outputs"], cell["execution_count"] = self.stage.run(wanted.source)
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
            cell["outputs"], cell["execution_count"] = self.stage.run(cell["source"])
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
    """Score a cell by its own tests, as nbgrader does: the first decisive output wins.

    An error gives 0, a number as the cell's result gives partial credit, anything else full marks. Unlike
    nbgrader, what is written to stderr decides nothing, and a result that is no proper mark (nan, negative)
    gives 0, one above the maximum the maximum.
    """
    for output in outputs:
        if output["output_type"] == "error":
            said = f": {output['evalue'][:200]}" if output["evalue"] else ""
            return 0.0, f"stopped with {output['ename']}{said}"
        if output["output_type"] == "execute_result":
            text = str(output["data"].get("text/plain", "")).strip()
            wrapped = text[text.find("(") + 1 : -1] if text.startswith("np.") and text.endswith(")") else text
            try:
                mark = float(wrapped)
            except ValueError:
                continue
            return (min(mark, points) if mark >= 0 else 0.0), None
    return points, None


class _Stage:
    """Where a submission's code runs; starts anew when the submission ends its own process.

    A cell or call that kills the process costs that cell or call; the others are played again and go on.
    """

    def __init__(self, pool: Pool, allow: Collection[str], files: Mapping[str, bytes]) -> None:
        self.pool, self.allow, self.files = pool, allow, files
        self.deadline = time.monotonic() + pool.limits.submission_seconds
        self.first_error: str | None = None
        self._played: list[str] = []
        self._session: Session | None = None
        self._starts = 0
        self._counter = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session:
            self._session.close()

    def run(self, source: str) -> tuple[list[dict[str, Any]], int | None]:
        """Run a cell; return its outputs in nbformat's form, and its number."""
        if not _has_code(source):
            return [], None
        self._counter += 1
        try:
            done, late = self._open().run_cell(source)
        except SessionEndedError as error:
            self.first_error = self.first_error or str(error).rstrip(".")
            return [_stopped_output(str(error))], self._counter
        outputs = [as_nbformat(output) for output in done.outputs]
        if late:
            outputs.append(_stopped_output(late))
        else:
            self._played.append(source)
        for output in outputs:
            if output["output_type"] == "error":
                self.first_error = self.first_error or f"{output['ename']}: {output['evalue'][:200]}"
        return outputs, self._counter

    def asker(self, function: str) -> Any:
        """Give a way to call a function of the notebook, whatever becomes of the process."""
        late_calls = 0

        def ask(call: Call) -> Answer:
            nonlocal late_calls
            if late_calls >= MAX_LATE_CALLS:
                return Stopped(
                    f"{function} was not asked again: it ran out of time {late_calls} times.", final=True
                )
            try:
                answer = self._open().ask(function, call)
            except SessionEndedError as error:
                return Stopped(f"{function} did not come back: {error}", final=self._starts > MAX_RESTARTS)
            if isinstance(answer, Stopped):
                late_calls += not answer.final
                return Stopped(answer.why + self._because(), final=True) if answer.final else answer
            return answer

        return ask

    def _because(self) -> str:
        if not self.first_error:
            return ""
        hint = f" {ALLOWED_SENTENCE}" if self.first_error.startswith("ModuleNotFoundError") else ""
        return f" The code before it stopped: {self.first_error}.{hint}"

    def _open(self) -> Session:
        """Return the living process, or start one and play the cells again that did no harm."""
        if self._session and not self._session.ended:
            return self._session
        if self._starts > MAX_RESTARTS or time.monotonic() >= self.deadline:
            raise SessionEndedError(
                self._session.ended if self._session and self._session.ended else "its time is up."
            )
        self._starts += 1
        self._session = self.pool.session(self.allow, self.files, self.deadline)
        for source in self._played:
            self._session.run_cell(source)
        return self._session


def _has_code(source: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in source.split("\n"))


def _stopped_output(why: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "Stopped", "evalue": why, "traceback": [f"Stopped: {why}"]}
