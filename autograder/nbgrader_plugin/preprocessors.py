"""nbgrader's preprocessors, which its converters run on each notebook: adapters without grading logic."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from msgspec import structs
from nbgrader.api import Gradebook as Database
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode

from autograder import intake
from autograder.gradebook.released import released_source
from autograder.grading.grader import Grader
from autograder.grading.options import Options
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.notebooks import notebook
from autograder.notebooks.restore import restore
from autograder.notebooks.source import Source, split_hidden
from autograder.reports.autograded import put_verdicts


def _source(resources: dict[str, Any]) -> Source:
    names = resources["nbgrader"]
    database = Database(names["db_url"])
    try:
        return released_source(database, names["assignment"], names["notebook"])
    finally:
        database.close()


def _as_node(plain: notebook.Notebook) -> Any:
    return nbformat.from_dict(plain)


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Put the instructor's cells back; the repairs are reported with the verdict."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        restored = restore(_source(resources), notebook.from_json(nb))
        resources["nbgrader"].setdefault("repairs", []).extend(restored.repairs)
        return _as_node(restored.notebook), resources


class GradeSealed(NbGraderPreprocessor, Options):  # type: ignore[misc]
    """Run the notebook in the sandbox, and put the verdicts on its graded cells."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        names = resources["nbgrader"]
        folder = Path(resources["metadata"]["path"])
        grader = _grader(self.settings(Path(names.get("root", ".")), self.config))
        graded = grader.grade_notebook(
            _source(resources),
            notebook.from_json(nb),
            Submission(
                b"",
                names["student"],
                names["assignment"],
                names["notebook"],
                f"{names['student']}/{names['assignment']}/{names['notebook']}.ipynb",
                intake.read_attachments(folder),
            ),
        )
        assert graded.notebook is not None  # only a notebook that can't be read has none
        report = structs.replace(graded.report, repairs=names.get("repairs", []))
        names["report"] = report
        return _as_node(put_verdicts(graded.notebook, report)), resources


@cache
def _grader(settings: Settings) -> Grader:
    """Return the one grader of this process for these settings."""
    grader = Grader(settings)
    atexit.register(grader.__exit__)
    return grader


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Remove hidden tests from what students see: from cells, and from tracebacks that quote them."""

    # nbconvert's HTML exporter sets this option for every preprocessor. nbgrader's base class declares it again
    # without config=True, and traitlets then logs it as unknown. nbgrader's GetGrades repairs it in the same way.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess_cell(self, cell: Any, resources: dict[str, Any], _: int) -> tuple[Any, dict[str, Any]]:
        visible, hidden = split_hidden(cell.source)
        if hidden:
            cell.source = visible
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources
