"""Each gradable notebook that ships with nbgrader gets the same marks from stock nbgrader and this grader."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import nbgrader
import pytest
import stock
from stock import FAILS, STOPS

from autograder.commands.grade import grade_into
from autograder.course import Course
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import OneMachine

pytestmark = pytest.mark.sandbox

ROOT = Path(nbgrader.__file__).parent
GUIDE, APPS, STEPS, PAGES = (
    "docs/source/user_guide",
    "tests/apps/files",
    "tests/preprocessors/files",
    "tests/ui-tests/files",
)


def graded_cells(path):
    """The grade_ids of the cells that carry marks."""
    found = [cell["metadata"].get("nbgrader", {}) for cell in stock.cells_of(path)]
    return tuple(meta.get("grade_id") for meta in found if meta.get("grade") or meta.get("task"))


GRADABLE = {
    path.relative_to(ROOT).as_posix(): cells
    for path in sorted(ROOT.rglob("*.ipynb"))
    if (cells := graded_cells(path))
}
SOURCES = [
    *(f"{GUIDE}/source/{name}" for name in ("ps1/problem1", "ps1/problem2", "ps1_autotest/problem1")),
    *(f"{APPS}/autotest-{name}" for name in ("hashed", "hidden", "multi", "simple")),
    *(
        f"{APPS}/{name}"
        for name in ("submitted-unchanged", "test", "test-hidden-tests", "open_relative_file", "timeout")
    ),
    *(f"{APPS}/{name}" for name in ("validating-environment-variable", "validation-zero-points")),
    *(f"{STEPS}/{name}" for name in ("manually-graded-code-cell", "test_taskcell")),
]
"""The instructors' notebooks; a notebook with the same graded cells counts as a submission."""
QUICK = (f"{STEPS}/test_taskcell",)
"""The source that is in the fast set: it has tests, and a task for a person."""
NO_SOURCE = {
    f"{APPS}/too-new.ipynb",
    *(f"{STEPS}/{n}.ipynb" for n in ("blank-grade-id", "blank-points", "duplicate-grade-ids")),
}
"""Notebooks that nbgrader refuses to release; no source has the same cells."""
MARKS_OF_TEST = {
    "correct_squares": 1.0,
    "squares_invalid_input": 1.0,
    "correct_sum_of_squares": 0.5,
    "sum_of_squares_uses_squares": 0.5,
    "sum_of_squares_equation": None,
    "sum_of_squares_application": None,
}
UNANSWERED = {"foo": 1.0, "bar": 0.0, "baz": 0.0, "quux": 0.0}
OF_THEN = "its metadata is of an older version, on which the marks of its cells don't depend"
WITHOUT_IDS = "its cells have no ids, which nbgrader demands once it has turned a cell's type back"
EXCEPTIONS = {
    f"{GUIDE}/downloaded/ps1/archive/ps1_hacker_attempt_2016-01-30-20-30-10_problem1.ipynb": (
        STOPS,
        MARKS_OF_TEST,
        OF_THEN,
    ),
    f"{APPS}/test-v0.ipynb": (STOPS, MARKS_OF_TEST, OF_THEN),
    f"{APPS}/test-v1.ipynb": (STOPS, MARKS_OF_TEST, OF_THEN),
    f"{APPS}/test-v2.ipynb": (STOPS, MARKS_OF_TEST, OF_THEN),
    f"{APPS}/test-v0-invalid.ipynb": (
        FAILS,
        MARKS_OF_TEST,
        "a cell that is no instructor's has no grade_id; the instructor's have theirs",
    ),
    f"{STEPS}/bad-markdown-cell-1.ipynb": (
        FAILS,
        {"foo": None},
        WITHOUT_IDS,
    ),
    f"{STEPS}/submitted-answer-cell-type-changed.ipynb": (FAILS, UNANSWERED, WITHOUT_IDS),
    f"{STEPS}/submitted-grade-cell-type-changed.ipynb": (FAILS, UNANSWERED, WITHOUT_IDS),
    f"{PAGES}/submitted-answer-cell-type-changed.ipynb": (FAILS, UNANSWERED, WITHOUT_IDS),
    f"{PAGES}/submitted-grade-cell-type-changed.ipynb": (FAILS, UNANSWERED, WITHOUT_IDS),
}
"""Exceptions: what nbgrader does, the marks of this workers, and why they are right."""


def submissions(source):
    """The submissions for a source, without duplicates."""
    wanted = set(GRADABLE[f"{source}.ipynb"])
    found = {}
    for name, cells in GRADABLE.items():
        if set(cells) - {None} <= wanted and len(cells) == len(wanted):
            found.setdefault(hashlib.sha256((ROOT / name).read_bytes()).digest(), name)
    return list(found.values())


def test_every_gradable_notebook_is_there():
    handed_in = {name for source in SOURCES for name in submissions(source)}
    same = {hashlib.sha256((ROOT / name).read_bytes()).digest() for name in handed_in}
    left = {n for n in GRADABLE if hashlib.sha256((ROOT / n).read_bytes()).digest() not in same}
    assert left == NO_SOURCE


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            source,
            id=Path(source).name,
            marks=[] if source in QUICK else pytest.mark.deep if place % 20 else pytest.mark.slow,
        )
        for place, source in enumerate(SOURCES)
    ],
)
def test_every_cell_gets_the_same_mark_but_for_the_exceptions(request, source, tmp_path):
    """The exceptions are listed with what nbgrader does; one that no longer differs fails this test."""
    workers = request.getfixturevalue("short_workers" if Path(source).name == "timeout" else "workers")
    names = submissions(source)
    here, there = grade_both(source, names, workers, tmp_path)
    listed = {name: EXCEPTIONS[name] for name in names if name in EXCEPTIONS}
    assert here == there | {name: ours for name, (_, ours, _) in listed.items()}
    assert {name: there[name] for name in names if here[name] != there[name]} == {
        name: theirs for name, (theirs, _, _) in listed.items()
    }


def grade_both(source, names, workers, root):
    """Grade the submissions of a source with this grader and with stock nbgrader; return the marks of each."""
    theirs, ours = root / "theirs", root / "ours"
    theirs.mkdir()
    files = {path.name: path for path in (ROOT / source).parent.iterdir() if path.suffix in (".txt", ".png")}
    if "autotest" in source:
        files["autotests.yml"] = ROOT / APPS / "autotests.yml"
    config = stock.PLAIN + ("c.Execute.timeout = 2\n" if source.endswith("/timeout") else "")
    stock.course_of(theirs, "ps", (ROOT / f"{source}.ipynb").read_bytes(), files, config)
    students = {f"s{number:02}": name for number, name in enumerate(names)}
    for student, name in students.items():
        stock.submit(theirs, student, "ps", (ROOT / name).read_bytes())
    shutil.copytree(theirs, ours)
    ended_early = stock.by_stock(theirs, "ps")
    course = Course(ours)
    with Gradebook(course) as gradebook:
        grade_into(gradebook, OneMachine(workers), course.submitted("ps").notebooks, stock.OPTIONS)
    return (
        {name: stock.marks(ours, "ps", student) for student, name in students.items()},
        {
            name: ended_early.get(student) or stock.marks(theirs, "ps", student)
            for student, name in students.items()
        },
    )
