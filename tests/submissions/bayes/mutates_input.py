"""Right values, written into the caller's arrays on the way; integers can't even be written there."""

# /// expect
# expectation = { score = 2.0, mistakes = ["input-mutated"] }
# variance = { score = 2.5, mistakes = ["input-mutated"] }
# bayes_posterior = { score = 2.5, mistakes = ["input-mutated"] }
# sequential_posterior = { score = 3.0, mistakes = ["input-mutated"] }
# ///

import numpy as np


def expectation(values, probs):
    values *= probs
    return values.sum()


def variance(values, probs):
    values -= (values * probs).sum()
    return (values**2 * probs).sum()


def bayes_posterior(prior, likelihood):
    prior *= likelihood
    prior /= prior.sum()
    return prior


def sequential_posterior(prior, likelihoods):
    np.log(likelihoods, out=likelihoods)
    log_joint = np.log(prior) + likelihoods.sum(axis=0)
    joint = np.exp(log_joint - log_joint.max())
    return joint / joint.sum()
