"""Everything as the notebook teaches it."""

# /// expect
# everything = "full"
# ///

import numpy as np


def expectation(values, probs):
    return np.sum(np.asarray(values) * np.asarray(probs))


def variance(values, probs):
    deviations = np.asarray(values) - expectation(values, probs)
    return expectation(deviations**2, probs)


def dice_sum_pmf(n, sides=6):
    one = np.ones(sides) / sides
    pmf = one
    for _ in range(1, n):
        pmf = np.convolve(pmf, one)
    return pmf


def bayes_posterior(prior, likelihood):
    joint = prior * likelihood
    evidence = joint.sum()
    return joint / evidence


def sequential_posterior(prior, likelihoods):
    with np.errstate(divide="ignore"):
        scores = np.log(prior) + np.log(likelihoods).sum(axis=0)
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


def positive_predictive_value(prevalence, sensitivity, specificity):
    ill_and_positive = prevalence * sensitivity
    healthy_and_positive = (1 - prevalence) * (1 - specificity)
    return ill_and_positive / (ill_and_positive + healthy_and_positive)


def rare_alarm():
    return "a"


def two_dice():
    return "c"
