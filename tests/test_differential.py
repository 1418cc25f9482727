"""Every gradable notebook that ships with nbgrader scores the same, cell by cell, through stock nbgrader and through ours."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbgrader
import pytest
import stock
from stock import FAILS, STOPS

from autograder import commands
from autograder.course import Course
from autograder.gradebook import Gradebook

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
"""The instructors' notebooks; what has the same graded cells is a submission of it."""
NO_SOURCE = {
    f"{APPS}/too-new.ipynb",
    *(
        f"{STEPS}/{n}.ipynb"
        for n in ("bad-markdown-cell-1", "blank-grade-id", "blank-points", "duplicate-grade-ids")
    ),
}
"""What nbgrader itself refuses to release, and no source has the cells of."""
OLD_SCHEMA = "nbgrader stops at metadata of an older version; the marks don't depend on it"
EXCEPTIONS = {}
"""By source and submission: what nbgrader does or gives, what ours gives, and why ours is right."""


def submissions(source):
    """What is handed in to a source, each content once."""
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


@pytest.mark.parametrize("source", SOURCES, ids=lambda name: Path(name).name)
def test_cell_by_cell_the_same(source, grader, tmp_path):
    came = differences(source, grader, tmp_path)
    for k, v in came.items():
        print("DIFF", k, v)
    assert came == {k: v[:2] for k, v in EXCEPTIONS.items() if k[0] == source}


def differences(source, grader, root):
    """Grade all submissions of a source both ways; return those that differ: their marks here and there."""
    theirs, ours = root / "theirs", root / "ours"
    theirs.mkdir()
    folder = (ROOT / source).parent
    files = {path.name: path for path in folder.iterdir() if path.suffix in (".txt", ".yml", ".png")}
    if "autotest" in source:
        files["autotests.yml"] = ROOT / APPS / "autotests.yml"
    config = stock.PLAIN + ("c.Execute.timeout = 2\n" if source.endswith("/timeout") else "")
    stock.course_of(theirs, "ps", (ROOT / f"{source}.ipynb").read_bytes(), files, config)
    names = {f"s{number:02}": name for number, name in enumerate(submissions(source))}
    for student, name in names.items():
        stock.submit(theirs, student, "ps", (ROOT / name).read_bytes())
    import shutil

    shutil.copytree(theirs, ours)
    ended_early = stock.by_stock(theirs, "ps")
    course = Course(ours)
    with Gradebook(course) as gradebook:
        commands.grade_into(gradebook, grader, list(course.submitted("ps")), stock.OPTIONS)
    found = {}
    for student, name in names.items():
        here = stock.marks(ours, "ps", student)
        there = ended_early.get(student) or stock.marks(theirs, "ps", student)
        print("ROW", source, name, there, here)
        if here != there:
            found[source, name] = (there, here)
    return found
