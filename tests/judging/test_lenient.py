"""What accepts too much is a fault of the exercise."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from autograder import exercises
from autograder.judging import Call, Check, Exercise, Misconception, Tolerance, tolerance_for
from autograder.judging.default_tolerance import default_tolerance
from autograder.judging.lenient import accepts_anything, lost_by_none_alone
from autograder.judging.prove import faults, faults_of_marks, marked


def changed(**fields):
    return dataclasses.replace(exercises.find("logsumexp"), **fields)


def with_first(**fields):
    first, *others = exercises.find("logsumexp").checks
    return changed(checks=(dataclasses.replace(first, **fields), *others))


def zero_division(call, single):
    raise ZeroDivisionError("division by zero")


TOO_WIDE = {
    "infinite": (lambda call, single: Tolerance(absolute=math.inf), "accepts anything or nothing"),
    "not a number": (lambda call, single: Tolerance(relative=math.nan), "accepts anything or nothing"),
    "negative": (lambda call, single: Tolerance(absolute=-1.0), "accepts anything or nothing"),
    "a tenth": (lambda call, single: Tolerance(relative=0.1), "accepts an answer that is 5% off"),
    "a thousand": (lambda call, single: Tolerance(absolute=1e3), "accepts an answer that is 5% off"),
    "raises": (zero_division, "raises ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize(("tolerance", "says"), TOO_WIDE.values(), ids=TOO_WIDE)
def test_a_tolerance_that_accepts_too_much_is_a_fault(tolerance, says):
    assert any(says in fault for fault in faults(changed(tolerance=tolerance), range(1)))


def test_a_tolerance_that_is_infinite_for_a_few_inputs_is_a_fault():
    """As −log p is at p = 0: the others are judged as they should, and nobody looks at those."""

    def tolerance(call, single):
        smallest = float(np.min(np.abs(call.args[0])))
        return tolerance_for(1.0 / smallest if smallest else math.inf, single=single)

    zero = with_first(example=Call((np.array([0.0, 1.0]),)))
    assert any("accepts anything" in fault for fault in faults(dataclasses.replace(zero, tolerance=tolerance)))


def test_a_check_that_nothing_loses_is_a_fault():
    found = list(accepts_anything(with_first(judge=lambda *_: None)))
    assert [fault for fault in found if "takes 12345 for every number" in fault], found


def test_a_check_that_only_a_changed_argument_loses_is_none():
    from autograder.judging.model import CHANGED, Mismatch

    only = with_first(judge=lambda e, c, answer, t: Mismatch(CHANGED) if answer.changed else None)
    assert list(accepts_anything(only)) == []


@pytest.mark.parametrize("name", [name for _, name in exercises.names()])
def test_no_built_in_exercise_accepts_too_much_or_gives_odd_marks(name):
    entry = exercises.find(name)
    assert [*accepts_anything(entry), *faults_of_marks(entry)] == []


@pytest.mark.parametrize(
    ("weights", "points", "odd"),
    [
        ((1.0, 0.5, 0.5), None, 0),
        ((1.0, 1.0, 0.5), 1.0, 0),
        ((1.0, 1.0, 1.0), 2.0, 3),
        ((1.0, 2.0, 0.5), 5.0, 3),  # 1.429, 2.857, 0.714
        ((0.2857, 0.5, 1.0), None, 1),
    ],
)
def test_marks_that_nobody_likes_to_read_are_faults(weights, points, odd):
    checks = exercises.find("logsumexp").checks
    entry = changed(checks=tuple(dataclasses.replace(c, weight=w) for c, w in zip(checks, weights, strict=False)))
    found = list(faults_of_marks(entry, points))
    assert len(found) == odd
    assert all("a multiple of 0.05" in fault for fault in found)


def ordinary(rng):
    yield Call((rng.normal(0, 1, 5),))


def test_a_check_that_asks_nothing_new_is_named():
    first, second = (Check(name, Call((np.array([1.0, 2.0]),)), ordinary) for name in ("sums", "sums again"))
    wrong = Misconception("mean", np.mean, "This is a mean; a sum is asked for.")
    entry = Exercise("total", "own", np.sum, checks=(first, second), misconceptions=(wrong,))
    assert [note.partition(" is lost")[0] for note in lost_by_none_alone(entry)] == ["“sums again”"]


# --- the tolerance by default ----------------------------------------------------------------------------


def test_the_tolerance_by_default_grows_with_dtype_size_and_number():
    small, large = np.ones(10), np.full(10, 1e6)
    asked = [(small, False), (large, False), (np.tile(large, 10), False), (small, True)]
    absolute = [default_tolerance(Call((array,)), single).absolute for array, single in asked]
    assert absolute[1] == pytest.approx(1e6 * absolute[0])
    assert absolute[2] == pytest.approx(10 * absolute[1])
    assert absolute[3] > 1e8 * absolute[0]


def test_the_tolerance_by_default_takes_any_argument():
    from autograder.judging import Callback

    for args in ((), (np.zeros(0),), (np.array([np.nan, -np.inf]),), (3,), ([1, 2],), ("text", None)):
        tolerance = default_tolerance(Call(args), False)
        assert 0 < tolerance.absolute < 1e-12
    assert default_tolerance(Call((Callback(np.sum, "sum"), np.ones(3))), False).relative < 1e-8


def test_an_exercise_without_a_tolerance_forgives_rounding_and_nothing_else():
    check = Check("sums", Call((np.array([1e8, 1.0, -1e8]),)), lambda rng: [Call((rng.normal(1e6, 1, 1000),))])
    entry = Exercise("total", "own", math.fsum, checks=(check,))
    assert marked(entry, lambda x: sum(x.tolist()), 0).score == 1.0
    assert marked(entry, lambda x: sum(x.tolist()) * (1 + 1e-6), 0).score == 0.0


def test_an_exercise_has_a_check():
    with pytest.raises(ValueError, match="“total” has no check"):
        Exercise("total", "own", np.sum)


def test_inputs_that_can_not_be_drawn_are_a_fault():
    def broken(rng):
        yield Call((rng.normal(size="three"),))

    assert any("can't be drawn: TypeError" in fault for fault in faults(with_first(inputs=broken), range(1)))
