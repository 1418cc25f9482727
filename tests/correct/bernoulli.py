"""Right answers of the topic bernoulli."""

from __future__ import annotations

import functools
import itertools
import math

import mpmath
import numpy as np
import scipy.special

from autograder.judging.calls import Call
from correct import exactly

# --- exact -----------------------------------------------------------------------------------------------


def sigmoid(z):
    """By an exponential that is at most 1; a tiny one stays exact, however few the digits."""
    small = mpmath.exp(-abs(z))
    return 1 / (1 + small) if z >= 0 else small / (1 + small)


def exact_bernoulli_nll(p, y):
    of_labels = [value if label else 1 - mpmath.mpf(float(value)) for value, label in zip(p, y, strict=True)]
    if 0 in of_labels:
        return math.inf

    def mean_nll(n, *numbers):
        chances = [value if label else 1 - value for value, label in zip(numbers, y, strict=True)]
        return -mpmath.fsum(mpmath.log(value) for value in chances) / n

    return exactly(mean_nll, len(y), *p)


def exact_bce_with_logits(z, y):
    def mean_nll(n, *numbers):
        margins = [value if label else -value for value, label in zip(numbers, y, strict=True)]
        losses = [max(-value, 0) + mpmath.log1p(mpmath.exp(-abs(value))) for value in margins]
        return mpmath.fsum(losses) / n

    return exactly(mean_nll, len(y), *z)


def exact_bce_grad(z, y):
    def entry(n, own, label):
        return (sigmoid(own) - label) / n

    return np.array([exactly(entry, len(y), own, label) for own, label in zip(z, y, strict=True)])


def exact_fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    """Equal examples are taken together: they have equal residuals."""
    examples = np.column_stack([X, y]).astype(float)
    kinds, counts = np.unique(examples, axis=0, return_counts=True)

    @functools.cache
    def weights(digits):
        rows = [[mpmath.mpf(value) for value in row] for row in kinds.tolist()]
        w = [mpmath.mpf(0)] * (kinds.shape[1] - 1)
        for _ in range(steps):
            pulls = [
                int(count) * (sigmoid(mpmath.fdot(row[:-1], w)) - row[-1])
                for row, count in zip(rows, counts, strict=True)
            ]
            sums = [mpmath.fdot(pulls, [row[j] for row in rows]) for j in range(len(w))]
            w = [w[j] - mpmath.mpf(lr) * (sums[j] / len(y) + mpmath.mpf(l2) * w[j]) for j in range(len(w))]
        return w

    return np.array([exactly(lambda j: weights(mpmath.mp.dps)[int(j)], j) for j in range(np.shape(X)[1])])


# --- bernoulli_nll ---------------------------------------------------------------------------------------


def bernoulli_nll_by_loops(p, y):
    losses = []
    for value, label in zip(np.asarray(p, dtype=float).tolist(), y, strict=True):
        chance = value if label == 1 else 1 - value
        losses.append(-math.log(chance) if chance > 0 else math.inf)
    return math.fsum(losses) / len(losses)


def bernoulli_nll_by_scipy(p, y):
    return -np.mean(scipy.special.xlogy(y, p) + scipy.special.xlog1py(1 - y, -p))


def bernoulli_nll_by_selection(p, y):
    with np.errstate(divide="ignore"):
        return -np.log(np.where(y == 1, p, 1 - p)).mean()


def bernoulli_nll_by_masks(p, y):
    with np.errstate(divide="ignore"):
        total = np.log(p[y == 1]).sum() + np.log1p(-p[y == 0]).sum()
    return -total / len(p)


def bernoulli_nll_by_pmf(p, y):
    """Here 0 to the power 0 is 1, as the pmf has it."""
    with np.errstate(divide="ignore"):
        return np.average(-np.log(p**y * (1 - p) ** (1 - y)))


def bernoulli_nll_by_distance(p, y):
    """The probability of a label is the distance of p from the other one."""
    with np.errstate(divide="ignore"):
        return np.einsum("i->", -np.log(np.abs(1.0 - y - p))) / p.size


