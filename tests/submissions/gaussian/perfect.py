"""Everything as the notebook teaches it."""

# /// expect
# everything = "full"
# ///

import math

import numpy as np


def gaussian_log_pdf(x, mu, sigma):
    z = (x - mu) / sigma
    return -0.5 * z**2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)


def gaussian_log_likelihood(x, mu, sigma):
    return np.sum(gaussian_log_pdf(x, mu, sigma))


def gaussian_mle(x):
    mu_hat = np.mean(x)
    sigma_hat = np.sqrt(np.mean((x - mu_hat) ** 2))
    return mu_hat, sigma_hat


def within_k_sigma(k):
    return math.erf(k / math.sqrt(2))


def covariance_matrix(X):
    deviations = X - X.mean(axis=0)
    return deviations.T @ deviations / len(X)


def correlation(x, y):
    dx, dy = x - x.mean(), y - y.mean()
    return np.mean(dx * dy) / (x.std() * y.std())


def mvn_log_pdf(x, mu, cov):
    L = np.linalg.cholesky(cov)
    z = np.linalg.solve(L, x - mu)
    log_det = 2 * np.sum(np.log(np.diag(L)))
    return -0.5 * (z @ z + log_det + len(x) * np.log(2 * np.pi))


def map_ridge(X, y, sigma2, tau2):
    A = X.T @ X + sigma2 / tau2 * np.eye(X.shape[1])
    return np.linalg.solve(A, X.T @ y)


def density_of_four():
    return "b"


def no_correlation():
    return "d"
