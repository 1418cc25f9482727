"""What lies in the wrong place under ``submitted/`` is graded or named; it never vanishes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest
import tiny_course
from course_commands import command, in_one_line
from notebook_files import as_bytes, code
from sampling import sampled

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
ORDINARY = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""The start of a command for which a mode forbids what it forbids, also if root runs it."""


@pytest.fixture
def root(tmp_path):
    root = tiny_course.make(tmp_path / "course")
    tiny_course.submit(root, "ada")
    return root


@pytest.fixture
def grade(root):
    """Run ``autograder grade`` in the course; return all it says, in one line."""

    def call(*words, expect, prefix=(), named=True):
        shown = ("--show-students",) if named else ()
        return in_one_line(command(root, *prefix, "autograder", "grade", *words, *shown, expect=expect))

    return call


def marks(root):
    """The score of each student whom the gradebook knows."""
    if not (root / "gradebook.db").exists():
        return {}
    with closing(sqlite3.connect(root / "gradebook.db")) as database, database:
        return dict(
            database.execute(
                "select student.id, sum(coalesce(grade.manual_score, 0) + coalesce(grade.auto_score, 0)) "
                "from student left join submitted_assignment sa on sa.student_id = student.id "
                "left join submitted_notebook sn on sn.assignment_id = sa.id "
                "left join grade on grade.notebook_id = sn.id group by student.id"
            ).fetchall()
        )


def put(root, place, content=None):
    path = root / "submitted" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tiny_course.handed_in() if content is None else content)
    return path


def test_the_only_notebook_may_be_called_anything(root, grade):
    put(root, "w/hw/my hw (final) v2.ipynb")
    said = grade(expect=0, named=False)
    assert "a submission is graded as hw.ipynb, which it is by its cells." in said
    assert "my hw" not in said
    assert marks(root) == {"ada": 4, "w": 4}
    said = grade(expect=0)
    assert "w/hw/my hw (final) v2.ipynb is graded as hw.ipynb, which it is by its cells." in said
    assert "2 unchanged since the last grading" in said


PATHS = [
    "submitted",
    "submitted/w",
    "../course/submitted/w",
    "submitted/w/hw/my hw (final) v2.ipynb",
    "submitted/w/hw",
]


@pytest.mark.parametrize("path", sampled(PATHS, every=0, rest=6))
def test_what_lies_in_a_student_s_folder_is_that_student_s(path, root, grade):
    put(root, "w/hw/my hw (final) v2.ipynb")
    grade(path, expect=0)
    assert marks(root) == {"w": 4} | ({"ada": 4} if path == "submitted" else {})


WRONG = {
    "another notebook": (
        {"w/hw/x.ipynb": as_bytes(code("1"))},
        "x.ipynb is not the missing notebook, by its cells",
    ),
    "damaged": (
        {"w/hw/x.ipynb": b"{"},
        "x.ipynb is not the missing notebook, by its cells; if it is, call it hw.ipynb",
    ),
    "two": ({"w/hw/a.ipynb": None, "w/hw/b.ipynb": None}, "w/hw/b.ipynb is one of several notebooks"),
    "no notebook": ({"w/hw/hw.py": b""}, "w/hw holds no notebook; hw.ipynb is missing."),
    "another case": ({"w/HW/hw.ipynb": None}, "w/HW is no assignment of the course; did you mean hw?"),
    "another folder": ({"w/Week 1/hw-1.ipynb": None}, "w/Week 1 is no assignment of the course; did you mean hw?"),
    "no assignment": (
        {"w/hw.ipynb": None},
        "w/hw.ipynb lies in no assignment's folder; move it into hw/ beside it.",
    ),
    "too deep": (
        {"w/hw/hw/hw.ipynb": None},
        "w/hw/hw/hw.ipynb lies too deep; the assignment's folder itself holds",
    ),
    "no student": ({"hw.ipynb": None}, "submitted/hw.ipynb lies in no student's folder"),
}


@pytest.mark.parametrize("case", sampled(WRONG, every=0, rest=8))
def test_what_lies_elsewhere_is_named_and_the_others_are_graded(case, root, grade):
    files, said = WRONG[case]
    for place, content in files.items():
        put(root, place, content)
    assert said in grade(expect=1)
    assert marks(root) == {"ada": 4}


def test_other_assignments_and_what_lies_beside_a_notebook_are_no_mistakes(root, grade):
    put(root, "ada/hw/scratch.ipynb")
    put(root, "ada/hw2/hw2.ipynb")
    put(root, "ada/notes.txt", b"")
    assert "✗" not in grade(expect=0)


def test_a_link_in_place_of_a_student_s_folder_is_named(root, grade):
    (root / "submitted" / "w").symlink_to(root / "submitted" / "ada")
    assert "submitted/w is a link; links are not followed; put the student's folder" in grade(expect=1)
    assert marks(root) == {"ada": 4}


@pytest.mark.parametrize("mode", sampled([0o000, 0o444], every=0, rest=2))
@pytest.mark.parametrize("place", sampled(["w", "w/hw"], every=0, rest=2))
def test_a_folder_that_can_not_be_read_stops_nobody_else(place, mode, root, grade):
    tiny_course.submit(root, "w")
    folder = root / "submitted" / place
    folder.chmod(mode)
    try:
        said = grade(expect=1, prefix=ORDINARY if os.geteuid() == 0 else ())
    finally:
        folder.chmod(0o755)
    assert f"submitted/{place} can't be read: Permission denied. Allow reading it" in said
    assert marks(root) == {"ada": 4}


@pytest.mark.parametrize("words", sampled([[], ["submitted"], ["submitted/ada"]], every=0, rest=3))
def test_a_link_in_place_of_all_submissions_grades_nothing(words, root, grade):
    (root / "submitted").rename(root / "elsewhere")
    (root / "submitted").symlink_to("elsewhere")
    said = grade(*words, expect=2)
    assert "submitted is a link; links are not followed, and nothing was graded: put the folder itself" in said
    assert marks(root) == {}


@pytest.mark.parametrize("words", sampled(["source", "release", "release/hw", "source/"], every=0, rest=4))
def test_the_course_s_own_notebooks_are_nobody_s(words, root, grade):
    (root / "release" / "hw").mkdir(parents=True)
    (root / "release" / "hw" / "hw.ipynb").write_bytes(tiny_course.handed_in())
    assert "nobody handed it in, and nothing was graded." in grade(words, expect=2)
    assert marks(root) == {}
