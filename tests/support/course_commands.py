"""Commands that run in a course's folder, and the marks that they leave in its gradebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import warm
from nbgrader.api import Gradebook as Database

BIN = Path(sys.executable).parent


def command(root, *words, expect=0, environment=None, **options):
    """Run one of the environment's commands in a course folder; return all it says.

    Its seed file is the test's own. It must end with the status ``expect``, or one of them, without a traceback.
    """
    own = {"PATH": f"{BIN}:{os.environ['PATH']}", "XDG_DATA_HOME": str(root.parent / "data"), "COLUMNS": "300"}
    env = os.environ | own | (environment or {})
    if words[0] in warm.IMPORTED and not options:
        done = warm.run(words, root, env)
    else:
        more = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 900} | options
        done = subprocess.run([str(word) for word in words], cwd=root, env=env, check=False, **more)
    said = done.stdout + done.stderr
    assert done.returncode in ({expect} if isinstance(expect, int) else expect), said
    assert "Traceback" not in said, said
    return said


def in_one_line(said):
    """What a command says, however wide the terminal is."""
    return " ".join(said.split())


def as_instructor(home):
    """Return what runs a command in a course and returns all it says, in one line; its home is the test's own."""
    own = {"XDG_DATA_HOME": f"{home}/data", "XDG_CACHE_HOME": f"{home}/cache", "COLUMNS": "200"}

    def run(root, *words, program="autograder", expect=0):
        return in_one_line(command(root, program, *words, expect=expect, environment=own))

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
