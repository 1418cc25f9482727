"""A class in short: why a function lost marks, in a few words."""

from __future__ import annotations

import pytest
from conftest import CHECKOUT
from grades import cell_of
from msgspec.structs import replace

from autograder.commands.demo import submissions
from autograder.grading.submission import Submission
from autograder.reports.overview import (
    label,
    lost_checks,
    reason,
    report_as_line,
    summary,
    waiting_as_text,
    waiting_in,
)
from autograder.results import CellResult, CheckResult, Report

SOFTMAX = CHECKOUT / "tests" / "submissions" / "softmax"


def report(*cells, status="graded"):
    fields = {"student": "ada", "assignment": "hw", "notebook": "hw", "file": "hw.ipynb", "message": None}
    fields |= {"score": 0.0, "max_score": 9.0, "isolation": "landlock", "seconds": 1.0}
    return Report(status=status, cells=list(cells), **fields)


def cell(name, message, score=0.0):
    return CellResult(grade_id=name, exercise=name, mode="sealed", score=score, max_score=1.0, message=message)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("f is not defined. Its own cell stopped: SyntaxError: invalid syntax (line 7).", "SyntaxError: f"),
        (
            "f is not defined. The code before it stopped: ModuleNotFoundError: No module named 'scipy'. A …",
            "import refused (scipy): f",
        ),
        ("f still raises NotImplementedError: write your solution in its place.", "not written: f"),
        ("f is not defined.", "not defined: f"),
        ("f([1]) did not end within 3 s and was stopped.", "too slow: f"),
        ("f did not come back: it ended its own process (os._exit, perhaps).", "ended Python: f"),
        ("f([2]) → 1, expected 2", "wrong: f"),
        ("stopped with AssertionError: no", "wrong: f"),
        ("stopped with KeyError: 'a'", "KeyError: f"),
    ],
)
def test_a_reason_is_a_word(message, said):
    assert summary(report(cell("f", message), cell("g", None, score=1.0))) == said


def test_reasons_are_gathered_and_an_untouched_notebook_is_one_word():
    stub = "f still raises NotImplementedError: write your solution in its place."
    assert summary(report(*(cell(name, stub) for name in "fgh"))) == "nothing written"
    mixed = [
        *(cell(name, stub) for name in "fgh"),
        cell("k", "k([2]) → 1, expected 2"),
        cell("l", None, score=1.0),
    ]
    assert summary(report(*mixed)) == "not written: 3 functions; wrong: k"
    assert summary(report(status="failed")) == "see below"
    assert waiting_as_text({}) == ""


def test_the_answers_that_wait_are_counted_and_named_by_assignment():
    def waiting(*names, assignment):
        cells = [
            CellResult(grade_id=name, exercise=None, mode="manual", score=None, max_score=1.0) for name in names
        ]
        return replace(report(*cells), assignment=assignment)

    found = waiting_in(
        [waiting("why", "when", assignment="a"), waiting("why", assignment="a"), waiting("why", assignment="b")]
    )
    assert found == {("a", "why"): 2, ("a", "when"): 1, ("b", "why"): 1}
    assert waiting_as_text(found) == (
        "4 answers wait to be marked by a person, in nbgrader's formgrader. a: why (2), when (1); b: why (1)."
    )
    assert waiting_as_text({("a", "why"): 1}).startswith("1 answer waits to be marked")


def test_a_verdict_is_one_line_with_what_is_open_and_what_was_repaired():
    plain = report(cell("f", None, score=1.0))
    assert report_as_line(plain) == "ada: 0 / 9"
    by_hand = CellResult(grade_id="why", exercise=None, mode="manual", score=None, max_score=1.0)
    full = replace(report(by_hand, replace(by_hand, grade_id="when")), notebook="second", repairs=["one", "two"])
    assert report_as_line(full) == "ada/second: 0 / 9; waits for a person: why, when; repaired: one, and two"
    assert (label(plain), label(full)) == ("ada", "ada/second")


