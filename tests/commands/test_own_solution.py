"""The instructor's own notebook is graded first, and what changed since its release is said."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
import tiny_course
from course_commands import as_instructor
from sampling import sampled

from autograder.commands import progress

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
WITH_NBGRADER = os.environ | {"PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
WRONG = tiny_course.SOLUTION.replace("-np.sum", "np.sum")


@pytest.fixture
def root(tmp_path):
    return tiny_course.make(tmp_path / "course")


@pytest.fixture
def run(tmp_path):
    return as_instructor(tmp_path)


def released(root):
    return root / "release" / "hw" / "hw.ipynb"


UNFINISHED = {
    "marks": ({"solution": WRONG}, "“entropy” gives the source's own solution 1 of 4 points. It loses “matches"),
    "no solution": (
        {"solution": tiny_course.STUB},
        "“entropy” gives the source's own solution 0 of 4 points.",
    ),
    "a check that is wrong itself": (
        {"visible": "assert entropy([1.0]) == 1"},
        "“entropy-visible” (cell 3) stops with TypeError",
    ),
    "a module that no student has": (
        {"solution": f"import pandas\n{tiny_course.SOLUTION}"},
        "No module named 'pandas'",
    ),
    "visible check": (
        {"solution": WRONG},
        "“entropy-visible” (cell 3) stops with AssertionError: a fair coin has log 2 nats.",
    ),
}


@pytest.mark.parametrize("name", sampled(UNFINISHED, every=0, rest=2))
def test_a_source_without_full_marks_is_not_released(root, run, name):
    changes, said = UNFINISHED[name]
    tiny_course.make(root, **changes)
    assert said in run(root, "release", expect=1)
    assert not released(root).exists()


@pytest.mark.deep
def test_a_proved_source_is_not_proved_again(root, run):
    """The second release grades nothing: a source that could not be graded any more is not even looked at."""
    assert "its own solution gets full marks" in run(root, "release")
    with closing(sqlite3.connect(root / "gradebook.db")) as database, database:
        (before,) = database.execute("select proved from autograder_release").fetchone()
    run(root, "release")
    with closing(sqlite3.connect(root / "gradebook.db")) as database, database:
        assert database.execute("select proved from autograder_release").fetchone() == (before,)
        tiny_course.make(root, solution=WRONG)
        assert "1 of 4 points" in run(root, "release", expect=1)


def test_the_first_grade_of_an_unreleased_source_proves_it_and_can_be_told_not_to(root, run):
    tiny_course.make(root, solution=WRONG)
    tiny_course.submit(root, "ada")
    said = run(root, "grade", expect=2)
    assert said.startswith("Error: Nothing was graded: the solution in source/hw itself does not get full marks.")
    assert "or grade all the same with --unproved" in said
    assert "hw: 1 graded anew." in run(root, "grade", "--unproved")
    assert "hw: 0 graded anew; 1 unchanged since the last grading." in run(root, "grade")


OWN = """import dataclasses
from autograder import exercises
found = exercises.find("entropy")
exercise = dataclasses.replace(found, name="mine", reference=lambda p: found.reference(p){more})
"""


def test_an_exercise_that_has_changed_is_proved_before_it_is_marked_by(root, run):
    """What the instructor's own solution loses, no student loses."""
    tiny_course.make(root, name="mine")
    (root / "exercises").mkdir()
    path = root / "exercises" / "mine.py"
    path.write_text(OWN.format(more=""))
    run(root, "release")
    tiny_course.submit(root, "ada").write_bytes(tiny_course.notebook(name="mine", kind="submitted"))
    run(root, "grade")
    path.write_text(OWN.format(more=" + 1"))
    said = run(root, "grade", expect=2)
    assert "Nothing was graded: the solution in source/hw itself does not get full marks" in said
    path.write_text(OWN.format(more=""))
    assert "hw: 0 graded anew; 1 unchanged since the last grading." in run(root, "grade")


