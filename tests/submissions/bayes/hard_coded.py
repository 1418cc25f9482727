"""Knows the visible examples by heart."""

# /// expect
# expectation = { score = 0.0, mistakes = [] }
# dice_sum_pmf = { score = 0.0, mistakes = ["two-dice-always", "sides-ignored"] }
# positive_predictive_value = { score = 0.0, mistakes = [] }
# ///

import numpy as np


def expectation(values, probs):
    return 2.3


def dice_sum_pmf(n, sides=6):
    return np.array([1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1]) / 36


def positive_predictive_value(prevalence, sensitivity, specificity):
    return 1 / 6
