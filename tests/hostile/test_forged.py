"""Whatever a submission says of itself, it earns what its functions are worth."""

from __future__ import annotations

import copy
import os

import pytest
from conftest import CHECKOUT
from hostile.attacks import FORGED
from sampling import sampled

from autograder.commands.demo import submissions
from autograder.grading.submission import Submission
from autograder.notebooks import notebook

pytestmark = pytest.mark.sandbox


def graded(grader, source, content, student="forger"):
    files = {"figures.py": b""}
    return grader.grade(source, Submission(content, student, "softmax", "softmax", "softmax.ipynb", files))


def sealed_marks(report):
    return {cell.grade_id: cell.score for cell in report.cells if cell.mode == "sealed"}


NOTHING = dict.fromkeys(
    (
        *("softmax", "logsumexp", "log_softmax", "cross_entropy", "numerical_gradient", "cross_entropy_grad"),
        *("equally_sure", "first_loss", "lse_is_convex"),
    ),
    0.0,
)
PERFECT = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()


def honest_gets_full_marks(grader, source, lean):
    return (
        graded(grader, source, submissions.write(submissions.fill_in(lean, PERFECT)), "honest").report.score
        == 23.0
    )


UNENDING = ("returns a list without end", "patches builtins", "replaces the program it runs in")
"""Attacks whose functions run into a limit: short limits spare the wait."""


@pytest.mark.parametrize(
    "attack",
    sampled(
        FORGED,
        rest=3,
        slow=[a for a in FORGED if a.name in UNENDING],
        deep=[a for a in FORGED if a.name == UNENDING[0]],  # it takes half a minute
    ),
)
def test_a_forgery_earns_nothing_and_the_next_submission_its_full_marks(request, source, lean, attack):
    """Every sealed cell has 0, a reason for each check, and nothing the submission says is taken for a verdict."""
    grader = request.getfixturevalue("short_grader" if attack.name in UNENDING else "grader")
    came = graded(grader, source, submissions.write(submissions.fill_in(lean, attack.code)))
    report = came.report
    own = [cell["outputs"] for cell in came.notebook["cells"] if cell["id"] == "own"]
    assert "error" not in str(own), "the attack itself is broken"
    assert "not defined" not in str(report.cells[0])
    assert sealed_marks(report) == NOTHING
    assert (report.status, report.score, report.max_score) == ("graded", 0.0, 27.0)
    assert all(check.message for cell in report.cells for check in cell.checks)
    assert "BREACH" not in os.environ
    assert honest_gets_full_marks(grader, source, lean)


def cell_of(nb, name):
    return next(cell for cell in nb["cells"] if notebook.grade_id_of(cell) == name)


def full(text="4.0"):
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def saved_outputs(nb):
    cell_of(nb, "softmax")["outputs"] = [full()]


def edited_test(nb):
    cell_of(nb, "softmax")["source"] = "4.0"


def edited_check(nb):
    cell_of(nb, "softmax")["source"] = 'from autograder import check\ncheck("softmax", softmax, points=400)'


def edited_visible_cell(nb):
    cell_of(nb, "softmax-visible")["source"] = "import sys\nsys.displayhook(4.0)\n4.0"


def more_points(nb):
    for cell in nb["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 100, "grade": True}


def doubled_test(nb):
    twin = copy.deepcopy(cell_of(nb, "softmax")) | {"source": "4.0", "outputs": [full()]}
    nb["cells"] += [twin, copy.deepcopy(twin)]


def text_for_a_test(nb):
    cell_of(nb, "softmax")["cell_type"] = "markdown"


def marked_by_hand(nb):
    cell_of(nb, "softmax")["metadata"]["nbgrader"] |= {"solution": True, "task": True, "points": 4}


def no_test(nb):
    nb["cells"].remove(cell_of(nb, "softmax"))


def not_graded(nb):
    cell_of(nb, "softmax")["metadata"]["nbgrader"] |= {"grade": False, "locked": False}


def answer_named_as_test(nb):
    nb["cells"].remove(cell_of(nb, "softmax"))
    cell_of(nb, "softmax-solution")["metadata"]["nbgrader"]["grade_id"] = "softmax"


def cell_of_its_own(nb):
    extra = copy.deepcopy(cell_of(nb, "softmax")) | {"source": "100.0", "id": "bonus", "outputs": [full("100.0")]}
    extra["metadata"]["nbgrader"] |= {"grade_id": "bonus", "points": 100}
    nb["cells"].append(extra)


def other_kernel(nb):
    nb["metadata"] = {"kernelspec": {"name": "bash", "display_name": "sh", "language": "bash"}, "score": 24}


FORGED_NOTEBOOKS = (
    *(saved_outputs, edited_test, edited_check, edited_visible_cell, more_points, doubled_test, text_for_a_test),
    *(marked_by_hand, no_test, not_graded, answer_named_as_test, cell_of_its_own, other_kernel),
)


@pytest.mark.parametrize("forge", sampled(FORGED_NOTEBOOKS, rest=3, ident=lambda forge: forge.__name__))
def test_a_forged_notebook_earns_nothing(grader, source, lean, forge):
    """Cells, points and flags are the instructor's; whatever the file says of itself counts for nothing."""
    nb = submissions.fill_in(lean, "def softmax(*_, **__):\n    return 1.0")
    forge(nb)
    report = graded(grader, source, submissions.write(nb)).report
    assert sealed_marks(report) == NOTHING
    assert (report.status, report.score, report.max_score) == ("graded", 0.0, 27.0)
    assert [(cell.grade_id, cell.max_score) for cell in report.cells] == [
        (cell.grade_id, cell.points) for cell in source.marked
    ]
