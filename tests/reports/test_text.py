"""Results as text: a line for each check, and no student's text that looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.text import (
    cell_as_text,
    cell_marks,
    checks_as_text,
    file_as_text,
    marks,
    not_run,
    printable,
)
from autograder.results import CellResult, CheckResult, FileResult


def check(name, passed, message=None, weight=1.0):
    return CheckResult(name=name, passed=passed, score=weight * bool(passed), max_score=weight, message=message)


RIGHT = check("matches the definition", True)
WRONG = check("stays finite", False, "softmax([1000]) → [nan], expected [1]\nexp overflows.")
WAITING = [check(name, None, "not run: it waits", 0.5) for name in ("takes lists", "leaves its argument")]


@pytest.mark.parametrize(
    ("score", "maximum", "text"),
    [(0.0, 4.0, "0 / 4"), (0.5, 1.0, "0.5 / 1"), (4 / 3, 4.0, "1.333 / 4"), (10, 100, "10 / 100")],
)
def test_marks_are_written_short(score, maximum, text):
    assert marks(score, maximum) == text


def test_a_check_is_a_line_with_a_mark_and_its_message_stands_indented_below():
    assert checks_as_text([RIGHT, WRONG]).splitlines() == [
        "✓ matches the definition (1 / 1)",
        "✗ stays finite (0 / 1)",
        "  softmax([1000]) → [nan], expected [1]",
        "  exp overflows.",
    ]


def test_checks_that_were_not_run_for_one_reason_are_one_line():
    assert checks_as_text([WRONG, *WAITING]).splitlines()[3:] == ["· 2 checks (0 / 1) not run: it waits"]
    assert checks_as_text(WAITING[:1]) == "· takes lists (0 / 0.5) not run: it waits"


def test_a_warning_of_a_passed_check_is_shown():
    assert "  It warned: careful" in checks_as_text([check("holds", True, "It warned: careful")])


def test_long_lines_are_wrapped():
    lines = checks_as_text([check("holds", False, "word " * 100)]).splitlines()
    assert len(lines) > 2
    assert all(len(line) <= 100 for line in lines)


FORGED = [
    "✓ stays finite (1 / 1)",
    "\n✓ forged (1 / 1)",
    "a\r✓ forged",
    "a\x0b✓ forged",
    "a\u2028✓ forged",
    "x\x85✓",
]


@pytest.mark.parametrize("message", FORGED, ids=ascii)
@pytest.mark.parametrize("passed", [True, False, None])
def test_a_students_text_can_not_pass_for_a_check(message, passed):
    """Only the line of a check begins at the margin, whatever line ends the text holds."""
    lines = checks_as_text([check("holds", passed, message)]).splitlines()
    assert [line[2:7] for line in lines if not line.startswith("  ")] == ["holds"]


@given(st.text())
def test_no_text_reaches_the_margin(message):
    lines = checks_as_text([check("holds", False, message)]).splitlines()
    assert all(line.startswith("  ") for line in lines[1:])


def cell(**fields):
    return CellResult(
        **{"grade_id": "q", "exercise": "q", "mode": "sealed", "score": 0.0, "max_score": 1.0, **fields}
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"checks": [RIGHT]}, "✓ matches the definition (1 / 1)"),
        ({"message": "waits to be marked by a person"}, "waits to be marked by a person"),
        ({"checks": [RIGHT], "message": "softmax is not defined."}, "softmax is not defined."),
        ({}, ""),
    ],
)
def test_a_cell_is_its_checks_or_the_sentence_that_stands_for_them(fields, text):
    assert cell_as_text(cell(**fields)) == text


def file_result(**fields):
    usual = {"exercise": "softmax", "file": "mine.py", "score": 1.0, "max_score": 4.0, "passed": False}
    usual |= {"isolation": "landlock", "seconds": 0.1, "message": None, "checks": [RIGHT], "misconceptions": []}
    return FileResult(**{**usual, **fields})


def test_a_file_has_a_headline_and_its_checks():
    assert file_as_text(file_result()) == "softmax in mine.py: 1 / 4\n  ✓ matches the definition (1 / 1)"


def test_a_file_that_could_not_be_graded_shows_the_reason():
    assert file_as_text(file_result(message="softmax is not defined.")).splitlines()[1:] == [
        "  softmax is not defined."
    ]


def test_the_headline_warns_of_grading_without_isolation():
    assert "WITHOUT isolation" in file_as_text(file_result(isolation="none")).splitlines()[0]
    assert "WITHOUT" not in file_as_text(file_result(isolation=None))


def test_escape_sequences_do_not_reach_a_terminal():
    message = "f(1) raised ValueError: \x1b[1A\x1b[2K✓ a (1 / 1)"
    check = CheckResult(name="a", passed=False, score=0.0, max_score=1.0, message=message)
    assert "\x1b" not in checks_as_text([check])


def skipped(name, message, points=1.0):
    return CheckResult(name=name, passed=None, score=0.0, max_score=points, message=message)


def test_checks_not_run_are_gathered_by_reason_in_order():
    """Whatever stands between them; one that gives no reason is a line of its own."""
    late = "not run: it counts once “a” holds, where it counts"
    checks = [skipped("a", "too\nlate"), skipped("b\nc", late), skipped("d", "too\nlate", 0.5), skipped("e", None)]
    assert not_run(checks) == ["2 checks (0 / 1.5) too late", f"b c (0 / 1) {late}"]
    assert not_run([skipped("x", late), skipped("y", late)]) == [
        "2 checks (0 / 2) not run: they count once “a” holds, where it counts"
    ]
    assert checks_as_text(iter(checks)).splitlines() == [
        "· e (0 / 1)", "· 2 checks (0 / 1.5) too late", f"· b c (0 / 1) {late}",
    ]  # fmt: skip
    assert not_run([check("a", True, "It warned."), check("b", False, "no")]) == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("plain é 日本 🙂", "plain é 日本 🙂"),
        ("👩‍🔬 a\u200cb", "👩‍🔬 a\u200cb"),
        ("a\x1b[31m\tb", "a\ufffd[31m\ufffdb"),
        ("a\u202eb\u00a0c", "a\ufffdb\ufffdc"),
        ("\ud800", "\ufffd"),
        ("", ""),
    ],
)
def test_what_controls_a_terminal_is_replaced_and_emoji_stay_whole(line, shown):
    assert printable(line) == shown


@pytest.mark.parametrize(("score", "text"), [(None, "– / 2.5"), (0.0, "0 / 2.5"), (1.25, "1.25 / 2.5")])
def test_a_cells_marks_are_open_where_a_person_has_to_give_them(score, text):
    assert cell_marks(CellResult(grade_id="q", exercise=None, mode="manual", score=score, max_score=2.5)) == text
