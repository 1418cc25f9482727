"""What is said of wrong answers that no explanation fits: true of them all, and without a hidden number."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import TOO_OFTEN, Call, Callback, Raised, Returned, Stopped
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.describe import described
from autograder.judging.model import Check, Exercise

CHECK = Check("holds", Call((1.0,)), lambda rng: [])


def function(x, y=1.0):
    return x


EXERCISE = Exercise("function", "test", function, checks=(CHECK,))


def value_of(answer):
    return answer if isinstance(answer, Raised | Stopped | Returned) else Returned(answer)


def asked(given, right, *, x=1.0, wrong=True, **named):
    return AskedCall(Call((x,), named), value_of(given), value_of(right), "wrong" if wrong else None)


def said(*calls, examples=(), others=()):
    """What is said of one check; ``others`` are those of another one that was asked before it."""
    entry = TriedCheck(CHECK, calls)
    tried = [TriedCheck(CHECK, others), entry] if others else [entry]
    return described(EXERCISE, tried, entry, examples)


def arrays(*pairs):
    """Wrong answers with the right ones, and a right one, all to inputs that have nothing to tell them apart."""
    calls = [asked(np.array(given), np.array(right)) for given, right in pairs]
    return said(*calls, asked(np.array(pairs[0][1]), np.array(pairs[0][1]), wrong=False))


# --- exceptions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "start"),
    [
        (
            [Raised("KeyError"), Raised("KeyError", "b")],
            "No value comes back: every call that fails raises KeyError.",
        ),
        ([Raised("KeyError"), Raised("ValueError")], ""),
        ([Raised("KeyError"), Returned(5.0)], ""),
        ([Raised("KeyError"), Stopped("It ended.")], ""),
        ([Raised("NotImplementedError")], ""),
        ([Stopped("It ended.")], ""),
        (
            [Raised("ValueError", TOO_OFTEN), Raised("ValueError", TOO_OFTEN)],
            "It calls the function that it is given",
        ),
        ([Raised("ValueError", TOO_OFTEN), Raised("ValueError")], "No value comes back"),
    ],
    ids=repr,
)
def test_an_exception_is_told_where_every_wrong_answer_is_that_one(answers, start):
    found = said(asked(2.0, 2.0, wrong=False), *(asked(answer, 2.0) for answer in answers))
    assert found.startswith(start)
    assert bool(found) == bool(start)


# --- answers that don't depend on the input ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("calls", "start"),
    [
        ([asked(5.0, 1.0), asked(5.0, 2.0)], "The answer is the same for every input"),
        ([asked(1.0, 1.0, wrong=False), asked(1.0, 2.0)], "The answer is that of the public example"),
        ([asked(5.0, 1.0), asked(5.5, 2.0)], ""),
        ([asked(5.0, 1.0), asked(5.0, 1.0)], ""),
        ([asked(5.0, 1.0)], ""),
        ([asked(np.nan, 1.0), asked(np.nan, 2.0)], ""),
    ],
)
def test_answers_that_are_all_one_number_are_told_where_the_right_ones_differ(calls, start):
    found = said(*calls)
    assert ("the same for every input" in found or "of the public example" in found) == bool(start)
    assert found.startswith(start)


# --- what the wrong inputs have in common ------------------------------------------------------------------

OK = np.array([2.0, 3.0])


@pytest.mark.parametrize(
    ("x", "usual", "where"),
    [
        (np.array([0.0, 3.0]), OK, "holds a 0"),
        (np.array([-2.0, 3.0]), OK, "holds a negative number"),
        (np.array([2, 3]), OK, "holds integers"),
        (OK.astype(np.float32), OK, "holds float32"),
        (np.array([2.0]), OK, "has a single entry"),
        (np.array([[2.0, 3.0]]), np.array([OK, OK, OK]), "has a single row"),
        (np.array([[2.0], [3.0], [4.0]]), np.array([OK, OK, OK]), "has a single column"),
        (np.array([OK, OK]), np.array([OK, OK, OK]), "is square"),
        (np.array([OK, OK, OK]), np.array([OK, OK]), "is not square"),
        (OK, np.array([OK, OK, OK]), "has one axis"),
        (np.array([OK, OK, OK]), OK, "is not square"),
        (np.array([[OK, OK, OK]] * 2), np.array([OK, OK, OK]), "has more than two axes"),
        (OK, 2.5, "has one axis"),
        (np.array([2.0, -800.0]), np.array([2.0, -1.0]), "holds numbers beyond 700"),
        (np.array([2.0, 1e-6]), np.array([2.0, 0.0]), "holds numbers below 1e-5"),
        (np.array([0.5, 1.5]), np.array([0.5, 1.0]), "is larger than 1"),
    ],
    ids=str,
)
def test_what_the_wrong_inputs_alone_have_in_common_is_told(x, usual, where):
    """The answers have nothing to tell by themselves: right ones are 1, 2, 3, 4 and wrong ones 7 and 5."""
    right = [asked(float(n), float(n), x=usual, wrong=False) for n in (1, 2, 3)]
    found = said(asked(7.0, 3.0, x=x), asked(5.0, 4.0, x=x), *right)
    assert found == f"The answers are right except where `x` {where}."


def test_what_one_right_input_has_as_well_or_one_wrong_input_lacks_is_not_told():
    zero = np.array([0.0, 3.0])
    first, second = asked(7.0, 3.0, x=zero), asked(5.0, 4.0, x=zero)
    right = asked(1.0, 1.0, x=OK, wrong=False)
    assert "holds a 0" in said(first, second, right)
    assert "holds a 0" not in said(first, second, right, asked(1.0, 1.0, x=zero, wrong=False))
    assert "holds a 0" not in said(first, asked(5.0, 4.0, x=OK), right)
    found = said(first, second, right, examples=[asked(1.0, 1.0, x=zero, wrong=False)])
    assert found == "The answers that this check asks for are right except where `x` holds a 0."
    assert "holds a 0" not in said(first, second)


def test_where_another_check_has_wrong_answers_of_its_own_this_one_s_are_told_apart():
    zero = np.array([0.0, 3.0])
    here = [asked(1.0, 1.0, x=OK, wrong=False), asked(7.0, 3.0, x=zero), asked(5.0, 4.0, x=zero)]
    found = said(*here, others=(asked(9.0, 8.0, x=OK),))
    assert found == "The answers that this check asks for are right except where `x` holds a 0."


def test_where_a_number_lies_is_told_only_if_three_are_right_and_a_public_call_shows_it():
    large, small = np.array([2.0, 800.0]), np.array([2.0, 9.0])
    right = [asked(float(n), float(n), x=small, wrong=False) for n in (1, 2, 3)]
    shown, hid = asked(7.0, 3.0, x=large), asked(5.0, 4.0, x=large)
    assert "beyond 700" in said(shown, hid, *right)
    assert "beyond 700" not in said(shown, hid, *right[:2])
    assert "beyond 700" not in said(right[0], hid, *right[1:])
    assert "beyond 700" in said(right[0], hid, *right[1:], examples=[shown])


def test_an_argument_that_is_not_0_or_is_given_is_told_by_its_default():
    right = asked(1.0, 1.0, wrong=False)
    calls = [asked(7.0, 3.0, y=0.5), asked(2.5, 4.0, y=0.5)]
    assert said(*calls, right) == "The answers are right except where `y` is given."
    zero = asked(1.0, 1.0, wrong=False, y=0.0)
    assert said(*calls, zero) == "The answers are right except where `y` is not 0."
    assert said(*calls, asked(1.0, 1.0, wrong=False, y=2.0)) == ""


def test_a_function_that_is_an_argument_has_nothing_to_tell():
    def over(f):
        return f

    callback = Callback(np.sum, "sum")
    calls = tuple(AskedCall(Call((callback,)), Returned(given), Returned(3.0), "wrong") for given in (2.5, 7.0))
    right = AskedCall(Call((callback,)), Returned(1.0), Returned(1.0), None)
    entry = TriedCheck(CHECK, (*calls, right))
    assert described(Exercise("over", "test", over, checks=(CHECK,)), [entry], entry) == ""


# --- which part is right -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([((9.0, 2.0), (1.0, 2.0)), ((8.0, 4.0), (3.0, 4.0))], "Of the values returned, only the first is wrong."),
        (
            [((1.0, 9.0), (1.0, 2.0)), ((3.0, 8.5), (3.0, 4.0))],
            "Of the values returned, only the second is wrong.",
        ),
        ([((1.0, 2.0, 9.0), (1.0, 2.0, 3.0))], "Of the values returned, only the third is wrong."),
        ([((9.0, 2.0), (1.0, 2.0)), ((3.0, 8.0), (3.0, 4.0))], ""),
        ([([9.0, 2.0], (1.0, 2.0))], "Of the values returned, only the first is wrong."),
    ],
)
def test_the_one_wrong_value_of_several_is_told(pairs, words):
    right = asked(pairs[0][1], pairs[0][1], wrong=False)
    assert said(*(asked(given, truth) for given, truth in pairs), right) == words


SQUARE = [[1.0, 2.0], [3.0, 5.0]]


@pytest.mark.parametrize(
    ("given", "right", "start"),
    [
        ([1.0, 9.0, 7.0], [1.0, 2.0, 3.0], "The first entry along the first axis is right"),
        ([9.0, 7.0, 3.0], [1.0, 2.0, 3.0], "The last entry along the first axis is right"),
        ([[1.0, 9.0], [8.0, 5.0]], SQUARE, "The diagonal of the result is right"),
        ([[7.0, 2.0], [3.0, 9.0]], SQUARE, "Off its diagonal the result is right"),
        ([9.0, 2.0, 3.0, 7.0], [1.0, 2.0, 3.0, 4.0], "More than half of the entries are right"),
        ([[1.0], [2.0]], [1.0, 2.0], "The numbers are right, their shape is not."),
        ([[1.0]], 1.0, "The numbers are right, their shape is not."),
        ([[[1.0, 2.0], [3.0, 5.0]]], SQUARE, "The numbers are right, their shape is not."),
        ([9.0, 2.0], 1.0, "What comes back is an array of shape (2,); asked for is one number."),
        (3.0, [1.0, 2.0], "What comes back is one number; asked for is an array of shape (2,)."),
        ([[1.0, 2.0, 3.0]], [1.0, 2.0], "What comes back is an array of shape (1, 3)"),
    ],
)
def test_the_part_of_an_array_that_is_right_is_told(given, right, start):
    assert arrays((given, right)).startswith(start)


def test_a_part_must_be_right_in_every_wrong_answer():
    first = ([1.0, 9.0, 7.0], [1.0, 2.0, 3.0])
    assert "first entry" not in arrays(first, ([8.0, 1.0, 0.0], [1.0, 2.0, 3.0]))


def test_a_relation_must_hold_for_every_wrong_answer_and_right_ones_don_t_matter():
    twice, thrice = ([-1.0, -2.0], [1.0, 2.0]), ([-3.0, -1.0], [3.0, 1.0])
    assert arrays(twice, thrice) == "Each answer is right up to a sign."
    assert arrays(twice, ([3.5, 9.0], [3.0, 1.0])) != "Each answer is right up to a sign."


def test_a_law_must_be_kept_by_the_right_answers_of_other_checks_too():
    pair = asked(np.array([-7.0, 9.0]), np.array([1.0, 2.0])), asked(np.array([-4.0, 1.0]), np.array([3.0, 5.0]))
    right = asked(np.array([1.0, 2.0]), np.array([1.0, 2.0]), wrong=False)
    assert "never negative" in said(*pair, right)
    negative = asked(np.array([-1.0, 2.0]), np.array([-1.0, 2.0]), wrong=False)
    assert "never negative" not in said(*pair, right, others=(negative,))


@pytest.mark.parametrize("right", [2.0, np.array([2.0, 4.0])], ids=repr)
def test_of_right_numbers_in_another_dtype_nothing_is_said_of_numbers_or_shape(right):
    assert said(asked(np.asarray(right, int), right), asked(1.0, 1.0, wrong=False)) == ""


def test_of_right_numbers_in_a_changed_argument_nothing_is_said_of_the_numbers():
    value = np.array([2.0, 4.0])
    assert said(asked(Returned(value, changed=True), value), asked(1.0, 1.0, wrong=False)) == ""
