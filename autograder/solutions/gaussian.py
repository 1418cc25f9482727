"""References of the topic ``gaussian``: densities, likelihood, moments and the Gaussian prior.

Natural logarithms throughout: log-densities and log-likelihoods are in nats (of densities, so their zero
depends on the unit of x). Each function takes NumPy arrays of float64, float32 or integers, computes in float64,
and leaves its arguments unchanged. Formulas: Bishop, *Pattern Recognition and Machine Learning* (2006), sections
1.2.4 (the Gaussian and its maximum likelihood), 1.2.5 (MAP with a Gaussian prior) and 2.3 (the multivariate
Gaussian); Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 3.8 (covariance and correlation) and
5.6.1 (MAP and weight decay); Higham, *Accuracy and Stability of Numerical Algorithms* (2nd ed., 2002), section 1.9
(two passes for the variance); Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning* (2nd ed.,
2009), section 3.4.1 (ridge regression by singular values).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LOG_2PI = math.log(2 * math.pi)


def gaussian_log_pdf(x: ArrayLike, mu: ArrayLike, sigma: ArrayLike) -> Array | np.float64:
    """Return ``log N(x; mu, sigma²)`` elementwise, without ever forming the density.

    Parameters
    ----------
    x, mu, sigma
        Points, means and standard deviations (> 0); scalars or arrays that broadcast against each other.

    Returns
    -------
    array or scalar
        In nats, of the broadcast shape.
    """
    scale = np.asarray(sigma, dtype=np.float64)
    z = (np.asarray(x, dtype=np.float64) - np.asarray(mu, dtype=np.float64)) / scale
    result: Array | np.float64 = -0.5 * z * z - np.log(scale) - 0.5 * LOG_2PI
    return result


def gaussian_log_likelihood(x: ArrayLike, mu: float, sigma: float) -> np.float64:
    """Return the log-likelihood ``Σ log N(xᵢ; mu, sigma²)`` of independent data.

    Parameters
    ----------
    x
        Data, shape (n,).
    mu, sigma
        Mean and standard deviation (> 0).

    Returns
    -------
    scalar
        In nats.
    """
    result: np.float64 = np.sum(gaussian_log_pdf(x, mu, sigma))
    return result


def gaussian_mle(x: ArrayLike) -> tuple[np.float64, np.float64]:
    """Return the mean and the standard deviation under which data are most likely.

    Parameters
    ----------
    x
        Data, shape (n,).

    Returns
    -------
    mu_hat, sigma_hat
        In the unit of x; the variance behind ``sigma_hat`` divides by n.
    """
    data = np.asarray(x, dtype=np.float64)
    mu_hat = np.float64(np.mean(data))
    sigma_hat: np.float64 = np.sqrt(np.mean((data - mu_hat) ** 2))
    return mu_hat, sigma_hat


def within_k_sigma(k: float) -> float:
    """Return ``P(|X - mu| <= k sigma)`` of any Gaussian, which is ``erf(k / √2)``.

    Parameters
    ----------
    k
        Half the width of the band in standard deviations, >= 0.

    Returns
    -------
    scalar
        A probability.
    """
    return math.erf(k / math.sqrt(2))


def covariance_matrix(X: ArrayLike) -> Array:
    """Return the covariance of the columns, dividing by n.

    Parameters
    ----------
    X
        Shape (n, d): a row per observation, a column per variable.

    Returns
    -------
    array
        Shape (d, d), symmetric; entry (i, j) in the unit of column i times that of column j.
    """
    data = np.asarray(X, dtype=np.float64)
    deviations = data - np.mean(data, axis=0)
    result: Array = deviations.T @ deviations / len(data)
    return result


def correlation(x: ArrayLike, y: ArrayLike) -> np.float64:
    """Return Pearson's correlation of paired data.

    Parameters
    ----------
    x, y
        Shape (n,) each, neither of them constant.

    Returns
    -------
    scalar
        Between -1 and 1 (up to rounding), without unit.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    da, db = a - np.mean(a), b - np.mean(b)
    result: np.float64 = da @ db / (np.sqrt(da @ da) * np.sqrt(db @ db))
    return result


def mvn_log_pdf(x: ArrayLike, mu: ArrayLike, cov: ArrayLike) -> np.float64:
    """Return the log-density of a multivariate Gaussian, by the Cholesky factor of its covariance.

    With ``cov = L Lᵀ`` the log-determinant is a sum of logarithms, ``2 Σ log Lᵢᵢ``, that can't under- or
    overflow as the determinant does, and ``(x - mu)ᵀ cov⁻¹ (x - mu)`` is the squared length of ``L⁻¹ (x - mu)``.

    Parameters
    ----------
    x, mu
        Point and mean, shape (k,) each.
    cov
        Shape (k, k), symmetric and positive definite.

    Returns
    -------
    scalar
        In nats.
    """
    factor = np.linalg.cholesky(np.asarray(cov, dtype=np.float64))
    deviation = np.asarray(x, dtype=np.float64) - np.asarray(mu, dtype=np.float64)
    z = np.linalg.solve(factor, deviation)
    log_det = 2 * np.sum(np.log(np.diag(factor)))
    result: np.float64 = -0.5 * (z @ z + log_det + len(z) * LOG_2PI)
    return result


def map_ridge(X: ArrayLike, y: ArrayLike, sigma2: float, tau2: float) -> Array:
    """Return the weights w of largest posterior density for ``y = X w + noise``.

    The noise is N(0, sigma2 I) and the prior on w is N(0, tau2 I), so that
    ``w = (XᵀX + (sigma2 / tau2) I)⁻¹ Xᵀy``. With ``X = U diag(s) Vᵀ`` this is
    ``V diag(s / (s² + sigma2 / tau2)) Uᵀy``, which never forms XᵀX, whose condition number is that of X squared.

    Parameters
    ----------
    X, y
        Inputs of shape (n, d), targets of shape (n,).
    sigma2, tau2
        Variance of the noise and of each weight under the prior, both > 0.

    Returns
    -------
    array
        Shape (d,).
    """
    inputs, targets = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    u, s, vt = np.linalg.svd(inputs, full_matrices=False)
    s[s <= s[0] * max(inputs.shape) * np.finfo(np.float64).eps] = 0.0  # rounding; a tiny penalty would magnify it
    shrunk = s / (s**2 + sigma2 / tau2) * (u.T @ targets)
    result: Array = vt.T @ shrunk
    return result
