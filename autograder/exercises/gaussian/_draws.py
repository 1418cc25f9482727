"""Inputs that several exercises of the topic share, drawn from a seeded generator.

Sizes, scales and condition numbers are fixed, so that every student gets inputs of the same difficulty; only
the numbers differ.
"""

from __future__ import annotations

import numpy as np

from autograder.judging import tolerance_for


def log_density_tolerance(call, single):
    """Allow for the largest intermediate of -z²/2 - log σ - log(2π)/2. The difference x - mu loses nothing: both
    are taken as exact. Where densities are summed, the partial sums are intermediates, too.
    """
    x, mu, sigma = (np.asarray(value, dtype=np.float64) for value in call.args)
    return tolerance_for(float(_sizes(x, mu, sigma).max()), single=single)


def log_likelihood_tolerance(call, single):
    """Allow for the sum of the sizes of all terms: no partial sum exceeds it, whatever the order."""
    x, mu, sigma = (np.asarray(value, dtype=np.float64) for value in call.args)
    return tolerance_for(float(_sizes(x, mu, sigma).sum()), single=single)


def _sizes(x, mu, sigma):
    return 0.5 * ((x - mu) / sigma) ** 2 + np.abs(np.log(sigma)) + 1


def standardised(rng, shape):
    """Draw columns with mean 0 and standard deviation 1, from which any mean and spread can be set."""
    z = rng.normal(0, 1, shape)
    z -= z.mean(axis=0)
    return z / z.std(axis=0)


def far_from_zero(rng):
    """Draw points around a mean of a million sigma: x - mu keeps ten digits, x² - 2 x mu + mu² four."""
    for sign in (1, -1):
        mu = sign * float(rng.uniform(1e4, 2e4))
        yield mu + 0.01 * rng.normal(0, 1, 5), mu, 0.01


def far_in_float32(rng, shape, sign=1.0):
    """Draw float32 columns of deviation 1 and a mean of 91 to 99. There squares are 2⁻¹⁰ apart, and so are the
    variances that a mean of squares minus a squared mean can give; the variance of each column lies midway between
    two of them.
    """
    deviation = np.sqrt(1 + 2.0**-11)
    return (sign * rng.uniform(91, 99, shape[1:]) + deviation * standardised(rng, shape)).astype(np.float32)


def either_sign(rng, size, low, high):
    """Draw numbers with sizes between low and high, and alternating signs."""
    return rng.uniform(low, high, size) * np.resize([1.0, -1.0], size)
