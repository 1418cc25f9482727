"""Two things wrong in each: each is named where it shows."""

# /// expect
# gaussian_log_pdf = { score = 2.25, mistakes = ["log-of-pdf", "shape-of-x"] }
# gaussian_log_likelihood = { score = 2.75, mistakes = ["epsilon-in-log", "epsilon-in-variance"] }
# mvn_log_pdf = { score = 2.25, mistakes = ["input-mutated", "jitter-on-diagonal"] }
# correlation = { score = 2.0, mistakes = ["epsilon-in-denominator", "integer-deviations"] }
# ///

import numpy as np


def gaussian_log_pdf(x, mu, sigma):
    out = np.zeros(np.shape(x))
    density = np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    out[...] = np.log(density)
    return out


def gaussian_log_likelihood(x, mu, sigma):
    sigma = np.sqrt(sigma**2 + 1e-12)
    density = np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    return np.sum(np.log(density + 1e-300))


def mvn_log_pdf(x, mu, cov):
    k = len(x)
    cov = cov + 1e-10 * np.eye(k)
    x -= mu
    return -0.5 * (x @ np.linalg.solve(cov, x) + np.linalg.slogdet(cov)[1] + k * np.log(2 * np.pi))


def correlation(x, y):
    dx, dy = np.zeros_like(x), np.zeros_like(y)
    dx[:] = x - x.mean()
    dy[:] = y - y.mean()
    return (dx * dy).mean() / (np.sqrt((dx**2).mean()) * np.sqrt((dy**2).mean()) + 1e-12)
