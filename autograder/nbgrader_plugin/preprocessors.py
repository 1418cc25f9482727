"""nbgrader's preprocessors, which its converters run on each notebook: adapters without grading logic."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, ClassVar, cast

import nbformat
from msgspec import structs
from nbgrader.preprocessors import CheckCellMetadata, NbGraderPreprocessor
from traitlets import List, Unicode

from autograder.course import Course
from autograder.gradebook.released import released_source
from autograder.grading.options import Options
from autograder.grading.submission import Submission
from autograder.grading.workers import WorkerPool
from autograder.nbgrader_plugin.opened import open_database
from autograder.nbgrader_plugin.workers import workers_with
from autograder.notebooks import notebook
from autograder.notebooks.source import Source, split_hidden
from autograder.reports.autograded import put_verdicts


def _source(resources: dict[str, Any]) -> Source:
    """Return the instructor's cells, which `SealedAutograde` has read; nbgrader's own converter has not."""
    names = resources["nbgrader"]
    if "source" in names:
        return cast("Source", names["source"])
    with open_database(names["db_url"]) as database:
        return released_source(database, Course(_root(resources)), names["assignment"], names["notebook"])


def _root(resources: dict[str, Any]) -> Path:
    return Path(resources["nbgrader"].get("root", "."))


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Put the instructor's cells back; the repairs are reported with the verdict."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        path = Path(resources["metadata"]["path"], f"{resources['metadata']['name']}.ipynb")
        workers = workers_of(self.config, _root(resources))
        restored, repairs = workers.restore(path, _source(resources), notebook.from_json(nb))
        resources["nbgrader"].setdefault("repairs", []).extend(repairs)
        return nbformat.from_dict(restored), resources


class GradeSealed(NbGraderPreprocessor, Options):  # type: ignore[misc]
    """Run the notebook in the sandbox, and put the verdicts on its graded cells."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        names = resources["nbgrader"]
        file = f"{names['student']}/{names['assignment']}/{names['notebook']}.ipynb"
        submission = Submission(b"", names["student"], names["assignment"], names["notebook"], file)
        root = _root(resources)
        folder = Path(names.get("folder", resources["metadata"]["path"]))
        graded, ran = workers_with(self.settings(root, self.config)).grade_read(
            root, folder, _source(resources), notebook.from_json(nb), submission
        )
        assert ran is not None  # only a notebook that can't be read has none
        report = structs.replace(graded, repairs=names.get("repairs", []))
        names["report"] = report
        return nbformat.from_dict(put_verdicts(ran, report)), resources


def workers_of(config: Any, root: Path) -> WorkerPool:
    """Return the workers for the course in a folder with this configuration.

    Raises
    ------
    TraitError, OptionError
        If an option can't be used.
    CannotIsolateError
        If this machine can't keep student code away from the tests.
    """
    return workers_with(GradeSealed(config=config).settings(root, config))


class CheckMetadata(CheckCellMetadata):  # type: ignore[misc]
    """nbgrader's check of its metadata, made once for notebooks that have the same, as a whole class has."""

    _passed: ClassVar[set[bytes]] = set()

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        checked = [(cell.cell_type, cell.metadata.nbgrader) for cell in nb.cells if "nbgrader" in cell.metadata]
        digest = hashlib.sha256(json.dumps(checked).encode()).digest()
        if digest not in self._passed:
            nb, resources = super().preprocess(nb, resources)
            self._passed.add(digest)
        return nb, resources


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
