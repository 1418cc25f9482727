"""Normalises after each observation: right unless a hypothesis is written off too early."""

# /// expect
# sequential_posterior = { score = 3.5, mistakes = ["normalised-each-time"] }
# ///

import numpy as np


def sequential_posterior(prior, likelihoods):
    posterior = np.array(prior, dtype=float)
    for likelihood in likelihoods:
        posterior = posterior * likelihood
        posterior = posterior / posterior.sum()
    return posterior
