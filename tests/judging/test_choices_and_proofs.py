"""Questions with a stored answer: what is right, what is read about a wrong answer, and what never is."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from autograder.judging import choice, ordered_proof
from autograder.judging.calls import Raised, Returned, Unreadable
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


def test_a_choice_needs_two_letters_and_has_eight_at_most():
    with pytest.raises(ValueError, match="must be a, b, c"):
        choice("colour", topic="own", right="a", wrong={})
    wrong = {letter: ("wrong-" + letter, "This is not it.") for letter in "abcdefg"}
    assert choice("colour", topic="own", right="h", wrong=wrong).letters == "abcdefgh"


def test_a_line_that_is_both_true_and_false_is_refused():
    with pytest.raises(ValueError, match="in a right order: A"):
        ordered_proof("proof", topic="own", needs={"A": ""}, false={"A": ("false-line", "It is false.")})


def test_a_proof_whose_line_rests_on_one_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="in a right order: A"):
        ordered_proof("proof", topic="own", needs={"A": "Z"})


@pytest.mark.parametrize("item", [COLOUR, PROOF], ids=["choice", "proof"])
@pytest.mark.parametrize("value", [" ? ", "\n", "  "])
def test_white_space_around_what_is_not_answered_does_not_matter(item, value):
    assert result_of(item, value).checks[0].message.startswith(f"{item.name} is not answered yet")


def test_what_is_no_answer_is_shown_cut():
    shown = COLOUR.evidence(Returned("x" * 70)).partition(", which is no answer")[0].partition(" → ")[2]
    assert shown == "'" + "x" * 59


def test_an_exception_that_is_no_stub_says_nothing_particular_of_a_question():
    assert COLOUR.evidence(Raised("KeyError", "NotImplementedError")) is None
    assert "not answered yet" in COLOUR.evidence(Raised("NotImplementedError"))


def test_a_right_answer_holds_no_mistake_and_neither_does_none():
    assert [COLOUR.found(answer) for answer in (Returned("b"), Returned("z"), Raised("KeyError"))] == [None] * 3
    assert COLOUR.found(Returned("A")).name == "taken-for-red"


def test_of_two_false_lines_the_one_that_stands_first_is_told():
    false = {line: (f"false-{line.lower()}", "It is false.") for line in "XY"}
    proof = ordered_proof("proof", topic="own", needs={"A": "", "B": "A"}, false=false)
    assert [result_of(proof, lines).misconceptions for lines in ("AYXB", "XAYB", "BAX")] == [
        ["false-y"],
        ["false-x"],
        ["false-x"],
    ]
