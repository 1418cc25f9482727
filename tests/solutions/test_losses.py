"""The references of the topic losses, held against mpmath, SciPy and the laws they obey."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from correct.losses import (
    exact_heteroscedastic_grad,
    exact_heteroscedastic_nll,
    exact_hidden_layer_loss_grad,
    exact_laplace_nll,
    exact_poisson_nll,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.solutions.gaussian import gaussian_log_likelihood
from autograder.solutions.losses import (
    heteroscedastic_grad,
    heteroscedastic_nll,
    hidden_layer_loss_grad,
    laplace_nll,
    poisson_nll,
)
from autograder.solutions.softmax import cross_entropy, numerical_gradient

EPS = np.finfo(np.float64).eps
RNG = np.random.default_rng(20261123)


def assert_near(actual, truth, *, largest=0.0):
    """Same shape and float64, and 1e-12 of the truth beside 16 roundings of the largest intermediate."""
    assert np.asarray(actual).dtype == np.float64
    assert np.shape(actual) == np.shape(truth)
    np.testing.assert_allclose(actual, truth, rtol=1e-12, atol=16 * EPS * largest)


# --- against mpmath --------------------------------------------------------------------------------------

COUNTS = {
    "ordinary": (RNG.normal(0, 1, 7), RNG.integers(0, 9, 7)),
    "one": (np.array([-1.5]), np.array([2])),
    "rates that underflow": (np.array([-800.0, -1e4, -50.0]), np.array([0, 1, 3])),
    "no event at all": (np.array([-40.0, -35.0]), np.zeros(2, dtype=np.int8)),
    "billions": (np.array([22.0, 24.5]), np.array([3_600_000_000, 43_000_000_000])),
    "float32 and reversed": (RNG.normal(0, 1, 8).astype(np.float32)[::-2], RNG.integers(0, 9, 8)[::2]),
    "integers": (RNG.integers(-3, 4, 6), RNG.integers(0, 9, 6)),
}


@pytest.mark.parametrize(("log_rate", "y"), COUNTS.values(), ids=COUNTS)
def test_poisson_nll_is_exact(log_rate, y):
    largest = max(np.exp(log_rate.astype(float)).max(), np.abs(y * log_rate.astype(float)).max())
    assert_near(poisson_nll(log_rate, y), exact_poisson_nll(log_rate, y), largest=largest * y.any())


DATA = {
    "ordinary": (RNG.normal(0, 3, 7), 0.5, 2.0),
    "one": (np.array([4.0]), 1.0, 0.25),
    "an outlier": (np.array([0.0, 1.0, 1e9]), 0.0, 1.0),
    "tiny": (1e-8 * RNG.normal(0, 1, 5), 1e-8, 1e-8),
    "huge": (1e8 * RNG.normal(0, 1, 5), -1e8, 1e8),
    "at the median": (np.full(3, 2.0), 2.0, 0.5),
    "float32 and reversed": (RNG.normal(0, 1, 8).astype(np.float32)[::-2], 0.25, 0.5),
    "integers": (RNG.integers(-9, 9, 6), 1, 3),
}


@pytest.mark.parametrize(("x", "mu", "b"), DATA.values(), ids=DATA)
def test_laplace_nll_is_exact(x, mu, b):
    largest = max(1.0, abs(np.log(b)), np.abs(x.astype(float) - mu).max() / b)
    assert_near(laplace_nll(x, mu, b), exact_laplace_nll(x, mu, b), largest=largest)


def noisy(n, low, high, dtype=np.float64):
    log_sigma = RNG.uniform(low, high, n)
    mu = np.exp(log_sigma) * RNG.normal(0, 2, n)
    return tuple(v.astype(dtype) for v in (mu, log_sigma, mu + np.exp(log_sigma) * RNG.normal(0, 1, n)))


NOISE = {
    "ordinary": noisy(7, -1, 1),
    "one": noisy(1, 0.5, 1),
    "tiny deviations": noisy(5, -30, -28),
    "huge deviations": noisy(5, 28, 30),
    "an outlier": (np.zeros(2), np.array([0.0, -2.0]), np.array([1e6, 0.1])),
    "a square that overflows": (np.zeros(1), np.array([30.0]), np.array([1e160])),
    "at the mean": (np.array([1.0, 2.0]), np.zeros(2), np.array([1.0, 2.0])),
    "float32": noisy(6, -1, 1, np.float32),
    "integers": tuple(RNG.integers(-3, 4, 6) for _ in range(3)),
}
each_noise = pytest.mark.parametrize(("mu", "log_sigma", "y"), NOISE.values(), ids=NOISE)


@each_noise
def test_heteroscedastic_nll_is_exact(mu, log_sigma, y):
    squares = 0.5 * ((y - mu) * np.exp(-log_sigma.astype(float))) ** 2
    largest = max(1.0, squares.max(), np.abs(log_sigma).max())
    truth = exact_heteroscedastic_nll(mu, log_sigma, y)
    assert_near(heteroscedastic_nll(mu, log_sigma, y), truth, largest=largest)


@each_noise
def test_heteroscedastic_grad_is_exact(mu, log_sigma, y):
    by_mu, by_log = heteroscedastic_grad(mu, log_sigma, y)
    truth = exact_heteroscedastic_grad(mu, log_sigma, y)
    assert_near(by_mu, truth[0])
    squares = ((y - mu) * np.exp(-log_sigma.astype(float))) ** 2
    assert_near(by_log, truth[1], largest=1 + squares.max())


def network(n, d, h, k, large=1.0):
    shapes = ((d, h), (h,), (h, k), (k,))
    scales = (1.0, 0.5, large, large)
    return (
        RNG.normal(0, 1, (n, d)),
        RNG.integers(0, k, n),
        *(scale * RNG.normal(0, 1, shape) for scale, shape in zip(scales, shapes, strict=True)),
    )


NETWORKS = {
    "ordinary": network(5, 3, 4, 3),
    "one of everything": network(1, 1, 1, 1),
    "one example": network(1, 2, 3, 2),
    "large logits": network(4, 2, 3, 3, large=3000.0),
    "integers": (RNG.integers(-2, 3, (3, 2)), np.array([0, 1, 1], dtype=np.int8), *network(3, 2, 2, 2)[2:]),
    "in Fortran order": tuple(np.asfortranarray(value) for value in network(4, 2, 3, 3)),
}


@pytest.mark.parametrize("arguments", NETWORKS.values(), ids=NETWORKS)
def test_hidden_layer_loss_grad_is_exact(arguments):
    X, _, W1, b1, W2, b2 = (np.abs(value) for value in arguments)
    logits = max(1.0, (W2.sum(axis=0) + b2).max()) * max(1.0, (X @ W1 + b1).max())
    largest = logits * max(1.0, W2.sum(axis=1).max()) * max(1.0, X.max())
    for value, truth in zip(
        hidden_layer_loss_grad(*arguments), exact_hidden_layer_loss_grad(*arguments), strict=True
    ):
        assert_near(value, truth, largest=largest)


# --- laws ------------------------------------------------------------------------------------------------

numbers = npst.arrays(np.float64, 6, elements=st.floats(-5, 5, width=32))


@given(numbers, npst.arrays(np.int64, 6, elements=st.integers(0, 50)))
def test_scipys_poisson_costs_the_logarithm_of_the_factorial_more(log_rate, y):
    theirs = -np.mean(scipy.stats.poisson.logpmf(y, np.exp(log_rate)) + scipy.special.gammaln(y + 1.0))
    assert np.isclose(poisson_nll(log_rate, y), theirs, rtol=1e-10, atol=1e-10)


@given(
    npst.arrays(np.float64, 5, elements=st.floats(-100, 100, width=32)), st.floats(-100, 100), st.floats(0.1, 10)
)
def test_the_median_is_the_best_mu_of_a_laplace(x, mu, b):
    assert laplace_nll(x, float(np.median(x)), b) <= laplace_nll(x, mu, b) + 1e-12


@given(numbers, st.floats(-3, 3), st.floats(-3, 3))
def test_one_deviation_for_all_gives_the_gaussian_likelihood(x, mu, log_sigma):
    alike = heteroscedastic_nll(np.full(6, mu), np.full(6, log_sigma), x)
    assert np.isclose(alike, -gaussian_log_likelihood(x, mu, np.exp(log_sigma)) / 6, rtol=1e-12, atol=1e-12)


@given(numbers, npst.arrays(np.float64, 6, elements=st.floats(-1, 1)), numbers)
def test_the_gradient_of_the_noise_is_that_of_the_loss(mu, log_sigma, y):
    by_mu, by_log = heteroscedastic_grad(mu, log_sigma, y)
    size = heteroscedastic_nll(mu, log_sigma, y) + 10
    for found, of in (
        (by_mu, lambda v: heteroscedastic_nll(v, log_sigma, y)),
        (by_log, lambda v: heteroscedastic_nll(mu, v, y)),
    ):
        at = mu if found is by_mu else log_sigma
        assert np.allclose(found, numerical_gradient(of, at.copy()), rtol=1e-5, atol=1e-8 * size)


@pytest.mark.parametrize("place", range(4))
def test_the_gradient_of_the_network_is_that_of_its_loss(place):
    X, y, *parts = network(6, 3, 4, 3)

    def loss(value):
        return hidden_layer_loss_grad(X, y, *parts[:place], value, *parts[place + 1 :])[0]

    by_hand = hidden_layer_loss_grad(X, y, *parts)[1 + place]
    assert np.allclose(by_hand, numerical_gradient(loss, parts[place].copy()), rtol=1e-6, atol=1e-9)


def test_a_network_without_a_hidden_layer_is_left_where_tanh_is_straight():
    """At tiny inputs tanh is the identity."""
    X, y, W1, b1, W2, b2 = network(5, 3, 4, 3)
    loss = hidden_layer_loss_grad(X, y, 1e-6 * W1, 1e-6 * b1, 1e6 * W2, b2)[0]
    assert np.isclose(loss, cross_entropy((X @ W1 + b1) @ W2 + b2, y), rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (poisson_nll, COUNTS["ordinary"]),
        (laplace_nll, DATA["ordinary"]),
        (heteroscedastic_nll, NOISE["ordinary"]),
        (heteroscedastic_grad, NOISE["ordinary"]),
        (hidden_layer_loss_grad, NETWORKS["ordinary"]),
    ],
)
def test_arguments_stay_as_they_are(function, arguments):
    copies = [np.array(value) for value in arguments]
    function(*arguments)
    assert all(np.array_equal(value, copy) for value, copy in zip(arguments, copies, strict=True))
