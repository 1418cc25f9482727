"""Covariances, and points of several classes, for the exercises on a Gaussian a class."""

import numpy as np

from autograder.judging import Call

LOG_2PI = np.log(2 * np.pi)


def covariance(rng, variances, scales=1.0):
    """Draw a covariance with these variances along random axes; then every variable is rescaled."""
    k = len(variances)
    axes = np.linalg.qr(rng.normal(0, 1, (k, k)))[0] * np.reshape(scales, (-1, 1))
    cov = (axes * variances) @ axes.T
    return (cov + cov.T) / 2


def labelled(rng, counts, d, offset=0.0):
    """Draw points of so many classes, each with its own mean and spread, in random order."""
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    mixing = rng.uniform(0.3, 1.2, (len(counts), d, d)) * rng.choice([-1, 1], (len(counts), d, d))
    centres = offset + rng.uniform(1, 3, (len(counts), d)) * np.resize([1.0, -1.0], (len(counts), d))
    z = rng.normal(0, 1, (len(y), d))
    return centres[y] + np.einsum("nd,nde->ne", z, mixing[y]), y


def few(rng):
    """A class with one example, data of one column, and a single class."""
    yield Call((*labelled(rng, [1, 4, 3], 2), 3))
    yield Call((*labelled(rng, [5, 2], 1), 2), {"ridge": 0.25})
    yield Call((*labelled(rng, [6], 3), 1))


def shares(rng, k):
    """Draw class probabilities, none of them near zero and no two alike."""
    weights = np.geomspace(1, 4, k) * rng.uniform(0.9, 1.1, k)
    weights = rng.permutation(weights)
    return weights / weights.sum()


def problem(rng, n, k, variances, scale=1.0, away=0.0):
    """Points, priors, means and covariances of k classes; every other point lies so many deviations away
    from all.
    """
    d = len(variances)
    spreads = scale**2 * np.geomspace(0.7, 1.8, k)
    covs = np.array([size * covariance(rng, rng.permutation(variances)) for size in spreads])
    means = scale * rng.normal(0, 1, (k, d))
    directions = rng.normal(0, 1, (n, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    X = (
        means[rng.integers(0, k, n)]
        + scale * rng.normal(0, 1, (n, d))
        + scale * np.resize([0.0, away], (n, 1)) * directions
    )
    return X, shares(rng, k), means, covs


def lost(deviation, cov):
    """Bound what any stable factorisation of a covariance makes of a squared distance and of a log-determinant.

    As for mvn_log_pdf: the one is off by cond(cov)·|cov⁻¹ d| |d| times eps, the other by cond(cov)·k.
    """
    inverse = np.linalg.inv(cov)
    size, inverse_size = np.linalg.norm(cov, np.inf), np.linalg.norm(inverse, np.inf)
    solved = deviation @ inverse
    reach = np.linalg.norm(solved, axis=1) * np.linalg.norm(deviation, axis=1) + len(cov)
    terms = np.sum(deviation * solved, axis=1)
    logs = len(cov) * (LOG_2PI + max(abs(np.log(size)), abs(np.log(inverse_size))))
    return float(np.max(size * inverse_size * reach + terms) + logs)
