"""Two mistakes in one function: each is named where it shows."""

# /// expect
# dice_sum_pmf = { score = 1.5, mistakes = ["single-die-forgotten", "counts-overflow"] }
# bayes_posterior = { score = 2.5, mistakes = ["epsilon-in-denominator", "integer-output"] }
# variance = { score = 2.0, mistakes = ["epsilon-added", "integer-output"] }
# ///

import numpy as np


def dice_sum_pmf(n, sides=6):
    die = np.ones(sides, dtype=np.int64)
    ways = np.convolve(die, die)
    n = max(n, 2)
    for _ in range(n - 2):
        ways = np.convolve(ways, die)
    return ways / sides**n


def bayes_posterior(prior, likelihood):
    posterior = np.empty_like(likelihood)
    joint = prior * likelihood
    posterior[:] = joint / (joint.sum() + 1e-12)
    return posterior


def variance(values, probs):
    mean = np.dot(values, probs)
    result = np.dot((values - mean) ** 2, probs) + 1e-12
    return int(result) if values.dtype.kind == "i" else result
