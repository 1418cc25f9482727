"""What is said of the explanations that fit: in the words of one, of two, or of what is nearest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.judging.calls import Call
from autograder.judging.candidates import Candidate, Inside
from autograder.judging.comparison import Comparison
from autograder.judging.findings import (
    Finding,
    _in_one_formula,
    _one_a_place,
    _same_numbers,
    _without_idle,
    agreed,
    finding_of,
    likeliest,
)
from autograder.judging.inner_slips import BUT
from autograder.judging.model import Check, Exercise
from autograder.judging.slips import Slip
from autograder.judging.stopwatch import Stopwatch


def candidate(*parts):
    return Candidate(tuple(Slip(name, message) for name, message in parts), abs)


def test_a_single_mistake_is_named_and_kept():
    one = candidate(("a", "It is A."))
    found = finding_of(one)
    assert (found.names, found.message, found.single) == (("a",), "It is A.", one)


def test_two_mistakes_are_named_in_their_order_and_neither_is_kept_as_a_single_one():
    found = finding_of(candidate(("b", "It is B."), ("a", "It is A.")))
    assert (found.names, found.single) == (("b", "a"), None)
    assert found.message == "Two mistakes together give these answers. It is B. And: It is A."


def test_one_mistake_in_two_places_is_one_name():
    found = finding_of(candidate(("a", "It is A."), ("a", "It is A.")))
    assert (found.names, found.single) == (("a",), None)
    assert found.message == "The same thing goes wrong in two places. It is A."


@pytest.mark.parametrize("parts", [[("", "It is A.")], [("b", "It is B."), ("", "It is A.")]], ids=len)
def test_what_has_a_part_without_a_name_is_not_named_but_described(parts):
    found = finding_of(candidate(*parts))
    assert (found.names, found.single) == ((), None)
    assert found.message.endswith("It is A.")


def test_two_slips_in_one_formula_are_one_sentence_and_one_beside_another_mistake_is_in_the_formula():
    inside = (("a", f"{BUT}one is left out."), ("b", f"{BUT}two is doubled."))
    assert finding_of(candidate(*inside)).message.endswith(
        "They are those of the right formula, but one is left out, and two is doubled."
    )
    assert (
        "It is C. And: In the formula, one is left out."
        in finding_of(candidate(("c", "It is C."), inside[0])).message
    )


@pytest.mark.parametrize(
    ("constants", "nearest"),
    [
        ([3e-5, 1e-6, 2e-7], 1e-6),
        ([3e-5, 1.02e-6, 1e-7], 1.02e-6),
        ([3e-5, 1.2e-6, 1e-7], 1e-7),
        ([9.9e-9, 1e-7], 9.9e-9),
        ([9e-9, 1e-7], 1e-7),
        ([1.1e-8, 1e-7], 1e-7),
        ([2e-7, 0.0], 0.0),
    ],
)
def test_of_the_constants_that_fit_the_first_that_is_a_power_of_ten_is_taken(constants, nearest):
    fits = [replace(candidate(("a", "It is A.")), constant=constant) for constant in constants]
    assert likeliest(fits).constant == nearest


CALLS = [Call((np.array([1.0, 2.0]),)), Call((np.array([3.0, np.nan]),))]
CHECK = Check("doubles", CALLS[0], lambda rng: [])


def double(x):
    return 2 * x


EXERCISE = Exercise("double", "test", double, checks=(CHECK,))


def comparison():
    """Of its own for each question: it knows calls by what they are, which must live as long as it does."""
    return Comparison(EXERCISE, Stopwatch())


A, B, C = (candidate((name, f"It is {name.upper()}.")) for name in "abc")
BEFORE = Finding((), "It was said before.")


@pytest.mark.parametrize(
    ("fits", "before", "names", "message"),
    [
        ([A], None, ("a",), "It is A."),
        ([A], BEFORE, ("a",), "It is A."),
        ([A, replace(A, function=double)], BEFORE, ("a",), "It is A."),
        ([A, B], None, (), "One of two things gives these answers. Either: It is A. Or: It is B."),
        ([B, A, B], None, (), "One of two things gives these answers. Either: It is B. Or: It is A."),
        ([A, B], BEFORE, (), BEFORE.message),
        ([A, B, C], None, (), ""),
        ([A, candidate(("a", "It is A."), ("b", "It is B."))], None, (), ""),
        ([A, candidate(("b", "It is A."))], None, (), ""),
    ],
)
def test_explanations_that_say_the_same_are_named_and_two_that_differ_are_both_told(fits, before, names, message):
    found = agreed(fits, before, EXERCISE, comparison(), CALLS)
    assert (found.names, found.message) == (names, message)


def test_of_small_constants_in_several_places_the_likeliest_is_named():
    def at(name, constant, kind="epsilon"):
        return Candidate((Slip(name, f"It is {name}.", kind),), abs, constant=constant)

    assert agreed([at("a", 3e-7), at("b", 1e-8)], BEFORE, EXERCISE, comparison(), CALLS).names == ("b",)
    assert agreed([at("a", 3e-7), at("b", 1e-8, "")], BEFORE, EXERCISE, comparison(), CALLS) == BEFORE


def test_a_mistake_that_changes_nothing_beside_another_one_is_not_named():
    working, idle = Candidate((Slip("a", "It is A."),), lambda x: 3 * x), Candidate((Slip("b", ""),), double)
    both = Candidate((*idle.parts, *working.parts), lambda x: 3 * x, made_of=(idle, working))
    assert _without_idle(both, comparison(), CALLS) is working
    needed = Candidate((*idle.parts, *working.parts), lambda x: 6 * x, made_of=(idle, working))
    assert _without_idle(needed, comparison(), CALLS) is needed
    assert agreed([both], None, EXERCISE, comparison(), CALLS).names == ("a",)


def test_a_mistake_may_be_idle_but_for_the_dtype_that_it_works_in():
    short = [Call((np.array([1.1, 2.3], np.float32),))]
    alone = Candidate((Slip("a", ""),), lambda x: x / 3)
    both = Candidate((), lambda x: x.astype(float) / 3, made_of=(alone,))
    assert _without_idle(both, comparison(), short) is alone


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (lambda x: x, lambda x: x.copy(), True),
        (lambda x: x, lambda x: x + 1e-12, False),
        (lambda x: x, np.nan_to_num, False),
        (lambda x: x, lambda x: np.where(x == 2, 7.0, x), False),
        (lambda x: x, lambda x: x[:, None], False),
        (lambda x: x, lambda x: (x[0], x[1]), False),
        (lambda x: (x[0], x[1]), lambda x: (x[0], x[1]), True),
        (lambda x: 1 / 0, lambda x: 1 / 0, False),
        (lambda x: x, lambda x: 1 / 0, False),
    ],
)
def test_two_explanations_give_the_same_if_every_number_is_the_same(one, other, same):
    first, second = Candidate((), one), Candidate((), other)
    assert _same_numbers(comparison(), first, second, CALLS) is same
    assert _same_numbers(comparison(), second, first, CALLS) is same


def test_of_the_changes_of_one_operation_the_first_is_kept_unless_a_slip_is_on_top():
    first, again, elsewhere = (Candidate((), abs, place=place) for place in ((0, 1), (0, 1), (1, 1)))
    slipped, nowhere = (replace(A, place=place, slips=A.parts) for place in ((0, 1), None))
    assert _one_a_place([first, again, slipped, elsewhere, nowhere]) == [first, slipped, elsewhere, nowhere]
    assert _one_a_place([B, C, A]) == [B, C, A]


def test_of_one_function_in_several_formulas_that_of_the_first_is_kept():
    def made(changed, function=abs, **more):
        return Candidate((), function, inside=Inside(changed, {}), **more)

    one, other, again = made("first"), made("second"), made("first")
    assert _in_one_formula([one, other, again], comparison(), CALLS) == [one, again]
    for unlike in (made("second", double), made("second", slips=A.parts), Candidate((), abs)):
        assert _in_one_formula([one, unlike], comparison(), CALLS) == [one, unlike]
