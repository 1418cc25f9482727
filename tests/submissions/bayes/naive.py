"""The textbook formulas as they stand: fine until something overflows, underflows or divides by zero."""

# /// expect
# expectation = "full"
# variance = "full"
# dice_sum_pmf = { score = 2.0, mistakes = ["counts-overflow"] }
# bayes_posterior = "full"
# sequential_posterior = { score = 2.5, mistakes = ["product-underflows"] }
# positive_predictive_value = { score = 2.0, mistakes = ["odds-divided-by-zero"] }
# ///

import numpy as np


def expectation(values, probs):
    return (values * probs).sum()


def variance(values, probs):
    return expectation(values**2, probs) - expectation(values, probs) ** 2


def dice_sum_pmf(n, sides=6):
    ways = np.ones(sides, dtype=int)
    for _ in range(n - 1):
        ways = np.convolve(ways, np.ones(sides, dtype=int))
    return ways / sides**n


def bayes_posterior(prior, likelihood):
    return prior * likelihood / np.dot(prior, likelihood)


def sequential_posterior(prior, likelihoods):
    joint = np.prod(likelihoods, axis=0) * prior
    return joint / joint.sum()


def positive_predictive_value(prevalence, sensitivity, specificity):
    prior_odds = prevalence / (1 - prevalence)
    likelihood_ratio = sensitivity / (1 - specificity)
    odds = prior_odds * likelihood_ratio
    return odds / (odds + 1)
