"""A notebook goes through both of nbgrader's lists of preprocessors once, and is valid when it is written."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import stock
from damage import SOURCE, submission
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.nbgrader_plugin import exporter
from autograder.nbgrader_plugin.autograde import SealedAutograde
from autograder.nbgrader_plugin.exporter import TolerantExporter

pytestmark = pytest.mark.sandbox

SEEN = []


class Sees(NbGraderPreprocessor):
    """An instructor's own preprocessor."""

    def preprocess(self, nb, resources):
        has_run = any(cell.get("outputs") for cell in nb.cells)
        SEEN.append((type(self).__name__, resources["nbgrader"]["student"], has_run))
        return nb, resources


class SeesLast(Sees):
    """Another one, for the other list."""


class Breaks(NbGraderPreprocessor):
    """A preprocessor that leaves no valid notebook behind."""

    def preprocess(self, nb, resources):
        nb.cells[0].cell_type = "poem"
        return nb, resources


@pytest.fixture
def root(tmp_path):
    stock.course_of(tmp_path, "area", json.dumps(SOURCE).encode(), config=stock.SEALED)
    book = submission((tmp_path / "release" / "area" / "area.ipynb").read_bytes())
    stock.submit(tmp_path, "ada", "area", json.dumps(book).encode())
    return tmp_path


def add(root, line):
    path = root / "nbgrader_config.py"
    path.write_text(f"{path.read_text()}{line}\n")


def test_an_instructors_own_preprocessors_run_before_and_after_grading(root):
    add(root, f'c.Autograde.sanitize_preprocessors.append("{__name__}.Sees")')
    add(root, f'c.Autograde.autograde_preprocessors.append("{__name__}.SeesLast")')
    SEEN.clear()
    stock.run(SealedAutograde, root, "area")
    assert SEEN == [("Sees", "ada", False), ("SeesLast", "ada", True)]
    written = nbformat.read(root / "autograded" / "ada" / "area" / "area.ipynb", as_version=4)
    nbformat.validate(written)
    assert [cell.execution_count for cell in written.cells if cell.cell_type == "code"] == [1, 2, 3, 4, 5]


def test_a_notebook_that_a_preprocessor_breaks_has_no_marks_yet_and_is_not_written(root):
    add(root, f'c.Autograde.autograde_preprocessors.append("{__name__}.Breaks")')
    log = stock.run(SealedAutograde, root, "area")["log"]
    assert "a fault of the grader (" in log
    assert set(stock.marks(root, "area", "ada").values()) == {None}
    assert not list((root / "autograded").rglob("*.ipynb"))


def test_a_notebook_is_read_by_the_workers_and_goes_through_each_preprocessor_in_turn(monkeypatch):
    read = []
    book = {"cells": [], "metadata": {"more": 1}, "nbformat": 4, "nbformat_minor": 5, "unknown": "é"}
    workers = SimpleNamespace(read=lambda path: [read.append(path), (book, ["repaired"])][1])
    monkeypatch.setattr(exporter, "workers_of", lambda *words: [read.append(words), workers][1])
    made = TolerantExporter()

    def adds(name):
        def preprocess(nb, resources):
            nb.metadata.setdefault("seen", []).append((name, resources["metadata"]["name"]))
            return nb, {**resources, name: len(resources["nbgrader"]["repairs"])}

        return preprocess

    made._preprocessors = [adds("first"), adds("second")]
    given = {"nbgrader": {"root": "/course", "repairs": ["before"]}}
    text, resources = made.from_filename("/place/é.nb.ipynb", given)
    assert read == [(made.config, Path("/course")), Path("/place/é.nb.ipynb")]
    assert given["nbgrader"]["repairs"] == ["before", "repaired"]
    assert resources["metadata"]["path"] == "/place"
    assert (resources["first"], resources["second"]) == (2, 2)
    assert resources["output_extension"] == ".ipynb"
    written = json.loads(text)
    assert written["metadata"]["seen"] == [["first", "é.nb"], ["second", "é.nb"]]
    assert written["unknown"] == "é"
    assert text.endswith("}\n")


def test_a_notebook_that_is_invalid_in_the_end_is_refused(monkeypatch):
    book = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    monkeypatch.setattr(exporter, "workers_of", lambda *_: SimpleNamespace(read=lambda _: (book, [])))
    made = TolerantExporter()
    made._preprocessors = [
        lambda nb, resources: (nbformat.from_dict({**nb, "cells": [{"cell_type": "poem", "id": "a"}]}), resources)
    ]
    with pytest.raises(nbformat.ValidationError):
        made.from_filename("nb.ipynb", {"nbgrader": {"root": ".", "repairs": []}})
