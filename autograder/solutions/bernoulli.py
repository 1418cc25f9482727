"""References of the topic ``bernoulli``: the loss of binary labels, its gradient, logistic regression.

Natural logarithms throughout: losses are in nats. Each function takes NumPy arrays of float64, float32 or
integers, computes in float64, and leaves its arguments unchanged. Formulas: Goodfellow, Bengio and
Courville, *Deep Learning* (2016), sections 3.9.1 (the Bernoulli distribution), 3.10 (sigmoid and softplus),
6.2.2.2 (sigmoid output units and their loss from logits); Bishop, *Pattern Recognition and Machine Learning*
(2006), section 4.3.2 (logistic regression and its gradient); Nesterov, *Introductory Lectures on Convex
Optimization* (2004), section 2.1.5 (gradient descent with a constant step).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def bernoulli_nll(p: ArrayLike, y: ArrayLike) -> np.float64:
    """Return the mean negative log-likelihood ``-[y log p + (1 - y) log(1 - p)]`` of binary labels.

    Parameters
    ----------
    p
        Shape (n,), probabilities of label 1, in [0, 1].
    y
        Shape (n,), each 0 or 1.

    Returns
    -------
    scalar
        In nats per example; ``0 log 0`` is 0, and one label of probability 0 makes the mean +inf.
    """
    probability, labels = np.asarray(p, dtype=np.float64), np.asarray(y)
    with np.errstate(divide="ignore"):
        log_likelihood = np.where(labels == 1, np.log(probability), np.log1p(-probability))
    losses: Array = np.abs(log_likelihood)  # no logarithm is positive; -log 1 would be -0
    result: np.float64 = losses.mean()
    return result


def bce_with_logits(z: ArrayLike, y: ArrayLike) -> np.float64:
    """Return :func:`bernoulli_nll` of ``p = sigmoid(z)`` without forming p.

    Parameters
    ----------
    z
        Shape (n,), finite logits.
    y
        Shape (n,), each 0 or 1.

    Returns
    -------
    scalar
        In nats per example: the mean of ``max(z, 0) - z y + log(1 + exp(-|z|))``.
    """
    logits, labels = np.asarray(z, dtype=np.float64), np.asarray(y)
    losses = np.maximum(logits, 0.0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))
    result: np.float64 = losses.mean()
    return result


def bce_grad(z: ArrayLike, y: ArrayLike) -> Array:
    """Return the gradient of :func:`bce_with_logits` with respect to the logits: ``(sigmoid(z) - y) / n``.

    Parameters
    ----------
    z
        Shape (n,), finite logits.
    y
        Shape (n,), each 0 or 1.

    Returns
    -------
    array
        Shape (n,), each entry in [-1/n, 1/n].
    """
    labels = np.asarray(y, dtype=np.float64)
    with np.errstate(over="ignore"):
        return (_sigmoid(np.asarray(z, dtype=np.float64)) - labels) / len(labels)


def fit_logistic(X: ArrayLike, y: ArrayLike, l2: float = 0.0, lr: float = 0.1, steps: int = 1000) -> Array:
    """Return the weights of logistic regression after gradient descent from zero.

    The objective is the mean loss of the logits ``X w`` plus ``(l2 / 2) |w|²``. There is no intercept
    except the weight of a constant column of X.

    Parameters
    ----------
    X
        Shape (n, d).
    y
        Shape (n,), each 0 or 1.
    l2
        Strength of the penalty, ≥ 0.
    lr
        Step size, below ``2 / (λ / 4n + l2)`` with λ the largest eigenvalue of XᵀX.
    steps
        Number of updates, ≥ 0.

    Returns
    -------
    array
        Shape (d,); zeros after no step.
    """
    features, labels = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    n, d = features.shape
    w = np.zeros(d)
    with np.errstate(over="ignore"):
        for _ in range(steps):
            w = w - lr * (features.T @ (_sigmoid(features @ w) - labels) / n + l2 * w)
    return w


def _sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)); where exp overflows, the infinity stands for a probability below 1e-308: 0."""
    result: Array = 1.0 / (1.0 + np.exp(-z))
    return result
