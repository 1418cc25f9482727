"""References of the topic ``matching``: training, calibration, a Gaussian a class, a PCA spectrum.

Natural logarithms throughout: losses are in nats. Each function takes NumPy arrays of float64, float32 or
integers, computes in float64, and leaves its arguments unchanged. Sources: Bishop, *Pattern Recognition and
Machine Learning* (2006), sections 4.3.4 (multiclass logistic regression) and 12.1 (principal components);
Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 7.1.1 (weight decay); Guo, Pleiss, Sun and
Weinberger, "On calibration of modern neural networks", ICML (2017), section 4.2 (temperature scaling); Hastie,
Tibshirani and Friedman, *The Elements of Statistical Learning* (2nd ed., 2009), section 4.3 (a Gaussian a class).
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


def fit_class_gaussians(
    X: ArrayLike, y: ArrayLike, num_classes: int, ridge: float = 1e-3
) -> tuple[Array, Array, Array]:
    """Return the maximum-likelihood Gaussian of every class, its covariance raised by ``ridge`` on the diagonal.

    Parameters
    ----------
    X
        Features, shape (n, d).
    y
        Labels, shape (n,), integers in 0 … k-1; every class has an example.
    num_classes
        k.
    ridge
        At least 0, in squared units of the features. Above 0 every covariance can be inverted.

    Returns
    -------
    priors, means, covs
        Shapes (k,), (k, d) and (k, d, d): each class's share of the examples, its mean, and its covariance,
        dividing by its number of examples.
    """
    features, labels = np.asarray(X, dtype=np.float64), np.asarray(y)
    n, d = features.shape
    priors, means, covs = np.empty(num_classes), np.empty((num_classes, d)), np.empty((num_classes, d, d))
    for c in range(num_classes):
        own = features[labels == c]
        priors[c] = len(own) / n
        means[c] = np.mean(own, axis=0)
        deviations = own - means[c]
        covs[c] = deviations.T @ deviations / len(own) + ridge * np.eye(d)
    return priors, means, covs


def sample_gaussian(mu: ArrayLike, cov: ArrayLike, z: ArrayLike) -> Array:
    """Turn standard normal draws into draws of N(mu, cov): ``mu + z Lᵀ``, where ``cov = L Lᵀ``.

    A row z of covariance I becomes L z of covariance ``L I Lᵀ``.

    Parameters
    ----------
    mu, cov
        Mean (d,), and covariance (d, d), symmetric and positive definite.
    z
        Standard normal draws, shape (n, d).

    Returns
    -------
    array
        Shape (n, d). L is lower triangular with a positive diagonal (Cholesky), so it is unique.
    """
    factor = np.linalg.cholesky(np.asarray(cov, dtype=np.float64))
    result: Array = np.asarray(mu, dtype=np.float64) + np.asarray(z, dtype=np.float64) @ factor.T
    return result


def bayes_classifier_log_posterior(X: ArrayLike, priors: ArrayLike, means: ArrayLike, covs: ArrayLike) -> Array:
    """Return ``log P(class | x)`` of a Gaussian a class, by Bayes' rule in logarithms.

    No density is ever formed; the normaliser is a log-sum-exp over the classes.

    Parameters
    ----------
    X
        Points, shape (n, d).
    priors
        Shape (k,), positive, summing to one.
    means, covs
        Shapes (k, d) and (k, d, d), each covariance symmetric and positive definite.

    Returns
    -------
    array
        In nats, shape (n, k); the exponentials of a row sum to one.
    """
    points, shares = np.asarray(X, dtype=np.float64), np.asarray(priors, dtype=np.float64)
    centres, spreads = np.asarray(means, dtype=np.float64), np.asarray(covs, dtype=np.float64)
    joint = np.empty((len(points), len(shares)))
    for c in range(len(shares)):
        factor = np.linalg.cholesky(spreads[c])
        z = np.linalg.solve(factor, (points - centres[c]).T)
        joint[:, c] = np.log(shares[c]) - 0.5 * np.sum(z**2, axis=0) - np.sum(np.log(np.diag(factor)))
    return log_softmax(joint, axis=1)


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
