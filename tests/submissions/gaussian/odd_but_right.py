"""Right in every respect, and written as nobody would: loops, recursion, lists, long doubles and prints."""

# /// expect
# everything = "full"
# ///

import cmath
import math
import statistics
import warnings
from fractions import Fraction

import numpy as np


def gaussian_log_pdf(x, mu, sigma):
    warnings.warn("about to take a logarithm", stacklevel=1)
    x, mu, sigma = np.broadcast_arrays(*(np.asarray(v, dtype=np.longdouble) for v in (x, mu, sigma)))
    out = np.empty(x.shape, dtype=np.float64)
    for i in np.ndindex(x.shape):
        out[i] = -np.log(sigma[i]) - (np.log(2 * np.longdouble(math.pi)) + ((x[i] - mu[i]) / sigma[i]) ** 2) / 2
    return out


def gaussian_log_likelihood(x, mu, sigma):
    def half(values):
        if len(values) == 1:
            return float(gaussian_log_pdf(float(values[0]), mu, sigma))
        middle = len(values) // 2
        return half(values[:middle]) + half(values[middle:])

    return half(x)


def gaussian_mle(x):
    values = [Fraction(float(v)) for v in x]
    mu = sum(values) / len(values)
    variance = sum((v - mu) ** 2 for v in values) / len(values)
    return np.array([float(mu), math.sqrt(variance)])


within_k_sigma = lambda k: np.array(math.erf(abs(k) * math.sin(math.pi / 4)))  # noqa: E731


def covariance_matrix(X):
    print("covariance_matrix was called")
    columns = [list(map(float, column)) for column in X.T]
    means = [statistics.fmean(column) for column in columns]
    return [
        [statistics.fmean((a - m) * (b - l) for a, b in zip(u, v)) for v, l in zip(columns, means)]
        for u, m in zip(columns, means)
    ]


class correlation:  # noqa: N801
    """The cosine of the angle between the deviations, as the real part of a complex number of length one."""

    def __new__(cls, x, y):
        u, v = (np.asarray(w, dtype=float) - np.mean(w, dtype=float) for w in (x, y))
        u, v = u / math.hypot(*u), v / math.hypot(*v)
        angle = 2 * math.atan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
        return cmath.exp(1j * angle).real


def mvn_log_pdf(x, mu, cov):
    """The first variable by itself, then the others given the first, and so on."""
    x, cov = np.asarray(x, dtype=float) - mu, np.asarray(cov, dtype=float)
    total = np.float64(0)
    while x.size:
        total += gaussian_log_pdf(x[0], 0.0, cov[0, 0] ** 0.5)
        gain = cov[1:, 0] / cov[0, 0]
        x, cov = x[1:] - gain * x[0], cov[1:, 1:] - np.multiply.outer(gain, cov[0, 1:])
    return total


def map_ridge(X, y, sigma2, tau2):
    """By QR of the data with the prior appended as data, and substitution from the last weight up."""
    X, y = np.asarray(X, dtype=np.longdouble), np.asarray(y, dtype=np.longdouble)
    Q, R = np.linalg.qr(np.vstack([X.astype(float), math.sqrt(sigma2 / tau2) * np.eye(X.shape[1])]))
    b = Q.T @ np.append(y.astype(float), np.zeros(X.shape[1]))
    w = np.zeros(X.shape[1])
    for i in range(len(w) - 1, -1, -1):
        w[i] = (b[i] - R[i] @ w) / R[i, i]
    return w.tolist()
