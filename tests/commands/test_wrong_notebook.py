"""The right name and the wrong notebook: nobody's work is “repaired” into another assignment's."""

from __future__ import annotations

import pytest
import stock
import tiny_course
from course_commands import as_instructor
from notebook_files import as_bytes, code

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
SETUP = tiny_course.cell("import numpy as np", "setup", locked=True)


def other():
    """Another assignment's notebook, which has a cell called “setup” as ours has."""
    cells = [tiny_course.cell("def kl(p, q):\n    return 0.0", "kl-solution", solution=True)]
    cells += [
        tiny_course.cell("# hidden", "kl", points=3, locked=True),
        code("kl([1], [1])", id="own", metadata={}),
    ]
    return as_bytes(SETUP, *cells)


@pytest.fixture
def run(tmp_path):
    return as_instructor(tmp_path)


@pytest.fixture
def root(tmp_path):
    root = tiny_course.make(tmp_path / "course")
    path = root / "source" / "hw" / "hw.ipynb"
    path.write_bytes(tiny_course.with_cells(path.read_bytes(), SETUP))
    return root


def test_another_assignments_notebook_is_named_and_not_repaired(root, run):
    path = tiny_course.submit(root, "ada")
    path.write_bytes(other())
    said = run(root, "grade", "--show-students", expect=1)
    why = "submitted/ada/hw/hw.ipynb belongs to another assignment: its cells are “kl-solution”, “kl”."
    assert f"✗ ada: {why}" in said
    assert "repaired" not in said
    assert stock.marks(root, "hw", "ada") == {"entropy": 0.0}
    said = run(root, "precheck", str(path), expect=1)
    assert "it has none of the cells of “hw”" in said


def test_a_notebook_that_has_lost_its_metadata_but_for_setup_is_still_ours(root, run):
    path = tiny_course.submit(root, "ada")
    stripped = [{**cell, "metadata": {}} for cell in tiny_course.cells_of(path)]
    path.write_bytes(as_bytes(*stripped, SETUP))
    assert "repaired, ada: put back what was missing" in run(root, "grade", "--show-students")
    assert stock.marks(root, "hw", "ada") == {"entropy": 4.0}


@pytest.mark.deep
def test_a_time_that_can_not_be_one_is_refused(root, run):
    run(root, "release")
    for seconds in ("-1", "0", "nan", "inf"):
        said = run(root, "precheck", "release/hw/hw.ipynb", "--seconds", seconds, expect=2)
        assert f"--seconds is the time for a cell, more than 0: {seconds} is not" in said
