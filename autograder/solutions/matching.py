"""References of the topic ``matching``: a trained softmax regression, a fitted temperature, a PCA spectrum.

Natural logarithms throughout: losses are in nats. Each function takes NumPy arrays of float64, float32 or
integers, computes in float64, and leaves its arguments unchanged. Sources: Bishop, *Pattern Recognition and
Machine Learning* (2006), sections 4.3.4 (multiclass logistic regression) and 12.1 (principal components);
Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 7.1.1 (weight decay); Guo, Pleiss, Sun and
Weinberger, "On calibration of modern neural networks", ICML (2017), section 4.2 (temperature scaling).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.solutions.softmax import log_softmax, softmax

Array = NDArray[np.float64]

COLDEST, HOTTEST = 0.05, 20.0
"""The interval in which the best temperature lies."""
HALVINGS = 40
"""Of the interval of log T, which is 6 long: what is left is below 1e-11."""


def train_softmax_regression(
    X: ArrayLike,
    y: ArrayLike,
    num_classes: int,
    l2: float = 0.0,
    lr: float = 0.5,
    steps: int = 200,
) -> tuple[Array, Array, Array]:
    """Minimise the mean cross-entropy of ``softmax(X W + b)`` plus ``(l2/2) ‖W‖²`` by gradient descent from zeros.

    Parameters
    ----------
    X
        Features, shape (n, d).
    y
        Labels, shape (n,), integers in 0 … k-1.
    num_classes
        k; a class may have no example.
    l2
        Strength of the penalty; the bias is not penalised.
    lr
        Size of each step.
    steps
        Number of updates, each on the whole data.

    Returns
    -------
    W, b, losses
        Shapes (d, k), (k,) and (steps,). The losses are the penalised objective in nats, each taken before
        its update, so that the first is log k.
    """
    features = np.asarray(X, dtype=np.float64)
    labels = np.asarray(y)
    n, d = features.shape
    own = np.arange(n), labels
    W, b, losses = np.zeros((d, num_classes)), np.zeros(num_classes), np.empty(steps)
    for step in range(steps):
        log_p = log_softmax(features @ W + b, axis=1)
        losses[step] = -np.mean(log_p[own]) + l2 / 2 * np.sum(W**2)
        residual = np.exp(log_p)
        residual[own] -= 1.0
        W -= lr * (features.T @ residual / n + l2 * W)
        b -= lr * np.mean(residual, axis=0)
    return W, b, losses


def fit_temperature(logits: ArrayLike, y: ArrayLike) -> np.float64:
    """Return the temperature T in [0.05, 20] at which ``softmax(logits / T)`` has the least mean NLL.

    The NLL is convex in 1/T, and its slope there is the mean of E[z] - z_y, where E is taken under
    softmax(z / T): the best T is where the slope changes sign, and halving log T finds it.

    Parameters
    ----------
    logits
        Shape (n, k), finite; neither all of the labels' logits are their row's largest, nor are they no
        larger than chance on average: else the minimum lies at 0 or at infinity.
    y
        Shape (n,), integers in 0 … k-1.

    Returns
    -------
    scalar
        In units of the logits: above 1 for a model that is too confident.
    """
    z = np.asarray(logits, dtype=np.float64)
    labels = np.asarray(y)
    above_own = z - z[np.arange(len(labels)), labels][:, np.newaxis]
    low, high = np.log(COLDEST), np.log(HOTTEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        slope = np.sum(softmax(z, axis=1, temperature=np.exp(middle)) * above_own)
        low, high = (middle, high) if slope > 0 else (low, middle)
    result: np.float64 = np.exp((low + high) / 2)
    return result


def explained_variance_ratio(X: ArrayLike) -> Array:
    """Return the share of the total variance that lies along each principal component.

    The variance along a component is σ²/n for the singular value σ of the centred data; without forming the
    covariance matrix, small shares keep their digits.

    Parameters
    ----------
    X
        Shape (n, d), n > d; not all rows are equal.

    Returns
    -------
    array
        Shape (d,), descending, never negative, sums to one.
    """
    data = np.asarray(X, dtype=np.float64)
    variances = np.linalg.svd(data - np.mean(data, axis=0), compute_uv=False) ** 2
    result: Array = variances / np.sum(variances)
    return result
