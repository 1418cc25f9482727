"""What a job's log may hold about a class: counts and reasons, without names and marks."""

from __future__ import annotations

import pytest

from autograder.reports.anonymous import NotebookCount, count_by_notebook, failure_without_name
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
    assert list(count_by_notebook(found)) == [
        NotebookCount("hw", "hw", 2, 1, 1),
        NotebookCount("other", "hw", 1, 0, 0),
    ]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("submitted/canary/hw/hw.ipynb is empty.", "A submission is empty."),
        (
            "/course/submitted/canary/hw is a link; links are not followed.",
            "A submission is a link; links are not followed.",
        ),
        (
            "submitted/canary/hw/notes.txt is a link; links are not followed.",
            "A submission is a link; links are not followed.",
        ),
        ("submitted/canary/hw/hw.ipynb is of canary.", "A submission could not be graded."),
        (None, "A submission could not be graded."),
    ],
)
def test_a_failure_is_reported_without_its_student(message, said):
    """A sentence that holds the name anywhere but in the file's name is left out."""
    assert failure_without_name(report(message=message)) == said
    assert (
        failure_without_name(report(student="", file="", message=message)) == "A submission could not be graded."
    )
