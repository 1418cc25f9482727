"""Right answers of the topic gaussian."""

from __future__ import annotations

import math
import statistics

import mpmath
import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.special
import scipy.stats

from autograder.judging.calls import Call
from correct import exactly

LOG_2PI = math.log(2 * math.pi)

# --- exact -----------------------------------------------------------------------------------------------


def log_density(x, mu, sigma):
    return -(((x - mu) / sigma) ** 2) / 2 - mpmath.log(sigma) - mpmath.log(2 * mpmath.pi) / 2


def mean(values):
    return mpmath.fsum(values) / len(values)


def mean_product(*pairs):
    """Of the deviations of two lists of one length, given one after the other."""
    a, b = pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]
    return mean([u * v for u, v in zip(a, b, strict=True)]) - mean(a) * mean(b)


def exact_gaussian_log_pdf(x, mu, sigma):
    calls = np.broadcast(x, mu, sigma)
    values = [exactly(log_density, *numbers) for numbers in calls]
    return np.array(values).reshape(calls.shape)


def exact_gaussian_log_likelihood(x, mu, sigma):
    return exactly(lambda mu, sigma, *x: mpmath.fsum(log_density(v, mu, sigma) for v in x), mu, sigma, *x)


def exact_gaussian_mle(x):
    return exactly(lambda *x: mean(x), *x), exactly(lambda *x: mpmath.sqrt(mean_product(*x, *x)), *x)


def exact_within_k_sigma(k):
    return exactly(lambda k: mpmath.erf(k / mpmath.sqrt(2)), k)


def exact_covariance_matrix(X):
    return np.array([[exactly(mean_product, *a, *b) for b in X.T] for a in X.T])


def exact_correlation(x, y):
    def rho(*pairs):
        a, b = pairs[: len(x)], pairs[len(x) :]
        return mean_product(*pairs) / mpmath.sqrt(mean_product(*a, *a) * mean_product(*b, *b))

    return exactly(rho, *x, *y)


def eliminate(matrix, vector):
    """Pivots and eliminated right-hand side of a symmetric positive definite system; zeros are passed over."""
    rows, b = [list(row) for row in matrix], list(vector)
    for j, pivot in enumerate(rows):
        filled = [c for c in range(j, len(rows)) if pivot[c]]
        for i in filled[1:]:
            factor = rows[i][j] / pivot[j]
            for c in filled:
                rows[i][c] -= factor * pivot[c]
            b[i] -= factor * b[j]
    return rows, b


def exact_mvn_log_pdf(x, mu, cov):
    k = len(x)

    def log_pdf(*numbers):
        d = [a - b for a, b in zip(numbers[:k], numbers[k : 2 * k], strict=True)]
        rows, z = eliminate([numbers[i : i + k] for i in range(2 * k, len(numbers), k)], d)
        pivots = [row[i] for i, row in enumerate(rows)]
        terms = (v**2 / p + mpmath.log(2 * mpmath.pi * p) for v, p in zip(z, pivots, strict=True))
        return -mpmath.fsum(terms) / 2

    return exactly(log_pdf, *x, *mu, *np.ravel(cov))


def exact_map_ridge(X, y, sigma2, tau2):
    n, d = X.shape

    def weight(wanted):
        def solve(sigma2, tau2, *numbers):
            columns, targets = [numbers[j * n : (j + 1) * n] for j in range(d)], numbers[d * n :]
            gram = [
                [mpmath.fdot(a, b) + (i == j) * sigma2 / tau2 for j, b in enumerate(columns)]
                for i, a in enumerate(columns)
            ]
            rows, b = eliminate(gram, [mpmath.fdot(a, targets) for a in columns])
            w = [mpmath.mpf(0)] * d
            for i in reversed(range(d)):
                w[i] = (b[i] - mpmath.fdot(rows[i][i + 1 :], w[i + 1 :])) / rows[i][i]
            return w[wanted]

        return solve

    return np.array([exactly(weight(i), sigma2, tau2, *np.ravel(X.T), *y) for i in range(d)])


# --- gaussian_log_pdf ------------------------------------------------------------------------------------


def gaussian_log_pdf_by_scipy(x, mu, sigma):
    return scipy.stats.norm.logpdf(x, loc=mu, scale=sigma)


def gaussian_log_pdf_by_variance(x, mu, sigma):
    variance = np.square(sigma, dtype=float)
    return -((x - mu) ** 2) / (2 * variance) - 0.5 * np.log(2 * np.pi * variance)


def gaussian_log_pdf_by_loops(x, mu, sigma):
    calls = np.broadcast(x, mu, sigma)
    values = [
        -((a - m) ** 2) / (2 * s * s) - math.log(s * math.sqrt(2 * math.pi))
        for a, m, s in ([float(v) for v in numbers] for numbers in calls)
    ]
    return np.array(values).reshape(calls.shape)


