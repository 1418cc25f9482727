"""Slips on an answer: what each makes of a small answer, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.answer_slips import answer_slips
from autograder.judging.calls import Call

TABLE = np.array([[1.0, 2.0], [3.0, 6.0]])
ROW = np.array([4.0, -1.0, 3.0])
COUNTS = {"n": 4, "k": 3, "steps": 5}


def reference(x, w, steps=10, centre=False):
    raise NotImplementedError


def changes(call):
    found = {}
    for slip in answer_slips(reference, call):
        found.setdefault(slip.name, slip)
    return found


SLIPS = changes(Call((np.ones(4), np.ones((2, 3)), 5)))


@pytest.mark.parametrize(
    ("name", "number", "changed"),
    [
        ("sign-flipped", 3.0, -3.0),
        ("twice", 3.0, 6.0),
        ("half", 3.0, 1.5),
        ("four-times", 3.0, 12.0),
        ("a-quarter", 3.0, 0.75),
        ("percent", 0.25, 25.0),
        ("base-2", np.log(8), 3.0),
        ("base-10", np.log(1000), 3.0),
        ("times-log-2", 3.0, np.log(8)),
        ("times-n", 3.0, 12.0),
        ("divided-by-n", 3.0, 0.75),
        ("n-minus-1", 3.0, 4.0),
        ("n-minus-1-root", 3.0, np.sqrt(12)),
        ("n-minus-1-inverse", 4.0, 3.0),
        ("times-root-n", 3.0, 6.0),
        ("divided-by-root-n", 3.0, 1.5),
        ("times-n-squared", 3.0, 48.0),
        ("times-k", 2.0, 6.0),
        ("times-steps", 2.0, 10.0),
        ("result-squared", -3.0, 9.0),
        ("result-root", 9.0, 3.0),
        ("result-inverted", 4.0, 0.25),
        ("result-exponential", np.log(3), 3.0),
        ("result-logarithm", np.exp(3), 3.0),
        ("complement", 0.25, 0.75),
        ("absolute-value", -3.0, 3.0),
        ("plus-one", 3.0, 4.0),
        ("minus-one", 3.0, 2.0),
        ("cut-at-zero", -0.5, 0.0),
        ("cut-at-zero", 2.5, 2.5),
        ("cut-at-one", 2.5, 1.0),
        ("cut-at-one", -0.5, -0.5),
        ("integer-output", -2.7, -2),
    ],
)
def test_a_number_becomes_another(name, number, changed):
    assert SLIPS[name].change(number, COUNTS) == pytest.approx(changed)


@pytest.mark.parametrize(
    ("name", "answer", "changed"),
    [
        ("transposed", TABLE, [[1, 3], [2, 6]]),
        ("axis-kept", np.float64(2.0), [2.0]),
        ("axis-kept", ROW, [[4, -1, 3]]),
        ("column", ROW, [[4], [-1], [3]]),
        ("summed", TABLE, 12.0),
        ("averaged", TABLE, 3.0),
        ("rows-summed", TABLE, [4, 8]),
        ("columns-summed", TABLE, [3, 9]),
        ("reversed", ROW, [3, -1, 4]),
        ("sorted", ROW, [-1, 3, 4]),
        ("cumulative", ROW, [4, 3, 6]),
        ("normalised", ROW, ROW / 6),
        ("over-the-largest", ROW, [1, -0.25, 0.75]),
        ("largest-only", ROW, 4.0),
        ("first-only", TABLE, [1, 2]),
        ("last-only", TABLE, [3, 6]),
        ("index-of-largest", TABLE, [1, 1]),
        ("flattened", TABLE, [1, 2, 3, 6]),
        ("diagonal-only", TABLE, [1, 6]),
    ],
)
def test_an_array_becomes_another(name, answer, changed):
    given = SLIPS[name].change(answer, COUNTS)
    assert np.shape(given) == np.shape(changed)
    assert np.allclose(given, changed)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("transposed", ROW),
        ("rows-summed", ROW),
        ("flattened", ROW),
        ("summed", np.float64(2.0)),
        ("reversed", np.float64(2.0)),
        ("axis-kept", (ROW, ROW)),
        ("diagonal-only", np.ones((2, 2, 2))),
        ("values-swapped", ROW),
        ("first-value-only", ROW),
        ("twice-first", ROW),
        ("twice-third", (1.0, 2.0)),
        ("values-reordered", (1.0, 2.0)),
    ],
)
def test_a_slip_that_an_answer_cannot_suffer_gives_none(name, answer):
    assert SLIPS[name].change(answer, COUNTS) is None


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("twice", (2.0, 4.0, 6.0)),
        ("values-swapped", (3.0, 2.0, 1.0)),
        ("first-value-only", 1.0),
        ("last-value-only", 3.0),
        ("twice-first", (2.0, 2.0, 3.0)),
        ("twice-second", (1.0, 4.0, 3.0)),
        ("plus-one-third", (1.0, 2.0, 4.0)),
    ],
)
def test_of_several_values_each_one_alone_or_all_are_changed(name, changed):
    assert SLIPS[name].change((1.0, 2.0, 3.0), COUNTS) == changed


def test_three_values_come_back_in_every_other_order():
    given = {
        slip.change((1, 2, 3), COUNTS)
        for slip in answer_slips(reference, Call((ROW,)))
        if slip.name in ("values-reordered", "values-swapped")
    }
    assert given == {(1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)}


def test_an_answer_is_rounded_to_each_number_of_decimals_from_0_to_12():
    rounded = [slip for slip in answer_slips(reference, Call((ROW,))) if slip.name == "rounded"]
    assert [float(slip.change(np.pi, {})) for slip in rounded] == [round(np.pi, digits) for digits in range(13)]
    assert all(f"has {digits} decimals" in slip.message for digits, slip in enumerate(rounded))


def test_an_answer_in_float32_keeps_7_digits():
    assert SLIPS["float32-output"].change(np.float64(0.1), {}).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "lengths", "words"),
    [
        (Call((ROW, ROW)), {"n"}, {"n": "the length of `x`"}),
        (Call((1.5, ROW)), {"n"}, {"n": "the length of `w`"}),
        (Call((ROW, TABLE)), {"n", "k"}, {"n": "the length of `x`", "k": "the number of columns of `w`"}),
        (Call((TABLE, TABLE)), {"n", "k"}, {"n": "the length of `x`", "k": "the number of columns of `x`"}),
        (Call((1.5, 2.5), {"steps": 7, "centre": True}), {"steps"}, {"steps": "the argument `steps`"}),
        (Call((np.array(2.0), 2.5)), set(), {}),
    ],
)
def test_factors_are_of_the_first_rows_and_columns_and_of_whole_numbers(call, lengths, words):
    slips = changes(call)
    assert {name for name in ("n", "k", "steps", "centre") if f"times-{name}" in slips} == lengths
    for name, said in words.items():
        assert slips[f"times-{name}"].message.endswith(f"Here {name} is {said}.")


def test_a_factor_of_a_length_that_a_call_does_not_have_or_that_is_0_is_no_number():
    assert np.isnan(SLIPS["times-k"].change(3.0, {"n": 4}))
    assert np.isnan(SLIPS["times-n"].change(3.0, {"n": 0}))
    assert SLIPS["n-minus-1"].change(3.0, {"n": 1}) == np.inf
