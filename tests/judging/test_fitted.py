"""Slips with a constant in them: which constants have a name, what is cut off, where an error is zero."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograder.judging.calls import Call, Callback
from autograder.judging.candidates import Candidate
from autograder.judging.fitted import (
    constants_for,
    cuts_of,
    epsilon,
    factor,
    factor_for,
    families_of,
    own_families,
    part_scaled,
    shift,
)
from autograder.judging.inner_slips import Family
from autograder.judging.model import Misconception


@pytest.mark.parametrize(
    "number", [1.0, 2.0, 3.0, 4.0, 1 / 3, 0.75, 10.0, 1e-5, 1e6, math.pi, math.sqrt(2), math.e]
)
def test_a_number_that_formulas_hold_has_a_name_of_either_sign(number):
    assert shift(number).name == "constant-added"
    assert shift(-number).name == "constant-missing"
    assert factor(number).name == factor(-number).name == "constant-factor"
    assert part_scaled(number).name == "number-inside"


@pytest.mark.parametrize("number", [5.5, 1.001, 0.37, 11.0, math.inf])
def test_any_other_number_has_none(number):
    assert shift(number).name == factor(-number).name == part_scaled(number).name == ""


def test_a_constant_is_told_with_its_sign_and_in_words_where_it_has_some():
    assert shift(0.5).message == "The result is always too large by the same number, 0.5 = ½."
    assert shift(-math.pi).message == "The result is always too small by the same number, 3.14159 = π."
    assert factor(-0.5).message.endswith("times the same number, -0.5 = -½.")
    assert factor(7.25).message.endswith("times the same number, 7.25.")
    assert part_scaled(3.0).message.endswith("but one part of it is taken 3 times.")


def test_each_of_several_values_is_shifted_or_scaled():
    assert shift(0.5).change((1.0, 2.0), {}) == (1.5, 2.5)
    assert factor(3.0).change((1.0, 2.0), {}) == (3.0, 6.0)
    assert factor(3.0).change([1.0, 2.0], {}).tolist() == [3.0, 6.0]
    assert shift(-1.0).change([1.0, 2.0], {}).tolist() == [0.0, 1.0]


def test_a_small_constant_is_told_to_two_digits_with_its_place():
    slip = epsilon(Family("epsilon-added", "is added to `x`", lambda _: abs), 1.234e-9)
    assert (slip.name, slip.kind) == ("epsilon-added", "epsilon")
    assert slip.message.startswith("A small constant, about 1.2e-09, is added to `x`.")


def cuts(*pairs):
    return [
        (slip.name, float(slip.change(-100.0, {})), float(slip.change(100.0, {})))
        for slip in cuts_of([tuple(map(np.array, pair)) for pair in pairs])
    ]


@pytest.mark.parametrize(
    ("given", "right", "found"),
    [
        ([0.5, 7.3, 7.3], [0.5, 8.0, 9.0], [("cut-off", -100, 7.3)]),
        ([0.5, -7.3, -7.3], [0.5, -8.0, -9.0], [("cut-off", -7.3, 100)]),
        ([0.5, 1.0, 1.0], [0.5, 8.0, 9.0], [("cut-at-one", -100, 1)]),
        ([0.5, 0.0, 0.0], [0.5, -8.0, -9.0], [("cut-at-zero", 0, 100)]),
        ([0.5, 30.0], [0.5, 40.0], [("cut-off", -100, 30)]),
        ([0.5, 30.123], [0.5, 40.0], []),
        ([0.5, 1.0], [0.5, 40.0], []),
        ([0.5, 0.0], [0.5, -40.0], []),
        ([7.3, 7.3], [8.0, 9.0], []),
        ([7.3, 7.3, 7.3], [7.3, 8.0, 9.0], []),
        ([0.5, 7.3, 2.0], [0.5, 8.0, 9.0], []),
        ([0.5, 2.0], [0.5, 2.0], []),
        ([np.nan, np.inf], [1.0, 2.0], []),
        ([np.nan, 0.5, 7.3, 7.3], [1.0, 0.5, 8.0, 9.0], [("cut-off", -100, 7.3)]),
    ],
)
def test_a_cut_is_told_where_two_numbers_lie_at_it_or_one_at_a_round_one_and_another_below(given, right, found):
    assert cuts((given, right)) == found


def test_the_numbers_of_all_answers_together_tell_of_a_cut_but_none_of_another_length():
    assert cuts(([0.5], [0.5]), ([7.3], [8.0]), ([7.3], [9.0])) == [("cut-off", -100, 7.3)]
    assert cuts(([99.0, 99.0], [1.0]), ([0.5, 7.3, 7.3], [0.5, 8.0, 9.0])) == [("cut-off", -100, 7.3)]
    assert cuts(([1.0, 2.0], [1.0])) == cuts() == []


@pytest.mark.parametrize("zero", [7e-60, 2.5e-9, 0.03])
def test_a_constant_is_found_whatever_its_size_and_the_sign_of_the_error(zero):
    for error in (lambda eps: eps - zero, lambda eps: zero - eps, lambda eps: math.log(eps / zero)):
        assert min(abs(eps / zero - 1) for eps in constants_for(error)) < 1e-9


def test_of_the_round_constants_the_two_with_the_least_error_are_tried():
    assert list(constants_for(lambda eps: 1.0 + abs(math.log10(eps) + 8.2))) == [1e-8, 1e-10]
    assert list(constants_for(lambda eps: math.nan)) == []
    assert list(constants_for(lambda eps: math.inf if eps < 1e-5 else 1 + eps)) == [1e-4, 1e-2]


def test_no_factor_is_found_where_the_error_is_no_number():
    assert factor_for(lambda by: math.nan) is None
    assert factor_for(lambda by: by - 2.5 if by <= 2 else math.nan) is None
    assert factor_for(lambda by: by + 3.0) == pytest.approx(-3.0)


def difference(x, y, steps=3):
    return x - y


def places(*calls):
    return [family.place for family in families_of([], difference, calls)]


def test_a_constant_may_be_in_each_argument_of_floats_and_in_all():
    assert places(Call((np.array([1.0]), np.array([2])))) == [
        "is added to `x`",
        "stands for less in `x`",
        "is kept from either end of `x`",
        "is added to the square of `x`",
    ]
    both = places(Call((1.0, -2.0)))
    assert {"is added to every argument", "stands for less in every argument"} <= set(both)
    assert "is added to the square of `x`" in both
    assert "is added to the square of `y`" not in both
    assert "is added to the square of `x` and `y`" in places(Call((1.0, 2.0)))
    assert places(Call((1, 2), {"steps": 3})) == places(Call((Callback(np.sum, "sum"), 2))) == []


def test_an_argument_is_of_floats_if_it_is_in_one_call_and_positive_or_square_if_it_is_in_all():
    assert "is added to `x`" in places(Call((1, 1)), Call((1.0, 1)))
    assert "is added to the square of `x`" not in places(Call((1.0, 1)), Call((0.0, 1)))
    diagonal = "is added to the diagonal of `x`"
    assert diagonal in places(Call((np.eye(2), 1)))
    assert diagonal not in places(Call((np.ones((2, 3)), 1)))
    assert diagonal not in places(Call((np.eye(2), 1)), Call((np.ones((2, 3)), 1)))


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        ("is added to `x`", [0.2, 1.1]),
        ("stands for less in `x`", [0.1, 1.0]),
        ("is kept from either end of `x`", [0.1, 0.9]),
        ("is added to the square of `x`", np.sqrt([0.11, 1.1])),
    ],
)
def test_a_constant_changes_the_argument_that_it_is_in(place, changed):
    x = np.array([0.1, 1.0])
    (family,) = (one for one in families_of([], difference, [Call((x, 0))]) if one.place == place)
    assert np.allclose(family.at(0.1)(x, 0), changed)
    assert np.allclose(family.over(0.1)(lambda x, y: 2 * x)(x, 0), 2 * np.array(changed))


def test_a_formula_of_its_own_has_a_known_mistake_alone():
    class Known:
        misconceptions = ()

    assert list(own_families(Candidate((), difference), Known)) == []


def guarded_quotient(x):
    return x / (x + 1.0)


def test_the_own_formula_of_a_known_mistake_holds_a_constant_in_each_of_its_places():
    class Known:
        misconceptions = (Misconception("quotient", guarded_quotient, ""),)

    families = list(own_families(Candidate(Known.misconceptions, guarded_quotient), Known))
    assert [family.place for family in families] == ["is added to what divides", "stands for less in what divides"]
    assert families[0].at(2.0)(1.0) == pytest.approx(1 / 4)
    assert list(own_families(Candidate((shift(2.0),), guarded_quotient), Known)) == []


@pytest.mark.parametrize("zero", [0.25, 3.0, -7.0, 1e6])
def test_a_factor_is_found_where_an_error_is_a_line_or_nearly_one(zero):
    assert factor_for(lambda by: 3 * (by - zero)) == pytest.approx(zero)
    if zero > 0:
        assert factor_for(lambda by: by**2 - zero**2 if zero < 9 else by - zero) == pytest.approx(zero, rel=1e-3)
    assert factor_for(lambda by: 5.0) is None


def test_an_error_that_changes_its_sign_twice_has_two_constants():
    found = list(constants_for(lambda eps: (math.log10(eps) + 7.1) * (math.log10(eps) + 15.3)))[2:]
    assert sorted(found) == pytest.approx([10**-15.3, 10**-7.1], rel=1e-9)