def gaussian_log_pdf_in_long_double(x, mu, sigma):
    x, mu, sigma = (np.asarray(value, dtype=np.longdouble) for value in (x, mu, sigma))
    return np.asarray(-(np.log(2 * np.pi * sigma**2) + ((x - mu) / sigma) ** 2) / 2)


def gaussian_log_pdf_by_vectorize(x, mu, sigma):
    return np.vectorize(lambda a, m, s: -0.5 * (LOG_2PI + 2 * math.log(s) + ((a - m) / s) ** 2), otypes=[float])(
        x, mu, sigma
    )


# --- gaussian_log_likelihood -----------------------------------------------------------------------------


def gaussian_log_likelihood_by_scipy(x, mu, sigma):
    return scipy.stats.norm(mu, sigma).logpdf(x).sum()


def gaussian_log_likelihood_by_loops(x, mu, sigma):
    total = 0.0
    for value in x.tolist():
        total += -0.5 * ((value - mu) / sigma) ** 2 - math.log(sigma * math.sqrt(2 * math.pi))
    return total


def gaussian_log_likelihood_by_fsum(x, mu, sigma):
    squares = math.fsum(((float(v) - mu) / sigma) ** 2 for v in x)
    return -(squares + len(x) * (LOG_2PI + 2 * math.log(sigma))) / 2


def gaussian_log_likelihood_by_moments(x, mu, sigma):
    """A sample's mean and variance say all there is to say."""
    x = np.asarray(x, dtype=float)
    n, variance = x.size, sigma**2
    spread = x.var() + (x.mean() - mu) ** 2
    return -n / 2 * np.log(2 * np.pi * variance) - n * spread / (2 * variance)


def gaussian_log_likelihood_in_long_double(x, mu, sigma):
    z = (np.asarray(x, dtype=np.longdouble) - mu) / np.longdouble(sigma)
    return np.sum(-z * z / 2 - np.log(np.longdouble(sigma)) - np.log(2 * np.longdouble(np.pi)) / 2)


# --- gaussian_mle ----------------------------------------------------------------------------------------


def gaussian_mle_by_numpy(x):
    return x.mean(), x.std()


def gaussian_mle_by_moments(x):
    """In one pass: E[x²] - E[x]², which rounds more than the deviations do, but not more than float64 bears."""
    x = np.asarray(x, dtype=float)
    mu = np.sum(x) / len(x)
    return [mu, np.sqrt(np.sum(x * x) / len(x) - mu * mu)]


def gaussian_mle_by_statistics(x):
    values = x.tolist()
    return statistics.fmean(values), statistics.pstdev(values)


def gaussian_mle_by_welford(x):
    mu, squares = 0.0, 0.0
    for n, value in enumerate(x.tolist(), 1):
        step = value - mu
        mu += step / n
        squares += step * (value - mu)
    return mu, (squares / n) ** 0.5


def gaussian_mle_in_long_double(x):
    x = np.asarray(x, dtype=np.longdouble)
    return x.mean(), np.linalg.norm((x - x.mean()).astype(float)) / np.sqrt(len(x))


# --- within_k_sigma --------------------------------------------------------------------------------------


def within_k_sigma_by_erf(k):
    return np.float64(math.erf(k * math.sqrt(0.5)))


def within_k_sigma_by_scipy(k):
    return scipy.special.erf(k / np.sqrt(2))


def within_k_sigma_by_half_normal(k):
    """The size of a standard Gaussian has a distribution of its own."""
    return scipy.stats.halfnorm.cdf(k)


def within_k_sigma_by_chi_squared(k):
    """The square of a standard Gaussian has one degree of freedom."""
    return scipy.special.gammainc(0.5, np.float64(k) ** 2 / 2)


def within_k_sigma_by_quadrature(k):
    nodes, weights = np.polynomial.legendre.leggauss(80)
    top = min(float(k), 10.0)
    return np.sum(weights * np.exp(-0.5 * (top * nodes) ** 2)) * top / np.sqrt(2 * np.pi)


def within_k_sigma_by_series(k):
    """All terms of Σ 2ⁱ i!/(2i+1)! k^(2i+1) are positive, so that none of them cancel."""
    if k > 9:
        return 1.0
    total, term, i = 0.0, float(k), 0
    while term > 1e-17 * total:
        total += term
        i += 1
        term *= k * k / (2 * i + 1)
    return np.array(2 * total * math.exp(-k * k / 2) / math.sqrt(2 * math.pi))


# --- covariance_matrix -----------------------------------------------------------------------------------


