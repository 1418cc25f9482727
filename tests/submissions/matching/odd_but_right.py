"""Right in every respect, and written as nobody would: in the dual, row by row, by rotations."""

# /// expect
# everything = "full"
# ///

import math

import numpy as np


def train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Keeps no weights while it runs: W is the examples, weighed by what each has contributed so far."""
    X = np.array(X, dtype=np.longdouble)
    y = [int(label) for label in y]
    n = len(y)
    dual, b, losses = np.zeros((n, num_classes), dtype=np.longdouble), np.zeros(num_classes), []
    gram = X @ X.T
    for _ in range(steps):
        z = gram @ dual + b
        z = z - np.stack([z[i, label] for i, label in enumerate(y)])[:, None]
        own = np.array([np.logaddexp.reduce(row) for row in z])
        losses.append(float(own.mean() + l2 / 2 * np.sum(dual * (gram @ dual))))
        residual = np.exp(z - own[:, None])
        for i, label in enumerate(y):
            residual[i, label] -= 1
        dual = dual - lr * (residual / n + l2 * dual)
        b = b - lr * residual.sum(axis=0) / n
    print("trained", end="")
    return [(X.T @ dual).tolist(), b, tuple(losses)]


def fit_temperature(logits, y):
    """Golden section on log T, row by row with math."""
    rows = [[float(v) - float(row[label]) for v in row] for row, label in zip(logits, y)]

    def nll(t):
        tops = [max(row) for row in rows]
        return math.fsum(
            top / t + math.log(math.fsum(math.exp((v - top) / t) for v in row)) for top, row in zip(tops, rows)
        )

    g = (math.sqrt(5) - 1) / 2
    a, b = math.log(0.05), math.log(20)
    c, d = b - g * (b - a), a + g * (b - a)
    at_c, at_d = nll(math.exp(c)), nll(math.exp(d))
    while b - a > 1e-7:
        if at_c < at_d:
            b, d, at_d = d, c, at_c
            c = b - g * (b - a)
            at_c = nll(math.exp(c))
        else:
            a, c, at_c = c, d, at_d
            d = a + g * (b - a)
            at_d = nll(math.exp(d))
    return np.array(math.exp(a))


class explained_variance_ratio:  # noqa: N801
    """Jacobi's rotations of the covariance matrix."""

    def __new__(cls, X):
        X = np.array(X, dtype=np.float64)
        C = np.atleast_2d(np.cov(X, rowvar=False, bias=True))
        for _ in range(30):
            for i in range(len(C)):
                for j in range(i):
                    angle = 0.5 * math.atan2(2 * C[i, j], C[i, i] - C[j, j])
                    R = np.eye(len(C))
                    R[i, i] = R[j, j] = math.cos(angle)
                    R[i, j], R[j, i] = -math.sin(angle), math.sin(angle)
                    C = R.T @ C @ R
        return sorted((np.diag(C) / np.trace(C)).tolist(), reverse=True)


def fit_class_gaussians(X, y, num_classes, ridge=1e-3):
    """One row after the other, as Welford did it."""
    d = X.shape[1]
    counts, means = [0] * num_classes, [np.zeros(d) for _ in range(num_classes)]
    sums = [np.zeros((d, d)) for _ in range(num_classes)]
    for row, label in zip(np.asarray(X, dtype=np.float64), y):
        counts[label] += 1
        before = row - means[label]
        means[label] = means[label] + before / counts[label]
        sums[label] = sums[label] + np.outer(before, row - means[label])
    covs = [s / n + np.diag(np.full(d, ridge)) for s, n in zip(sums, counts)]
    return [n / len(y) for n in counts], means, covs


def sample_gaussian(mu, cov, z):
    """One variable after the other, by regression on those before it."""
    mu, cov, z = (np.asarray(value, dtype=np.float64) for value in (mu, cov, z))
    draws = np.zeros(z.shape)
    for j in range(len(mu)):
        weights = np.linalg.solve(cov[:j, :j], cov[:j, j]) if j else np.zeros(0)
        left = cov[j, j] - (weights @ cov[:j, j] if j else 0.0)
        draws[:, j] = mu[j] + (draws[:, :j] - mu[:j]) @ weights + math.sqrt(left) * z[:, j]
    return draws


def bayes_classifier_log_posterior(X, priors, means, covs):
    """Point by point, by the logarithms of the odds against each class."""
    out = []
    for x in np.asarray(X, dtype=np.float64):
        logs = []
        for p, m, c in zip(priors, means, covs):
            whole = np.block([[np.asarray(c, dtype=float), (x - m)[:, None]], [(x - m)[None, :], np.zeros((1, 1))]])
            corner = np.linalg.solve(whole[:-1, :-1], whole[:-1, -1])
            logs.append(math.log(p) - 0.5 * float(whole[-1, :-1] @ corner) - 0.5 * np.linalg.slogdet(c)[1])
        out.append([-np.logaddexp.reduce([b - a for b in logs]) for a in logs])
    return out
