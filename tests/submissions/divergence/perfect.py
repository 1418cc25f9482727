"""Everything as the notebook teaches it."""

# /// expect
# everything = "full"
# ///

import numpy as np


def entropy(p):
    p = np.asarray(p, dtype=float)
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def kl_divergence(p, q):
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    p, q = p[p > 0], q[p > 0]
    if np.any(q == 0):
        return np.inf
    return np.sum(p * np.log(p / q))


def js_divergence(p, q):
    m = (np.asarray(p, dtype=float) + q) / 2
    return 0.5 * kl_divergence(p, m) + 0.5 * kl_divergence(q, m)


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return np.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


def moment_match(weights, mus, sigmas):
    mu = np.sum(weights * mus)
    within = np.sum(weights * sigmas**2)
    between = np.sum(weights * (mus - mu) ** 2)
    return mu, np.sqrt(within + between)


def impossible_in_model():
    return "c"


def kl_is_not_negative():
    return ["C", "E", "A", "D", "F"]


def two_clusters():
    return "a"
