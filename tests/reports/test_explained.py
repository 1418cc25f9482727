"""What ``explain`` prints: each cell with its calls, and nothing that controls a terminal."""

from __future__ import annotations

from autograder.reports.explained import report_as_text
from autograder.results import AskedResult, CellResult, CheckResult, Report

CALLS = [
    AskedResult(asked="f(1)", answered="2", expected="2", passed=True, hidden=False),
    AskedResult(asked="f(3)", answered="\x1b[2J4", expected="5", passed=False, hidden=True),
]
CHECK = CheckResult(
    name="is right",
    passed=False,
    score=0.0,
    max_score=1.0,
    message="f(3) is wrong\nhidden: f(3) → 4, expected 5\nIt warned: x\nIt warned: x",
    misconception="off-by-one+sign-flipped",
    calls=CALLS,
)


def report(cell, message=None):
    return Report(
        student="ada",
        assignment="a",
        notebook="n",
        file="f",
        status="graded",
        message=message,
        score=0.0,
        max_score=1.0,
        isolation="landlock",
        seconds=0.1,
        cells=[cell],
    )


def cell(**more):
    return CellResult(grade_id="f", exercise="f", mode="sealed", score=0.0, max_score=1.0, **more)


def test_a_check_is_told_with_its_calls_and_no_line_twice():
    text = report_as_text(report(cell(checks=[CHECK])), [cell(checks=[CHECK])])
    assert text.splitlines() == [
        "ada · a · n.ipynb: 0 / 1",
        "",
        "f: 0 / 1 (sealed)",
        "  ✗ is right (0 / 1)",
        "    f(3) is wrong",
        "    It warned: x",
        "    named: off-by-one and sign-flipped",
        "      ✓ public: f(1) → 2",
        "      ✗ hidden: f(3) → \N{REPLACEMENT CHARACTER}[2J4, expected 5",
    ]


def test_the_reason_of_a_failed_notebook_is_told_once():
    failed = cell(message="it is no notebook")
    assert report_as_text(report(failed, "it is no notebook"), [failed]).count("no notebook") == 1
