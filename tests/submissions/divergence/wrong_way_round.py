"""Arguments and results in the wrong order."""

# /// expect
# kl_divergence = { score = 1.25, mistakes = ["reversed"] }
# js_divergence = { score = 0.0, mistakes = ["reversed"] }
# gaussian_kl = { score = 1.5, mistakes = ["reversed-arguments"] }
# moment_match = { score = 1.0, mistakes = ["pair-swapped", "one-pass"] }
# ///

import numpy as np


def kl_divergence(p, q):
    q = np.asarray(q, dtype=float)
    here = q > 0
    with np.errstate(divide="ignore"):
        return np.sum(q[here] * np.log(q[here] / p[here]))


def js_divergence(p, q):
    m = (p + q) / 2
    return kl_divergence(p, m) / 2 + kl_divergence(q, m) / 2


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return np.log(sigma1 / sigma2) + (sigma2**2 + (mu1 - mu2) ** 2) / (2 * sigma1**2) - 0.5


def moment_match(weights, mus, sigmas):
    mu = sum(weights * mus)
    return (sum(weights * (sigmas**2 + mus**2)) - mu**2) ** 0.5, mu
