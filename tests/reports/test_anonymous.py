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


def test_notebooks_of_one_name_are_counted_by_assignment_and_come_in_order():
    found = [
        report("a", assignment="b", notebook="x"),
        report("b", assignment="a", notebook="y", status="failed"),
        report("c", assignment="b", notebook="x"),
        report("d", assignment="a", notebook="x"),
        report("e", assignment="a", notebook="y"),
    ]
    assert list(count_by_notebook(iter(found))) == [
        NotebookCount("a", "x", 1, 0, 0),
        NotebookCount("a", "y", 1, 0, 1),
        NotebookCount("b", "x", 2, 0, 0),
    ]
    assert list(count_by_notebook([])) == []


def test_a_failed_submission_waits_for_nobody():
    by_hand = CellResult(grade_id="q", exercise=None, mode="manual", score=None, max_score=2.0)
    failed, graded = report("a", status="failed", cells=[by_hand]), report("b", cells=[by_hand])
    assert list(count_by_notebook([failed, graded])) == [NotebookCount("hw", "hw", 1, 1, 1)]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("submitted/canary/hw/hw.ipynb has 9 cells; at most 5 are graded.", None),
        ("submitted/canary/hw/hw.ipynb holds no cells.", None),
        ("submitted/canary/hw/hw.ipynb can't be read.", None),
        ("submitted/canary/hw/hw.ipynb could not be opened.", None),
        ("/home/canary/a is a link, and b/canary is not.", "A submission is not."),
        ("/home/x/Ann Lee is mad.zip is encrypted.", "A submission is encrypted."),
        ("The notebook submitted/canary/hw/hw.ipynb is empty.", "A submission could not be graded."),
        ("It is empty.", "A submission could not be graded."),
        ("", "A submission could not be graded."),
        ("submitted/canary/hw/hw.ipynb is as canary’s friend wrote it.", "A submission could not be graded."),
    ],
)
def test_of_a_failure_only_what_follows_the_path_is_told(message, said):
    said = said or message.replace("submitted/canary/hw/hw.ipynb", "A submission")
    assert failure_without_name(report(message=message)) == said


def test_a_student_without_a_name_is_in_no_sentence():
    assert failure_without_name(report(student="", file="x/a.ipynb", message="x/a.ipynb is empty.")) == (
        "A submission is empty."
    )
