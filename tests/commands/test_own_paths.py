"""Paths into the course's own folders: whose they are, and what is no submission."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_course

from autograder.commands.own_paths import only_below, place_in_submitted, problem_of_own_folders
from autograder.course import Course
from autograder.intake import Collected, Refused, SubmittedNotebook


@pytest.fixture
def course(tmp_path):
    root = tiny_course.make(tmp_path / "course")
    for student in ("ada", "jakob"):
        tiny_course.submit(root, student)
    return Course(root)


def test_folders_and_notebooks_below_submitted_have_their_place(course, monkeypatch):
    top = course.submitted_folder
    monkeypatch.chdir(course.root)
    for place in (top, top / "ada", top / "ada" / "hw", top / "ada" / "hw" / "hw.ipynb"):
        assert place_in_submitted(course, place) == place
        assert place_in_submitted(course, place.relative_to(course.root)) == place
    assert place_in_submitted(course, Path("source/../submitted/ada")) == top / "ada"


def test_what_is_in_no_students_folder_or_not_there_has_no_place(course):
    top = course.submitted_folder
    (top / "class.zip").write_bytes(b"")
    (top / "loose.ipynb").write_bytes(b"")
    (top / "ada" / "notes.txt").write_bytes(b"")
    (top / "ada" / "HW.IPYNB").write_bytes(b"")
    for name in ("class.zip", "loose.ipynb", "ada/notes.txt", "nobody", "ada/hw/none.ipynb"):
        assert place_in_submitted(course, top / name) is None, name
    assert place_in_submitted(course, course.root / "source" / "hw") is None
    assert place_in_submitted(course, top / "ada" / "HW.IPYNB") == top / "ada" / "HW.IPYNB"


def test_a_course_behind_a_link_is_the_same(course, tmp_path):
    (tmp_path / "link").symlink_to(course.root)
    linked = tmp_path / "link" / "submitted" / "ada"
    assert place_in_submitted(course, linked) == course.submitted_folder / "ada"


def test_a_link_is_not_followed_out_of_its_folder(course, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = course.submitted_folder / "eve"
    link.symlink_to(tmp_path / "elsewhere")
    assert place_in_submitted(course, link) == link
    assert place_in_submitted(course, tmp_path / "elsewhere") is None


def entry(path):
    return SubmittedNotebook(path, path.parts[-3], "hw", "hw")


def test_what_lies_below_a_named_place_is_kept_once_and_nothing_else(course):
    top = course.submitted_folder
    ada, jakob = (entry(top / student / "hw" / "hw.ipynb") for student in ("ada", "jakob"))
    empty, outside = Refused(top / "eve" / "hw", "is empty."), Refused(top / "zoe", "is a link.")
    whole = Collected((ada, jakob), (empty, outside))
    assert only_below(whole, {top: top}) == whole
    for below in ({top / "ada": top / "ada"}, {Path("a"): top / "ada", Path("b"): top / "ada" / "hw"}):
        assert only_below(whole, below) == Collected((ada,))
    assert only_below(whole, {top / "eve": top / "eve"}) == Collected((), (empty,))
    inside = top / "zoe" / "hw"
    assert only_below(whole, {inside: inside}) == Collected((), (outside,))


def test_a_named_place_without_a_notebook_is_refused(course):
    top = course.submitted_folder
    folder, file = top / "ada", top / "jakob" / "hw" / "hw.ipynb"
    found = only_below(Collected(), {folder: folder, file: file})
    assert [(each.path, each.problem.split()[0]) for each in found.refused] == [(folder, "holds"), (file, "is")]


def test_the_courses_own_folders_are_no_submissions(course, monkeypatch):
    monkeypatch.chdir(course.root)
    (course.root / "release" / "hw").mkdir(parents=True)
    for path in ("source", "source/hw", "release", "release/hw"):
        said = problem_of_own_folders(course, [Path("submitted"), Path(path)])
        assert said.startswith(f"{path} lies in the course's own {path.partition('/')[0]}/: nobody handed it in")
    assert problem_of_own_folders(course, [Path("submitted"), Path(), Path("source/hw/hw.ipynb")]) is None
    assert problem_of_own_folders(course, []) is None


def test_a_link_in_place_of_a_notebook_keeps_its_place_also_where_the_course_is_named_by_a_link(tmp_path):
    course = Course(tiny_course.make(tmp_path / "course"))
    ada = tiny_course.submit(course.root, "ada")
    (tmp_path / "elsewhere.ipynb").write_bytes(ada.read_bytes())
    ada.unlink()
    ada.symlink_to(tmp_path / "elsewhere.ipynb")
    (tmp_path / "alias").symlink_to(course.root)
    for root in (course.root, tmp_path / "alias"):
        assert place_in_submitted(course, root / "submitted" / "ada" / "hw" / "hw.ipynb") == ada
    assert place_in_submitted(course, tmp_path / "elsewhere.ipynb") is None
