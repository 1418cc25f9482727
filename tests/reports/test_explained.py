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


def said(*checks, **more):
    """The lines below the cell's head."""
    made = cell(checks=list(checks), **more)
    return report_as_text(report(made), [made]).splitlines()[3:]


def check(name="is right", passed=True, **more):
    return CheckResult(name=name, passed=passed, score=float(bool(passed)), max_score=1.0, **more)


def test_every_cell_that_is_asked_for_is_told_and_no_other():
    cells = [cell(), CellResult(grade_id="g", exercise=None, mode="manual", score=None, max_score=2.0), cell()]
    text = report_as_text(report(cells[0]), cells[1:])
    assert text.splitlines() == ["ada · a · n.ipynb: 0 / 1", "", "g: – / 2 (manual)", "", "f: 0 / 1 (sealed)"]
    assert report_as_text(report(cells[0]), []) == "ada · a · n.ipynb: 0 / 1"


def test_what_was_repaired_and_what_is_wrong_with_the_whole_stand_above():
    found = report(cell(), "It ended.")
    found.repairs.extend(["the points had been changed", "a tag \x1b was gone"])
    assert report_as_text(found, []).splitlines()[1:] == [
        "It ended.", "repaired: the points had been changed", "repaired: a tag \ufffd was gone",
    ]  # fmt: skip


def test_checks_that_were_not_run_are_one_line_each_reason_and_the_others_stand_in_order():
    late = "not run: it counts once “a” holds"
    assert said(check("a", False), check("b", None, message=late), check("c"), check("d", None, message=late),
                check("e", None, message="too late"), check("f", None)) == [
        "  ✗ a (0 / 1)", "  ✓ c (1 / 1)", "  · f (0 / 1)",
        "  · 2 checks (0 / 2) not run: they count once “a” holds", "  · e (0 / 1) too late",
    ]  # fmt: skip


def test_a_message_of_the_cell_is_told_if_it_is_not_the_reports():
    assert said(message="It stopped.\n\n  \nTwice.") == ["  It stopped.", "  Twice."]


def test_lines_that_the_calls_hold_and_lines_twice_and_empty_ones_are_left_out():
    made = check(passed=False, message="one\nhidden: f(1) → 2\n\none\n  \ntwo\x1b")
    assert said(made) == ["  ✗ is right (0 / 1)", "    one", "    two\ufffd"]


def test_every_call_is_told():
    calls = [
        AskedResult(asked=f"f({n})", answered=f"{n}", expected="1", passed=n == 1, hidden=n == 2) for n in range(3)
    ]
    assert said(check(passed=False, calls=calls))[1:] == [
        "      ✗ public: f(0) → 0, expected 1", "      ✓ public: f(1) → 1", "      ✗ hidden: f(2) → 2, expected 1",
    ]  # fmt: skip
