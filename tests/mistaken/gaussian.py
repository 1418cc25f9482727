"""Mistakes of the topic gaussian."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from autograder.solutions.gaussian import (
    correlation,
    covariance_matrix,
    gaussian_log_likelihood,
    gaussian_log_pdf,
    gaussian_mle,
    map_ridge,
    mvn_log_pdf,
    within_k_sigma,
)

LOG_2PI = math.log(2 * math.pi)


def moments(formula):
    """A mistake in correlation, from n, the covariance, both variances and both means."""

    def value(x, y):
        n, a, b = len(x), math.fsum(x) / len(x), math.fsum(y) / len(y)
        cov = math.fsum((u - a) * (v - b) for u, v in zip(x, y, strict=True)) / n
        return formula(
            n, cov, math.fsum((u - a) ** 2 for u in x) / n, math.fsum((v - b) ** 2 for v in y) / n, a, b
        )

    return value


def entries(entry):
    """A matrix, entry by entry, from both columns."""
    return lambda X: [[entry(u, v) for v in X.T.astype(float)] for u in X.T.astype(float)]


def cov(u, v):
    return np.mean((u - np.mean(u)) * (v - np.mean(v)))


def terms(square=-0.5, log=-1.0, constant=-0.5, power=2):
    """A log-density with other factors before its terms."""

    def value(x, mu, sigma):
        z = np.subtract(x, mu, dtype=float) / sigma
        return square * np.abs(z) ** power + log * np.log(sigma) + constant * LOG_2PI

    return value


def summed(each):
    return lambda x, mu, sigma: np.sum(each(np.asarray(x, float), mu, sigma))


def density(x, mu, sigma):
    return np.exp(terms()(x, mu, sigma))


def quadratic(square=-0.5, log=-0.5, constant=-0.5, distance=None, log_det=None):
    """The multivariate log-density with other factors, another distance or another determinant."""

    def value(x, mu, cov):
        cov = np.asarray(cov, float)
        d = np.asarray(x, float) - mu
        squares = d @ np.linalg.inv(cov) @ d if distance is None else distance(d, cov)
        logs = np.log(np.linalg.eigvalsh(cov)).sum() if log_det is None else log_det(cov)
        return square * squares + log * logs + constant * len(d) * LOG_2PI

    return value


def ridge(penalty):
    """The mode with another matrix added to XᵀX, or another multiple of the identity."""

    def weights(X, y, sigma2, tau2):
        added = penalty(sigma2, tau2, X)
        return np.linalg.inv(X.T @ X + (added if np.ndim(added) else added * np.eye(X.shape[1]))) @ X.T @ y

    return weights


def descended(X, y, sigma2, tau2):
    gram = X.T @ X + sigma2 / tau2 * np.eye(X.shape[1])
    values, axes = np.linalg.eigh(gram)
    start = -(axes.T @ map_ridge(X, y, sigma2, tau2))
    return map_ridge(X, y, sigma2, tau2) + axes @ (start * (1 - values / values.sum()) ** 400)


def ranks(values):
    """The place of each value in ascending order; of equal ones the first comes first."""
    pairs = sorted((value, i) for i, value in enumerate(values))
    return [pairs.index((value, i)) for i, value in enumerate(values)]


def expanded(x, mu, s):
    square = (np.multiply(x, x) - 2 * np.multiply(x, mu) + np.multiply(mu, mu)) / (s * s)
    return -square / 2 - np.log(s) - LOG_2PI / 2


def least_squares(X, y):
    return np.linalg.lstsq(X, y, rcond=None)[0]


def half(x):
    """Abramowitz and Stegun 7.1.26."""
    t = 1 / (1 + 0.3275911 * x)
    return (
        t
        * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
        * math.exp(-x * x)
    )


def on_whole(change, right):
    """What is cut to whole numbers where the data are."""
    return lambda x, *rest: (change if np.asarray(x).dtype.kind == "i" else right)(x, *rest)


def cut(x, mu):
    return np.array([int(value - mu) for value in x])


def root(square):
    return math.sqrt(math.fsum(square) / len(square))


phi = NormalDist().cdf

MISTAKEN = {
    "correlation": {
        "covariance-for-correlation": moments(lambda n, c, u, v, a, b: c),
        "divided-by-variances": moments(lambda n, c, u, v, a, b: c / (u * v)),
        "n-and-n-minus-1": moments(lambda n, c, u, v, a, b: c / math.sqrt(u * v) * n / (n - 1)),
        "n-minus-1-and-n": moments(lambda n, c, u, v, a, b: c / math.sqrt(u * v) * (n - 1) / n),
        "regression-slope": moments(lambda n, c, u, v, a, b: c / u),
        "squared": moments(lambda n, c, u, v, a, b: c * c / (u * v)),
        "absolute-value": moments(lambda n, c, u, v, a, b: abs(c) / math.sqrt(u * v)),
        "not-centred": moments(lambda n, c, u, v, a, b: (c + a * b) / math.sqrt((u + a * a) * (v + b * b))),
        "one-mean-for-both": moments(lambda n, c, u, v, a, b: c / math.sqrt(u * (v + (b - a) ** 2))),
        "root-missing": moments(lambda n, c, u, v, a, b: c / (u * v) / n),
        "sum-of-products-undivided": moments(lambda n, c, u, v, a, b: n * c / math.sqrt(u * v)),
        "ranks-for-values": lambda x, y: correlation(*(ranks(w) for w in (x, y))),
        "matrix-for-number": lambda x, y: [[1, correlation(x, y)], [correlation(x, y), 1]],
        "epsilon-in-denominator": moments(lambda n, c, u, v, a, b: c / (math.sqrt(u * v) + 1e-12)),
        "integer-deviations": on_whole(
            lambda x, y: (
                cut(x, np.mean(x))
                @ cut(y, np.mean(y))
                / math.sqrt(sum(cut(x, np.mean(x)) ** 2) * sum(cut(y, np.mean(y)) ** 2))
            ),
            correlation,
        ),
    },
    "covariance_matrix": {
        "divided-by-n-minus-1": lambda X: np.cov(X.T),
        "not-divided": entries(lambda u, v: len(u) * cov(u, v)),
        "divided-by-d": lambda X: covariance_matrix(X) * X.shape[0] / X.shape[1],
        "not-centred": entries(lambda u, v: np.mean(u * v)),
        "one-pass": entries(lambda u, v: np.mean(u * v) - np.mean(u) * np.mean(v)),
        "one-mean-for-all": lambda X: (X - X.sum() / X.size).T @ (X - X.sum() / X.size) / len(X),
        "centred-by-row": lambda X: sum(np.outer(row - np.mean(row), row - np.mean(row)) for row in X) / len(X),
        "rows-for-variables": lambda X: covariance_matrix(X.T),
        "correlation-for-covariance": entries(lambda u, v: cov(u, v) / np.sqrt(cov(u, u) * cov(v, v))),
        "variances-alone": lambda X: [cov(u, u) for u in X.T.astype(float)],
        "off-diagonal-zero": lambda X: covariance_matrix(X) * np.eye(X.shape[1]),
        "upper-triangle-alone": lambda X: [
            [value if j >= i else 0 for j, value in enumerate(row)] for i, row in enumerate(covariance_matrix(X))
        ],
        "deviations-on-diagonal": lambda X: [
            [value if j != i else math.sqrt(value) for j, value in enumerate(row)]
            for i, row in enumerate(covariance_matrix(X))
        ],
        "absolute-values": entries(lambda u, v: np.mean(np.abs(u - np.mean(u)) * np.abs(v - np.mean(v)))),
        "jitter-on-diagonal": lambda X: covariance_matrix(X) + np.diag([1e-14] * X.shape[1]),
        "integer-deviations": on_whole(
            lambda X: (X - X.mean(0)).astype(int).T @ (X - X.mean(0)).astype(int) / len(X), covariance_matrix
        ),
    },
    "gaussian_log_likelihood": {
        "log-of-product": lambda x, mu, s: np.log(math.prod(density(x, mu, s))),
        "log-of-pdf": summed(lambda x, mu, s: np.log(density(x, mu, s))),
        "epsilon-in-log": summed(lambda x, mu, s: np.log(density(x, mu, s) + 1e-300)),
        "mean-for-sum": lambda x, mu, s: np.mean(terms()(x, mu, s)),
        "not-summed": terms(),
        "likelihood-not-its-log": lambda x, mu, s: math.prod(density(x, mu, s)),
        "normaliser-counted-once": lambda x, mu, s: (
            np.sum(terms(log=0, constant=0)(x, mu, s)) - math.log(s) - LOG_2PI / 2
        ),
        "exponent-without-minus": summed(terms(square=0.5)),
        "half-missing": summed(terms(square=-1)),
        "two-pi-missing": summed(terms(constant=0)),
        "log-sigma-missing": summed(terms(log=0)),
        "log-variance-not-halved": summed(terms(log=-2)),
        "squared-error": summed(terms(log=0, constant=0)),
        "variance-for-deviation": lambda x, mu, s: gaussian_log_likelihood(x, mu, s**0.5),
        "fitted-not-given": lambda x, mu, s: gaussian_log_likelihood(x, *gaussian_mle(x)),
        "square-expanded": lambda x, mu, s: gaussian_log_likelihood(x, mu, s) if abs(mu) < 1e3 * s else np.nan,
        "epsilon-in-variance": lambda x, mu, s: gaussian_log_likelihood(x, mu, math.sqrt(s * s + 1e-12)),
        "integer-deviations": on_whole(
            lambda x, mu, s: sum(-(int((v - mu) / s) ** 2) / 2 - math.log(s) - LOG_2PI / 2 for v in x),
            gaussian_log_likelihood,
        ),
    },
    "gaussian_log_pdf": {
        "density-not-its-log": density,
        "log-of-pdf": lambda x, mu, s: np.log(density(x, mu, s)),
        "epsilon-in-log": lambda x, mu, s: np.log(density(x, mu, s) + 1e-300),
        "exponent-without-minus": terms(square=0.5),
        "half-missing": terms(square=-1),
        "square-missing": terms(power=1),
        "two-pi-missing": terms(constant=0),
        "two-pi-not-rooted": terms(constant=-1),
        "log-sigma-missing": terms(log=0),
        "log-variance-not-halved": terms(log=-2),
        "variance-for-deviation": lambda x, mu, s: gaussian_log_pdf(x, mu, np.asarray(s) ** 0.5),
        "mean-forgotten": lambda x, mu, s: terms()(x, 0 * np.asarray(mu), s),
        "summed": summed(terms()),
        "square-expanded": expanded,
        "epsilon-in-variance": lambda x, mu, s: terms()(x, mu, np.sqrt(np.multiply(s, s) + 1e-12)),
        "shape-of-x": lambda x, mu, s: np.copyto(room := np.zeros(np.shape(x)), terms()(x, mu, s)) or room,
        "every-pair": lambda x, mu, s: terms()(np.asarray(x)[(..., *[None] * np.ndim(mu))], mu, s),
        "integer-output": on_whole(lambda x, mu, s: np.trunc(terms()(x, mu, s)), terms()),
    },
    "gaussian_mle": {
        "divided-by-n-minus-1": lambda x: (np.mean(x), math.sqrt(np.var(x) * len(x) / (len(x) - 1))),
        "variance-for-deviation": lambda x: (np.mean(x), root((x - np.mean(x)) ** 2) ** 2),
        "swapped": lambda x: (root((x - np.mean(x)) ** 2), math.fsum(x) / len(x)),
        "mean-alone": lambda x: math.fsum(x) / len(x),
        "not-centred": lambda x: (math.fsum(x) / len(x), root(x * x)),
        "one-pass": lambda x: (math.fsum(x) / len(x), math.sqrt(np.mean(x * x) - np.mean(x) ** 2)),
        "absolute-deviation": lambda x: (math.fsum(x) / len(x), math.fsum(abs(x - np.mean(x))) / len(x)),
        "median-for-mean": lambda x: (np.quantile(x, 0.5), root((x - np.quantile(x, 0.5)) ** 2)),
        "standard-error": lambda x: (math.fsum(x) / len(x), root((x - np.mean(x)) ** 2) / math.sqrt(len(x))),
        "squares-not-averaged": lambda x: (math.fsum(x) / len(x), math.sqrt(math.fsum((x - np.mean(x)) ** 2))),
        "mean-truncated": lambda x: (math.floor(np.mean(x)), root((x - math.floor(np.mean(x))) ** 2)),
        "epsilon-in-variance": lambda x: (math.fsum(x) / len(x), math.sqrt(np.var(x) + 1e-12)),
        "integer-deviations": on_whole(lambda x: (np.mean(x), root(cut(x, np.mean(x)) ** 2)), gaussian_mle),
    },
    "map_ridge": {
        "prior-forgotten": lambda X, y, *_: least_squares(X, y),
        "noise-forgotten": ridge(lambda s, t, X: 1 / t),
        "prior-variance-forgotten": ridge(lambda s, t, X: s),
        "ratio-inverted": ridge(lambda s, t, X: t / s),
        "product-for-ratio": ridge(lambda s, t, X: s * t),
        "tau2-for-penalty": ridge(lambda s, t, X: t),
        "deviations-for-variances": ridge(lambda s, t, X: math.sqrt(s) / math.sqrt(t)),
        "variances-squared": ridge(lambda s, t, X: s * s / t / t),
        "half-the-penalty": ridge(lambda s, t, X: s / t / 2),
        "twice-the-penalty": ridge(lambda s, t, X: s / t + s / t),
        "penalty-times-n": ridge(lambda s, t, X: s / t * X.shape[0]),
        "penalty-subtracted": ridge(lambda s, t, X: 0 - s / t),
        "added-to-every-entry": ridge(lambda s, t, X: np.full((X.shape[1],) * 2, s / t)),
        "first-weight-unpenalised": ridge(lambda s, t, X: np.diag([0] + [s / t] * (X.shape[1] - 1))),
        "centred": lambda X, y, s, t: map_ridge(X - X.mean(0), y - y.mean(), s, t),
        "shrunk-afterwards": lambda X, y, s, t: least_squares(X, y) * t / (s + t),
        "predictions-for-weights": lambda X, y, s, t: [row @ map_ridge(X, y, s, t) for row in X],
        "covariance-for-mode": lambda X, y, s, t: np.linalg.inv(X.T @ X / s + np.eye(X.shape[1]) / t),
        "column-for-vector": lambda X, y, s, t: [[w] for w in map_ridge(X, y, s, t)],
        "descent-cut-short": descended,
        "inverted-before-prior": lambda X, y, s, t: (
            map_ridge(X, y, s, t) if np.linalg.matrix_rank(X) == X.shape[1] else np.nan
        ),
        "integer-penalty": on_whole(ridge(lambda s, t, X: int(s / t)), map_ridge),
    },
    "mvn_log_pdf": {
        "log-of-determinant": quadratic(log_det=lambda c: np.log(np.linalg.det(c))),
        "log-of-pdf": lambda x, mu, c: np.log(
            np.exp(quadratic(log=0, constant=0)(x, mu, c)) / np.sqrt((2 * np.pi) ** len(x) * np.linalg.det(c))
        ),
        "density-not-its-log": lambda x, mu, c: np.exp(quadratic()(x, mu, c)),
        "exponent-without-minus": quadratic(square=0.5),
        "half-missing": quadratic(square=-1),
        "determinant-not-rooted": quadratic(log=-1),
        "determinant-missing": quadratic(log=0),
        "sign-for-log-determinant": quadratic(log_det=lambda c: 1),
        "half-the-log-determinant": quadratic(log=-0.25),
        "solved-with-covariance": quadratic(distance=lambda d, c: np.sum((np.linalg.inv(c) @ d) ** 2)),
        "diagonal-for-determinant": quadratic(log_det=lambda c: sum(math.log(c[i, i]) for i in range(len(c)))),
        "two-pi-once": lambda x, mu, c: quadratic(constant=0)(x, mu, c) - LOG_2PI / 2,
        "power-of-pi-alone": lambda x, mu, c: (
            quadratic(constant=0)(x, mu, c) - math.log(2) / 2 - len(x) * math.log(math.pi) / 2
        ),
        "two-pi-missing": quadratic(constant=0),
        "correlations-ignored": lambda x, mu, c: quadratic()(x, mu, np.where(np.eye(len(c)), c, 0)),
        "not-inverted": quadratic(distance=lambda d, c: d @ c @ d),
        "inverted-entry-by-entry": quadratic(
            distance=lambda d, c: sum(d[i] * d[j] / c[i, j] for i in range(len(d)) for j in range(len(d)))
        ),
        "distance-not-squared": quadratic(distance=lambda d, c: math.sqrt(d @ np.linalg.inv(c) @ d)),
        "mean-forgotten": lambda x, mu, c: quadratic()(x, 0 * np.asarray(mu), c),
        "small-variances-dropped": quadratic(
            distance=lambda d, c: sum(
                (axis @ d) ** 2 / value
                for value, axis in zip(np.linalg.eigh(c)[0], np.linalg.eigh(c)[1].T, strict=True)
                if value > 1e-7 * np.linalg.eigvalsh(c)[-1]
            )
        ),
        "jitter-on-diagonal": lambda x, mu, c: mvn_log_pdf(x, mu, c + np.diag([1e-10] * len(x))),
    },
    "within_k_sigma": {
        "one-sided": phi,
        "outside-not-within": lambda k: 2 * phi(-k),
        "half-the-band": lambda k: phi(k) - phi(0),
        "minus-1-forgotten": lambda k: phi(k) + phi(k),
        "erf-without-root-2": lambda k: phi(k * math.sqrt(2)) - phi(-k * math.sqrt(2)),
        "root-2-multiplied": lambda k: phi(2 * k) - phi(-2 * k),
        "divided-by-2": lambda k: phi(k / math.sqrt(2)) - phi(-k / math.sqrt(2)),
        "density-for-probability": NormalDist().pdf,
        "chebyshev-bound": lambda k: 1 - 1 / k / k,
        "rule-of-thumb": lambda k: {0: 0, 1: 0.6827, 2: 0.9545, 3: 0.9973}.get(k, np.nan),
        "tanh-approximation": lambda k: math.tanh(math.sqrt(2 / math.pi) * (k + 0.044715 * k * k * k)),
        "polynomial-approximation": lambda k: 1 - half(k / math.sqrt(2)),
        "integrated-on-a-grid": lambda k: (
            within_k_sigma(k) - 2 * k * NormalDist().pdf(k) * (2 * k / 1000) ** 2 / 12
        ),
        "one-minus-tail": lambda k: phi(k) - phi(-k),
        "twice-phi-minus-1": lambda k: phi(k) - phi(-k),
        "series-cut-short": lambda k: phi(k) - phi(-k) if k < 3 else np.nan,
        "clipped": lambda k: np.clip(phi(k) - phi(-k), 1e-7, 1 - 1e-7),
    },
}
