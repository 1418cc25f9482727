"""What is read about one check: evidence, cause and hint, each at its level of feedback."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import Call, Noise, Raised, Returned, Stopped, Unreadable
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.findings import Finding
from autograder.judging.messages import MAX_HIDDEN, MAX_TEXT, message_for, public_answer
from autograder.judging.model import CHANGED, Check, Exercise, Hint, by_value

HINT = (
    Hint("Think of the values.", ("value",)),
    Hint("And of names.", ("code", "value")),
    Hint("Copy.", ("changed",)),
)
CHECK = Check("doubles numbers", Call((1.0,)), lambda rng: [], hint=HINT)
DOUBLE = Exercise("double", "test", lambda x: 2 * x, checks=(CHECK,))


def asked(x, answer, clause="wrong"):
    return AskedCall(Call((x,)), answer, Returned(2 * x), clause)


def told(*calls, finding=None, feedback="messages", parts=()):
    return message_for(DOUBLE, TriedCheck(CHECK, calls), finding, feedback, parts)


RIGHT = asked(1.0, Returned(2.0), None)


def hidden(number):
    noise = Noise(f"printed {number}", (f"warned {number}",))
    return asked(float(number), Returned(0.0, noise=noise))


def test_a_check_that_holds_has_no_message_but_the_warnings_of_its_example():
    assert told(RIGHT) is None
    warned = asked(1.0, Returned(2.0, noise=Noise("printed", ("w", "v", "w"))), None)
    assert told(warned) == told(warned, feedback="full") == "It warned: w; v"


def test_warnings_are_cut():
    assert len(told(asked(1.0, Returned(2.0, noise=Noise(warnings=("w" * 999,))), None))) == MAX_TEXT


def test_a_hint_is_shown_for_the_failures_that_it_explains():
    assert told(asked(1.0, Returned(3.0))).splitlines()[1:] == ["Think of the values. And of names."]
    assert told(asked(1.0, Returned(2.0, changed=True), CHANGED)).splitlines()[1:] == ["Copy."]
    assert told(asked(1.0, Raised("NameError", "name 'y' is not defined"))).splitlines()[1:] == ["And of names."]
    assert told(asked(1.0, Raised("NotImplementedError"))).count("\n") == 0


def test_a_mistake_with_a_name_takes_the_place_of_the_hint_and_one_without_stands_before_it():
    wrong = asked(1.0, Returned(3.0))
    named, unnamed = (told(wrong, finding=Finding(names, "Said.")) for names in (("a",), ()))
    assert named.splitlines()[1:] == ["Said."]
    assert unnamed.splitlines()[1:] == ["Said.", "Think of the values. And of names."]


def test_a_part_that_is_not_written_yet_is_named_and_nothing_else_is_said():
    wrong = asked(1.0, Raised("NameError", "name 'softmax' is not defined"))
    found = told(wrong, finding=Finding(("name-not-defined",), "A name."), parts=["soft", "softmax"])
    assert found.splitlines()[1:] == ["`softmax` is the function of another part: write that one first."]
    assert "another part" not in told(wrong, parts=["soft"])
    other = asked(1.0, Raised("KeyError", "name 'softmax' is not defined"))
    assert "another part" not in told(other, parts=["softmax"])


def test_hidden_calls_are_shown_at_full_alone_and_so_many_of_those_that_fail():
    calls = [RIGHT, hidden(10), asked(11.0, Returned(22.0), None), *map(hidden, (12, 13, 14))]
    full = told(*calls, feedback="full")
    assert full.count("hidden: ") == MAX_HIDDEN == 3
    assert [line for line in full.splitlines() if line.startswith(("hidden:", "It "))] == [
        line
        for number in (10, 12, 13)
        for line in (
            f"hidden: double({number}) → 0, expected {2 * number}",
            f"It warned: warned {number}",
            f"It printed: printed {number}",
        )
    ]
    for feedback in ("messages", "score"):
        text = told(*calls, feedback=feedback)
        assert not [word for word in ("hidden", "warned", "printed", "10", "20") if word in text]


def test_at_full_long_output_and_texts_are_cut():
    long = Noise("p" * 999)
    text = told(RIGHT, asked(2.0, Raised("KeyError", "e" * 999, long)), feedback="full")
    assert (text.count("p" * MAX_TEXT), text.count("p" * (MAX_TEXT + 1))) == (1, 0)
    assert "e" * MAX_TEXT in text
    assert "e" * (MAX_TEXT + 1) not in text


@pytest.mark.parametrize(
    ("answer", "clause", "said"),
    [
        (Returned(3.0), "wrong", "double(1) → 3, expected 2"),
        (Returned(2.0, changed=True), CHANGED, "double(1) returns the right value, but an argument was changed"),
        (Returned(3.0, changed=True), CHANGED, "double(1) → 3, expected 2"),
        (Returned(np.array(2, bool)), "bool numbers", "double(1) → True, expected 2"),
        (Returned(2.0), "a thing that is not seen", "double(1) → a thing that is not seen"),
        (Returned(2.0 + 1e-13), "a thing that is not seen", "double(1) → a thing that is not seen"),
        (Raised("KeyError", "k"), "raised KeyError", "double(1) raised KeyError: k"),
        (Raised("KeyError"), "raised KeyError", "double(1) raised KeyError"),
        (Stopped("It ended.", seconds=None), "It ended.", "It ended."),
        (Stopped("x", seconds=2.0), "x", "double(1) did not end within 2 s and was stopped."),
        (Stopped("x", seconds=0.5), "x", "double(1) did not end within 0.5 s and was stopped."),
        (Unreadable("a generator"), "a generator where numbers", "double(1) → a generator where numbers"),
    ],
    ids=repr,
)
def test_the_answer_to_the_example_is_shown_as_it_came(answer, clause, said):
    assert told(asked(1.0, answer, clause)).splitlines()[0].startswith(said)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Returned(3.5, changed=True), "an argument is changed on the way"),
        (Returned(3.5), "a value is wrong"),
        (Unreadable("a 3.5"), "something that is no number comes back"),
        (Raised("KeyError", "3.5"), "raised KeyError"),
        (Stopped("It ended."), "It ended"),
    ],
    ids=repr,
)
def test_of_a_hidden_failure_the_kind_alone_is_told(answer, said):
    text = told(RIGHT, asked(1.75, answer)).splitlines()[0]
    assert text == f"double(1) is right, but other inputs of this kind are not: {said}."


@pytest.mark.parametrize(
    ("answer", "clause", "kept"),
    [
        (Returned(2.0), None, None),
        (Returned(3.0), "wrong", "3"),
        (Returned(2.0 + 1e-9), "wrong", "2.000000001"),
        (Returned(None), "wrong", "None"),
        (Returned("by Ada"), "wrong", "a string"),
        (Returned(2.0, changed=True), CHANGED, "the right value, but an argument was changed"),
        (Returned(3.0, changed=True), CHANGED, "3"),
        (Raised("KeyError", "by Ada"), "raised", "raises KeyError"),
        (Unreadable("a generator"), "a generator", "a generator"),
        (Stopped("It ended."), "It ended.", None),
    ],
    ids=repr,
)
def test_a_wrong_public_answer_is_kept_in_short(answer, clause, kept):
    found = public_answer(DOUBLE, asked(1.0, answer, clause))
    assert found == (None if kept is None else ("double(1)", kept))


def test_a_judge_by_value_takes_neither_an_exception_nor_an_answer_where_the_reference_raises():
    call = Call((1.0,))
    assert by_value(DOUBLE, call, Raised("KeyError"), Returned(2.0)).clause == "raised KeyError"
    assert by_value(DOUBLE, call, Returned(2.0), Raised("KeyError")).clause == "a value where none was expected"