def bernoulli_nll_in_long_double(p, y):
    p = np.asarray(p, dtype=np.longdouble)
    with np.errstate(divide="ignore"):
        return np.array(np.mean(-np.log(np.choose(np.asarray(y, dtype=int), [1 - p, p]))))


# --- bce_with_logits -------------------------------------------------------------------------------------


def bce_with_logits_by_loops(z, y):
    losses = []
    for value, label in zip(np.asarray(z, dtype=float).tolist(), y, strict=True):
        margin = value if label else -value
        losses.append(math.log1p(math.exp(-margin)) if margin > 0 else math.log1p(math.exp(margin)) - margin)
    return math.fsum(losses) / len(losses)


def bce_with_logits_by_scipy(z, y):
    z = np.asarray(z, dtype=float)
    return -np.mean(y * scipy.special.log_expit(z) + (1 - y) * scipy.special.log_expit(-z))


def bce_with_logits_by_logaddexp(z, y):
    z = np.asarray(z, dtype=float)
    return (np.logaddexp(0, z) - y * z).mean()


def bce_with_logits_by_margins(z, y):
    """Labels -1 and 1, and the softplus of minus the margin."""
    return np.average(np.logaddexp(0.0, (1 - 2 * np.asarray(y, dtype=float)) * z))


def bce_with_logits_by_two_logits(z, y):
    """Softmax cross-entropy of the logits 0 and z."""
    pairs = np.stack([np.zeros(len(z)), z], axis=1)
    return np.mean(scipy.special.logsumexp(pairs, axis=1) - pairs[np.arange(len(z)), np.asarray(y, dtype=int)])


def bce_with_logits_by_einsum(z, y):
    z = np.asarray(z, dtype=float)
    small = np.log1p(np.exp(-np.abs(z)))
    return (np.einsum("i->", np.maximum(z, 0) + small) - np.einsum("i,i->", z, y.astype(float))) / len(z)


def bce_with_logits_in_long_double(z, y):
    z = np.asarray(z, dtype=np.longdouble)
    return np.array(np.mean(np.where(z > 0, z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))))


# --- bce_grad --------------------------------------------------------------------------------------------


def bce_grad_by_loops(z, y):
    gradient = []
    for value, label in zip(np.asarray(z, dtype=float).tolist(), y, strict=True):
        small = math.exp(-abs(value))
        gradient.append(((1 if value >= 0 else small) / (1 + small) - float(label)) / len(z))
    return gradient


def bce_grad_by_scipy(z, y):
    return (scipy.special.expit(np.asarray(z, dtype=float)) - y) / len(y)


def bce_grad_by_tanh(z, y):
    return (0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float))) - y) / len(y)


def bce_grad_by_logaddexp(z, y):
    return (np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float))) - y) / np.size(y)


def bce_grad_by_plain_sigmoid(z, y):
    """Overflows to infinity, warns, and is right: 1 / inf is the 0 that is meant."""
    return (1 / (1 + np.exp(-z.astype(np.float64)))) / len(z) - y / len(z)


def bce_grad_by_clipped_logits(z, y):
    """Beyond ±500 the sigmoid is 0 or 1 to within 1e-217."""
    p = 1 / (1 + np.exp(-np.clip(np.asarray(z, dtype=float), -500, 500)))
    return np.subtract(p, y) / len(y)


def bce_grad_by_margins(z, y):
    """Minus the sign of the label times the probability of the other one."""
    sign = 2 * np.asarray(y, dtype=float) - 1
    return -sign * scipy.special.expit(-sign * z) / len(y)


def bce_grad_in_long_double(z, y):
    z = np.asarray(z, dtype=np.longdouble)
    return (np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))) - y) / len(y)


# --- fit_logistic ----------------------------------------------------------------------------------------


