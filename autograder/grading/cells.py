"""Run and grade the cells of one submission."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from msgspec import UNSET

from autograder import exercises
from autograder.grading.caller import Caller
from autograder.grading.pace import Pace
from autograder.grading.runner import Runner
from autograder.grading.settings import Settings
from autograder.grading.submission import cell_result
from autograder.judging.assess import Assessment, assess, seed_for
from autograder.judging.earlier import Earlier
from autograder.judging.faults import described
from autograder.judging.model import seconds_of
from autograder.notebooks import notebook
from autograder.notebooks.source import Sealed, Source, SourceCell, names_bound, visible_part
from autograder.results import CellResult
from autograder.sandbox.fork_server import ForkServerError

NOT_THE_JUDGES = (ForkServerError, exercises.UnknownExerciseError, exercises.OwnExerciseError, MemoryError)
"""Errors that are not about one cell: a worker, a course or a machine that can't grade."""
NOT_JUDGED = "not marked yet: something went wrong in the grader. A person looks at it; it costs you nothing"
NOT_DRAWN, NOT_RUN = "Not drawn while grading.\n", "Not run while grading: it only shows something.\n"


def grade_function(
    wanted: Sealed,
    runner: Runner,
    settings: Settings,
    *,
    student: str,
    points: float | None = None,
    parts: Collection[str] = (),
    earlier: Mapping[str, Earlier] = MappingProxyType({}),
) -> Assessment:
    """Assess a function of the notebook that a runner runs. ``earlier`` holds mistakes in those before it."""
    exercise = exercises.find(wanted.exercise)
    caller = Caller(runner, wanted.function, partial(seconds_of, exercise))
    return assess(
        exercise,
        caller,
        seed=seed_for(settings.secret, student, wanted.exercise, runner.digest),
        points=points,
        feedback="full" if settings.explain else settings.feedback,
        explain=settings.explain,
        watch=runner.budget.watch,
        follow_through=settings.follow_through,
        parts=parts,
        spent=caller.spent,
        earlier=earlier,
    )


class CellGrader:
    """Grades the cells of a submission, one after the other.

    Parameters
    ----------
    source
        The instructor's cells.
    runner
        Runs the submission's code.
    settings
        The settings of the run.
    student
        The student's id. With the secret and the submission, it decides the hidden inputs.
    pace
        Knows how long the source's own cells take.
    missing
        The ``grade_id`` of each cell that was missing from the submission and had to be restored.
    """

    def __init__(
        self,
        source: Source,
        runner: Runner,
        settings: Settings,
        pace: Pace,
        *,
        student: str,
        missing: Collection[str],
    ) -> None:
        self.runner, self.settings, self.pace = runner, settings, pace
        self.student, self.missing = student, missing
        self.source, self.left_out = source, frozenset[str]()
        self.known = {cell.grade_id: cell for cell in source.cells}
        self.parts = [cell.sealed.function for cell in source.cells if cell.sealed]
        self.earlier: dict[str, Earlier] = {}

    def grade_all(self, cells: Sequence[notebook.Cell]) -> list[CellResult]:
        """Run the cells, and set their outputs; return the results of those that carry marks.

        What only shows something is left out, unless the student's own cells read a name that it binds.
        """
        own = [cell["source"] for cell in cells if self._is_own(cell)]
        if not self.settings.figures and not self.runner.read_any(own, self.source.shown_names):
            self.left_out = frozenset(self.source.shows)
        return [result for cell in cells if (result := self.grade(cell))]

    def _is_own(self, cell: notebook.Cell) -> bool:
        """Whether a cell is the student's. The instructor's cells hold hidden tests, and are never told."""
        wanted = self.known.get(notebook.grade_id_of(cell) or "")
        theirs = cell["cell_type"] == "code" and (wanted is None or wanted.solution)
        return theirs and cell["source"] not in self.source.texts

    def grade(self, cell: notebook.Cell) -> CellResult | None:
        """Run a cell and set its outputs; return its result, or None if it carries no marks."""
        wanted = self.known.get(notebook.grade_id_of(cell) or "")
        if wanted is None or not wanted.is_marked:
            self._run(cell, own=wanted is not None and wanted.solution)
            return None
        if wanted.by_hand:
            return self._by_hand(cell, wanted)
        return self._sealed(wanted, wanted.sealed) if wanted.sealed else self._in_process(cell, wanted)

    def _run(self, cell: notebook.Cell, *, own: bool, figures: bool = False) -> None:
        if cell["cell_type"] == "code" and cell["source"] in self.left_out:
            said = NOT_RUN if names_bound(cell["source"]) else NOT_DRAWN
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": said}]
        elif cell["cell_type"] == "code":
            reference = partial(self.pace.seconds, notebook.grade_id_of(cell), cell["source"])
            cell["outputs"], cell["execution_count"] = self.runner.run(
                cell["source"], figures=figures or self.settings.figures, own=own, reference=reference
            )

    def _sealed(self, wanted: SourceCell, asked: Sealed) -> CellResult:
        text = visible_part(wanted.source)
        reference = partial(self.pace.seconds, wanted.grade_id, text)
        self.runner.run(text, figures=False, own=True, reference=reference)
        try:
            outcome = grade_function(
                asked,
                self.runner,
                self.settings,
                student=self.student,
                points=wanted.points,
                parts=self.parts,
                earlier=self.earlier,
            )
        except NOT_THE_JUDGES:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the other cells have their marks
            return cell_result(wanted, None, NOT_JUDGED, exercise=asked.exercise, fault=described(error))
        if outcome.mistake:
            self.earlier[asked.exercise] = outcome.mistake
        return cell_result(
            wanted,
            outcome.score,
            outcome.message,
            exercise=asked.exercise,
            checks=outcome.checks,
            misconceptions=outcome.misconceptions,
            curve=outcome.curve,
            fault=outcome.fault or UNSET,
        )

    def _in_process(self, cell: notebook.Cell, wanted: SourceCell) -> CellResult:
        cell["source"] = wanted.source  # the tests that run are always the instructor's
        self._run(cell, own=True)
        return cell_result(wanted, *nbgrader_score(cell["outputs"], wanted.points))

    def _by_hand(self, cell: notebook.Cell, wanted: SourceCell) -> CellResult:
        self._run(cell, own=True, figures=True)
        if wanted.grade_id in self.missing:
            return cell_result(wanted, None, "its cell was missing: check whether the answer is in another cell")
        if not wanted.task and notebook.nbgrader_of(cell).get("checksum") == notebook.checksum(cell):
            return cell_result(wanted, 0.0, "no response")
        return cell_result(wanted, None, "waits to be marked by a person")


def nbgrader_score(outputs: list[dict[str, Any]], points: float) -> tuple[float, str | None]:
    """Score a cell by its own tests, as nbgrader does.

    An error gives 0, a number as the cell's result gives partial credit, and anything else gives full marks. Only
    the last result counts, and only an error or a result decides: unlike in nbgrader, earlier results and text on
    stderr don't. A result that is no mark (nan, negative) gives 0; a result above the maximum gives the maximum.

    Returns
    -------
    float
        The score, from 0 to ``points``.
    str or None
        The reason, if the cell stopped with an error.
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
