"""Opening a course, or one around a single notebook; what is refused before anything is graded."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
import tiny_course

from autograder.commands.opening import CannotGradeError, course_here, gathered, refuse_unknown
from autograder.commands.without_course import course_around
from autograder.course import Course


@pytest.fixture
def course(tmp_path):
    root = tiny_course.make(tmp_path / "course")
    (root / "source" / "bayes").mkdir()
    (root / "source" / "bayes" / "bayes.ipynb").write_bytes(tiny_course.notebook(name="posterior"))
    return Course(root)


def test_an_unknown_assignment_is_named_with_the_nearest_and_all_there_are(course, tmp_path):
    refuse_unknown(course, [])
    refuse_unknown(course, ["hw", "bayes"])
    with pytest.raises(CannotGradeError, match=r"“bayse” .* did you mean “bayes”. There are: bayes, hw"):
        refuse_unknown(course, ["hw", "bayse"])
    with pytest.raises(CannotGradeError, match=r"“zzz” in .*; there are: bayes, hw"):
        refuse_unknown(course, ["zzz"])
    (tmp_path / "empty" / "source").mkdir(parents=True)
    with pytest.raises(CannotGradeError):
        refuse_unknown(Course(tmp_path / "empty"), [])


def test_outside_of_a_course_there_is_none_unless_one_is_named(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course_here() is None
    assert course_here(course.root).root == course.root
    with pytest.raises(CannotGradeError):
        course_here(tmp_path / "nowhere")
    monkeypatch.chdir(course.root / "source" / "hw")
    assert course_here().root == course.root


def students(course, *paths, assignment=None):
    return sorted(entry.student for entry in gathered(course, paths, assignment).notebooks)


def test_without_a_path_and_with_the_course_s_own_all_submissions_are_meant(course, tmp_path, monkeypatch):
    with pytest.raises(CannotGradeError, match=r"Nothing of “hw” is submitted .* lies in submitted/STUDENT/hw/"):
        gathered(course, (), "hw")
    with pytest.raises(CannotGradeError, match=r"Nothing is submitted .* lies in submitted/STUDENT/ASSIGNMENT/"):
        gathered(course, (), None)
    ada, _ = (tiny_course.submit(course.root, student) for student in ("ada", "jakob"))
    loose = tmp_path / "zoe.ipynb"
    loose.write_bytes(tiny_course.handed_in())
    monkeypatch.chdir(course.root)
    assert students(course) == students(course, Path()) == students(course, course.root) == ["ada", "jakob"]
    assert students(course, loose, assignment="hw") == ["zoe"]
    assert students(course, Path(), loose, assignment="hw") == ["ada", "jakob", "zoe"]
    assert students(course, ada, loose, assignment="hw") == ["ada", "zoe"]
    assert students(course, Path("submitted/jakob")) == ["jakob"]
    assert students(course, Path("submitted")) == ["ada", "jakob"]


def test_a_roster_that_can_not_be_read_is_a_sentence(course, tmp_path):
    tiny_course.submit(course.root, "ada")
    with pytest.raises(CannotGradeError):
        gathered(course, (), None, tmp_path / "none.csv")


# --- one notebook without a course -----------------------------------------------------------------------


def test_a_notebook_at_its_place_brings_its_course(course):
    with course_around(course.root / "source" / "hw" / "hw.ipynb") as (root, assignment):
        assert (root, assignment) == (course.root, "hw")


def test_any_other_notebook_has_a_course_of_its_own_with_the_files_beside_it(tmp_path):
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "week.ipynb").write_bytes(tiny_course.notebook())
    (folder / "figures.py").write_text("")
    with course_around(folder / "week.ipynb") as (root, assignment):
        assert assignment == "week"
        assert Course(root).source("week", "week").marked
        assert set(Course(root).source_files("week")) == {"figures.py"}
    assert not root.exists()
    assert sorted(path.name for path in folder.iterdir()) == ["figures.py", "week.ipynb"]


@pytest.mark.parametrize("name", ["none.ipynb", "notes.txt", "folder.ipynb"])
def test_what_is_no_notebook_is_wrong_usage(tmp_path, name):
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(click.UsageError, match="is no notebook"), course_around(tmp_path / name):
        pass
