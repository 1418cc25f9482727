"""References of the topic ``bayes``: expectation and variance of a pmf, sums of dice, Bayes' rule.

Each function takes NumPy arrays of float64, float32 or integers, computes in float64, and leaves its arguments
unchanged. Formulas: Bishop, *Pattern Recognition and Machine Learning* (2006), sections 1.2.2 (expectations and
variances) and 1.2.3 (prior, likelihood, posterior); Grinstead and Snell, *Introduction to Probability* (2nd ed.,
1997), section 7.1 (sums of discrete random variables as convolutions) and section 4.1 (Bayes' formula, with the
medical test as its example); Murphy, *Machine Learning: A Probabilistic Perspective* (2012), section 3.5.3 (why
posteriors are normalised in log space).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def expectation(values: ArrayLike, probs: ArrayLike) -> np.float64:
    """Return the mean ``Σ p·x`` of a discrete random variable.

    Parameters
    ----------
    values
        Shape (k,): the values of the variable.
    probs
        Shape (k,): the probability of each value; sums to one.

    Returns
    -------
    scalar
        In the units of ``values``.
    """
    x, p = np.asarray(values, dtype=np.float64), np.asarray(probs, dtype=np.float64)
    result: np.float64 = np.sum(p * x)
    return result


def variance(values: ArrayLike, probs: ArrayLike) -> np.float64:
    """Return the variance ``Σ p·(x - μ)²`` of a discrete random variable.

    The deviations are formed before they are squared: E[x²] - E[x]² is the same number, but subtracts two
    large ones where the mean is far from zero.

    Parameters
    ----------
    values
        Shape (k,): the values of the variable.
    probs
        Shape (k,): the probability of each value; sums to one.

    Returns
    -------
    scalar
        In the squared units of ``values``; never negative.
    """
    x = np.asarray(values, dtype=np.float64)
    return expectation((x - expectation(x, probs)) ** 2, probs)


def dice_sum_pmf(n: int, sides: int = 6) -> Array:
    """Return the pmf of the sum of n fair dice.

    Each further die convolves the pmf with its own. All terms are positive, so nothing cancels.

    Parameters
    ----------
    n
        Number of dice, at least 1.
    sides
        Number of sides of each die; they show 1 to ``sides``.

    Returns
    -------
    array
        Shape (n·sides - n + 1,): the probabilities of the sums n, n + 1, …, n·sides.
    """
    die = np.full(sides, 1.0 / sides)
    pmf = die
    for _ in range(n - 1):
        pmf = np.convolve(pmf, die)
    return pmf


def bayes_posterior(prior: ArrayLike, likelihood: ArrayLike) -> Array:
    """Return ``prior · likelihood / evidence`` over k hypotheses.

    Parameters
    ----------
    prior
        Shape (k,), sums to one; entries may be 0.
    likelihood
        Shape (k,): probability (or density) of what was observed under each hypothesis; entries may be 0, but
        the evidence ``Σ prior · likelihood`` is positive.

    Returns
    -------
    array
        Shape (k,), sums to one.
    """
    return sequential_posterior(prior, np.asarray(likelihood)[np.newaxis])


def sequential_posterior(prior: ArrayLike, likelihoods: ArrayLike) -> Array:
    """Return the posterior over k hypotheses after t independent observations.

    Computed in log space and normalised once, at the end: a product of thousands of likelihoods underflows,
    and a posterior that is normalised after each observation loses a hypothesis that falls below 1e-308.

    Parameters
    ----------
    prior
        Shape (k,), sums to one; entries may be 0.
    likelihoods
        Shape (t, k): probability (or density) of each observation under each hypothesis; entries may be 0, but
        the evidence is positive.

    Returns
    -------
    array
        Shape (k,), sums to one.
    """
    with np.errstate(divide="ignore"):  # log 0 = -inf, and exp(-inf) = 0
        log_prior = np.log(np.asarray(prior, dtype=np.float64))
        log_likelihoods = np.log(np.asarray(likelihoods, dtype=np.float64))
    by_hypothesis = np.ascontiguousarray(log_likelihoods.T)  # NumPy sums pairwise along contiguous axes only
    log_joint = log_prior + np.sum(by_hypothesis, axis=1)
    joint = np.exp(log_joint - np.max(log_joint))
    result: Array = joint / np.sum(joint)
    return result


def positive_predictive_value(prevalence: float, sensitivity: float, specificity: float) -> float:
    """Return ``P(ill | positive)``, the share of positive tests that are right.

    Parameters
    ----------
    prevalence
        P(ill), the base rate.
    sensitivity
        P(positive | ill).
    specificity
        P(negative | healthy).

    Returns
    -------
    scalar
        A probability. P(positive) must not be 0.
    """
    true_positive = sensitivity * prevalence
    false_positive = (1 - specificity) * (1 - prevalence)
    return true_positive / (true_positive + false_positive)
