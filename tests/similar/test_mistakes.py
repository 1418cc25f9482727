"""The mistakes that two students may share: named ones and wrong answers, not a student's own words."""

from __future__ import annotations

import pytest
from analysis.classes import cell, check, report

from autograder.similar.mistakes import mistakes_in


def test_named_mistakes_of_every_cell_and_notebook_count_by_their_cell():
    first = report("ada", [cell("f", 0.0, misconceptions=["sum", "sign"]), cell("g", 0.0, misconceptions=["sum"])])
    second = report("ada", [cell("h", 0.0, misconceptions=["sum"])], assignment="other")
    assert mistakes_in([first, second]) == {"f: sum", "f: sign", "g: sum", "h: sum"}


@pytest.mark.parametrize(
    ("message", "fields", "found"),
    [
        ("f(1) → 2, expected 3\nThe sum is missing.", {}, {"f: f(1) → 2, expected 3"}),
        ("f(1) → " + "9" * 200, {}, {"f: f(1) → " + "9" * 153}),
        ("f(1) → 2", {"misconception": "sum"}, set()),
        ("f(1) → 2", {"passed": True}, set()),
        ("f(1) → 2", {"passed": None}, set()),
        ("f(1) raised ValueError: my → own", {}, set()),
        ("f still raises NotImplementedError.", {}, set()),
        ("It is wrong.\nf(1) → 2", {}, set()),
        (None, {}, set()),
    ],
)
def test_a_wrong_answer_without_a_name_counts_by_its_first_line(message, fields, found):
    wrong = check(**{"passed": False, "message": message, **fields})
    assert mistakes_in([report("ada", [cell("f", 0.0, checks=[check(), wrong])])]) == found


def test_every_wrong_answer_of_a_cell_counts():
    checks = [check(passed=False, message=f"f({n}) → 0") for n in (1, 2)]
    assert mistakes_in([report("ada", [cell("f", 0.0, checks=checks)])]) == {"f: f(1) → 0", "f: f(2) → 0"}
