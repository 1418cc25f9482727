"""References of the topic ``losses``: negative log-likelihoods of counts, outliers and noise, and a hidden layer.

Natural logarithms throughout: losses are in nats. Each function takes NumPy arrays of float64, float32 or
integers, computes in float64, and leaves its arguments unchanged. Formulas: Cameron and Trivedi, *Regression
Analysis of Count Data* (2013), section 3.2 (the Poisson log-likelihood); Bishop, *Pattern Recognition and Machine
Learning* (2006), section 5.6 (networks that predict a distribution's parameters) and section 5.3
(backpropagation); Nix and Weigend, "Estimating the mean and variance of the target probability distribution",
Proc. ICNN 1 (1994); Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 6.5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.solutions.softmax import cross_entropy, cross_entropy_grad

Array = NDArray[np.float64]
HALF_LOG_2PI = 0.9189385332046727


def poisson_nll(log_rate: ArrayLike, y: ArrayLike) -> np.float64:
    """Return the mean negative log-likelihood of counts, without the term ``log y!`` that no parameter touches.

    Parameters
    ----------
    log_rate
        Shape (n,), the logarithm of each count's expectation.
    y
        Shape (n,), counts: 0, 1, 2, …

    Returns
    -------
    scalar
        In nats per count: the mean of ``exp(log_rate) - y log_rate``.
    """
    logs, counts = np.asarray(log_rate, dtype=np.float64), np.asarray(y, dtype=np.float64)
    losses: Array = np.exp(logs) - counts * logs
    result: np.float64 = losses.mean()
    return result


def laplace_nll(x: ArrayLike, mu: float, b: float) -> np.float64:
    """Return the mean negative log-likelihood of data under the density ``exp(-|x - mu| / b) / 2b``.

    Parameters
    ----------
    x
        Shape (n,).
    mu
        The median.
    b
        The mean absolute deviation from it, > 0.

    Returns
    -------
    scalar
        In nats per data point: the mean of ``log 2b + |x - mu| / b``.
    """
    distances = np.abs(np.asarray(x, dtype=np.float64) - mu)
    result: np.float64 = np.log(2.0 * b) + np.mean(distances / b)
    return result


def heteroscedastic_nll(mu: ArrayLike, log_sigma: ArrayLike, y: ArrayLike) -> np.float64:
    """Return the mean of ``-log N(y; mu, exp(log_sigma)²)``: each target has a mean and a deviation of its own.

    Parameters
    ----------
    mu
        Shape (n,), predicted means.
    log_sigma
        Shape (n,), logarithms of the predicted standard deviations, within ±30.
    y
        Shape (n,), targets.

    Returns
    -------
    scalar
        In nats per target.
    """
    logs = np.asarray(log_sigma, dtype=np.float64)
    losses: Array = HALF_LOG_2PI + logs + 0.5 * _standardised(mu, logs, y) ** 2
    result: np.float64 = losses.mean()
    return result


def heteroscedastic_grad(mu: ArrayLike, log_sigma: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return the gradient of :func:`heteroscedastic_nll`: ``-z / (sigma n)`` and ``(1 - z²) / n``.

    Here ``z = (y - mu) / sigma``.

    Parameters
    ----------
    mu, log_sigma, y
        As for :func:`heteroscedastic_nll`.

    Returns
    -------
    array, array
        The derivatives with respect to mu and to log_sigma, each of shape (n,).
    """
    logs = np.asarray(log_sigma, dtype=np.float64)
    z = _standardised(mu, logs, y)
    return -z * np.exp(-logs) / len(z), (1.0 - z**2) / len(z)


def hidden_layer_loss_grad(
    X: ArrayLike, y: ArrayLike, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike
) -> tuple[np.float64, Array, Array, Array, Array]:
    """Return the mean cross-entropy of ``softmax(tanh(X W1 + b1) W2 + b2)`` and its gradient.

    Parameters
    ----------
    X
        Shape (n, d), inputs.
    y
        Shape (n,), integers in 0 … k-1.
    W1, b1
        Shapes (d, h) and (h,).
    W2, b2
        Shapes (h, k) and (k,).

    Returns
    -------
    scalar, array, array, array, array
        The loss in nats per example, and its derivatives with respect to W1, b1, W2 and b2, in their shapes.
    """
    inputs, first, bias1, second, bias2 = (np.asarray(value, dtype=np.float64) for value in (X, W1, b1, W2, b2))
    hidden: Array = np.tanh(inputs @ first + bias1)
    logits: Array = hidden @ second + bias2
    d_logits = cross_entropy_grad(logits, y)
    d_hidden = (d_logits @ second.T) * (1.0 - hidden**2)
    gradient = (inputs.T @ d_hidden, d_hidden.sum(axis=0), hidden.T @ d_logits, d_logits.sum(axis=0))
    return cross_entropy(logits, y), *gradient


def _standardised(mu: ArrayLike, log_sigma: Array, y: ArrayLike) -> Array:
    """Return ``(y - mu) / sigma``, without forming a power of sigma."""
    result: Array = (np.asarray(y, dtype=np.float64) - np.asarray(mu, dtype=np.float64)) * np.exp(-log_sigma)
    return result
