"""A class in short: why a function lost marks, in a few words."""

from __future__ import annotations

import pytest
from conftest import CHECKOUT
from grades import cell_of

from autograder.commands.demo import submissions
from autograder.grading.submission import Submission
from autograder.reports.overview import summary, waiting_as_text
from autograder.results import CellResult, Report

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
