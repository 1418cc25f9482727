"""Stock nbgrader, run beside ours on a course of one assignment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

from nbgrader.api import Gradebook as Database
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log

from autograder.course import Course
from autograder.gradebook.gradebook import Gradebook

PLAIN = """
c = get_config()
c.CourseDirectory.course_id = "course"
c.Execute.shutdown_kernel = "immediate"
c.Execute.startup_timeout = 600
"""
SEALED = f"{PLAIN}from autograder import nbgrader_plugin\nnbgrader_plugin.configure(c)\n"
STOPS, FAILS = "stops the whole batch", "fails"
OPTIONS = {"force": False, "jobs": 1, "results": None}
"""Of ``autograder grade``, where a test calls what it calls."""


def course_of(
    root: Path, assignment: str, source: bytes, files: dict[str, Path] | None = None, config: str = PLAIN
) -> None:
    """Make and release a course with one assignment of one notebook, called as the assignment."""
    (root / "nbgrader_config.py").write_text(config)
    folder = root / "source" / assignment
    folder.mkdir(parents=True)
    (folder / f"{assignment}.ipynb").write_bytes(source)
    for name, path in (files or {}).items():
        shutil.copy(path, folder / name)
    release(root, assignment)


def submit(root: Path, student: str, assignment: str, content: bytes) -> None:
    folder = root / "submitted" / student / assignment
    folder.mkdir(parents=True)
    (folder / f"{assignment}.ipynb").write_bytes(content)


def database(root: Path):
    return Database(f"sqlite:///{root / 'gradebook.db'}", "course")


def api(root: Path, assignment: str):
    config = Course(root).config
    return NbGraderAPI(CourseDirectory(config=config, root=str(root), assignment_id=assignment), config=config)


def run(converter, root: Path, assignment: str) -> dict:
    """Run one of nbgrader's converters over all submissions, as its command does; return its log."""
    nbgraders = api(root, assignment)
    with warnings.catch_warnings(action="ignore"):  # that they are errors in tests must decide nothing
        return capture_log(converter(coursedir=nbgraders.coursedir, parent=nbgraders))


def release(root: Path, assignment: str) -> None:
    """Generate an assignment, and enter it in a new gradebook.

    In a process of its own where nbgrader starts a kernel for it, whose sockets it never closes.
    """
    if b"AUTOTEST" in (root / "source" / assignment / f"{assignment}.ipynb").read_bytes():
        folder = Path(sys.executable).parent
        words = [folder / "nbgrader", "generate_assignment", assignment]
        environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
        subprocess.run(words, cwd=root, env=environment, check=True, capture_output=True)
    else:
        with Gradebook(Course(root)) as gradebook:
            gradebook.generate_assignment(assignment)


def by_stock(root: Path, assignment: str) -> dict[str, str]:
    """Grade as stock nbgrader does; who stops the batch is taken out, so that the others can be seen."""
    came: dict[str, str] = {}
    submitted = root / "submitted"
    while True:
        log = run(Autograde, root, assignment)["log"]
        failed = set(re.findall(rf"error processing assignment: .*/([^/]+)/{assignment}", log))
        came |= dict.fromkeys(failed, FAILS)
        done = {path.parents[1].name for path in (root / "autograded").glob(f"*/{assignment}/*.ipynb")}
        stopped = sorted({path.name for path in submitted.iterdir()} - failed - done)
        if not stopped:
            return came
        came[stopped[0]] = STOPS
        for student in failed | {stopped[0]}:
            shutil.rmtree(submitted / student)


def marks(root: Path, assignment: str, student: str) -> dict[str, float | None]:
    with database(root) as gradebook:
        (book,) = gradebook.find_submission(assignment, student).notebooks
        return {grade.name: grade.auto_score for grade in book.grades}


def cells_of(path: Path) -> list[dict]:
    return json.loads(path.read_bytes()).get("cells") or []
