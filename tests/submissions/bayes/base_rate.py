"""Forgets the base rate, wherever there is one."""

# /// expect
# bayes_posterior = { score = 0.0, mistakes = ["prior-forgotten"] }
# sequential_posterior = { score = 0.0, mistakes = ["prior-forgotten"] }
# positive_predictive_value = { score = 0.0, mistakes = ["base-rate-forgotten"] }
# ///

import numpy as np


def bayes_posterior(prior, likelihood):
    return likelihood / likelihood.sum()


def sequential_posterior(prior, likelihoods):
    log_joint = np.log(likelihoods).sum(axis=0)
    joint = np.exp(log_joint - log_joint.max())
    return joint / joint.sum()


def positive_predictive_value(prevalence, sensitivity, specificity):
    false_alarms = 1 - specificity
    return sensitivity / (sensitivity + false_alarms)
