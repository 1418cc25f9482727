"""Right answers of the topic matching."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.special

from autograder.judging.calls import Call
from correct import class_gaussians, exactly
from correct.class_gaussians import *  # noqa: F403  # the same topic, in a file of its own

COLDEST, HOTTEST = 0.05, 20

# --- exact -----------------------------------------------------------------------------------------------

as_exact = np.frompyfunc(lambda value: mpmath.mpf(float(value)), 1, 1)
exact_exp, exact_log = np.frompyfunc(mpmath.exp, 1, 1), np.frompyfunc(mpmath.log, 1, 1)


def exactly_all(formula):
    """Every number of a vector that mpmath computes, once 50 and 100 digits agree on it to 1e-30."""
    found = []
    for digits in (50, 100):
        with mpmath.workdps(digits):
            found.append(list(formula()))
    with mpmath.workdps(100):
        assert all(abs(a - b) <= 1e-30 * max(1, abs(b)) for a, b in zip(*found, strict=True))
    return np.array([float(value) for value in found[1]])


def exact_train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Classes without examples begin alike and stay alike: one column stands for them all."""
    (n, d), present = X.shape, np.unique(y)
    absent = num_classes - len(present)
    like = np.append(np.ones(len(present)), absent) if absent else np.ones(len(present))
    onehot = np.equal.outer(y, np.append(present, -1)[: len(like)]).astype(int)

    def numbers():
        features, rate, decay = as_exact(X), mpmath.mpf(lr), mpmath.mpf(l2)
        W, b, losses = as_exact(np.zeros((d, len(like)))), as_exact(np.zeros(len(like))), []
        for _ in range(steps):
            z = features.dot(W) + b
            weights = exact_exp(z)
            totals = (weights * like).sum(axis=1)
            nll = exact_log(totals) - (z * onehot).sum(axis=1)
            losses.append(nll.sum() / n + decay / 2 * (W**2 * like).sum())
            residual = (weights / totals[:, None] - onehot) / n
            W, b = W - rate * (features.T.dot(residual) + decay * W), b - rate * residual.sum(axis=0)
        return [*W.ravel(), *b, *losses]

    found = exactly_all(numbers)
    columns = np.full(num_classes, len(present))
    columns[present] = np.arange(len(present))
    W, b, losses = np.split(found, [d * len(like), (d + 1) * len(like)])
    return W.reshape(d, -1)[:, columns], b[columns], losses


def exact_fit_temperature(logits, y):
    """The root of the slope in log T that mpmath's secants find from nearby."""
    n, k = logits.shape
    start = np.log(fit_temperature_by_brentq(logits, y))

    def root(*numbers):
        z = np.array(numbers, dtype=object).reshape(n, k)
        shifted = z - z.max(axis=1, keepdims=True)
        above_own = z - z[np.arange(n), y][:, None]

        def slope(log_t):
            weights = exact_exp(shifted / mpmath.exp(log_t))
            return ((weights * above_own).sum(axis=1) / weights.sum(axis=1)).sum()

        return mpmath.exp(mpmath.findroot(slope, (start - 1e-6, start + 1e-6), tol=mpmath.mpf(10) ** -80))

    return exactly(root, *np.ravel(logits))


def exact_explained_variance_ratio(X):
    def shares():
        data = as_exact(X)
        data = data - data.sum(axis=0) / len(data)
        scatter = mpmath.matrix(data.T.dot(data).tolist())
        total = sum(scatter[i, i] for i in range(scatter.rows))
        return sorted((value / total for value in mpmath.eigsy(scatter, eigvals_only=True)), reverse=True)

    return exactly_all(shares)


# --- train_softmax_regression ----------------------------------------------------------------------------