def of(name, *checks, score=0.0, **fields):
    points = fields.pop("max_score", 1.0)
    found = [
        CheckResult(name=each, passed=passed, score=0.0, max_score=1.0, message=message)
        for each, passed, message in checks
    ]
    usual = {"exercise": name, "mode": "sealed"}
    return CellResult(grade_id=name, score=score, max_score=points, checks=found, **{**usual, **fields})


def test_named_mistakes_come_first_then_the_other_reasons_then_faults():
    cells = [
        of("a", ("x", False, "a([2]) → 1"), score=0.5),
        of("b", misconceptions=["sum", "sign"]),
        of(
            "c",
            ("x", None, "late"),
            ("y", False, None),
            ("z", False, "c(1) did not end within 3 s"),
            fault="KeyError",
        ),
        of("d", score=1.0, misconceptions=["kept"], fault="ValueError"),
        of("e", ("x", False, "e([2]) → 1")),
        of("g", misconceptions=["sum"]),
        of("h", ("x", False, "h([2]) → 1")),
        of("p", mode="manual", score=0.0),
        of("q", mode="in-process", score=None),
        of("r", max_score=0.0),
    ]
    assert summary(report(*cells)) == (
        "b: sum, sign; g: sum; partly wrong: a; too slow: c; wrong: e, h; fault of the grader: c, d"
    )


def test_reasons_of_up_to_two_functions_name_them():
    stub = "f still raises NotImplementedError: write it."
    assert summary(report(cell("f", stub), cell("g", stub), cell("h", None, 1.0))) == "not written: f, g"
    assert summary(report(cell("f", stub))) == "not written: f"
    assert summary(report(cell("f", stub), of("why", mode="manual"))) == "not written: f"
    assert summary(report()) == "no cell carries marks"
    assert summary(report(cell("f", None, 1.0))) == ""


@pytest.mark.parametrize(
    ("message", "score", "said"),
    [
        ("f([1]) took more than 1 GB.", 0.0, "too slow"),
        ("The cell stopped: TabError: x", 0.0, "TabError"),
        ("f is not defined.\nIt stopped: IndentationError: x", 0.0, "IndentationError"),
        ("stopped with NotImplementedError: x", 0.0, "not written"),
        ("It says: f is not defined", 0.0, "wrong"),
        ("stopped with ModuleNotFoundError: No module named 'a.b'", 0.0, "import refused (a.b)"),
        ("Python ended its own process.", 0.0, "ended Python"),
        (None, 0.0, "wrong"),
        (None, 0.25, "partly wrong"),
    ],
)
def test_a_reason_is_told_by_the_beginning_of_a_message(message, score, said):
    assert reason(cell("f", message, score)) == said


def test_checks_that_were_lost_are_counted_by_cell_and_check_the_most_lost_first():
    lost = ("x", False, "no")
    reports = [
        report(of("f", ("x", True, None), ("z", False, "no")), of("g", lost, ("y", None, "late"))),
        report(of("f", lost)),
        report(of("f", lost)),
    ]
    assert lost_checks(iter(reports)) == [("f", "x", 2), ("f", "z", 1), ("g", "x", 1)]
    assert lost_checks([]) == []


@pytest.mark.sandbox
def test_a_broken_cell_behind_another_failing_one_is_blamed_itself(grader, lean, source):
    """Its first word is misspelt, so that no line of it defines the function."""
    book = submissions.fill_in(lean, (SOFTMAX / "perfect.py").read_text())
    first = {
        "cell_type": "code",
        "id": "mine",
        "metadata": {},
        "source": "1 / 0",
        "outputs": [],
        "execution_count": None,
    }
    book = {**book, "cells": [first, *book["cells"]]}
    broken = cell_of(book, "softmax-solution")
    broken["source"] = broken["source"].replace("def softmax", "deff softmax")
    got = grader.grade(source, Submission(submissions.write(book))).report
    (softmax,) = [cell for cell in got.cells if cell.grade_id == "softmax"]
    assert softmax.message.startswith("softmax is not defined. Its own cell stopped: SyntaxError: invalid syntax")
    assert "ZeroDivisionError" not in softmax.message
    assert summary(got).endswith("SyntaxError: softmax")
