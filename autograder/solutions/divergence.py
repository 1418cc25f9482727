"""References of the topic ``divergence``: entropy, Kullback–Leibler and Jensen–Shannon divergence, moments.

Natural logarithms throughout: everything is in nats. Each function takes NumPy arrays of float64, float32 or
integers, computes in float64, and leaves its arguments unchanged. Formulas: Cover and Thomas, *Elements of
Information Theory* (2nd ed., 2006), sections 2.1 and 2.3 (entropy, relative entropy, 0 log 0 = 0); Lin,
"Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37 (1991) for Jensen–Shannon; Bishop,
*Pattern Recognition and Machine Learning* (2006), section 1.6.1 (relative entropy) and section 10.7 (minimising
KL(p‖Gaussian) matches moments).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def entropy(p: ArrayLike) -> np.float64:
    """Return ``-Σ p log p``, the expected surprise.

    Parameters
    ----------
    p
        A pmf, shape (k,). An impossible outcome adds nothing: 0 log 0 = 0.

    Returns
    -------
    scalar
        In nats: from 0 (one outcome is certain) to log k (all are equally likely).
    """
    pmf = np.asarray(p, dtype=np.float64)
    possible = pmf[pmf > 0]
    result: np.float64 = np.sum(possible * -np.log(possible))
    return result


def kl_divergence(p: ArrayLike, q: ArrayLike) -> np.float64:
    """Return KL(p‖q) = ``Σ p log(p / q)``: the extra nats for coding p by a code made for q.

    Parameters
    ----------
    p, q
        Two pmfs over the same outcomes, shape (k,). Where p is 0 nothing is added, whatever q is.

    Returns
    -------
    scalar
        In nats; +inf where q excludes what p allows.
    """
    truth, model = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    possible = truth > 0
    with np.errstate(divide="ignore"):  # log 0 = -inf makes the term +inf, as it should be
        extra = np.log(truth[possible]) - np.log(model[possible])  # p / q may overflow
    result: np.float64 = np.sum(truth[possible] * extra)
    return result


def js_divergence(p: ArrayLike, q: ArrayLike) -> np.float64:
    """Return ``½ KL(p‖m) + ½ KL(q‖m)`` with m = (p + q) / 2; not its square root, which is a metric.

    Parameters
    ----------
    p, q
        Two pmfs over the same outcomes, shape (k,).

    Returns
    -------
    scalar
        In nats: from 0 (equal) to log 2 (disjoint supports); always finite.
    """
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    twice_m = first + second  # half of the smallest float64 would be 0
    return (kl_divergence(2 * first, twice_m) + kl_divergence(2 * second, twice_m)) / 4


def gaussian_kl(mu1: ArrayLike, sigma1: ArrayLike, mu2: ArrayLike, sigma2: ArrayLike) -> Array | np.float64:
    """Return KL(N(mu1, sigma1²)‖N(mu2, sigma2²)), elementwise.

    Parameters
    ----------
    mu1, sigma1
        Mean and standard deviation of the first Gaussian, under which the expectation is taken.
    mu2, sigma2
        Those of the second. All four broadcast against each other.

    Returns
    -------
    array or scalar
        In nats, of the broadcast shape; a scalar for four scalars.
    """
    deviation = np.asarray(sigma2, dtype=np.float64)
    ratio = np.asarray(sigma1, dtype=np.float64) / deviation
    shift = (np.asarray(mu1, dtype=np.float64) - np.asarray(mu2, dtype=np.float64)) / deviation
    result: Array | np.float64 = (ratio**2 + shift**2 - 1) / 2 - np.log(ratio)
    return result


def moment_match(weights: ArrayLike, mus: ArrayLike, sigmas: ArrayLike) -> tuple[np.float64, np.float64]:
    """Return the Gaussian closest to a mixture of Gaussians in KL(mixture‖Gaussian).

    It has the mixture's own mean and variance, the latter by the law of total variance.

    Parameters
    ----------
    weights
        A pmf over the components, shape (k,).
    mus, sigmas
        Means and standard deviations of the components, shape (k,), in one unit.

    Returns
    -------
    mu, sigma
        Mean and standard deviation, two scalars in that unit.
    """
    w, means = np.asarray(weights, dtype=np.float64), np.asarray(mus, dtype=np.float64)
    mu: np.float64 = np.sum(w * means)
    variance: np.float64 = np.sum(w * (np.asarray(sigmas, dtype=np.float64) ** 2 + (means - mu) ** 2))
    return mu, np.sqrt(variance)
