"""The formulas as they stand in the textbook, read without their small print on zeros."""

# /// expect
# entropy = { score = 3.0, mistakes = ["zero-gives-nan"] }
# kl_divergence = { score = 3.5, mistakes = ["zero-gives-nan"] }
# js_divergence = { score = 3.0, mistakes = ["zero-gives-nan"] }
# gaussian_kl = { score = 3.5, mistakes = ["square-expanded"] }
# moment_match = { score = 0.0, mistakes = ["deviations-averaged"] }
# ///

import numpy as np


def entropy(p):
    return -(p * np.log(p)).sum()


def kl_divergence(p, q):
    return (p * np.log(p / q)).sum()


def js_divergence(p, q):
    m = (p + q) / 2
    return 0.5 * (kl_divergence(p, m) + kl_divergence(q, m))


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    squared_distance = mu1**2 - 2 * mu1 * mu2 + mu2**2
    return np.log(sigma2 / sigma1) + sigma1**2 / (2 * sigma2**2) + squared_distance / (2 * sigma2**2) - 1 / 2


def moment_match(weights, mus, sigmas):
    return weights @ mus, weights @ sigmas
