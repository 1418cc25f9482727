"""Questions with a stored answer: what is right, what is read about a wrong answer, and what never is."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from autograder.judging import choice, ordered_proof
from autograder.judging.calls import Unreadable
from autograder.judging.items import accepts_order
from autograder.judging.prove import compositions, faults, marked

COLOUR = choice(
    "colour",
    topic="own",
    right="b",
    wrong={
        "a": ("taken-for-red", "Red is another colour, with a longer wave."),
        "c": ("taken-for-grey", "Grey is no colour of the rainbow at all."),
    },
)
NEEDS = {"D": "", "B": "D", "A": "", "C": "AB"}
PROOF = ordered_proof(
    "proof",
    topic="own",
    needs=NEEDS,
    false={"E": ("every-term-positive", "Line E is false: one of the terms may be negative.")},
)


def result_of(item, value):
    def function():
        if value is NotImplementedError:
            raise value
        return value

    return marked(item, function, 0)


def linear_extensions(needs):
    """Every order of the lines that keeps each behind its reasons, found without the code under test."""
    found = [""]
    for _ in needs:
        found = [
            done + line
            for done in found
            for line in needs
            if line not in done and all(reason in done for reason in needs[line])
        ]
    return set(found)


@pytest.mark.parametrize("item", [COLOUR, PROOF], ids=["choice", "proof"])
def test_an_item_is_proven_like_any_exercise(item):
    assert [*faults(item), *compositions(item)] == []
    assert item.points == 1


@pytest.mark.parametrize("value", ["b", "B", " b\n", np.str_("b"), np.array("B")])
def test_the_right_choice_gets_the_point(value):
    assert result_of(COLOUR, value).score == 1


@pytest.mark.parametrize("value", ["a", "c"])
def test_a_wrong_choice_is_named_and_never_told_the_right_one(value):
    result = result_of(COLOUR, value)
    (check,) = result.checks
    assert result.score == 0
    assert check.message.startswith(f"colour() → “{value}”\n")
    assert result.misconceptions == [{"a": "taken-for-red", "c": "taken-for-grey"}[value]]
    assert "“b”" not in check.message
    assert "expected" not in check.message
    assert (check.example, check.answer) == ("colour()", f"“{value}”")


@pytest.mark.parametrize("item", [COLOUR, PROOF], ids=["choice", "proof"])
@pytest.mark.parametrize("value", [NotImplementedError, None, "?", ""])
def test_an_untouched_item_is_not_answered_yet(item, value):
    result = result_of(item, value)
    assert (result.score, result.misconceptions) == (0, [])
    assert result.checks[0].message.startswith(f"{item.name} is not answered yet: return ")


@pytest.mark.parametrize("item", [COLOUR, PROOF], ids=["choice", "proof"])
@pytest.mark.parametrize("value", [3, np.zeros((3, 3)), ["a", 1], "z", "bb", "abcde" * 9, {"a": 1}, True])
def test_what_is_no_answer_gets_nothing_and_says_what_one_is(item, value):
    result = result_of(item, value)
    assert (result.score, result.misconceptions) == (0, [])
    assert re.search("which is no answer: (. stands twice; )?return ", result.checks[0].message)


@pytest.mark.parametrize("value", ["DBBAC", ["D", "B", "A", "b", "C"], np.array(["D", "A", "B", "C", "B"])])
def test_a_line_that_stands_twice_is_named(value):
    result = result_of(PROOF, value)
    assert (result.score, result.misconceptions) == (0, [])
    assert "which is no answer: B stands twice; return the letters" in result.checks[0].message


@pytest.mark.parametrize("item", [COLOUR, PROOF], ids=["choice", "proof"])
def test_what_no_process_can_send_is_no_answer_either(item):
    said = item.evidence(Unreadable("an object of type set"))
    assert said.startswith(f"{item.name}() → an object of type set, which is no answer: return ")


@pytest.mark.parametrize(
    "needs",
    [NEEDS, {"A": "", "B": ""}, {"A": "", "B": "A", "C": "B"}, {"A": "", "B": "", "C": "A", "D": "A", "E": "BD"}],
    ids="".join,
)
def test_every_order_that_holds_together_is_right_and_no_other(needs):
    """The reference is a construction of all linear extensions."""
    item = ordered_proof("proof", topic="own", needs=needs)
    orders = {"".join(order) for order in itertools.permutations(needs)}
    right = {order for order in orders if accepts_order(order, needs)}
    assert right == linear_extensions(needs)
    for order in orders:
        assert result_of(item, list(order)).score == (order in right)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (["E", "D", "B", "A", "C"], "every-term-positive"),
        (["D", "B", "C"], "line-left-out"),
        (["C", "D", "B", "A"], "used-before-shown"),
        ("DBEAC", "every-term-positive"),
    ],
)
def test_a_proof_that_does_not_hold_is_told_why(value, name):
    assert result_of(PROOF, value).misconceptions == [name]


@pytest.mark.parametrize(
    "value",
    [
        ("D", "B", "A", "C"),
        "dbac",
        "D, B, A, C",
        ["a", "d", "b", "c"],
        ["D, B", "A C"],
        np.array(["D", "B", "A", "C"]),
        np.array(["d", "b", "a", "c"], dtype=object),
        [np.str_("D"), "B", "A", "C"],
        np.str_("DBAC"),
        np.array("D B A C"),
    ],
)
def test_the_lines_may_be_written_in_any_way(value):
    assert result_of(PROOF, value).score == 1


def test_choices_that_are_not_a_b_c_are_refused():
    with pytest.raises(ValueError, match="must be a, b, c"):
        choice("colour", topic="own", right="b", wrong={"d": ("taken-for-red", "Red is another colour.")})
    with pytest.raises(ValueError, match="must be a, b, c"):
        choice("colour", topic="own", right="a", wrong={"a": ("taken-for-red", "Red is another colour.")})


def test_a_proof_whose_own_order_does_not_hold_is_refused():
    with pytest.raises(ValueError, match="in a right order: AB"):
        ordered_proof("proof", topic="own", needs={"A": "B", "B": ""})