def covariance_matrix_by_numpy(X):
    return np.cov(X, rowvar=False, bias=True)


def covariance_matrix_by_moments(X):
    """E[x xᵀ] - E[x] E[x]ᵀ, which rounds more than the deviations do, but not more than float64 bears."""
    X = np.asarray(X, dtype=float)
    return X.T @ X / len(X) - np.outer(X.mean(axis=0), X.mean(axis=0))


def covariance_matrix_by_loops(X):
    n, d = X.shape
    columns = [[float(v) - statistics.fmean(X[:, j]) for v in X[:, j]] for j in range(d)]
    return [[math.fsum(a * b for a, b in zip(u, v, strict=True)) / n for v in columns] for u in columns]


def covariance_matrix_by_einsum(X):
    D = X - X.mean(0)
    return np.einsum("ni,nj->ij", D, D) / len(D)


def covariance_matrix_by_one_centring(X):
    """Only one of the factors has to be centred, in float64."""
    X = np.asarray(X, dtype=float)
    return (X - X.mean(axis=0)).T @ X / len(X)


def covariance_matrix_in_long_double(X):
    D = np.asarray(X, dtype=np.longdouble) - np.mean(X, axis=0, dtype=np.longdouble)
    return np.mean(D[:, :, None] * D[:, None, :], axis=0)


# --- correlation -----------------------------------------------------------------------------------------


def correlation_by_numpy(x, y):
    return np.corrcoef(x, y)[0, 1]


def correlation_by_scipy(x, y):
    return scipy.stats.pearsonr(x, y).statistic


def correlation_by_scores(x, y):
    return np.mean((x - x.mean()) / x.std() * ((y - y.mean()) / y.std()))


def correlation_by_moments(x, y):
    x, y = x.astype(float), y.astype(float)
    covariance = np.mean(x * y) - np.mean(x) * np.mean(y)
    variances = np.mean(x**2) - np.mean(x) ** 2, np.mean(y**2) - np.mean(y) ** 2
    return covariance / np.sqrt(variances[0] * variances[1])


def correlation_by_statistics(x, y):
    return statistics.correlation(x.tolist(), y.tolist())


def correlation_in_long_double(x, y):
    u, v = (np.asarray(value, dtype=np.longdouble) for value in (x, y))
    u, v = u - u.mean(), v - v.mean()
    return (u * v).sum() / np.sqrt((u * u).sum() * (v * v).sum())


# --- mvn_log_pdf -----------------------------------------------------------------------------------------


def mvn_log_pdf_by_slogdet(x, mu, cov):
    d = x - mu
    return -0.5 * (d @ np.linalg.solve(cov, d) + np.linalg.slogdet(cov)[1] + len(d) * np.log(2 * np.pi))


def mvn_log_pdf_by_inverse(x, mu, cov):
    d = np.subtract(x, mu)
    log_det = np.linalg.slogdet(cov).logabsdet
    return -(d.T @ np.linalg.inv(cov) @ d) / 2 - log_det / 2 - d.shape[0] / 2 * np.log(2 * np.pi)


def mvn_log_pdf_by_column_vectors(x, mu, cov):
    d = (x - mu).reshape(-1, 1)
    return -0.5 * (d.T @ np.linalg.inv(cov) @ d).item() - 0.5 * np.sum(np.log(np.linalg.eigvalsh(2 * np.pi * cov)))


def mvn_log_pdf_by_triangles(x, mu, cov):
    factor = scipy.linalg.cholesky(cov, lower=True)
    z = scipy.linalg.solve_triangular(factor, x - mu, lower=True)
    return np.sum(scipy.stats.norm.logpdf(z)) - np.log(np.diag(factor)).sum()


def mvn_log_pdf_by_scipy(x, mu, cov):
    return scipy.stats.multivariate_normal(mu, cov).logpdf(x)


def mvn_log_pdf_by_eigenvectors(x, mu, cov):
    variances, axes = np.linalg.eigh(cov)
    return np.sum(-0.5 * ((x - mu) @ axes) ** 2 / variances - 0.5 * np.log(2 * np.pi * variances))


def mvn_log_pdf_by_conditioning(x, mu, cov):
    """One variable after the other, each given those before it: what is left of the covariance is theirs."""
    d, rest, total = np.array(x - mu, dtype=float), np.array(cov, dtype=float), 0.0
    while len(d):
        total -= 0.5 * (d[0] ** 2 / rest[0, 0] + math.log(2 * math.pi * rest[0, 0]))
        gain = rest[1:, 0] / rest[0, 0]
        d, rest = d[1:] - gain * d[0], rest[1:, 1:] - np.outer(gain, rest[0, 1:])
    return total


# --- map_ridge -------------------------------------------------------------------------------------------


def map_ridge_by_solve(X, y, sigma2, tau2):
    return np.linalg.solve(X.T @ X + sigma2 / tau2 * np.identity(X.shape[1]), X.T @ y)


def map_ridge_by_inverse(X, y, sigma2, tau2):
    return np.linalg.inv(X.T @ X + (sigma2 / tau2) * np.eye(X.shape[1])) @ X.T @ y


def map_ridge_by_posterior_covariance(X, y, sigma2, tau2):
    covariance = np.linalg.inv(X.T @ X / sigma2 + np.eye(X.shape[1]) / tau2)
    return covariance @ (X.T @ y) / sigma2


def map_ridge_by_augmented_data(X, y, sigma2, tau2):
    d = X.shape[1]
    rows = np.vstack([X, np.sqrt(sigma2 / tau2) * np.eye(d)])
    return np.linalg.lstsq(rows, np.concatenate([y, np.zeros(d)]), rcond=None)[0]


def map_ridge_by_singular_values(X, y, sigma2, tau2):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    return Vt.T @ (s / (s**2 + sigma2 / tau2) * (U.T @ y))


def map_ridge_by_the_dual_form(X, y, sigma2, tau2):
    """A weight per data point instead of one per column."""
    return X.T @ np.linalg.solve(X @ X.T + sigma2 / tau2 * np.eye(len(X)), y)


def map_ridge_by_updates(X, y, sigma2, tau2):
    """From the prior on, one data point after the other: recursive least squares, a Kalman filter at rest."""
    w, covariance = np.zeros(X.shape[1]), tau2 * np.eye(X.shape[1])
    for x, target in zip(X.astype(float), y, strict=True):
        gain = covariance @ x / (sigma2 + x @ covariance @ x)
        w = w + gain * (target - x @ w)
        covariance = covariance - np.outer(gain, x @ covariance)
    return w


def map_ridge_by_updates_of_the_inverse(X, y, sigma2, tau2):
    """(XᵀX + r I)⁻¹ by the formula of Sherman and Morrison, a row at a time."""
    inverse = tau2 / sigma2 * np.eye(X.shape[1])
    for x in X.astype(float):
        inverse = inverse - np.outer(inverse @ x, x @ inverse) / (1 + x @ inverse @ x)
    return inverse @ (X.T @ y)


def map_ridge_by_cholesky(X, y, sigma2, tau2):
    gram = X.T @ X + sigma2 / tau2 * np.eye(X.shape[1])
    return scipy.linalg.cho_solve(scipy.linalg.cho_factor(gram), X.T @ y)


def map_ridge_by_gauss_jordan(X, y, sigma2, tau2):
    X, y = np.asarray(X, dtype=np.longdouble), np.asarray(y, dtype=np.longdouble)
    table = np.column_stack([X.T @ X + np.longdouble(sigma2) / tau2 * np.eye(X.shape[1]), X.T @ y])
    for j in range(len(table)):
        table[j] /= table[j, j]
        others = np.arange(len(table)) != j
        table[others] -= np.outer(table[others, j], table[j])
    return table[:, -1]


# --- where rounding is all there is ------------------------------------------------------------------------

ROOT_2PI = math.sqrt(2 * math.pi)
CANCELLING = np.array([1.0, 2.0, 4.0, 1e6 / 3, -1e6 / 3, -7.0 + 1e-11])
LEVEL = np.array([[100.0, 100.3], [101.0, 100.1], [99.0, 100.1 + 1e-12], [100.0, 99.5]])
ROUNDED = {
    "gaussian_log_pdf": Call(
        (np.array([math.sqrt(2 * math.log(1e3)) * 1e-3 / ROOT_2PI * (1 + 1e-15)]), 0.0, 1e-3 / ROOT_2PI)
    ),
    "gaussian_log_likelihood": Call(
        (np.array([1.0, -1.0]) / ROOT_2PI * 1e-3 * math.sqrt(2 * math.log(1e3)), 0.0, 1e-3 / ROOT_2PI)
    ),
    "gaussian_mle": Call((CANCELLING,)),
    "within_k_sigma": Call((3e-12,)),
    "covariance_matrix": Call((LEVEL,)),
    "correlation": Call(tuple(LEVEL.T)),
    "mvn_log_pdf": Call((np.array([0.3, 0.3 + 1e-7]), np.zeros(2), np.array([[1.0, 1 - 1e-9], [1 - 1e-9, 1.0]]))),
    "map_ridge": Call((np.array([[1.0, 1.0], [1.0, 1.0001], [2.0, 2.0]]), np.array([1.0, 2.0, 2.0]), 1e-9, 1.0)),
}
