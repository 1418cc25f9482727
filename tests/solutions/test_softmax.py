"""The references of the topic softmax, held against mpmath, SciPy and the laws they obey."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
from correct.softmax import (
    exact_cross_entropy,
    exact_cross_entropy_grad,
    exact_log_softmax,
    exact_logsumexp,
    exact_softmax,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.solutions.softmax import (
    cross_entropy,
    cross_entropy_grad,
    log_softmax,
    logsumexp,
    numerical_gradient,
    softmax,
)

EPS = np.finfo(np.float64).eps
RNG = np.random.default_rng(20240229)
MIXED = np.array([[1e4, 9999.5, -1e4], [1e-3, 0.0, -1e-3], [-9999.0, -1e4, -9998.5], [-1e4, 0.0, 1e4]])
READ_ONLY = RNG.normal(0, 3, (3, 4))
READ_ONLY.flags.writeable = False
LOGITS = {
    "a vector": RNG.normal(0, 3, 5),
    "a matrix": RNG.normal(0, 3, (4, 3)),
    "rank 3": RNG.normal(0, 3, (2, 3, 4)),
    "one logit": np.array([-3.25]),
    "equal logits": np.full((2, 5), 7.0),
    "mixed scales": MIXED,
    "log spacing": np.geomspace(1e-8, 1e4, 13) * [1, -1, 1, 1, -1, -1, 1, 1, -1, 1, -1, -1, 1],
    "on both sides of where exp overflows": np.array([[709.7, 709.8], [-745.0, -745.2]]),
    "a probability near the smallest float64": np.array([0.0, -708.5, -744.5, -746.0]),
    "int64": RNG.integers(-9, 9, (3, 4)),
    "int8 at its limits": np.array([-128, 127, 0], dtype=np.int8),
    "float32": RNG.normal(0, 3, (3, 4)).astype(np.float32),
    "Fortran order": np.asfortranarray(RNG.normal(0, 3, (3, 4))),
    "strided and reversed": RNG.normal(0, 3, (6, 8))[::2, ::-2],
    "read-only": READ_ONLY,
}
CASES = [
    pytest.param(z, axis, id=f"{name}, axis {axis}")
    for name, z in LOGITS.items()
    for axis in range(-1, z.ndim - 1)
]


def assert_near(actual, truth, *, absolute, relative=0.0):
    """Same shape and float64; infinities alike; each element within the error bound."""
    assert np.asarray(actual).dtype == np.float64
    assert np.shape(actual) == np.shape(truth)
    np.testing.assert_allclose(actual, truth, rtol=relative, atol=absolute)


def rounding(z):
    """What 16 roundings of the largest intermediate, the logits themselves or log n, may cost (CONTRACT.md)."""
    return 16 * EPS * max(1.0, np.abs(z[np.isfinite(z)], dtype=float).max(initial=0.0))


TINY = np.finfo(np.float64).tiny
EXPONENT = 1000 * EPS
"""An exponent of up to 745, rounded at its own size, costs exp that much relative accuracy."""


# --- against mpmath --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("z", "axis"), CASES)
def test_logsumexp_is_exact(z, axis):
    assert_near(logsumexp(z, axis), exact_logsumexp(z, axis), absolute=rounding(z))


@pytest.mark.parametrize(("z", "axis"), CASES)
def test_softmax_is_exact_down_to_the_smallest_probability(z, axis):
    assert_near(softmax(z, axis), exact_softmax(z, axis), relative=EXPONENT, absolute=TINY)


@pytest.mark.parametrize(("z", "axis"), CASES)
def test_log_softmax_is_exact(z, axis):
    assert_near(log_softmax(z, axis), exact_log_softmax(z, axis), absolute=rounding(z))


@pytest.mark.parametrize("temperature", [0.01, 0.5, 3.0, 1e6])
@pytest.mark.parametrize("z", [RNG.normal(0, 3, (2, 4)), MIXED, np.array([1e4, 1e4 - 1e-6, -1e4])], ids=str)
def test_softmax_is_exact_at_any_temperature(z, temperature):
    """Up to |z / T| = 1e6, the limit of CONTRACT.md."""
    assert_near(
        softmax(z, temperature=temperature),
        exact_softmax(z, temperature=temperature),
        relative=EXPONENT,
        absolute=TINY,
    )


@pytest.mark.parametrize(
    "z",
    [
        np.full(3, -np.inf),
        np.array([-np.inf]),
        np.array([[-np.inf, -np.inf], [1.0, -np.inf]]),
        np.array([[0.0, -np.inf, 2.0], [-np.inf, -1e4, 1e4]]),
    ],
    ids=str,
)
@pytest.mark.parametrize("axis", [0, -1])
def test_logsumexp_takes_minus_infinity(z, axis):
    """exp(-inf) is 0: a slice without anything else gives -inf, and nothing warns."""
    assert_near(logsumexp(z, axis), exact_logsumexp(z, axis), absolute=rounding(z))


def labelled(name):
    logits = np.atleast_2d(LOGITS[name])
    return logits, np.resize([logits.shape[1] - 1, 0], len(logits))


PLANE = [name for name, z in LOGITS.items() if z.ndim < 3]


@pytest.mark.parametrize("name", PLANE)
def test_cross_entropy_is_exact(name):
    logits, y = labelled(name)
    assert_near(cross_entropy(logits, y), exact_cross_entropy(logits, y), absolute=2 * rounding(logits))


@pytest.mark.parametrize("name", PLANE)
def test_cross_entropy_grad_is_exact(name):
    logits, y = labelled(name)
    truth = exact_cross_entropy_grad(logits, y)
    assert_near(cross_entropy_grad(logits, y), truth, relative=EXPONENT, absolute=16 * EPS)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64])
def test_labels_of_any_signed_integer_type_give_the_same_loss(dtype):
    logits, y = labelled("a matrix")
    assert cross_entropy(logits, y.astype(dtype)) == cross_entropy(logits, y)
    np.testing.assert_array_equal(cross_entropy_grad(logits, y.astype(dtype)), cross_entropy_grad(logits, y))


# --- against SciPy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("z", "axis"), CASES)
def test_scipy_gives_the_same(z, axis):
    z64 = z.astype(np.float64)
    assert_near(logsumexp(z, axis), scipy.special.logsumexp(z64, axis=axis), absolute=2 * rounding(z))
    assert_near(log_softmax(z, axis), scipy.special.log_softmax(z64, axis=axis), absolute=2 * rounding(z))
    wanted = scipy.special.softmax(z64, axis=axis)
    assert_near(softmax(z, axis), wanted, relative=2 * EXPONENT, absolute=TINY)


# --- manners ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [softmax, logsumexp, log_softmax])
@pytest.mark.parametrize("name", LOGITS)
def test_the_logits_stay_as_they_are(function, name):
    z = LOGITS[name]
    before = z.copy()
    function(z)
    np.testing.assert_array_equal(z, before, strict=True)


@pytest.mark.parametrize("function", [cross_entropy, cross_entropy_grad])
@pytest.mark.parametrize("name", PLANE)
def test_logits_and_labels_stay_as_they_are(function, name):
    logits, y = labelled(name)
    before = logits.copy(), y.copy()
    function(logits, y)
    np.testing.assert_array_equal(logits, before[0], strict=True)
    np.testing.assert_array_equal(y, before[1], strict=True)


def test_softmax_takes_lists():
    np.testing.assert_array_equal(softmax([[1, 2], [3, 5]]), softmax(np.array([[1.0, 2.0], [3.0, 5.0]])))


# --- laws ------------------------------------------------------------------------------------------------

MATRICES = npst.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(-1e4, 1e4))
MODEST = npst.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-8, 8))


@given(MATRICES, st.integers(-10_000, 10_000))
def test_a_shift_of_the_logits_shifts_logsumexp_and_leaves_softmax(z, shift):
    noise = 4 * rounding(z + shift) + 4 * rounding(z)
    np.testing.assert_allclose(logsumexp(z + shift), logsumexp(z) + shift, rtol=0, atol=noise)
    np.testing.assert_allclose(softmax(z + shift), softmax(z), rtol=0, atol=noise)
    np.testing.assert_allclose(log_softmax(z + shift), log_softmax(z), rtol=0, atol=noise)


@given(MATRICES, st.sampled_from([0, 1, -1]), st.floats(0.01, 100))
def test_probabilities_lie_in_0_1_and_sum_to_one(z, axis, temperature):
    p = softmax(z, axis, temperature)
    assert p.min() >= 0
    assert p.max() <= 1
    np.testing.assert_allclose(p.sum(axis=axis), 1, rtol=16 * EPS)


@given(MATRICES, st.sampled_from([0, 1]))
def test_logsumexp_lies_between_the_maximum_and_log_n_above_it(z, axis):
    excess = logsumexp(z, axis) - z.max(axis=axis)
    assert excess.min() >= -rounding(z)
    assert excess.max() <= np.log(z.shape[axis]) + rounding(z)


@given(MATRICES)
def test_log_softmax_is_finite_never_positive_and_the_log_of_softmax(z):
    log_p = log_softmax(z)
    assert np.isfinite(log_p).all()
    assert log_p.max() <= 0
    np.testing.assert_allclose(np.exp(log_p), softmax(z), rtol=0, atol=16 * EPS)


@given(MATRICES, st.data())
def test_cross_entropy_is_never_negative_and_its_gradient_sums_to_zero_in_each_row(logits, data):
    y = data.draw(npst.arrays(np.int64, len(logits), elements=st.integers(0, logits.shape[1] - 1)))
    assert cross_entropy(logits, y) >= 0
    gradient = cross_entropy_grad(logits, y)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=16 * EPS)
    assert (gradient[np.arange(len(y)), y] <= 0).all()


@given(MODEST, st.data())
def test_the_gradient_is_what_central_differences_give(logits, data):
    """To 1e-6 relative plus eps·|f| / h (CONTRACT.md); |f| is rounded at the size of the logits."""
    y = data.draw(npst.arrays(np.int64, len(logits), elements=st.integers(0, logits.shape[1] - 1)))
    h = 1e-5
    numeric = numerical_gradient(lambda z: cross_entropy(z, y), logits, h)
    noise = rounding(logits) / h + h**2
    np.testing.assert_allclose(numeric, cross_entropy_grad(logits, y), rtol=1e-6, atol=noise)


# --- numerical_gradient ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 1, 2)])
def test_central_differences_are_exact_for_a_quadratic_of_any_shape(shape):
    x = np.random.default_rng(1).normal(0, 1, shape)
    gradient = numerical_gradient(lambda v: float(np.sum(v**2) + 3 * np.sum(v)), x)
    assert_near(gradient, 2 * x + 3, relative=1e-6, absolute=EPS * np.sum(x**2 + 3 * np.abs(x)) / 1e-5 * 4)


@pytest.mark.parametrize("h", [1e-3, 0.25, 2.0])
def test_the_step_is_honoured(h):
    """((x + h)³ - (x - h)³) / 2h = 3x² + h²."""
    x = np.array([0.5, -1.25, 3.0])
    gradient = numerical_gradient(lambda v: float(np.sum(v**3)), x, h)
    np.testing.assert_allclose(gradient, 3 * x**2 + h**2, rtol=1e-6)


def test_f_is_asked_at_h_to_both_sides_of_one_entry_at_a_time_and_x_stays():
    x, asked = np.array([0.1, -0.7]), []
    before = x.copy()
    numerical_gradient(lambda v: asked.append(v.copy()) or 0.0, x, 0.5)
    np.testing.assert_array_equal(x, before, strict=True)
    np.testing.assert_allclose(asked, [[0.6, -0.7], [-0.4, -0.7], [0.1, -0.2], [0.1, -1.2]])
