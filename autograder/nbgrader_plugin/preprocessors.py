"""What nbgrader's converters call for each notebook: adapters, without any grading of their own."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook as Database
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Enum, List, TraitError, Unicode

from autograder import intake, notebook
from autograder.gradebook import source_from
from autograder.grading import Grader, Settings, Submission
from autograder.outputs import put_verdicts
from autograder.restore import restore
from autograder.sandbox.policy import Limits
from autograder.secret import load_secret
from autograder.source import Source, split_hidden


def _source(resources: dict[str, Any]) -> Source:
    known = resources["nbgrader"]
    database = Database(known["db_url"])
    try:
        return source_from(database, known["assignment"], known["notebook"])
    finally:
        database.close()


def _as_node(plain: notebook.Notebook) -> Any:
    return nbformat.from_dict(plain)


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Put the instructor's cells back, and log what had to be mended."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        restored = restore(_source(resources), notebook.from_json(nb))
        for repair in restored.repairs:
            self.log.warning("Repaired: %s", repair)
        return _as_node(restored.notebook), resources


class LimitsTrait(Dict):  # type: ignore[misc]
    """Other values for some of the limits, by name."""

    def validate(self, obj: Any, value: Any) -> Any:
        changed = super().validate(obj, value)
        try:
            Limits().changed(changed)
        except ValueError as error:
            raise TraitError(f"GradeSealed.limits: {error}.") from None
        return changed


class GradeSealed(NbGraderPreprocessor):  # type: ignore[misc]
    """Run the notebook in the sandbox, and put the verdicts on its graded cells."""

    feedback = Enum(
        ["score", "messages", "full"],
        "messages",
        help="How much feedback may tell: marks alone, sentences with public examples, or hidden inputs too.",
    ).tag(config=True)
    allow = List(Unicode(), help="Modules that submissions may import besides the default ones.").tag(config=True)
    seed_file = Unicode("", help="File with the course's secret; a file of the user's own by default.").tag(
        config=True
    )
    figures = Bool(False, help="Draw all figures, not only those in cells that a person marks.").tag(config=True)
    limits = LimitsTrait(help="What a submission may use, as {'cell_seconds': 60, 'memory': '4G'}.").tag(
        config=True
    )
    sandbox = Enum(["auto", "none"], "auto", help="“none” runs submissions without isolation.").tag(config=True)

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        secret = load_secret(Path(self.seed_file) if self.seed_file else None)
        bare = self.sandbox == "none"
        limits, allow = Limits().changed(self.limits), tuple(self.allow)
        grader = _grader(Settings(secret, self.feedback, limits, allow, bare=bare, figures=self.figures))
        known = resources["nbgrader"]
        folder = Path(resources["metadata"]["path"])
        graded = grader.grade_notebook(
            _source(resources),
            notebook.from_json(nb),
            Submission(
                b"",
                known["student"],
                known["assignment"],
                known["notebook"],
                known["notebook"],
                intake.files_beside(folder),
            ),
        )
        for cell in graded.report.cells:
            self.log.info("%s: %s of %s", cell.grade_id, cell.score, cell.max_score)
        assert graded.notebook is not None  # it was read already
        return _as_node(put_verdicts(graded.notebook, graded.report)), resources


@cache
def _grader(settings: Settings) -> Grader:
    """Return the one grader of this process for these settings."""
    grader = Grader(settings)
    atexit.register(grader.__exit__)
    return grader


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Take hidden tests out of what students are shown: out of cells, and out of tracebacks that quote them."""

    def preprocess_cell(self, cell: Any, resources: dict[str, Any], _: int) -> tuple[Any, dict[str, Any]]:
        visible, hidden = split_hidden(cell.source)
        if hidden:
            cell.source = visible
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources
