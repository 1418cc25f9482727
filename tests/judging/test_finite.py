"""Linear algebra that might never end is refused, in a block alone."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.finite import BY_STEPS, finite_matrices

MATRIX = np.array([[2.0, 1.0], [1.0, 3.0]])
BROKEN = np.array([[2.0, np.inf], [1.0, 3.0]])
THERE = [name for name in BY_STEPS if hasattr(np.linalg, name)]


@pytest.mark.parametrize("name", THERE)
def test_a_matrix_that_is_not_finite_is_refused_and_any_other_is_answered_as_usual(name):
    usual = getattr(np.linalg, name)
    more = (np.ones(2),) if name == "lstsq" else ()
    right = usual(MATRIX, *more)
    with finite_matrices():
        refusing = getattr(np.linalg, name)
        for value in (np.inf, -np.inf, np.nan):
            with pytest.raises(np.linalg.LinAlgError, match="the matrix is not finite"):
                refusing(np.where(np.isinf(BROKEN), value, BROKEN), *more)
        again = refusing(MATRIX, *more)
    for one, other in zip(again, right, strict=True) if isinstance(right, tuple) else [(again, right)]:
        np.testing.assert_array_equal(one, other)
    assert getattr(np.linalg, name) is usual


def test_what_is_asked_beside_the_matrix_is_passed_on():
    with finite_matrices():
        assert np.linalg.svd(MATRIX, compute_uv=False).shape == (2,)
        assert np.linalg.matrix_rank(np.diag([1.0, 1e-3]), 1e-2) == 1
        assert np.linalg.pinv([[2.0]]).tolist() == [[0.5]]


def test_after_an_exception_all_is_as_usual():
    usual = {name: getattr(np.linalg, name) for name in THERE}
    with pytest.raises(KeyError), finite_matrices():
        raise KeyError
    assert {name: getattr(np.linalg, name) for name in THERE} == usual
