"""What a log may hold of a class: how many, never who or how well."""

from __future__ import annotations

import pytest

from autograder.reports.counts import Row, neutral, rows
from autograder.results import CellResult, Report


def report(student="canary", **fields):
    return Report(
        student=student,
        assignment=fields.pop("assignment", "hw"),
        notebook=fields.pop("notebook", "hw"),
        file=fields.pop("file", f"submitted/{student}/hw/hw.ipynb"),
        status=fields.pop("status", "graded"),
        message=fields.pop("message", None),
        score=0.0,
        max_score=4.0,
        isolation="landlock",
        seconds=0.0,
        cells=fields.pop("cells", []),
    )


def test_each_notebook_has_a_row_of_counts():
    by_hand = CellResult(grade_id="q", exercise=None, mode="manual", score=None, max_score=2.0)
    found = [
        report("a"),
        report("b", assignment="other"),
        report("c", cells=[by_hand, by_hand]),
        report("d", status="failed"),
    ]
    assert list(rows(found)) == [Row("hw", "hw", 2, 1, 1), Row("other", "hw", 1, 0, 0)]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("submitted/canary/hw/hw.ipynb is empty.", "A submission is empty."),
        (
            "/course/submitted/canary/hw is a link; links are not followed.",
            "A submission is a link; links are not followed.",
        ),
        ("submitted/canary/hw/hw.ipynb is of canary.", "A submission could not be graded."),
        (None, "A submission could not be graded."),
    ],
)
def test_a_failure_is_told_without_its_student(message, said):
    """A sentence in which the name stands anywhere but in the file's name is not told at all."""
    assert neutral(report(message=message)) == said
    assert neutral(report(student="", file="", message=message)) == "A submission could not be graded."
