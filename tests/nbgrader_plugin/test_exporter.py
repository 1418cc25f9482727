"""A notebook goes through both of nbgrader's lists of preprocessors once, and is valid when it is written."""

from __future__ import annotations

import json

import nbformat
import pytest
import stock
from damage import SOURCE, submission
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.nbgrader_plugin.autograde import SealedAutograde

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
