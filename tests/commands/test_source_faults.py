"""What goes wrong with the marked cells of a source notebook, and what its author reads before a mark is lost."""

from __future__ import annotations

import json

import pytest
import tiny_course
from course_commands import as_instructor
from sampling import sampled

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture
def root(tmp_path):
    return tiny_course.make(tmp_path / "course")


@pytest.fixture
def run(tmp_path):
    return as_instructor(tmp_path)


def change(root, change):
    path = root / "source" / "hw" / "hw.ipynb"
    book = json.loads(path.read_text())
    change(book["cells"])
    path.write_text(json.dumps(book))


def replaced(old, new):
    return lambda cells: cells[-1].update(source=cells[-1]["source"].replace(old, new))


BROKEN = {
    "twice": (
        lambda cells: cells.append({**cells[-1], "id": "again"}),
        "The cells 4 and 5 are both called “entropy”: a name may stand once.",
    ),
    "no metadata": (
        lambda cells: cells[-1].update(metadata={}),
        "Cell 4 checks “entropy”, but it has no nbgrader metadata, and so no marks",
    ),
    "marked by hand": (
        lambda cells: cells[-1]["metadata"]["nbgrader"].update(solution=True, locked=False),
        "The cell “entropy” has a check call, but is no test cell",
    ),
    "misspelt check": (
        replaced("check(", "checks("),
        "The hidden region of “entropy” calls check, but is not sealed",
    ),
    "misspelt everywhere": (replaced("check", "checks"), "calls check, but is not sealed"),
    "misspelt begin": (replaced("BEGIN HIDDEN", "BEGIN_HIDDEN"), "has a check call that students would see"),
    "misspelt end": (replaced("END HIDDEN", "END_HIDDEN"), "lacks the line “### END HIDDEN TESTS”"),
}


@pytest.mark.parametrize("case", sampled(sorted(BROKEN), every=3))
def test_a_broken_marked_cell_is_not_released(root, run, case):
    broken, said = BROKEN[case]
    change(root, broken)
    assert said in run(root, "release", expect=1)
    assert not (root / "release" / "hw" / "hw.ipynb").exists()


def test_every_command_names_a_broken_marked_cell(root, run):
    broken, said = BROKEN["twice"]
    change(root, broken)
    tiny_course.submit(root, "ada")
    assert said in run(root, "list")
    assert said in run(root, "grade", expect=2)
    assert said in run(root, "grade", "--no-gradebook", expect=2)


def test_a_deleted_marked_cell_costs_nobody_a_mark_silently(root, run):
    run(root, "release")
    tiny_course.submit(root, "ada")
    whole = (root / "source" / "hw" / "hw.ipynb").read_bytes()
    change(root, lambda cells: cells.pop())
    gone = "The source no longer has “entropy”: was that meant?"
    assert gone in run(root, "list")
    said = run(root, "grade", "--show-students")
    assert gone in said
    assert "ada 4 / 4" in said
    said = run(root, "grade", "--no-gradebook", expect=2)
    assert "Nothing was graded: source/hw/hw.ipynb no longer has the marked cell “entropy” of its release." in said
    said = run(root, "release", expect=1)
    assert "Give the source the cells back with which it was released" in said
    (root / "source" / "hw" / "hw.ipynb").write_bytes(whole)
    assert "✓ hw" in run(root, "release")


def test_a_release_without_a_marked_cell_says_so(root, run):
    run(root, "release")
    change(root, lambda cells: cells.pop())
    said = run(root, "release")
    assert (
        "! hw: the release before had hw.ipynb: the marked cell “entropy”, which the source has no longer." in said
    )
    assert "no cell of it carries marks" in said
    assert "full marks" not in said
    tiny_course.submit(root, "ada")
    assert "no cell carries marks" in run(root, "grade", "--show-students")
