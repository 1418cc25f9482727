"""The formulas as they stand in the book: density first, then its logarithm; det; unbiased moments."""

# /// expect
# gaussian_log_pdf = { score = 2.75, mistakes = ["log-of-pdf"] }
# gaussian_log_likelihood = { score = 2.5, mistakes = ["log-of-product"] }
# gaussian_mle = { score = 1.125, mistakes = ["divided-by-n-minus-1"] }
# within_k_sigma = { score = 0.0, mistakes = ["integrated-on-a-grid"] }
# covariance_matrix = { score = 1.125, mistakes = ["divided-by-n-minus-1"] }
# correlation = { score = 1.125, mistakes = ["n-and-n-minus-1"] }
# mvn_log_pdf = { score = 3.25, mistakes = ["log-of-determinant"] }
# map_ridge = { score = 0.0, mistakes = ["noise-forgotten"] }
# ///

import numpy as np


def pdf(x, mu, sigma):
    return 1 / np.sqrt(2 * np.pi * sigma**2) * np.exp(-((x - mu) ** 2) / (2 * sigma**2))


def gaussian_log_pdf(x, mu, sigma):
    return np.log(pdf(x, mu, sigma))


def gaussian_log_likelihood(x, mu, sigma):
    likelihood = 1.0
    for value in x:
        likelihood *= pdf(value, mu, sigma)
    return np.log(likelihood)


def gaussian_mle(x):
    return x.mean(), x.std(ddof=1)


def within_k_sigma(k):
    grid = np.linspace(-k, k, 1001)
    step = 2 * k / 1000
    heights = pdf(grid, 0.0, 1.0)
    return float(sum((a + b) / 2 * step for a, b in zip(heights[:-1], heights[1:])))


def covariance_matrix(X):
    return np.cov(X.T)


def correlation(x, y):
    return np.cov(x, y)[0, 1] / (np.std(x) * np.std(y))


def mvn_log_pdf(x, mu, cov):
    d = x - mu
    log_norm = len(x) * np.log(2 * np.pi) + np.log(np.linalg.det(cov))
    return -0.5 * (log_norm + d @ np.linalg.inv(cov) @ d)


def map_ridge(X, y, sigma2, tau2):
    return np.linalg.inv(X.T @ X + np.eye(X.shape[1]) / tau2) @ X.T @ y
