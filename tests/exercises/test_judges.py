"""What is compared otherwise than as a whole: some of several values, entries of other scales, points asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder import exercises
from autograder.exercises._places import judged_by
from autograder.exercises.gaussian.covariance_matrix import _entry_by_entry
from autograder.exercises.matching.fit_class_gaussians import _judged_by as judged_by_class
from autograder.exercises.softmax.numerical_gradient import BOWL, Quadratic, _by_gradient, _steps_by_h
from autograder.judging import Call, Tolerance
from autograder.judging.calls import Raised, Returned, Unreadable, answer_of
from autograder.judging.model import truth_of

GRAD = exercises.find("heteroscedastic_grad")
CALL = Call((np.array([0.0, 1.0]), np.array([0.5, -1.0]), np.array([2.0, 1.3])))
TRUTH = truth_of(GRAD, CALL)
FIRST, SECOND = TRUTH.value
NAMES = ("first", "second")


def said(judge, value, call=CALL, truth=TRUTH, exercise=GRAD):
    found = judge(exercise, call, value if isinstance(value, Raised | Unreadable) else Returned(value), truth)
    return found.clause if found else ""


# --- some of several values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "value", "named"),
    [
        ((0,), (FIRST, SECOND + 1), ""),
        ((1,), (FIRST + 1, SECOND), ""),
        ((0,), (FIRST + 1, SECOND), "(first)"),
        ((1,), (FIRST, SECOND + 1), "(second)"),
        ((0, 1), (FIRST, SECOND + 1), "(second)"),
        ((0, 1), (FIRST + 1, SECOND + 1), "(first)"),
        ((0, 1), (FIRST, SECOND), ""),
        ((0,), (None, SECOND), "(first)"),
    ],
)
def test_a_wrong_value_costs_the_checks_of_its_own_place_and_is_named(places, value, named):
    for given in (value, list(value)):
        clause = said(judged_by(NAMES, *places), given)
        assert clause.endswith(named)
        assert bool(clause) == bool(named)


def test_the_rows_of_an_array_are_values_too():
    assert not said(judged_by(NAMES, 0), np.array([FIRST, SECOND + 1]))
    assert said(judged_by(NAMES, 1), np.array([FIRST, SECOND + 1])).endswith("(second)")


@pytest.mark.parametrize(
    "value", [FIRST[0], np.array(1.0), (FIRST,), [FIRST, SECOND, FIRST], None, "no", {0: FIRST}]
)
def test_an_answer_of_another_length_is_judged_as_a_whole(value):
    for places in ((0,), (1,)):
        clause = said(judged_by(NAMES, *places), value)
        assert clause
        assert "(first)" not in clause
        assert "(second)" not in clause


def test_what_returned_nothing_is_told_as_anywhere_else():
    assert said(judged_by(NAMES, 0), Raised("KeyError")) == "raised KeyError"
    assert said(judged_by(NAMES, 0), Unreadable("a generator")) == "a generator where numbers were expected"


def test_a_tolerance_of_its_own_stands_in_for_the_exercise_s():
    near = (FIRST * (1 + 1e-3), SECOND)
    asked = []

    def wide(call, single):
        asked.append((call, single))
        return Tolerance(relative=1e-2)

    assert said(judged_by(NAMES, 0), near)
    assert not said(judged_by(NAMES, 0, tolerance=wide), near)
    assert asked == [(CALL, False)]


def test_float32_arguments_allow_float32_values():
    single = Call(tuple(value.astype(np.float32) for value in CALL.args))
    answer = tuple(value.astype(np.float32) for value in truth_of(GRAD, single).value)
    assert not said(judged_by(NAMES, 0, 1), answer, single, truth_of(GRAD, single))
    assert "float32" in said(judged_by(NAMES, 0, 1), tuple(value.astype(np.float32) for value in TRUTH.value))


def test_d_by_mu_keeps_all_digits_where_d_by_log_sigma_has_a_floor():
    """In z / sigma nothing cancels, so that the smallest is as exact as the largest."""
    exercise, sigma = GRAD, np.exp(25.0)
    call = Call((np.array([0.0]), np.array([25.0]), np.array([sigma])))
    truth = truth_of(exercise, call)
    by_place = dict(zip((0, 1), (exercise.checks[0].judge, exercise.checks[1].judge), strict=True))
    off = tuple(part + 1e-16 for part in truth.value)
    assert said(by_place[0], off, call, truth).endswith("(d/dmu)")
    assert not said(by_place[1], off, call, truth)


CLASSES = exercises.find("fit_class_gaussians")
FAR = Call((1e3 * np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 1]), 2))


@pytest.mark.parametrize(("place", "name", "unit"), [(0, "priors", 1.0), (1, "means", 4e3), (2, "covs", 1.6e7)])
def test_shares_means_and_covariances_are_each_rounded_at_a_size_of_their_own(place, name, unit):
    """16 eps of the largest number that is added up: 1, the data, and their squares."""
    truth = truth_of(CLASSES, FAR)

    def moved(by):
        parts = [np.zeros_like(part) for part in truth.value]
        right = replace(truth, value=tuple(parts))
        return said(
            judged_by_class(place),
            tuple(part + by * (i == place) for i, part in enumerate(parts)),
            FAR,
            right,
            CLASSES,
        )

    eps = np.finfo(float).eps
    assert not moved(15 * eps * unit)
    assert moved(18 * eps * unit).endswith(f"({name})")


def test_of_a_class_s_gaussian_other_lengths_and_exceptions_are_judged_as_a_whole():
    truth = truth_of(CLASSES, FAR)
    for value in (truth.value[:2], truth.value[0], None, Raised("ValueError")):
        clause = said(judged_by_class(0), value, FAR, truth, CLASSES)
        assert clause
        assert "(priors)" not in clause
    wrong = (truth.value[0], truth.value[1] + 1, truth.value[2])
    assert not said(judged_by_class(0, 2), wrong, FAR, truth, CLASSES)
    assert said(judged_by_class(0, 1), list(wrong), FAR, truth, CLASSES).endswith("(means)")


# --- entries of other scales -------------------------------------------------------------------------------


def test_each_entry_of_a_covariance_is_compared_at_the_scale_of_its_own_columns():
    exercise = exercises.find("covariance_matrix")
    call = Call((np.array([[1.0, 1e-6], [-1.0, 1e-6], [1.0, -1e-6], [-1.0, -1e-6]]),))
    truth = truth_of(exercise, call)
    np.testing.assert_array_equal(truth.value, np.diag([1.0, 1e-12]))
    off = np.zeros((2, 2))
    for row, column, scale in ((0, 0, 1.0), (0, 1, 1e-6), (1, 0, 1e-6)):
        for factor, is_right in ((10, True), (40, False)):
            off[...] = 0
            off[row, column] = factor * np.finfo(float).eps * scale
            right = replace(truth, value=np.zeros((2, 2)))
            assert (said(_entry_by_entry, off, call, right, exercise) == "") == is_right
    assert said(_entry_by_entry, Raised("TypeError"), call, truth, exercise) == "raised TypeError"


# --- a gradient, and where the function was asked ----------------------------------------------------------

NUMERICAL = exercises.find("numerical_gradient")
X = np.array([2.0, -1.0])
AT = Call((BOWL, X))
SLOPE = np.array([2 * 2 - 3.0, 3 * 2 + 1.0])
"""Of x² + 3xy + y: 2x + 3y and 3x + 1."""


def judged(judge, answer, call=AT, truth=None):
    found = judge(NUMERICAL, call, answer, truth or Returned(SLOPE))
    return found.clause if found else ""


def test_a_quadratic_has_the_value_the_slope_and_the_sum_of_the_sizes_of_its_terms():
    assert BOWL.value(X) == 4 - 6 - 1
    np.testing.assert_array_equal(BOWL.gradient(X), SLOPE)
    assert BOWL.size(X) == 4 + 6 + 1
    table = Quadratic(np.eye(4), [[1.0, 2.0], [0.0, 0.0]])
    np.testing.assert_array_equal(table.gradient(np.ones((2, 2))), [[3.0, 4.0], [2.0, 2.0]])
    with pytest.raises(ValueError, match="another shape"):
        table.value(np.ones(4))


def test_a_gradient_is_compared_with_the_analytic_one():
    assert not judged(_by_gradient, Returned(SLOPE), truth=Returned(SLOPE + 1e-9))
    assert judged(_by_gradient, Returned(SLOPE + 1e-3), truth=Returned(SLOPE))
    assert judged(_by_gradient, Raised("ValueError")) == "raised ValueError"


def test_a_function_with_a_slip_is_compared_with_the_truth_that_it_is_asked_for():
    slipped = Returned(2 * SLOPE)
    assert not judged(_by_gradient, Returned(2 * SLOPE), truth=slipped)
    assert judged(_by_gradient, Returned(SLOPE), truth=slipped)


@pytest.mark.parametrize(
    ("places", "is_right"),
    [
        (([1, 0], [-1, 0], [0, 1], [0, -1]), True),
        (([1, 0], [0, -1], [0, 1], [-1, 0], [0, 0]), True),
        (([1, 0], [0, 1], [0, 0]), False),
        (([1, 0], [-1, 0], [0, 1]), False),
        (([0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5]), False),
        (([2, 0], [-2, 0], [0, 2], [0, -2]), False),
        (([1, 1], [-1, -1], [0, 1], [0, -1]), False),
        ((), False),
    ],
)
@pytest.mark.parametrize("h", [1e-5, 0.25])
def test_f_must_be_asked_at_a_step_to_both_sides_of_each_entry(places, is_right, h):
    call = Call((BOWL, X), {} if h == 1e-5 else {"h": h})
    points = tuple(X + h * np.array(place) for place in places)
    said = judged(_steps_by_h, Returned(SLOPE, points=points), call)
    assert said == ("" if is_right else "a gradient, but f was not asked at both x + h and x - h")


def test_a_wrong_gradient_is_told_before_the_points_and_points_of_other_shapes_are_passed_over():
    both = tuple(X + 1e-5 * np.array(place) for place in ([1, 0], [-1, 0], [0, 1], [0, -1]))
    assert "not asked" not in judged(_steps_by_h, Returned(SLOPE + 1))
    assert not judged(_steps_by_h, Returned(SLOPE, points=(np.zeros(3), *both, np.array(1.0))))


def test_the_reference_asks_as_is_demanded():
    answer = answer_of(NUMERICAL.reference, AT)
    assert not judged(_steps_by_h, answer, truth=answer)