def train_softmax_regression_by_loops(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    rows, (n, d), k = np.asarray(X, dtype=float).tolist(), X.shape, num_classes
    W, b, losses = [[0.0] * k for _ in range(d)], [0.0] * k, []
    for _ in range(steps):
        loss, dW, db = 0.0, [[l2 * w for w in row] for row in W], [0.0] * k
        for x, label in zip(rows, y, strict=True):
            z = [b[c] + sum(x[j] * W[j][c] for j in range(d)) for c in range(k)]
            top = max(z)
            weights = [math.exp(value - top) for value in z]
            total = math.fsum(weights)
            loss += (top - z[label] + math.log(total)) / n
            for c in range(k):
                residual = (weights[c] / total - (c == label)) / n
                db[c] += residual
                for j in range(d):
                    dW[j][c] += x[j] * residual
        losses.append(loss + l2 / 2 * math.fsum(w * w for row in W for w in row))
        W = [[W[j][c] - lr * dW[j][c] for c in range(k)] for j in range(d)]
        b = [b[c] - lr * db[c] for c in range(k)]
    return W, b, losses


def train_softmax_regression_by_scipy(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    onehot = np.eye(num_classes)[y]
    W, b, losses = np.zeros((X.shape[1], num_classes)), np.zeros(num_classes), []
    for _ in range(steps):
        z = X @ W + b
        losses.append(-np.mean(np.sum(onehot * scipy.special.log_softmax(z, axis=1), axis=1)))
        losses[-1] += 0.5 * l2 * np.linalg.norm(W) ** 2
        error = scipy.special.softmax(z, axis=1) - onehot
        W, b = W - lr * (X.T @ error / len(X) + l2 * W), b - lr * error.mean(axis=0)
    return [W, b, np.array(losses)]


def train_softmax_regression_by_ones_column(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The bias is the weight of a feature that is always 1, with a penalty of 0."""
    n, d = np.shape(X)
    extended = np.hstack([np.ones((n, 1)), X])
    theta, losses = np.zeros((d + 1, num_classes)), np.zeros(steps)
    strength = np.full((d + 1, 1), l2)
    strength[0] = 0
    for t in range(steps):
        z = extended @ theta
        normaliser = np.logaddexp.reduce(z, axis=1)
        losses[t] = np.mean(normaliser - z[np.arange(n), y]) + np.sum(strength * theta**2) / 2
        p = np.exp(z - normaliser[:, None])
        np.subtract.at(p, (np.arange(n), y), 1)
        theta -= lr * (extended.T @ p / n + strength * theta)
    return theta[1:], theta[0], losses


def train_softmax_regression_in_long_double(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    X, onehot = np.asarray(X, dtype=np.longdouble), np.eye(num_classes, dtype=np.longdouble)[y]
    W, b, losses = np.zeros((X.shape[1], num_classes)), np.zeros(num_classes), []
    for _ in range(steps):
        shifted = X @ W + b
        shifted = shifted - shifted.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        losses.append(-(onehot * log_p).sum() / len(X) + np.longdouble(l2) / 2 * (W * W).sum())
        residual = (np.exp(log_p) - onehot) / len(X)
        W, b = W - lr * (X.T @ residual + l2 * W), b - lr * residual.sum(axis=0)
    return W, b, np.array(losses)


def train_softmax_regression_by_einsum(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Decays the weights by a factor, and works class by example instead of example by class."""
    hot = (np.arange(num_classes)[:, None] == y[None]).astype(float)
    W, b, losses = np.zeros((X.shape[1], num_classes)), np.zeros((num_classes, 1)), np.empty(steps)
    for t in range(steps):
        z = np.einsum("nd,dk->kn", X, W) + b
        weights = np.exp(z - z.max(axis=0))
        margins = z.max(axis=0) - np.einsum("kn,kn->n", hot, z) + np.log(weights.sum(axis=0))
        losses[t] = np.average(margins) + l2 * np.einsum("dk,dk->", W, W) / 2
        error = weights / weights.sum(axis=0) - hot
        W = (1 - lr * l2) * W - lr / len(y) * np.einsum("kn,nd->dk", error, X)
        b = b - lr * error.mean(axis=1, keepdims=True)
    return W, b.ravel(), losses


def train_softmax_regression_on_flat_vector(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """One vector of parameters, and a function that gives the objective with its gradient."""
    n, d = X.shape
    labels = np.array(y, dtype=int)

    def objective(theta):
        W, b = theta[: d * num_classes].reshape(d, num_classes), theta[d * num_classes :]
        margins = X @ W + b
        margins = margins - np.take_along_axis(margins, labels[:, None], axis=1)
        nll = scipy.special.logsumexp(margins, axis=1)
        residual = (np.exp(margins - nll[:, None]) - np.eye(num_classes)[labels]) / n
        slope = np.concatenate([(X.T @ residual + l2 * W).ravel(), residual.sum(axis=0)])
        return nll.mean() + l2 / 2 * (W @ W.T).trace(), slope

    theta, losses = np.zeros((d + 1) * num_classes), []
    for _ in range(steps):
        loss, slope = objective(theta)
        losses.append(float(loss))
        theta = theta - lr * slope
    return theta[: d * num_classes].reshape(d, num_classes), theta[d * num_classes :], losses


# --- fit_temperature -------------------------------------------------------------------------------------


def nll(logits, y, temperature):
    log_p = scipy.special.log_softmax(np.asarray(logits, dtype=float) / temperature, axis=1)
    return -log_p[np.arange(len(y)), y].mean()


def fit_temperature_by_brentq(logits, y):
    above_own = logits - np.take_along_axis(logits, y[:, None].astype(int), axis=1).astype(float)

    def slope(beta):
        return np.mean(np.sum(scipy.special.softmax(beta * logits, axis=1) * above_own, axis=1))

    return 1 / scipy.optimize.brentq(slope, 1 / HOTTEST, 1 / COLDEST, xtol=1e-12)


def fit_temperature_by_scipy(logits, y):
    """By values alone: a minimum is found to the root of what they are rounded by."""
    bounds, options = (np.log(COLDEST), np.log(HOTTEST)), {"xatol": 1e-9}
    found = scipy.optimize.minimize_scalar(
        lambda t: nll(logits, y, np.exp(t)), bounds=bounds, method="bounded", options=options
    )
    return float(np.exp(found.x))


def fit_temperature_by_golden_section(logits, y):
    ratio = (5**0.5 - 1) / 2
    low, high = COLDEST, HOTTEST
    while high - low > 1e-7 * low:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if nll(logits, y, left) < nll(logits, y, right):
            high = right
        else:
            low = left
    return (low + high) / 2


def fit_temperature_by_newton(logits, y):
    """Newton's steps in 1/T, halved back into the interval where they leave it."""
    z = logits - np.max(logits, axis=1, keepdims=True).astype(float)
    low, high, beta = 1 / HOTTEST, 1 / COLDEST, 1.0
    for _ in range(100):
        p = scipy.special.softmax(beta * z, axis=1)
        mean = np.sum(p * z, axis=1)
        slope = np.mean(mean - z[np.arange(len(y)), y])
        low, high = (low, beta) if slope > 0 else (beta, high)
        curvature = np.mean(np.sum(p * (z - mean[:, None]) ** 2, axis=1))
        step = beta - slope / curvature if curvature > 0 else low
        beta = step if low < step < high else (low + high) / 2
    return np.array(1 / beta)


def fit_temperature_by_loops(logits, y):
    rows = np.asarray(logits, dtype=float).tolist()
    low, high = COLDEST, HOTTEST
    for _ in range(40):
        t = math.sqrt(low * high)
        slope = 0.0
        for row, label in zip(rows, y, strict=True):
            weights = [math.exp((value - max(row)) / t) for value in row]
            mean = math.fsum(w * (v - row[label]) for w, v in zip(weights, row, strict=True))
            slope += mean / math.fsum(weights)
        low, high = (t, high) if slope > 0 else (low, t)
    return t


def fit_temperature_by_refined_grid(logits, y):
    low, high = COLDEST, HOTTEST
    while high / low > 1 + 1e-6:
        grid = np.geomspace(low, high, 40)
        best = int(np.argmin([nll(logits, y, t) for t in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 39)]
    return np.sqrt(low * high)


def fit_temperature_in_long_double(logits, y):
    z = np.asarray(logits, dtype=np.longdouble)
    low, high = np.longdouble(1) / HOTTEST, 1 / np.longdouble(COLDEST)
    for _ in range(60):
        beta = (low + high) / 2
        weights = np.exp(beta * (z - z.max(axis=1, keepdims=True)))
        expected = (weights * z).sum(axis=1) / weights.sum(axis=1)
        low, high = (low, beta) if expected.sum() > z[np.arange(len(y)), y].sum() else (beta, high)
    return 1 / beta


# --- explained_variance_ratio ----------------------------------------------------------------------------


def explained_variance_ratio_by_covariance(X):
    values = np.linalg.eigvalsh(np.atleast_2d(np.cov(X, rowvar=False)))[::-1]
    return values / values.sum()


def explained_variance_ratio_by_scipy(X):
    spreads = scipy.linalg.svdvals(X - X.mean(axis=0))
    return spreads**2 / (spreads @ spreads)


def explained_variance_ratio_by_eig(X):
    """The general solver sorts nothing."""
    centred = X - np.mean(X, axis=0)
    values = sorted(np.linalg.eigvals(centred.T @ centred / len(X)).real, reverse=True)
    return np.divide(values, np.trace(centred.T @ centred / len(X)))


def explained_variance_ratio_by_gram_matrix(X):
    """The n × n matrix of inner products has the same eigenvalues, and n - d zeros."""
    n, d = np.shape(X)
    centring = np.eye(n) - 1 / n
    values = np.linalg.eigvalsh(centring @ X @ np.transpose(X) @ centring)[: -d - 1 : -1]
    return (values / np.sum(values)).tolist()


def explained_variance_ratio_by_qr(X):
    triangle = np.linalg.qr(X - np.mean(X, axis=0, keepdims=True), mode="r")
    values = np.linalg.svd(triangle.T)[1] ** 2
    return values / np.sum(values)


def explained_variance_ratio_by_moments(X):
    """Mean of products minus product of means, which loses what the uncentred data have in excess."""
    data = np.asarray(X, dtype=float)
    mean = np.einsum("nd->d", data) / len(data)
    values = np.linalg.eigvalsh(np.einsum("ni,nj->ij", data, data) / len(data) - np.outer(mean, mean))
    return np.flip(values) / np.sum(values)


def explained_variance_ratio_in_long_double(X):
    """One-sided rotations make the columns orthogonal; their squared lengths are the variances."""
    data = np.asarray(X, dtype=np.longdouble)
    data = data - data.mean(axis=0)
    for _ in range(12):
        for i, j in zip(*np.triu_indices(data.shape[1], 1), strict=True):
            a, b = data[:, i].copy(), data[:, j].copy()
            angle = np.arctan2(2 * (a @ b), a @ a - b @ b) / 2
            data[:, i], data[:, j] = np.cos(angle) * a + np.sin(angle) * b, np.cos(angle) * b - np.sin(angle) * a
    values = np.sort((data**2).sum(axis=0))[::-1]
    return values / values.sum()


# --- where rounding is all there is ------------------------------------------------------------------------

FAR = np.array([[1e3, 1e-3], [-1e3, 2e-3], [2e3, 1e-3], [-2e3, -1e-3]])
LIFTED = np.array([[6.0, 0.0, 1.0], [0.0, 5.0, 2.0], [4.0, 1.0, 0.0], [0.0, 3.0, 7.0]]) + 1e4
LINE = np.array([90.0, -30.0, 0.1]) + np.outer([1.0, 2.0, 4.0, 7.0, 11.0], [1.0, 1 / 3, 1e3])
ROUNDED = {
    "train_softmax_regression": Call((FAR, np.array([0, 1, 0, 1]), 2), {"lr": 8e-7, "steps": 5}),
    "fit_temperature": Call((LIFTED, np.array([0, 1, 2, 2]))),
    "explained_variance_ratio": Call((LINE,)),
    **class_gaussians.ROUNDED,
}
