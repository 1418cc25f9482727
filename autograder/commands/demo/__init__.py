"""``autograder demo``: grade a whole class in a scratch course, with gradebook and feedback.

Each student of the class is a file of ``tests/submissions/``, filled into the released notebook, or a damaged
notebook.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import click

from autograder.commands.console import print_class, say
from autograder.commands.demo.submissions import DAMAGES, fill_in, write
from autograder.commands.grade import grade_into
from autograder.commands.opening import CannotGradeError, workers_for
from autograder.course import Course
from autograder.gradebook.database import NbgraderError
from autograder.grading.batch import OneMachine
from autograder.grading.settings import Settings
from autograder.notebooks import notebook
from autograder.reports.text import checks_as_text
from autograder.results import Report
from autograder.sandbox.policy import Limits

CHECKOUT = Path(__file__).parents[3]
TOPIC = "softmax"
PERFECT = "perfect"
SHOWN = "naive"
"""The student whose feedback is printed."""
LIMITS = Limits(cell_seconds=1, call_seconds=0.5, function_seconds=5, submission_seconds=20)


def run(into: Path | None, jobs: int | None) -> int:
    """Grade a class; print its marks, one student's feedback, and where the files are. Return the exit status.

    Parameters
    ----------
    into
        An empty folder for the scratch course; by default a new temporary one.
    jobs
        How many submissions are graded at the same time; by default one for each core.
    """
    behaviours = CHECKOUT / "tests" / "submissions" / TOPIC
    if not behaviours.is_dir():
        raise CannotGradeError(
            "The demo grades the class in tests/submissions/, which an installed package doesn't have: clone the "
            "project's repository (git clone …), and run “make demo” in the clone."
        )
    settings = Settings(b"a demo needs no secret: its class is public", limits=LIMITS)
    course = _make_course(into)
    say(f"Releasing {TOPIC} in a scratch course, and handing in for a class …", "dim")
    with workers_for(settings) as workers:
        from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415  # nbgrader takes seconds to import

        try:
            with Gradebook(course) as gradebook:
                gradebook.generate_assignment(TOPIC)
                _submit(course, behaviours)
                found = course.submitted(TOPIC).notebooks
                reports = grade_into(
                    gradebook, OneMachine(workers), found, {"jobs": jobs, "force": False, "results": None}
                )
                gradebook.commit()
                print_class(reports)
                _print_feedback(reports)
            say("\nMaking a page of feedback for each …", "dim")
            graded = [report.student for report in reports if report.status == "graded"]
            _make_pages(course, graded, jobs or os.cpu_count() or 1)
        except NbgraderError as error:
            raise CannotGradeError(str(error)) from None
    click.echo(f"\ngradebook  {course.root / 'gradebook.db'}")
    click.echo(f"feedback   {course.folder('feedback', SHOWN, TOPIC) / f'{TOPIC}.html'}")
    click.echo(f"notebooks  {course.folder('autograded', '*', TOPIC)}")
    click.echo(f"the class  autograder report {TOPIC} --course {course.root} --names --html class.html")
    return 0


def _make_course(into: Path | None) -> Course:
    root = into.absolute() if into else Path(tempfile.mkdtemp(prefix="autograder-demo-"))
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise CannotGradeError(f"{root} is not empty; name another folder.")
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    shutil.copytree(CHECKOUT / "source" / TOPIC, root / "source" / TOPIC)
    return Course(root)


def _submit(course: Course, behaviours: Path) -> None:
    released = course.folder("release", assignment=TOPIC)
    blank = notebook.read((released / f"{TOPIC}.ipynb").read_bytes())
    perfect = (behaviours / f"{PERFECT}.py").read_text(encoding="utf-8")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(behaviours.glob("*.py"))}
    contents = {
        name: write(fill_in(blank, text, "" if "everything" in text else perfect)) for name, text in texts.items()
    }
    good = fill_in(blank, perfect)
    contents |= {name: damage(good) for name, damage in DAMAGES.items()}
    for student, content in contents.items():
        folder = course.folder("submitted", student, TOPIC)
        folder.mkdir(parents=True)
        shutil.copytree(released, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ipynb"))
        (folder / f"{TOPIC}.ipynb").write_bytes(content)
    linked = course.folder("submitted", "linked", TOPIC)
    linked.mkdir(parents=True)
    (linked / f"{TOPIC}.ipynb").symlink_to(course.folder("source", assignment=TOPIC) / f"{TOPIC}.ipynb")


def _make_pages(course: Course, students: Sequence[str], jobs: int) -> None:
    """Make the pages of feedback on all cores: nbconvert takes half a second for each."""
    shares = [students[first::jobs] for first in range(jobs)]
    with ProcessPoolExecutor(jobs, get_context("fork")) as processes:  # a new Python would import nbgrader again
        for _ in processes.map(_make_pages_of, repeat(course), shares):
            pass


def _make_pages_of(course: Course, students: Sequence[str]) -> None:
    from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415  # imported already

    with Gradebook(course) as gradebook:
        for student in students:
            gradebook.generate_feedback(TOPIC, student)


def _print_feedback(reports: list[Report]) -> None:
    """Print what one student reads about the first function with a known mistake."""
    shown = next(report for report in reports if report.student == SHOWN)
    cell = next(cell for cell in shown.cells if cell.misconceptions)
    say(f"\nWhat {SHOWN} reads about {cell.exercise}:\n")
    click.echo(checks_as_text(cell.checks))
