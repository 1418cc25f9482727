"""``autograder new`` and ``prove`` in folders like a user's: what is written, what is refused."""

from __future__ import annotations

import json
import os
import re
import shutil

import nbformat
import pytest
from course_commands import command, in_one_line
from sampling import sampled

from autograder.notebooks import notebook


def run(root, *words, expect=0):
    return in_one_line(command(root, "autograder", *words, expect=expect))


def files_in(root):
    """Every file and its bytes, but for what Python compiled."""
    found = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course with an assignment, as the command makes it in an empty folder; not to be changed."""
    root = tmp_path_factory.mktemp("made") / "course"
    root.mkdir()
    run(root, "new", "assignment", "counts")
    return root


@pytest.fixture
def begun(made, tmp_path):
    """The same, of the test's own."""
    return shutil.copytree(made, tmp_path / "course")


def test_an_assignment_makes_an_empty_folder_a_course(begun):
    written = {"nbgrader_config.py", "exercises/counts.py", "solutions/counts.py", "source/counts/counts.ipynb"}
    assert set(files_in(begun)) == written
    book = nbformat.read(begun / "source" / "counts" / "counts.ipynb", 4)
    nbformat.validate(book)
    assert [notebook.grade_id_of(cell) for cell in book.cells if cell.cell_type == "code"] == [
        *("setup", "counts-solution", "counts-visible", "counts"),
    ]
    assert "counts" in run(begun, "list")
    assert run(begun, "prove").startswith("✓ counts: 3 checks")


@pytest.mark.slow
def test_an_assignment_goes_into_the_course_around_the_folder_or_the_named_one(begun):
    before = files_in(begun)
    run(begun / "source", "new", "assignment", "week-2", "--exercise", "second")
    assert set(files_in(begun)) - set(before) == {
        *("exercises/second.py", "solutions/second.py", "source/week-2/week-2.ipynb"),
    }
    run(begun.parent, "new", "assignment", "first", "--course", "other")
    assert (begun.parent / "other" / "nbgrader_config.py").is_file()


def test_an_exercise_s_cells_go_to_the_end_of_a_notebook_or_into_one_of_their_own(begun):
    path = begun / "source" / "counts" / "counts.ipynb"
    before = json.loads(path.read_text())
    run(begun, "new", "exercise", "second", "--assignment", "counts")
    after = json.loads(path.read_text())
    assert after["cells"][:-4] == before["cells"]
    assert {k: v for k, v in after.items() if k != "cells"} == {k: v for k, v in before.items() if k != "cells"}
    nbformat.validate(nbformat.from_dict(after))
    run(begun, "new", "exercise", "third")
    assert json.loads(path.read_text()) == after
    assert (begun / "exercises" / "third.ipynb").is_file()


REFUSED = {
    "no identifier": (("exercise", "my exercise"), "“my exercise” can't be the name of a function", "my_exercise"),
    "a keyword": (("exercise", "lambda"), "“lambda” can't be the name of a function"),
    "not ASCII": (("exercise", "größe"), "take ASCII letters"),
    "a path": (("exercise", "../up"), "can't be the name of a function"),
    "private": (("exercise", "_mine"), "a letter first"),
    "too long": (("exercise", "a" * 61), "60 characters at most"),
    "a built-in exercise": (("exercise", "softmax"), "There is an exercise “softmax” already"),
    "the call in the hidden cell": (("exercise", "check"), "means something else in a notebook"),
    "a function of Python": (("exercise", "sum"), "means something else in a notebook"),
    "an exercise of the course": (("exercise", "counts"), "There is an exercise “counts” already"),
    "an assignment there is": (("assignment", "counts"), "source/counts exists already; nothing is overwritten"),
    "no folder's name": (("assignment", "a/b"), "can't be the name of an assignment"),
    "an assignment that can't be a function": (("assignment", "week-2"), "e.g. week_2"),
    "no such assignment": (("exercise", "mine", "--assignment", "nope"), "There is no assignment “nope”"),
    "no course there": (("exercise", "mine", "--course", "nowhere"), "There is no folder"),
}


@pytest.mark.parametrize("name", sampled(REFUSED, every=8))
def test_what_can_not_be_is_refused_in_a_sentence_and_nothing_is_written(begun, name):
    words, *says = REFUSED[name]
    before = files_in(begun)
    said = run(begun, "new", *words, expect=2)
    assert all(text in said for text in says), said
    assert files_in(begun) == before


