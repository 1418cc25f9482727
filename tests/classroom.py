"""A course with two dozen submissions: graded by a process of its own, and what is in its gradebook then."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time

import sqlalchemy as sa
from conftest import CHECKOUT
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.commands.demo import submissions
from autograder.course import Course

SUBMISSIONS = CHECKOUT / "tests" / "submissions" / "softmax"
PERFECT = (SUBMISSIONS / "perfect.py").read_text()
BEHAVIOURS = ("perfect", "naive", "wrong_axis", "untouched", "two_mistakes", "quits")
IN_A_SUBMISSION = (SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
ROWS = {
    "student": sa.select(Student.id, Student.first_name, Student.last_name, Student.email),
    "submission": sa.select(
        SubmittedAssignment.student_id, SubmittedAssignment.timestamp, SubmittedAssignment.extension
    ),
    "notebook": sa.select(
        SubmittedAssignment.student_id,
        Notebook.name,
        SubmittedNotebook.flagged,
        SubmittedNotebook.__table__.c.late_submission_penalty,
    )
    .select_from(SubmittedNotebook)
    .join(*IN_A_SUBMISSION)
    .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id),
    "grade": sa.select(
        SubmittedAssignment.student_id,
        BaseCell.name,
        Grade.__table__.c.auto_score,
        Grade.__table__.c.manual_score,
        Grade.__table__.c.extra_credit,
        Grade.__table__.c.needs_manual_grade,
    )
    .select_from(Grade.__table__)
    .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
    .join(*IN_A_SUBMISSION)
    .join(BaseCell, BaseCell.id == Grade.cell_id),
    "comment": sa.select(
        SubmittedAssignment.student_id,
        BaseCell.name,
        Comment.__table__.c.auto_comment,
        Comment.__table__.c.manual_comment,
    )
    .select_from(Comment.__table__)
    .join(SubmittedNotebook, SubmittedNotebook.id == Comment.notebook_id)
    .join(*IN_A_SUBMISSION)
    .join(BaseCell, BaseCell.id == Comment.cell_id),
}


def make(released, lean, root):
    """The class in a new folder: two dozen submissions of six kinds, two of them late."""
    shutil.copytree(released.root, root)
    with sqlite3.connect(root / "gradebook.db") as database:
        database.execute("update assignment set duedate = '2026-01-10 00:00:00'")
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    for number in range(24):
        text = (SUBMISSIONS / f"{BEHAVIOURS[number % 6]}.py").read_text()
        folder = root / "submitted" / f"s{number:02}" / "softmax"
        folder.mkdir(parents=True)
        (folder / "softmax.ipynb").write_bytes(submissions.write(submissions.fill_in(lean, text, PERFECT)))
        day = 11 if number in (3, 7) else 9
        (folder / "timestamp.txt").write_text(f"2026-01-{day:02} 12:00:{number:02} UTC")
    return root


def copied(classroom, name):
    """A class like it, with the same secret."""
    root = classroom.parent / name / "course"
    shutil.copytree(classroom, root)
    (root.parent / "data").symlink_to(classroom.parent / "data")
    (classroom.parent / "data").mkdir(exist_ok=True)
    return root


def grade(root, *words, wait=True):
    """Run `autograder grade` in a course; return its exit status and what it said."""
    return run(root, sys.executable, "-m", "autograder", "grade", "--jobs", "2", *words, wait=wait)


def run(root, *command, wait=True):
    """Run a command in a course with the class's secret; return its exit status and what it said."""
    environment = os.environ | {
        "XDG_DATA_HOME": str(root.parent / "data"),
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
    }
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if not wait:
        return process
    said, _ = process.communicate(timeout=300)
    return process.returncode, said


def url_of(root):
    """Where a course's gradebook is."""
    return Course(root).config.CourseDirectory.get("db_url", f"sqlite:///{root / 'gradebook.db'}")


def rows(root):
    """Every row of the gradebook that grading writes, by what it says and not by its random id."""
    with sa.create_engine(url_of(root), poolclass=sa.NullPool).connect() as database:
        return {name: sorted(map(tuple, database.execute(query)), key=repr) for name, query in ROWS.items()}


def autograded(root):
    return {path.relative_to(root): path.read_bytes() for path in sorted((root / "autograded").rglob("*.ipynb"))}


def written(root):
    return {path.parts[-3]: path.stat().st_mtime_ns for path in sorted((root / "autograded").rglob("*.ipynb"))}


def wait_for(path):
    until = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
