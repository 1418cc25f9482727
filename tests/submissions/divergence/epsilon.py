"""Small constants where nothing needs guarding."""

# /// expect
# entropy = { score = 2.0, mistakes = ["epsilon-in-log"] }
# kl_divergence = { score = 3.0, mistakes = ["epsilon-in-log"] }
# js_divergence = { score = 3.5, mistakes = ["epsilon-in-log"] }
# gaussian_kl = { score = 3.25, mistakes = ["epsilon-in-variance"] }
# moment_match = { score = 3.0, mistakes = ["epsilon-in-variance"] }
# ///

import numpy as np

EPS = 1e-12


def entropy(p):
    return -np.sum(p * np.log(p + EPS))


def kl_divergence(p, q):
    return np.sum(p * (np.log(p + EPS) - np.log(q + EPS)))


def js_divergence(p, q):
    m = (p + q) / 2
    return (kl_divergence(p, m) + kl_divergence(q, m)) / 2


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    variance = np.square(sigma2) + EPS
    return 0.5 * np.log(variance) - np.log(sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * variance) - 0.5


def moment_match(weights, mus, sigmas):
    mu = np.dot(weights, mus)
    return mu, np.sqrt(np.dot(weights, sigmas**2 + (mus - mu) ** 2) + EPS)