def test_changes_since_the_release_are_counted_and_old_marks_stand_until_then(root, run):
    run(root, "release")
    tiny_course.submit(root, "ada")
    tiny_course.submit(root, "ben")
    assert "changed since" not in run(root, "grade")
    source = root / "source" / "hw" / "hw.ipynb"
    text = source.read_text()
    source.write_text(text.replace("Write `entropy`", "Write the function").replace("p * np.log", "p  * np.log"))
    said = run(root, "grade")
    assert "! hw: 1 text changed since the release of 20" in said, said
    assert "students have the old text" in said
    assert "“autograder release hw” brings the change in." in said
    assert "hw: 0 graded anew; 2 unchanged since the last grading." in said
    source.write_text(source.read_text().replace("points=4", "points=2").replace('"points": 4', '"points": 2'))
    for command in (["export", "csv", "marks.csv"], ["list"], ["report", "hw"], ["explain", "ada", "hw"]):
        said = run(root, *command)
        assert "1 hidden test, 1 text and 1 number of points changed" in said, said
    json.loads(run(root, "report", "hw", "--json", "-"))
    run(root, "release")
    said = run(root, "grade")
    assert "changed since the release" not in said
    assert "hw: 2 graded anew." in said


@pytest.mark.deep
def test_a_release_of_nbgraders_own_is_compared_and_proved_too(root, run):
    """It notes nothing of ours: its own tables tell about locked cells."""
    nbgrader = [sys.executable, "-m", "nbgrader", "generate_assignment", "hw", "--create"]
    subprocess.run(nbgrader, cwd=root, env=WITH_NBGRADER, check=True, capture_output=True)
    tiny_course.submit(root, "ada")
    assert "changed" not in run(root, "grade")
    source = root / "source" / "hw" / "hw.ipynb"
    source.write_text(source.read_text().replace("fair coin", "coin").replace("np.where", "np .where"))
    subprocess.run([*nbgrader, "--force"], cwd=root, env=WITH_NBGRADER, check=True, capture_output=True)
    assert "changed" not in run(root, "grade")
    source.write_text(source.read_text().replace("a coin", "heads"))
    assert "hw: 1 text changed since the release; students have the old text" in run(root, "grade")


@pytest.mark.deep
def test_who_is_new_and_who_handed_in_nothing(root, run):
    run(root, "release")
    tiny_course.submit(root, "ada")
    run(root, "grade")
    roster = root / "students.csv"
    roster.write_text("id\nada\nben\ncleo\n")
    nbgrader = [sys.executable, "-m", "nbgrader", "db", "student", "import", str(roster)]
    subprocess.run(nbgrader, cwd=root, env=WITH_NBGRADER, check=True, capture_output=True)
    tiny_course.submit(root, "ben")
    tiny_course.submit(root, "eve", tiny_course.STUB)
    said = run(root, "grade", "--show-students")
    assert (
        "hw: 2 graded anew; 1 unchanged since the last grading; new: 2 (ben, eve); handed in nothing: 1 (cleo)."
        in said
    )
    said = run(root, "grade")
    assert "hw: 0 graded anew; 3 unchanged since the last grading; handed in nothing: 1." in said


def test_answers_that_wait_are_counted_in_the_gradebook_now(root, run):
    """Two wait; a person marks one in the formgrader; the next run says one, though its report said two."""
    book = tiny_course.notebook()
    answer = tiny_course.cell("Because.", "why", points=2, solution=True)
    source = root / "source" / "hw" / "hw.ipynb"
    source.write_bytes(tiny_course.with_cells(book, answer))
    run(root, "release")
    for student in ("ada", "ben"):
        path = tiny_course.submit(root, student)
        path.write_bytes(tiny_course.with_cells(path.read_bytes(), {**answer, "source": f"'{student} says so'"}))
    assert "2 answers wait to be marked by a person" in run(root, "grade", "--show-students")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tiny") as database:
        grade = database.find_grade("why", "hw", "hw", "ada")
        grade.manual_score, grade.needs_manual_grade = 2, False
        database.db.commit()
    said = run(root, "grade", "--show-students")
    assert "1 answer waits to be marked by a person" in said
    assert "why (1)" in said


def test_a_source_that_takes_long_is_not_silent(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.05)
    with progress.still("hw: grading the source's own solution"):
        time.sleep(0.3)
    assert "hw: grading the source's own solution: 0 s so far" in capsys.readouterr().err
