"""Small posteriors are given a floor, as if they were of no use."""

# /// expect
# bayes_posterior = { score = 3.0, mistakes = [] }
# sequential_posterior = { score = 3.5, mistakes = [] }
# ///

import numpy as np


def bayes_posterior(prior, likelihood):
    joint = prior * likelihood
    return np.where(joint == 0, 0.0, np.maximum(joint / joint.sum(), 1e-18))


def sequential_posterior(prior, likelihoods):
    with np.errstate(divide="ignore"):
        scores = np.log(prior) + np.log(likelihoods).sum(axis=0)
    shifted = scores - scores.max()
    weights = np.where(np.isneginf(scores), 0.0, np.exp(np.maximum(shifted, -50)))
    return weights / weights.sum()
