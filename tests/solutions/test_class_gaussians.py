"""Matching's Gaussian a class, held against mpmath, SciPy and the laws it obeys."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from correct.class_gaussians import (
    exact_bayes_classifier_log_posterior,
    exact_fit_class_gaussians,
    exact_sample_gaussian,
)
from hypothesis import given
from hypothesis import strategies as st

from autograder.solutions.gaussian import covariance_matrix, mvn_log_pdf
from autograder.solutions.matching import bayes_classifier_log_posterior, fit_class_gaussians, sample_gaussian

EPS = np.finfo(np.float64).eps
RNG = np.random.default_rng(20240301)
Y = np.array([0, 2, 1, 0, 2, 2, 0, 1])
X = RNG.normal(0.5, 1, (8, 3))
COVS = np.array([a @ a.T + 0.3 * np.eye(3) for a in RNG.normal(0, 1, (3, 3, 3))])
MEANS, PRIORS = RNG.normal(0, 2, (3, 3)), np.array([0.2, 0.5, 0.3])
DATA = {
    "ordinary": X,
    "tiny": 1e-6 * X,
    "far from zero": X + 90,
    "int8 at its limits": RNG.choice(np.array([-128, 127], dtype=np.int8), (8, 2)),
    "float32": X.astype(np.float32),
    "one column": X[:, :1],
    "strided and reversed": RNG.normal(0, 1, (16, 3))[::2, ::-1],
}


@pytest.mark.parametrize("ridge", [0.0, 0.25])
@pytest.mark.parametrize("name", DATA)
def test_shares_means_and_covariances_are_exact(name, ridge):
    data = DATA[name]
    found, truth = (fit(data, Y, 3, ridge) for fit in (fit_class_gaussians, exact_fit_class_gaussians))
    for got, wanted in zip(found, truth, strict=True):
        noise = 16 * EPS * float(np.max(np.abs(data.astype(float)))) * np.std(data.astype(float))
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=noise, strict=True)


def test_a_class_s_covariance_is_that_of_its_rows():
    priors, means, covs = fit_class_gaussians(X, Y, 3, ridge=0.0)
    np.testing.assert_array_equal(priors, [3 / 8, 2 / 8, 3 / 8])
    for c in range(3):
        np.testing.assert_allclose(means[c], X[c == Y].mean(axis=0), rtol=4 * EPS)
        np.testing.assert_allclose(covs[c], covariance_matrix(X[c == Y]), atol=16 * EPS)


def test_the_ridge_is_a_thousandth_by_default_and_makes_every_covariance_invertible():
    _, _, covs = fit_class_gaussians(X, Y, 3)
    np.testing.assert_array_equal(covs, fit_class_gaussians(X, Y, 3, 1e-3)[2])
    assert np.linalg.eigvalsh(covs).min() > 0.9e-3  # two rows span a line in three dimensions


DRAWS = {
    "ordinary": (MEANS[0], COVS[0]),
    "tiny": (1e-8 * MEANS[0], 1e-16 * COVS[0]),
    "one variable": (np.array([2.0]), np.array([[9.0]])),
    "correlated to 1 - 1e-6": (np.zeros(2), np.array([[1.0, 1 - 1e-6], [1 - 1e-6, 1.0]])),
    "float32": (MEANS[1].astype(np.float32), COVS[1].astype(np.float32)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_exact(name):
    mu, cov = DRAWS[name]
    z = RNG.normal(0, 1, (5, len(mu)))
    noise = 16 * EPS * np.linalg.cond(cov) * np.sqrt(np.max(cov))
    np.testing.assert_allclose(sample_gaussian(mu, cov, z), exact_sample_gaussian(mu, cov, z), 1e-12, noise)


def test_the_identity_shows_the_factor_and_zeros_the_mean():
    shown = sample_gaussian(np.zeros(3), COVS[0], np.eye(3)).T
    np.testing.assert_array_equal(shown, np.tril(shown))
    np.testing.assert_allclose(shown @ shown.T, COVS[0], atol=16 * EPS * 10)
    np.testing.assert_array_equal(sample_gaussian(MEANS[0], COVS[0], np.zeros((2, 3))), [MEANS[0], MEANS[0]])


def test_many_draws_have_the_mean_and_the_covariance_asked_for():
    """To six standard errors of a mean and of a covariance of n draws."""
    n = 40_000
    found = sample_gaussian(MEANS[0], COVS[0], np.random.default_rng(5).normal(0, 1, (n, 3)))
    spread = np.sqrt(np.diag(COVS[0]))
    np.testing.assert_allclose(found.mean(axis=0), MEANS[0], atol=6 * spread.max() / np.sqrt(n))
    error = np.sqrt((np.outer(spread, spread) ** 2 + COVS[0] ** 2) / n)
    assert (np.abs(covariance_matrix(found) - COVS[0]) < 6 * error).all()


@pytest.mark.parametrize("away", [0.0, 200.0])
def test_the_log_posterior_is_exact(away):
    found = bayes_classifier_log_posterior(X + away, PRIORS, MEANS, COVS)
    truth = exact_bayes_classifier_log_posterior(X + away, PRIORS, MEANS, COVS)
    np.testing.assert_allclose(found, truth, rtol=1e-11, atol=1e-11, strict=True)


def test_it_is_bayes_rule():
    densities = np.array(
        [scipy.stats.multivariate_normal(m, c).pdf(X) for m, c in zip(MEANS, COVS, strict=True)]
    ).T
    joint = PRIORS * densities
    np.testing.assert_allclose(
        np.exp(bayes_classifier_log_posterior(X, PRIORS, MEANS, COVS)),
        joint / joint.sum(axis=1, keepdims=True),
        rtol=1e-9,
        atol=1e-15,
    )


def test_log_odds_are_those_of_prior_times_density_where_no_density_is_left():
    x = np.full(3, 500.0)
    found = bayes_classifier_log_posterior(x[np.newaxis], PRIORS, MEANS, COVS)[0]
    joint = np.log(PRIORS) + [mvn_log_pdf(x, m, c) for m, c in zip(MEANS, COVS, strict=True)]
    assert joint.max() < -1000
    np.testing.assert_allclose(found - found[0], joint - joint[0], rtol=1e-10)


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e6), st.floats(0.05, 0.95))
def test_rows_sum_to_one_and_know_neither_unit_nor_the_order_of_classes(seed, unit, share):
    rng = np.random.default_rng(seed)
    points, means = rng.normal(0, 1, (4, 2)), rng.normal(0, 1, (2, 2))
    covs = np.array([a @ a.T + 0.2 * np.eye(2) for a in rng.normal(0, 1, (2, 2, 2))])
    priors = np.array([share, 1 - share])
    found = bayes_classifier_log_posterior(points, priors, means, covs)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1, rtol=1e-12)
    scaled = bayes_classifier_log_posterior(unit * points, priors, unit * means, unit**2 * covs)
    np.testing.assert_allclose(scaled, found, rtol=1e-8, atol=1e-9)
    swapped = bayes_classifier_log_posterior(points, priors[::-1], means[::-1], covs[::-1])
    np.testing.assert_allclose(swapped[:, ::-1], found, rtol=1e-9, atol=1e-12)


def test_with_one_covariance_for_all_the_log_odds_are_linear():
    """The quadratic terms cancel: it is a softmax regression whose weights are known."""
    shared = np.array([COVS[0]] * 3)
    inverse = np.linalg.inv(COVS[0])
    W = inverse @ MEANS.T
    b = np.log(PRIORS) - 0.5 * np.einsum("ki,ij,kj->k", MEANS, inverse, MEANS)
    z = X @ W + b
    expected = z - np.logaddexp.reduce(z, axis=1)[:, np.newaxis]
    np.testing.assert_allclose(bayes_classifier_log_posterior(X, PRIORS, MEANS, shared), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (fit_class_gaussians, (X, Y, 3)),
        (sample_gaussian, (MEANS[0], COVS[0], X)),
        (bayes_classifier_log_posterior, (X, PRIORS, MEANS, COVS)),
    ],
)
def test_arguments_stay_as_they_are(function, arguments):
    before = [np.array(argument) for argument in arguments]
    function(*arguments)
    for argument, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, copy)
