"""Commands that run in a course's folder, and the marks that they leave in its gradebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook as Database

BIN = Path(sys.executable).parent


def command(root, *words, expect=0):
    """Run one of the environment's commands in a course folder, with a seed file of the test's own."""
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "XDG_DATA_HOME": str(root.parent / "data")}
    done = subprocess.run(
        words, cwd=root, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def as_instructor(home):
    """Return what runs a command in a course and returns all it says, in one line; its home is the test's own."""
    own = {"XDG_DATA_HOME": f"{home}/data", "XDG_CACHE_HOME": f"{home}/cache", "COLUMNS": "200"}

    def run(root, *words, program="autograder", expect=0):
        done = subprocess.run(
            [sys.executable, "-m", program, *map(str, words)],
            cwd=root,
            env=os.environ | own,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == expect, said
        assert "Traceback" not in said, said
        return " ".join(said.split())

    return run


def marks(root, assignment, student, course_id):
    """Each cell's automatic score, as the gradebook has it."""
    with Database(f"sqlite:///{root / 'gradebook.db'}", course_id) as database:
        submission = database.find_submission(assignment, student)
        return {
            (book.name, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for book in submission.notebooks
            for grade in book.grades
        }