def fit_logistic_by_loops(X, y, l2=0.0, lr=0.1, steps=1000):
    columns, labels, n = np.asarray(X, dtype=float).T.tolist(), np.asarray(y, dtype=float).tolist(), len(y)
    w = [0.0] * len(columns)
    for _ in range(steps):
        logits = [sum(map(float.__mul__, row, w)) for row in zip(*columns, strict=True)]
        residuals = [0.5 + 0.5 * math.tanh(z / 2) - label for z, label in zip(logits, labels, strict=True)]
        sums = [math.fsum(map(float.__mul__, column, residuals)) for column in columns]
        w = [own - lr * (total / n + l2 * own) for own, total in zip(w, sums, strict=True)]
    return w


def fit_logistic_by_scipy(X, y, l2=0.0, lr=0.1, steps=1000):
    X, w = np.asarray(X, dtype=float), np.zeros(np.shape(X)[1])
    for _ in range(steps):
        residuals = scipy.special.expit(X @ w) - y
        w -= lr * (np.mean(residuals[:, None] * X, axis=0) + l2 * w)
    return w


def fit_logistic_by_einsum(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        p = np.exp(-np.logaddexp(0, -np.einsum("nd,d->n", X, w)))
        w = (1 - lr * l2) * w + lr / len(y) * np.einsum("nd,n->d", X, y - p)
    return w


def fit_logistic_by_margins(X, y, l2=0.0, lr=0.1, steps=1000):
    """Rows of label 0 turned round, so that every margin wants to be positive."""
    turned = np.where(np.asarray(y)[:, None] == 1, X, -np.asarray(X, dtype=float))
    w = np.zeros(turned.shape[1])
    for _ in itertools.repeat(None, steps):
        w = w + lr * (np.mean(turned * scipy.special.expit(-turned @ w)[:, None], axis=0) - l2 * w)
    return w


def fit_logistic_by_coefficients(X, y, l2=0.0, lr=0.1, steps=1000):
    """The weights stay in the span of the rows: descend on one coefficient for each."""
    X = np.asarray(X, dtype=np.float64)
    coefficients = np.zeros(len(X))
    for _ in range(steps):
        residuals = scipy.special.expit(X @ (X.T @ coefficients)) - y
        coefficients = coefficients - lr * (residuals / len(y) + l2 * coefficients)
    return coefficients @ X


def fit_logistic_by_recursion(X, y, l2=0.0, lr=0.1, steps=1000):
    def update(w, _):
        with np.errstate(over="ignore"):
            p = 1 / (1 + np.exp(-np.dot(X, w)))
        return w - lr * (np.dot(p - y, X) / len(y) + l2 * w)

    return functools.reduce(update, range(steps), np.zeros(X.shape[1]))


def fit_logistic_in_long_double(X, y, l2=0.0, lr=0.1, steps=1000):
    X = np.asarray(X, dtype=np.longdouble)
    w = np.zeros(X.shape[1], dtype=np.longdouble)
    for _ in range(steps):
        residuals = (1 + np.tanh((X * w).sum(axis=1) / 2)) / 2 - y
        w = w - lr * ((X * residuals[:, None]).sum(axis=0) / len(y) + l2 * w)
    return w


# --- where rounding is all there is ------------------------------------------------------------------------

CANCELLING = np.array([[0.1, 1.0], [0.2, -2.0], [-0.3, 0.5]])
"""The first column sums to 2.8e-17, which is what its weight is proportional to: the textbook sum is 5.6e-17."""
ROUNDED = {
    "bernoulli_nll": Call((np.array([1e-10, 3e-13, 1e-16]), np.zeros(3, dtype=int))),
    "bce_with_logits": Call((np.array([40.0, 9999.0, -37.0]), np.array([1, 1, 0]))),
    "bce_grad": Call((np.array([30.0, 36.0, -36.5]), np.array([1, 1, 0]))),
    "fit_logistic": Call((CANCELLING, np.ones(3, dtype=int)), {"steps": 1}),
}