def test_a_file_that_is_there_is_not_overwritten(begun):
    (begun / "solutions" / "mine.py").write_text("mine = 1\n")
    before = files_in(begun)
    assert "solutions/mine.py exists already" in run(begun, "new", "exercise", "mine", expect=2)
    assert files_in(begun) == before


@pytest.mark.slow
def test_a_notebook_that_holds_such_a_cell_is_left_alone(begun):
    for folder in ("exercises", "solutions"):
        (begun / folder / "counts.py").unlink()
    before = files_in(begun)
    said = run(begun, "new", "exercise", "counts", "--assignment", "counts", expect=2)
    assert "has a cell “counts” already" in said
    assert files_in(begun) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_can_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o555)
    assert "can't be written: Permission denied" in run(tmp_path, "new", "assignment", "counts", expect=2)


def test_a_file_in_a_folder_s_place_is_named_and_nothing_is_left(tmp_path):
    (tmp_path / "solutions").write_text("")
    said = run(tmp_path, "new", "assignment", "counts", expect=2)
    assert re.search(r"solutions\S* can't be written", said), said
    assert set(files_in(tmp_path)) == {"solutions"}


# --- prove -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_outside_of_a_course_nothing_is_proved_unasked(tmp_path):
    said = run(tmp_path, "prove", expect=2)
    assert "This folder lies in no course" in said
    assert "--all" in said
    assert run(tmp_path, "prove", "expectation").startswith("✓ expectation:")


@pytest.mark.slow
def test_a_course_without_exercises_of_its_own_proves_nothing_unasked(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    assert "has no exercises of its own" in run(tmp_path, "prove", expect=2)


def test_a_warning_is_said_once_and_the_fault_behind_it_too(begun):
    """A tolerance that is infinite where p is 0, after a warning a call."""
    path = begun / "exercises" / "counts.py"
    text = path.read_text().replace("def _ordinary", TOLERANCE + "def _ordinary", 1)
    text = text.replace('    topic="own",\n', '    topic="own",\n    tolerance=_tolerance,\n', 1)
    path.write_text(text)
    lines = command(begun, "autograder", "prove", expect=1, environment={"COLUMNS": "80"}).splitlines()
    assert sum("divide by zero" in line for line in lines) == 1, lines
    assert sum("accepts anything" in line for line in lines) >= 1, lines
    assert len(lines) < 8, lines


TOLERANCE = """def _tolerance(call, single):
    from autograder import Tolerance

    return Tolerance(absolute=-np.log(np.zeros(1))[0])


"""


def test_odd_marks_in_a_notebook_are_named_with_the_place(begun):
    path = begun / "source" / "counts" / "counts.ipynb"
    text = path.read_text()
    path.write_text(text.replace("points=3", "points=5").replace('"points": 3', '"points": 5'))
    said = run(begun, "prove", expect=1)
    assert "counts/counts: “stays exact far from zero” gives 1.667 marks in a cell of 5 points" in said


BROKEN = {
    "inputs raise": (
        "rng.normal(0, 1, 5), rng.normal(0, 1, 5)",
        "rng.normal(0, 1, 'five'), 0",
        "can't be drawn: TypeError",
    ),
    "inputs are no calls": ("yield Call((x, x + rng.normal(0, 1, size)))", "yield (x, x)", "must be a Call"),
    "the tolerance raises": (
        'topic="own",',
        'topic="own", tolerance=lambda call: 1,',
        "takes 1 positional argument",
    ),
    "a judge accepts all": ("weight=1.0,", "weight=1.0, judge=lambda *_: None,", "takes 12345 for every number"),
    "a mistake is right": (
        "return np.sum((x - y) ** 2)",
        "return np.mean((x - y) ** 2)",
        "“sum-for-mean” keeps all marks",
    ),
    "odd weights": ("weight=1.0,", "weight=0.2857,", "gives 0.2857 marks"),
    "a word too many": ('topic="own",', 'topic="own", levels=3,', "unexpected keyword argument 'levels'"),
    "no check": ("    checks=(", "    checks=(), sweep=(", "has no check"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "says"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_with_an_exercise_is_a_sentence(begun, old, new, says):
    path = begun / "exercises" / "counts.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert says in run(begun, "prove", expect={1, 2})


@pytest.mark.slow
def test_a_reference_that_returns_nothing_is_named(begun):
    path = begun / "solutions" / "counts.py"
    path.write_text(path.read_text().replace("return np.mean", "np.mean"))
    assert "the reference returns None, no numbers, for counts(" in run(begun, "prove", expect=1)
