"""The tolerance of an exercise that names none."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import Call, Callback
from autograder.judging.compare import tolerance_for
from autograder.judging.default_tolerance import default_tolerance


@pytest.mark.parametrize(
    ("args", "kwargs", "largest", "count"),
    [
        ((np.array([3.0, -8.0]),), {}, 8, 2),
        ((np.array([0.25, 0.5, 0.25]),), {}, 1, 3),
        ((np.ones((3, 4)), np.array([9.0])), {}, 9, 12),
        ((np.array([9.0]), np.ones((3, 4))), {}, 9, 12),
        ((np.array([2.0]),), {"steps": 50}, 50, 1),
        ((np.array([np.inf, -7.0, np.nan]),), {}, 7, 3),
        ((np.array([np.nan]),), {}, 1, 1),
        ((np.array([2, -3], np.int8),), {}, 3, 2),
        ((np.array([2.0]), "sum", Callback(np.sum, "sum")), {}, 2, 1),
        ((np.zeros(0),), {}, 1, 1),
        (("sum",), {}, 1, 1),
        ((), {}, 1, 1),
        ((np.array([1e4]),), {}, 1e4, 1),
    ],
)
@pytest.mark.parametrize("single", [False, True])
def test_it_allows_for_a_sum_of_as_many_terms_as_there_are_none_larger_than_the_largest(
    args, kwargs, largest, count, single
):
    expected = tolerance_for(largest * count, single=single, conditioned=min(largest, 745.0))
    assert default_tolerance(Call(args, kwargs), single) == expected
