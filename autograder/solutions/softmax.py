"""References of the topic ``softmax``: logits, probabilities, cross-entropy and its gradient.

Natural logarithms throughout: losses are in nats. Each function takes NumPy arrays of float64, float32 or
integers, computes in float64, and leaves its arguments unchanged. Formulas: Goodfellow, Bengio and
Courville, *Deep Learning* (2016), sections 4.1 (stable softmax), 6.2.2.3 (softmax output units and their
loss); Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions",
IMA J. Numer. Anal. 41 (2021) for the shifted forms.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def logsumexp(z: ArrayLike, axis: int = -1) -> Array | np.float64:
    """Return ``log Σ exp(z)`` along an axis, without overflow.

    Parameters
    ----------
    z
        Logits of any shape; entries may be -inf.
    axis
        The axis summed over; the result lacks it.

    Returns
    -------
    array or scalar
        In nats. A slice that is -inf throughout gives -inf.
    """
    logits = np.asarray(z, dtype=np.float64)
    top = np.max(logits, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(top), top, 0.0)  # -inf minus -inf would be NaN
    with np.errstate(divide="ignore"):
        log_total = np.log(np.sum(np.exp(logits - shift), axis=axis))
    result: Array | np.float64 = log_total + np.squeeze(shift, axis=axis)
    return result


def softmax(z: ArrayLike, axis: int = -1, temperature: float = 1.0) -> Array:
    """Return ``exp(z/T) / Σ exp(z/T)`` along an axis, without overflow.

    Parameters
    ----------
    z
        Finite logits of any shape with at least one axis.
    axis
        The axis along which the result sums to one.
    temperature
        T > 0: towards 0 the result becomes one-hot, towards infinity uniform.

    Returns
    -------
    array
        Probabilities, same shape as ``z``.
    """
    logits = np.asarray(z, dtype=np.float64)
    shifted = (logits - np.max(logits, axis=axis, keepdims=True)) / temperature
    weights = np.exp(shifted)
    result: Array = weights / np.sum(weights, axis=axis, keepdims=True)
    return result


def log_softmax(z: ArrayLike, axis: int = -1) -> Array:
    """Return ``z - logsumexp(z)`` along an axis: the log of softmax, but never -inf for finite logits.

    Parameters
    ----------
    z
        Finite logits of any shape with at least one axis.
    axis
        The axis along which the probabilities sum to one.

    Returns
    -------
    array
        Log-probabilities in nats, same shape as ``z``.
    """
    logits = np.asarray(z, dtype=np.float64)
    shifted = logits - np.max(logits, axis=axis, keepdims=True)
    result: Array = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    return result


def cross_entropy(logits: ArrayLike, y: ArrayLike) -> np.float64:
    """Return the mean negative log-likelihood of integer labels under softmax(logits).

    Parameters
    ----------
    logits
        Shape (n, k), finite.
    y
        Shape (n,), integers in 0 … k-1.

    Returns
    -------
    scalar
        In nats per example.
    """
    labels = np.asarray(y)
    log_p = log_softmax(logits, axis=1)
    result: np.float64 = -np.mean(log_p[np.arange(len(labels)), labels])
    return result


def cross_entropy_grad(logits: ArrayLike, y: ArrayLike) -> Array:
    """Return the gradient of :func:`cross_entropy` with respect to the logits: (softmax - one-hot) / n.

    Parameters
    ----------
    logits
        Shape (n, k), finite.
    y
        Shape (n,), integers in 0 … k-1.

    Returns
    -------
    array
        Shape (n, k); each row sums to zero.
    """
    labels = np.asarray(y)
    gradient = softmax(logits, axis=1)
    gradient[np.arange(len(labels)), labels] -= 1.0
    return gradient / len(labels)


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """Return the central differences ``(f(x + h eᵢ) - f(x - h eᵢ)) / 2h`` of a scalar function.

    Parameters
    ----------
    f
        Maps an array of the shape of ``x`` to a number.
    x
        float64, any shape; not changed.
    h
        Step, in units of ``x``; the error is of order h² from truncation and eps·|f|/h from rounding.

    Returns
    -------
    array
        Same shape as ``x``.
    """
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient
