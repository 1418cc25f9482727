"""Hazardous formulas of the topic gaussian."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

LOG_2PI = math.log(2 * math.pi)

# --- gaussian_log_pdf ----------------------------------------------------------------------------------------


def density(x, mu, sigma):
    return np.exp(-0.5 * ((np.asarray(x) - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def gaussian_log_pdf_by_the_logarithm_of_the_density(x, mu, sigma):
    return np.log(density(x, mu, sigma))


def gaussian_log_pdf_with_a_constant_of_1e_300_in_the_logarithm(x, mu, sigma):
    return np.log(density(x, mu, sigma) + 1e-300)


def gaussian_log_pdf_by_expanding_the_square(x, mu, sigma):
    x = np.asarray(x, dtype=float)
    return -(x**2 - 2 * x * mu + np.square(mu)) / (2 * np.square(sigma)) - np.log(sigma) - LOG_2PI / 2


def gaussian_log_pdf_with_a_constant_of_1e_20_in_the_variance(x, mu, sigma):
    variance = np.square(sigma, dtype=float) + 1e-20
    return -((x - mu) ** 2) / (2 * variance) - np.log(2 * np.pi * variance) / 2


def gaussian_log_pdf_by_a_negative_power(x, mu, sigma):
    """NumPy refuses to raise an integer array to -2."""
    return -0.5 * (x - mu) ** 2 * sigma**-2 - np.log(sigma) - LOG_2PI / 2


def gaussian_log_pdf_by_a_precision_in_the_dtype_of_sigma(x, mu, sigma):
    precision = np.reciprocal(np.square(sigma))
    return -0.5 * (x - mu) ** 2 * precision - np.log(sigma) - LOG_2PI / 2


# --- gaussian_log_likelihood ---------------------------------------------------------------------------------


def gaussian_log_likelihood_by_the_logarithm_of_a_product(x, mu, sigma):
    return np.log(np.prod(density(x, mu, sigma)))


def gaussian_log_likelihood_by_products_of_a_hundred(x, mu, sigma):
    parts = [x[i : i + 100] for i in range(0, len(x), 100)]
    return sum(np.log(np.prod(density(part, mu, sigma))) for part in parts)


def gaussian_log_likelihood_by_expanding_the_square(x, mu, sigma):
    x = np.asarray(x, dtype=float)
    squares = np.sum(x**2) - 2 * mu * np.sum(x) + len(x) * mu**2
    return -squares / (2 * sigma**2) - len(x) * (np.log(sigma) + LOG_2PI / 2)


def gaussian_log_likelihood_by_a_negative_power(x, mu, sigma):
    return np.sum(-0.5 * (x - mu) ** 2 * np.asarray(sigma) ** -2 - np.log(sigma) - LOG_2PI / 2)


def gaussian_log_likelihood_by_the_logarithm_of_the_normaliser_to_the_n(x, mu, sigma):
    return -0.5 * np.sum(((x - mu) / sigma) ** 2) - np.log((sigma * np.sqrt(2 * np.pi)) ** len(x))


def gaussian_log_likelihood_with_outliers_clipped(x, mu, sigma):
    z = np.clip((x - mu) / sigma, -37, 37)
    return np.sum(-0.5 * z**2 - np.log(sigma) - LOG_2PI / 2)


# --- gaussian_mle --------------------------------------------------------------------------------------------


def gaussian_mle_by_one_pass(x):
    return np.mean(x), np.sqrt(np.mean(x**2) - np.mean(x) ** 2)


def gaussian_mle_by_sums(x):
    n = len(x)
    return np.sum(x) / n, np.sqrt(np.dot(x, x) / n - (np.sum(x) / n) ** 2)


def gaussian_mle_by_one_pass_cut_off_at_zero(x):
    return np.mean(x), np.sqrt(max(np.mean(x * x) - np.mean(x) ** 2, 0.0))


def gaussian_mle_by_one_pass_in_float64(x):
    x = np.asarray(x, dtype=float)
    return np.mean(x), np.sqrt(np.mean(x**2) - np.mean(x) ** 2)


def gaussian_mle_with_a_constant_of_1e_20_in_the_variance(x):
    return np.mean(x), np.sqrt(np.var(x) + 1e-20)


def gaussian_mle_with_a_floor_of_1e_6(x):
    return np.mean(x), max(np.std(x), 1e-6)


# --- within_k_sigma ------------------------------------------------------------------------------------------


def within_k_sigma_by_one_minus_erfc(k):
    return 1 - math.erfc(k / math.sqrt(2))


def within_k_sigma_by_twice_phi_minus_1(k):
    return 2 * NormalDist().cdf(k) - 1


def within_k_sigma_by_a_difference_of_phis(k):
    return NormalDist().cdf(k) - NormalDist().cdf(-k)


def within_k_sigma_by_twice_phi_minus_half(k):
    return 2 * (0.5 * math.erfc(-k / math.sqrt(2)) - 0.5)


def within_k_sigma_by_another_mean_and_deviation(k):
    iq = NormalDist(100, 15)
    return iq.cdf(100 + 15 * k) - iq.cdf(100 - 15 * k)


def within_k_sigma_by_simpson(k):
    z = np.linspace(-k, k, 2001)
    weights = np.ones(2001)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return np.sum(weights * np.exp(-0.5 * z**2)) * (2 * k / 2000) / 3 / math.sqrt(2 * math.pi)


def within_k_sigma_with_alternating_terms(k):
    """The Taylor series of erf, whose terms cancel for large k."""
    t, total, term = k / math.sqrt(2), 0.0, k / math.sqrt(2)
    for i in range(400):
        total += term / (2 * i + 1)
        term *= -t * t / (i + 1)
    return 2 / math.sqrt(math.pi) * total


# --- covariance_matrix ---------------------------------------------------------------------------------------


def covariance_matrix_by_one_pass(X):
    return X.T @ X / len(X) - np.outer(X.mean(axis=0), X.mean(axis=0))


def covariance_matrix_by_one_pass_of_mean_products(X):
    return np.mean(X[:, :, None] * X[:, None, :], axis=0) - np.multiply.outer(X.mean(0), X.mean(0))


def covariance_matrix_by_centring_one_factor(X):
    return (X - X.mean(axis=0)).T @ X / len(X)


def covariance_matrix_by_one_pass_in_float64(X):
    X = np.asarray(X, dtype=float)
    return X.T @ X / len(X) - np.outer(X.mean(axis=0), X.mean(axis=0))


def covariance_matrix_by_numpy_as_it_is(X):
    """For one column np.cov returns a number; the task says two or more."""
    return np.cov(X, rowvar=False, bias=True)


def covariance_matrix_with_a_constant_of_1e_20_on_the_diagonal(X):
    return np.cov(X, rowvar=False, bias=True) + 1e-20 * np.eye(X.shape[1])


def covariance_matrix_by_correlations_and_deviations(X):
    return np.corrcoef(X, rowvar=False) * np.outer(X.std(axis=0), X.std(axis=0))


# --- correlation ---------------------------------------------------------------------------------------------


def correlation_by_one_pass(x, y):
    covariance = np.mean(x * y) - np.mean(x) * np.mean(y)
    return covariance / np.sqrt((np.mean(x**2) - np.mean(x) ** 2) * (np.mean(y**2) - np.mean(y) ** 2))


def correlation_by_one_pass_in_float64(x, y):
    return correlation_by_one_pass(np.asarray(x, dtype=float), np.asarray(y, dtype=float))


def correlation_with_a_constant_of_1e_20_in_the_denominator(x, y):
    dx, dy = x - np.mean(x), y - np.mean(y)
    return np.mean(dx * dy) / (np.std(x) * np.std(y) + 1e-20)


def correlation_by_the_root_of_a_product_of_sums(x, y):
    dx, dy = x - np.mean(x), y - np.mean(y)
    return np.sum(dx * dy) / np.sqrt(np.sum(dx**2) * np.sum(dy**2))


# --- mvn_log_pdf ---------------------------------------------------------------------------------------------


def mvn(quadratic, log_det, k):
    return -0.5 * (quadratic + log_det + k * LOG_2PI)


def mvn_log_pdf_by_the_logarithm_of_the_determinant(x, mu, cov):
    d = x - mu
    return mvn(d @ np.linalg.solve(cov, d), np.log(np.linalg.det(cov)), len(d))


def mvn_log_pdf_by_a_pseudo_inverse_with_a_cutoff_of_1e_6(x, mu, cov):
    d = x - mu
    return mvn(d @ np.linalg.pinv(cov, rcond=1e-6) @ d, np.linalg.slogdet(cov)[1], len(d))


def mvn_log_pdf_by_a_pseudo_inverse_with_a_cutoff_of_1e_8(x, mu, cov):
    d = x - mu
    return mvn(d @ np.linalg.pinv(cov, rcond=1e-8) @ d, np.linalg.slogdet(cov)[1], len(d))


def mvn_log_pdf_by_a_pseudo_inverse(x, mu, cov):
    d = x - mu
    return mvn(d @ np.linalg.pinv(cov) @ d, np.linalg.slogdet(cov)[1], len(d))


def mvn_log_pdf_without_small_eigenvalues(x, mu, cov):
    """Eigenvalues below 1e-8 of the largest are left out of the form and of the determinant."""
    variances, axes = np.linalg.eigh(cov)
    kept = variances > 1e-8 * variances.max()
    z = (axes.T @ (x - mu))[kept]
    return mvn(np.sum(z**2 / variances[kept]), np.sum(np.log(variances[kept])), len(x))


def mvn_log_pdf_without_eigenvalues_below_1e_12(x, mu, cov):
    variances, axes = np.linalg.eigh(cov)
    kept = variances > 1e-12
    z = (axes.T @ (x - mu))[kept]
    return mvn(np.sum(z**2 / variances[kept]), np.sum(np.log(variances[kept])), len(x))


def mvn_log_pdf_with_eigenvalues_raised_to_1e_10(x, mu, cov):
    variances, axes = np.linalg.eigh(cov)
    variances = np.maximum(variances, 1e-10)
    return mvn(np.sum((axes.T @ (x - mu)) ** 2 / variances), np.sum(np.log(variances)), len(x))


def mvn_log_pdf_with_1e_9_of_the_largest_variance_on_the_diagonal(x, mu, cov):
    d, cov = x - mu, cov + 1e-9 * np.max(np.diag(cov)) * np.eye(len(cov))
    return mvn(d @ np.linalg.solve(cov, d), np.linalg.slogdet(cov)[1], len(d))


def mvn_log_pdf_by_the_determinant_of_a_tenth(x, mu, cov):
    """The determinant is rescaled by a constant, which moves the underflow and doesn't remove it."""
    d, k = x - mu, len(x)
    return mvn(d @ np.linalg.solve(cov, d), np.log(np.linalg.det(cov * 1e4)) - k * np.log(1e4), k)


# --- map_ridge -----------------------------------------------------------------------------------------------


def map_ridge_by_a_pseudo_inverse_with_a_cutoff_of_1e_3(X, y, sigma2, tau2):
    return np.linalg.pinv(X.T @ X + sigma2 / tau2 * np.eye(X.shape[1]), rcond=1e-3) @ X.T @ y


def map_ridge_with_1e_8_added_to_the_penalty(X, y, sigma2, tau2):
    return np.linalg.solve(X.T @ X + (sigma2 / tau2 + 1e-8) * np.eye(X.shape[1]), X.T @ y)


def map_ridge_with_a_constant_of_1e_12_in_the_denominator(X, y, sigma2, tau2):
    return np.linalg.solve(X.T @ X + sigma2 / (tau2 + 1e-12) * np.eye(X.shape[1]), X.T @ y)


def map_ridge_by_the_limit_without_a_prior(X, y, sigma2, tau2):
    """A tiny penalty is taken for none."""
    ratio = sigma2 / tau2
    return np.linalg.solve(X.T @ X + (ratio if ratio > 1e-3 else 0.0) * np.eye(X.shape[1]), X.T @ y)


def map_ridge_by_floor_division(X, y, sigma2, tau2):
    return np.linalg.solve(X.T @ X + sigma2 // tau2 * np.eye(X.shape[1]), X.T @ y)


def map_ridge_by_a_thousand_steps_of_descent(X, y, sigma2, tau2):
    ratio, w = sigma2 / tau2, np.zeros(X.shape[1])
    rate = 1 / (np.linalg.norm(X, 2) ** 2 + ratio)
    for _ in range(1000):
        w = w - rate * (X.T @ (X @ w - y) + ratio * w)
    return w


WITHIN_100 = "at most 100 deviations from zero it costs float64 a few of its last digits"
KEPT = {
    "gaussian_mle_by_one_pass_in_float64": WITHIN_100,
    "covariance_matrix_by_one_pass_in_float64": WITHIN_100,
    "covariance_matrix_by_numpy_as_it_is": "the task says that there are two columns or more",
    "covariance_matrix_by_correlations_and_deviations": "the deviations come back in every digit",
    "correlation_by_one_pass": f"{WITHIN_100}, and float32 is asked near zero: the task doesn't speak of it",
    "correlation_by_one_pass_in_float64": WITHIN_100,
    "correlation_by_the_root_of_a_product_of_sums": "units within 1e±8 keep the product in range",
    "mvn_log_pdf_by_a_pseudo_inverse": (
        "NumPy drops what is below 1e-15 of the largest, and nothing that is asked is"
    ),
}
