"""Which mistakes may be one of two: the nearest few, in the first few wrong answers."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Call, Raised, Returned
from autograder.judging.candidates import AskedCall, Candidate
from autograder.judging.comparison import Comparison
from autograder.judging.promising import nearly, partly
from autograder.judging.stopwatch import Stopwatch

EXERCISE = exercises.find("entropy")
CHECK = EXERCISE.checks[0]


def evidence(*answers, truth=(1.0, 1.0, 1.0, 1.0), wrong=True):
    """Calls with the arguments 0, 1, … and what was answered."""
    truth = Returned(np.array(truth))
    return [
        (CHECK, AskedCall(Call((float(i),)), answer, truth, "wrong" if wrong else None))
        for i, answer in enumerate(
            answer if isinstance(answer, Raised) else Returned(np.array(answer)) for answer in answers
        )
    ]


def bases(*functions):
    return [Candidate((), function) for function in functions]


def always(*numbers):
    return lambda _: np.array(numbers)


def chosen(which, functions, found):
    made = bases(*functions)
    with np.errstate(all="ignore"):
        return [made.index(base) for base in which(made, found, Comparison(EXERCISE, Stopwatch(60)))]


def test_those_that_are_near_half_of_the_numbers_come_nearest_first():
    functions = [always(2.2, 2.2, 9, 2.2), always(2.02, 9, 2.02, 2.02), always(2.4, 2.4, 2.4, 2.4), always(2.02)]
    assert chosen(nearly, functions, evidence([2.0, 2.0, 2.0, 2.0])) == [1, 0]


def test_near_is_less_than_15_percent_of_a_number_of_either_sign():
    functions = [always(-2.28), always(-2.32), always(-1.72), always(-1.68), always(2.0)]
    assert chosen(nearly, functions, evidence([-2.0])) == [0, 2]


def test_of_many_that_are_near_the_nearest_six_are_tried():
    functions = [always(1 + off / 100) for off in (8, 7, 6, 5, 4, 3, 2, 1)]
    assert chosen(nearly, functions, evidence([1.0])) == [7, 6, 5, 4, 3, 2]


def test_three_wrong_answers_tell_which_is_near():
    functions = [
        lambda i: np.array([1.0 if i < 2 else 9.0, 1.0]),
        lambda i: np.array([1.0, 1.0] if i < 3 else [1.0]),
    ]
    found = evidence(*[[1.0, 1.0]] * 4)
    assert chosen(nearly, functions, found) == [0, 1]
    assert chosen(nearly, functions, evidence([1.0, 1.0], wrong=False)) == []
    assert chosen(nearly, [lambda i: np.ones(1 if i == 2 else 2)], found) == []


@pytest.mark.parametrize("which", [nearly, partly])
def test_nothing_is_promising_beside_no_numbers(which):
    assert chosen(which, [always(1.0)], []) == []
    assert chosen(which, [always(1.0)], evidence(Raised("KeyError"))) == []


def test_those_that_give_a_part_of_the_wrong_numbers_come_by_how_many_they_give():
    theirs = evidence([5.0, 6.0, 1.0, 7.0])
    functions = [
        always(5.0, 0, 1, 0),
        always(5.0, 6.0, 0, 0),
        always(0, 0, 1.0, 0),
        always(5.0),
        always(5.0, 0, 1, 7.0 * (1 + 1e-12)),
        always(0, 6.0 * (1 + 1e-6), 0, 0),
    ]
    assert chosen(partly, functions, theirs) == [1, 4, 0]


def test_neither_0_nor_what_is_no_finite_number_counts():
    assert chosen(partly, [always(0.0, np.inf, np.nan, 9)], evidence([0.0, np.inf, np.nan, 8.0])) == []


def test_of_many_that_give_a_part_four_are_tried_and_in_two_calls():
    assert chosen(partly, [always(5.0, 0, 0, 0)] * 6, evidence([5.0, 6.0, 7.0, 8.0])) == [0, 0, 0, 0]
    functions = [lambda i: np.full(4, 5.0 if i > 1 else 0), lambda i: np.full(4, 5.0 if i == 1 else 0)]
    assert chosen(partly, functions, evidence(*[[5.0, 6.0, 7.0, 8.0]] * 3)) == [1]
    assert chosen(partly, [always(5.0)], evidence([5.0], truth=(1.0, 1.0))) == []
