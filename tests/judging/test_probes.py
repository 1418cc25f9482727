"""The ends of an answer: what differs there differs, and what can't be told by them is not told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograder.judging.probes import Probe, ends_of, largest

nan, inf = math.nan, math.inf


@pytest.mark.parametrize(
    ("value", "ends"),
    [
        (2.5, (2.5, 2.5)),
        (3, (3.0, 3.0)),
        (np.float32(0.5), (0.5, 0.5)),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), (1.0, 4.0)),
        (np.array([1, 2], np.int8), (1.0, 2.0)),
        ([1.0, 2.0, 3.0], (1.0, 3.0)),
        ((np.array([1.0, 2.0]), [3.0, (4.0, 5.0)]), (1.0, 5.0)),
        (np.full((1,) * 40, 7.0), (7.0, 7.0)),
        ([-inf, 1.0], (nan, 1.0)),
        ([1.0, nan], (1.0, nan)),
        ([1e300, -1e299], (nan, -1e299)),
        (10**400, (nan, nan)),
        (np.zeros((0, 3)), (nan, nan)),
        (np.array([1j, 2j]), (nan, nan)),
        ([], (nan, nan)),
        ("text", (nan, nan)),
        (None, (nan, nan)),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_the_ends_are_the_first_and_the_last_number(value, ends):
    np.testing.assert_array_equal(ends_of(value), ends)


def test_the_largest_number_is_finite_and_has_no_sign():
    assert largest(np.array([1.0, -3.0, inf, nan])) == 3.0
    assert largest(np.array([nan])) == largest(np.zeros(0)) == 0.0


CASES = [
    # first, last, size, absolute, ends, far
    (1.0, 2.0, 2.0, 0.0, (1.0, 2.0), False),
    (1.0, 2.0, 2.0, 0.0, (1.001, 2.0), False),
    (1.0, 2.0, 2.0, 0.0, (1.01, 2.0), True),
    (1.0, 2.0, 2.0, 0.0, (1.0, -2.0), True),
    (1e-9, 2.0, 1e6, 0.0, (1.0, 2.0), False),  # next to nothing beside the largest number
    (0.0, 2.0, 2.0, 0.0, (1e-3, 2.0), True),
    (0.0, 2.0, 2.0, 1e-2, (1e-3, 2.0), False),  # 0 up to rounding
    (nan, 2.0, 2.0, 0.0, (1.0, 2.0), True),
    (1.0, 2.0, 2.0, 0.0, (1.0, nan), True),
    (nan, nan, 2.0, 0.0, (nan, nan), False),
]


@pytest.mark.parametrize(("first", "last", "size", "absolute", "ends", "far"), CASES)
def test_an_answer_is_another_one_where_an_end_is_far_off(first, last, size, absolute, ends, far):
    probe = Probe(first, last, size, absolute)
    assert probe.is_far(ends) is far
    assert probe.near(np.array([ends, (first, last)])).tolist() == [not far, True]


def test_only_the_ends_that_are_asked_for_are_looked_at():
    probe, ends = Probe(1.0, 2.0, 2.0), np.array([[1.0, 9.0], [9.0, 2.0]])
    assert probe.near(ends).tolist() == [False, False]
    assert probe.near(ends, last=False).tolist() == [True, False]
    assert probe.near(ends, first=False).tolist() == [False, True]
