"""Uploads are kept: what came as a zip lies where every later command finds it. A file alone has an owner."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest
import tiny_course
from course_commands import command, in_one_line
from deliveries import canvas_name, moodle_name, zipped

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
WRONG = tiny_course.SOLUTION.replace("-np.sum", "np.sum")


@pytest.fixture
def root(tmp_path):
    return tiny_course.make(tmp_path / "course")


@pytest.fixture
def run(root):
    """Run one of the environment's commands in the course; return all it says, in one line."""

    def call(*words, **more):
        return in_one_line(command(root, *words, **more))

    return call


def lies(root, student):
    folder = root / "submitted" / student / "hw"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_came_as_a_zip_is_found_by_every_later_command(root, run, tmp_path):
    """Ours finds it unchanged, nbgrader's own grades it, and the next upload replaces it."""
    attempt = "hw_{}_attempt_{}_{}"
    first = zipped(
        tmp_path / "class.zip",
        {
            attempt.format("ada", "2026-01-30-15-30-10", "hw.ipynb"): tiny_course.handed_in(),
            attempt.format("ada", "2026-01-30-15-30-10", "mine.txt"): b"mine",
            attempt.format("ben", "2026-01-30-16-00-00", "hw.ipynb"): tiny_course.handed_in(WRONG),
        },
    )
    assert "hw: 2 graded anew." in run("autograder", "grade", first)
    assert lies(root, "ada") == {"hw.ipynb", "mine.txt", "timestamp.txt"}
    assert (root / "submitted/ada/hw/hw.ipynb").read_bytes() == tiny_course.handed_in()
    assert (root / "submitted/ada/hw/timestamp.txt").read_text() == "2026-01-30 15:30:10 UTC\n"
    assert "0 graded anew; 2 unchanged since the last grading" in run("autograder", "grade")
    assert "0 graded anew; 2 unchanged since the last grading" in run("autograder", "grade", first)
    run("nbgrader", "autograde", "hw", "--force")
    later = {attempt.format("ben", "2026-01-31-09-00-00", "hw.ipynb"): tiny_course.handed_in()}
    assert "hw: 1 graded anew." in run("autograder", "grade", zipped(tmp_path / "later.zip", later))
    assert (root / "submitted/ben/hw/timestamp.txt").read_text() == "2026-01-31 09:00:00 UTC\n"
    said = run("autograder", "grade", first, "--show-students")
    assert "is older than what lies in the course's folder submitted/, which stays." in said
    assert (root / "submitted/ben/hw/hw.ipynb").read_bytes() == tiny_course.handed_in()
    run("autograder", "export", "csv", "marks.csv")
    rows = (root / "marks.csv").read_text().splitlines()
    assert [row.split(",")[3] for row in rows[1:]] == ["ada", "ben"]
    assert all(",4.0,0.0,4.0,4.0," in row for row in rows[1:]), rows


def test_a_platform_that_says_no_time_is_kept_without_one(root, run, tmp_path):
    upload = {
        moodle_name("Ada Lovelace", 812, "Homework (1).ipynb"): tiny_course.handed_in(),
        moodle_name("Ada Lovelace", 812, "timestamp.txt"): b"1999-01-01 00:00:00 UTC",
    }
    run("autograder", "grade", zipped(tmp_path / "moodle.zip", upload))
    assert lies(root, "812") == {"hw.ipynb"}, "a time that a student wrote is none"
    assert "1 unchanged since the last grading" in run("autograder", "grade")


def test_with_no_keep_nothing_is_laid_down(root, run, tmp_path):
    files = {canvas_name("Lovelace, Ada", 12, 34, "hw.ipynb"): tiny_course.handed_in()}
    run("autograder", "grade", "--no-keep", zipped(tmp_path / "class.zip", files))
    assert not (root / "submitted").exists()
    assert "Nothing is submitted in" in run("autograder", "grade", expect=2)


def test_a_file_alone_enters_no_student_silently(root, run, tmp_path):
    alone = tmp_path / "meine lösung.ipynb"
    alone.write_bytes(tiny_course.handed_in())
    said = run("autograder", "grade", alone, expect=2)
    assert f"Whose is {alone}? “meine lösung” is no student of the gradebook." in said
    assert "Say it with --student ID" in said
    assert "graded" in run("autograder", "grade", alone, "--no-gradebook")
    run("autograder", "grade", alone, "--student", "jürgen")
    assert lies(root, "jürgen") == {"hw.ipynb"}
    assert "gives its student an id that can't be a folder's name." in run(
        "autograder", "grade", alone, "--student", "../eve", expect=2
    )
    named = alone.rename(tmp_path / "jürgen.ipynb")
    assert "1 unchanged since the last grading" in run("autograder", "grade", named)
    said = run("autograder", "grade", named.rename(tmp_path / "jurgen.ipynb"), expect=2)
    assert "Is it jürgen's?" in said


@pytest.mark.deep
def test_on_a_terminal_it_is_asked_whose_a_file_is(root, run, tmp_path):
    alone = tmp_path / "hw.ipynb"
    alone.write_bytes(tiny_course.handed_in())
    ours, theirs = pty.openpty()
    os.write(ours, b"ada\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", str(alone)],
        cwd=root,
        env=os.environ | {"XDG_DATA_HOME": str(tmp_path / "data")},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    assert process.wait(timeout=120) == 0
    assert lies(root, "ada") == {"hw.ipynb"}
    os.close(ours)
    os.close(theirs)
