"""A course with a dozen submissions: graded by a process of its own, and what is in its gradebook then."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
import warm
from conftest import CHECKOUT, SECRET
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from waiting import wait_until

from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.notebooks import notebook

SUBMISSIONS = CHECKOUT / "tests" / "submissions" / "softmax"
PERFECT = (SUBMISSIONS / "perfect.py").read_text()
CLASS = 12
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
    """The class in a new folder: a dozen submissions of six kinds, two of them late; its secret beside it."""
    shutil.copytree(released.root, root)
    secret = root.parent / "data" / "autograder" / "seed"
    secret.parent.mkdir(parents=True)
    secret.write_bytes(SECRET)
    with closing(sqlite3.connect(root / "gradebook.db")) as database, database:
        database.execute("update assignment set duedate = '2026-01-10 00:00:00'")
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    for number in range(CLASS):
        text = (SUBMISSIONS / f"{BEHAVIOURS[number % 6]}.py").read_text()
        folder = root / "submitted" / f"s{number:02}" / "softmax"
        folder.mkdir(parents=True)
        (folder / "softmax.ipynb").write_bytes(submissions.write(submissions.fill_in(lean, text, PERFECT)))
        day = 11 if number in (3, 7) else 9
        (folder / "timestamp.txt").write_text(f"2026-01-{day:02} 12:00:{number:02} UTC")
    return root


def copied(classroom, folder):
    """A class like it in a folder of its own, with the same secret; the folder must not exist yet."""
    shutil.copytree(classroom.parent / "data", folder / "data")
    return Path(shutil.copytree(classroom, folder / "course"))


def grade(root, *words, wait=True):
    """Run `autograder grade` in a course; return its exit status and what it said."""
    return run(root, "autograder", "grade", "--jobs", "2", *words, wait=wait)


def run(root, *command, wait=True):
    """Run a command in a course with the class's secret; return its exit status and what it said."""
    environment = os.environ | {
        "XDG_DATA_HOME": str(root.parent / "data"),
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
    }
    if wait:
        done = warm.run(command, root, environment, together=True)
        return done.returncode, done.stdout
    return subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


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
    wait_until(path.exists)


def slowed(root, student):
    """Let a student's notebook sleep, so that a batch is still at work; return what undoes it."""
    path = root / "submitted" / student / "softmax" / "softmax.ipynb"
    text = path.read_text()
    nb = notebook.read(text.encode())
    nb["cells"].insert(
        0, {"cell_type": "code", "id": "slow", "metadata": {}, "source": "import time; time.sleep(600)"}
    )
    path.write_bytes(submissions.write(nb))
    return lambda: path.write_text(text)
