"""The numbers in an answer, in one row; none if it holds anything else."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import Raised, Returned, Stopped, Unreadable
from autograder.judging.numbers import MAX_VALUES, flat, numbers_of

TABLE = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("value", "row"),
    [
        (TABLE, [1, 2, 3, 4]),
        (TABLE.T, [1, 3, 2, 4]),
        (np.array(5.0), [5]),
        (np.float32(0.5), [0.5]),
        (7, [7]),
        (True, [1]),
        (np.array([True, False]), [1, 0]),
        (np.array([1, 2], np.uint8), [1, 2]),
        (np.array([np.nan, -np.inf]), [np.nan, -np.inf]),
        ([1, 2.5], [1, 2.5]),
        ([[1, 2], [3, 4]], [1, 2, 3, 4]),
        ((TABLE, np.array([9])), [1, 2, 3, 4, 9]),
        ((1.5, np.array([2.0, 3.0])), [1.5, 2, 3]),
        ([np.array([1.0]), (np.array([2.0]), 3)], [1, 2, 3]),
        ((np.array([1.0]), "text"), []),
        ((np.array([1.0]), np.zeros(0)), []),
        ((np.array([1.0]), None), []),
        ([np.array([1.0])] * MAX_VALUES, [1] * MAX_VALUES),
        ([np.array([1.0])] * (MAX_VALUES + 1), []),
        ([1.0] * (MAX_VALUES + 1), [1] * (MAX_VALUES + 1)),
        (np.zeros(0), []),
        ([], []),
        (1j, []),
        (np.array([1j]), []),
        ("text", []),
        (np.array(["text"]), []),
        (None, []),
        ({"a": 1}, []),
        ([[1], [1, 2]], []),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_the_numbers_of_a_value_stand_in_one_row_of_float64(value, row):
    found = flat(value)
    assert (found.dtype, found.ndim) == (np.float64, 1)
    np.testing.assert_array_equal(found, row)
    np.testing.assert_array_equal(numbers_of(Returned(value)), row)


@pytest.mark.parametrize("answer", [Raised("KeyError"), Unreadable("a generator"), Stopped("late")], ids=repr)
def test_what_is_no_value_has_no_numbers(answer):
    assert numbers_of(answer).shape == (0,)
