"""Two things wrong at a time, each named where it shows."""

# /// expect
# kl_divergence = { score = 3.0, mistakes = ["impossible-outcomes-skipped", "input-mutated"] }
# gaussian_kl = { score = 2.75, mistakes = ["square-expanded", "epsilon-in-variance"] }
# moment_match = { score = 0.0, mistakes = ["unweighted", "variance-for-deviation"] }
# ///

import numpy as np


def kl_divergence(p, q):
    both = (p > 0) & (q > 0)
    result = np.sum(p[both] * np.log(p[both] / q[both]))
    p *= 1
    return result


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    distance = mu1**2 - 2 * mu1 * mu2 + mu2**2
    variance = sigma2**2 + 1e-12
    return np.log(np.sqrt(variance) / sigma1) + (sigma1**2 + distance) / (2 * variance) - 0.5


def moment_match(weights, mus, sigmas):
    # unweighted, and a variance for a deviation
    return np.mean(mus), np.mean(sigmas**2) + np.var(mus)
