"""Hazardous formulas of the topic bayes."""

from __future__ import annotations

import itertools
import math

import numpy as np

# --- expectation ---------------------------------------------------------------------------------------------


def expectation_with_probabilities_below_1e_8_left_out(values, probs):
    return np.sum(np.where(probs > 1e-8, values * probs, 0.0))


def expectation_by_repeating_values(values, probs):
    """A million draws in the proportion of the probabilities."""
    return np.mean(np.repeat(values, np.round(1e6 * probs).astype(int)))


def expectation_by_dividing_by_the_sum_of_rounded_weights(values, probs):
    weights = np.round(probs, 12)
    return np.sum(values * weights) / np.sum(weights)


def expectation_with_products_in_the_dtype_of_the_values(values, probs):
    return np.sum((values * probs).astype(values.dtype))


# --- variance ------------------------------------------------------------------------------------------------


def variance_by_one_pass(values, probs):
    return np.sum(probs * values**2) - np.sum(probs * values) ** 2


def variance_by_one_pass_in_float32(values, probs):
    values, probs = np.asarray(values, np.float32), np.asarray(probs, np.float32)
    return float(np.sum(probs * values**2) - np.sum(probs * values) ** 2)


def variance_with_a_floor_of_1e_12(values, probs):
    mean = np.sum(probs * values)
    return max(np.sum(probs * (values - mean) ** 2), 1e-12)


def variance_by_pairs(values, probs):
    """Half the mean squared distance of two independent draws: right, and without a mean."""
    return np.sum(np.outer(probs, probs) * np.subtract.outer(values, values, dtype=float) ** 2) / 2


# --- dice_sum_pmf --------------------------------------------------------------------------------------------


def dice_sum_pmf_by_counting_outcomes(n, sides=6):
    if sides**n > 200_000:
        raise MemoryError
    sums = [sum(throw) for throw in itertools.product(range(1, sides + 1), repeat=n)]
    return np.bincount(sums, minlength=n * sides + 1)[n:] / sides**n


def dice_sum_pmf_by_integer_counts(n, sides=6):
    counts = np.ones(1, dtype=np.int64)
    for _ in range(n):
        counts = np.convolve(counts, np.ones(sides, dtype=np.int64))
    return counts / float(sides) ** n


