"""A damaged notebook is repaired and graded, or refused with a reason; stock nbgrader is compared."""

from __future__ import annotations

import json
import shutil

import pytest
import stock
from damage import CASES, OLD, PAGE, SOURCE, as_markdown

from autograder.commands.grade import grade_into
from autograder.course import Course
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import OneMachine
from autograder.nbgrader_plugin.autograde import SealedAutograde

pytestmark = pytest.mark.sandbox

OLD_MARK = 0.125
"""The mark of an earlier grading; no cell here is worth as much."""


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The course, released by nbgrader."""
    root = tmp_path_factory.mktemp("released")
    stock.course_of(root, "area", json.dumps(SOURCE).encode())
    return root


def submit(root, cases):
    """Submit one notebook for each case, by a student who already has a mark."""
    release = (root / "release" / "area" / "area.ipynb").read_bytes()
    students = {f"s{number:02}": case for number, case in enumerate(cases)}
    with stock.database(root) as gradebook:
        for student, case in students.items():
            stock.submit(root, student, "area", case.bytes(release))
            gradebook.add_student(student)
            for grade in gradebook.add_submission("area", student).notebooks[0].grades:
                grade.auto_score = OLD_MARK
        gradebook.db.commit()
    return students


def marks(root, student):
    return {name: OLD if mark == OLD_MARK else mark for name, mark in stock.marks(root, "area", student).items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "group",
    [
        "files",
        *(pytest.param(g, marks=pytest.mark.deep) for g in CASES if g != "files"),
    ],
)
def test_what_can_be_restored_is_and_the_rest_has_0_and_a_reason(released, workers, tmp_path, group):
    """`autograder grade`, `nbgrader autograde` with the two lines, and without: as docs/repairs.md says."""
    roots = {how: tmp_path / how for how in ("stock", "ours", "plugin")}
    shutil.copytree(released, roots["stock"])
    students = submit(roots["stock"], CASES[group])
    for how in ("ours", "plugin"):
        shutil.copytree(roots["stock"], roots[how])
        (roots[how] / "nbgrader_config.py").write_text(stock.SEALED)

    course = Course(roots["ours"])
    with Gradebook(course) as gradebook:
        reports = grade_into(gradebook, OneMachine(workers), course.submitted("area").notebooks, stock.OPTIONS)
    log = stock.run(SealedAutograde, roots["plugin"], "area")["log"]
    ended_early = stock.by_stock(roots["stock"], "area")

    wrong = {}
    for report, (student, case) in zip(reports, students.items(), strict=True):
        messages = [*report.repairs, *filter(None, [report.message])]
        found = {how: marks(root, student) for how, root in roots.items()}
        stopped = ended_early.get(student)
        by_itself = stopped if stopped and set(found["stock"].values()) == {OLD} else found["stock"]
        result = (student, found["ours"], found["plugin"], by_itself, bool(messages))
        expected = (report.student, case.ours, case.ours, case.stock, bool(case.said))
        if (
            result != expected
            or (messages and not any(case.said in line for line in messages))
            or case.said not in log
        ):
            wrong[case.name] = (result, messages)
    assert not wrong


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), "python tests/support/damage.py"