def dice_sum_pmf_by_alternating_binomials_in_float64(n, sides=6):
    """The closed form, whose terms are large and cancel."""
    result = []
    for total in range(n, n * sides + 1):
        terms = [
            (-1.0) ** j * math.comb(n, j) * float(math.comb(total - sides * j - 1, n - 1))
            for j in range((total - n) // sides + 1)
        ]
        result.append(sum(terms) / float(sides) ** n)
    return np.array(result)


def dice_sum_pmf_by_the_normal_curve(n, sides=6):
    mean, variance = n * (sides + 1) / 2, n * (sides**2 - 1) / 12 or 1.0
    heights = np.exp(-((np.arange(n, n * sides + 1) - mean) ** 2) / (2 * variance))
    return heights / heights.sum()


def dice_sum_pmf_by_fourier_transform(n, sides=6):
    size = n * sides - n + 1
    return np.fft.irfft(np.fft.rfft(np.full(sides, 1 / sides), size) ** n, size)


# --- bayes_posterior -----------------------------------------------------------------------------------------


def bayes_posterior_with_a_constant_of_1e_300_in_the_denominator(prior, likelihood):
    joint = prior * likelihood
    return joint / (np.sum(joint) + 1e-300)


def bayes_posterior_with_a_constant_of_1e_16_in_each_product(prior, likelihood):
    joint = prior * likelihood / np.max(likelihood) + 1e-16
    return joint / np.sum(joint)


def bayes_posterior_with_probabilities_floored_at_1e_18(prior, likelihood):
    joint = prior * (likelihood / np.max(likelihood))
    return np.maximum(joint / np.sum(joint), 1e-18)


def bayes_posterior_with_the_last_as_what_is_left(prior, likelihood):
    joint = prior * likelihood
    posterior = joint / np.sum(joint)
    posterior[-1] = 1 - np.sum(posterior[:-1])
    return posterior


def bayes_posterior_with_a_constant_in_the_logarithm(prior, likelihood):
    log_joint = np.log(prior + 1e-300) + np.log(likelihood + 1e-300)
    weights = np.exp(log_joint - np.max(log_joint))
    return weights / np.sum(weights)


def bayes_posterior_by_unshifted_logarithms(prior, likelihood):
    """As good as the products themselves, as long as these stay in range."""
    joint = np.exp(np.log(prior) + np.log(likelihood))
    return joint / np.sum(joint)


# --- sequential_posterior ------------------------------------------------------------------------------------


def sequential_posterior_by_the_product(prior, likelihoods):
    joint = prior * np.prod(likelihoods, axis=0)
    return joint / np.sum(joint)


def sequential_posterior_by_one_step_at_a_time(prior, likelihoods):
    posterior = np.array(prior, dtype=float)
    for row in likelihoods:
        posterior = posterior * row
        posterior = posterior / posterior.sum()
    return posterior


def sequential_posterior_by_products_of_scaled_rows(prior, likelihoods):
    joint = prior * np.prod(likelihoods / likelihoods.max(axis=1, keepdims=True), axis=0)
    return joint / np.sum(joint)


def sequential_posterior_by_unshifted_logarithms(prior, likelihoods):
    joint = np.exp(np.log(prior) + np.sum(np.log(likelihoods), axis=0))
    return joint / np.sum(joint)


def sequential_posterior_with_a_constant_of_1e_300_in_the_logarithm(prior, likelihoods):
    scores = np.log(prior + 1e-300) + np.sum(np.log(likelihoods + 1e-300), axis=0)
    weights = np.exp(scores - np.max(scores))
    return weights / np.sum(weights)


def sequential_posterior_with_shifted_scores_clipped_at_50(prior, likelihoods):
    scores = np.log(prior) + np.sum(np.log(likelihoods), axis=0)
    weights = np.exp(np.maximum(scores - np.max(scores), -50.0))
    return weights / np.sum(weights)


def sequential_posterior_with_a_constant_of_1e_15_in_each_weight(prior, likelihoods):
    scores = np.log(prior) + np.sum(np.log(likelihoods), axis=0)
    weights = np.exp(scores - np.max(scores)) + 1e-15
    return weights / np.sum(weights)


# --- positive_predictive_value ---------------------------------------------------------------------------------


def positive_predictive_value_by_odds(prevalence, sensitivity, specificity):
    odds = prevalence / (1 - prevalence) * sensitivity / (1 - specificity)
    return odds / (1 + odds)


def positive_predictive_value_by_what_is_left(prevalence, sensitivity, specificity):
    false = (1 - prevalence) * (1 - specificity)
    return 1 - false / (prevalence * sensitivity + false)


def positive_predictive_value_with_a_constant_of_1e_15_in_the_denominator(prevalence, sensitivity, specificity):
    true, false = prevalence * sensitivity, (1 - prevalence) * (1 - specificity)
    return true / (true + false + 1e-15)


def positive_predictive_value_by_the_evidence_as_what_is_left(prevalence, sensitivity, specificity):
    """P(positive) as one minus P(negative), which is nearly one where tests are rarely positive."""
    negative = prevalence * (1 - sensitivity) + (1 - prevalence) * specificity
    return prevalence * sensitivity / (1 - negative)


def positive_predictive_value_by_a_multiplied_out_denominator(prevalence, sensitivity, specificity):
    evidence = prevalence * sensitivity + 1 - specificity - prevalence + prevalence * specificity
    return prevalence * sensitivity / evidence


KEPT = {
    "variance_by_one_pass": "the task says that it will do within 100 deviations of zero",
    "variance_by_pairs": "nothing is subtracted but two values",
    "dice_sum_pmf_by_fourier_transform": "1e-12 absolute is asked for",
    "bayes_posterior_with_a_constant_of_1e_300_in_the_denominator": (
        "1e-300 beside an evidence of 1e-200 is nothing"
    ),
    "bayes_posterior_with_a_constant_in_the_logarithm": "1e-300 is nothing beside what is asked",
    "bayes_posterior_by_unshifted_logarithms": "products are in range wherever the evidence is",
    "positive_predictive_value_by_what_is_left": "no answer asked for is so small that 1 - p loses its digits",
}
