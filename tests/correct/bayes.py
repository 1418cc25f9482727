"""Right answers of the topic bayes."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache, reduce

import mpmath
import numpy as np
import scipy.special

from autograder.judging.calls import Call
from correct import exactly

# --- exact -----------------------------------------------------------------------------------------------


def exact_expectation(values, probs):
    k = len(values)
    return exactly(lambda *numbers: mpmath.fdot(numbers[:k], numbers[k:]), *values, *probs)


def exact_variance(values, probs):
    k = len(values)

    def squares(*numbers):
        x, p = numbers[:k], numbers[k:]
        mean = mpmath.fdot(x, p)
        return mpmath.fdot([(value - mean) ** 2 for value in x], p)

    return exactly(squares, *values, *probs)


def exact_dice_sum_pmf(n, sides=6):
    """Integers are exact as they are; a fraction is rounded once."""
    return np.array([float(Fraction(count, sides**n)) for count in outcomes(n, sides)])


def exact_bayes_posterior(prior, likelihood):
    return exact_sequential_posterior(prior, np.asarray(likelihood)[None])


def exact_sequential_posterior(prior, likelihoods):
    columns = np.vstack([prior, likelihoods]).astype(float).T.tolist()

    @cache
    def joint(digits):
        return [mpmath.fprod(map(mpmath.mpf, column)) for column in columns]

    def posterior(place):
        return joint(mpmath.mp.dps)[int(place)] / mpmath.fsum(joint(mpmath.mp.dps))

    return np.array([exactly(posterior, place) for place in range(len(columns))])


def exact_positive_predictive_value(prevalence, sensitivity, specificity):
    return exactly(lambda p, s, c: p * s / (p * s + (1 - p) * (1 - c)), prevalence, sensitivity, specificity)


# --- expectation -----------------------------------------------------------------------------------------


def expectation_by_loops(values, probs):
    total = 0.0
    for i in range(len(values)):
        total += float(values[i]) * float(probs[i])
    return total


def expectation_by_fsum(values, probs):
    return math.fsum(float(x) * float(p) for x, p in zip(values, probs, strict=True))


def expectation_by_dot(values, probs):
    return values @ probs


def expectation_by_average(values, probs):
    return np.average(values, weights=probs)


def expectation_by_einsum(values, probs):
    return np.einsum("i,i->", np.asarray(values, dtype=float), np.asarray(probs, dtype=float))


def expectation_in_long_double(values, probs):
    return (np.asarray(values, np.longdouble) * probs).sum()


def expectation_in_fractions(values, probs):
    return float(sum(Fraction(float(x)) * Fraction(float(p)) for x, p in zip(values, probs, strict=True)))


# --- variance --------------------------------------------------------------------------------------------


def variance_by_moments(values, probs):
    """E[x²] - E[x]²: it cancels, but not beyond what a mean at most 100 standard deviations from zero allows."""
    return np.sum(values**2 * probs) - np.sum(values * probs) ** 2


def variance_by_loops(values, probs):
    mean = expectation_by_loops(values, probs)
    total = 0.0
    for i in range(len(values)):
        total += float(probs[i]) * (float(values[i]) - mean) ** 2
    return total


def variance_by_average(values, probs):
    return np.average((values - np.average(values, weights=probs)) ** 2, weights=probs)


def variance_by_pairs(values, probs):
    """Half the mean squared distance of two independent draws."""
    x, p = np.asarray(values, dtype=float), np.asarray(probs, dtype=float)
    return np.array(p @ (x[:, None] - x) ** 2 @ p / 2)


def variance_by_einsum(values, probs):
    deviations = values - np.einsum("i,i", values, probs)
    return np.einsum("i,i,i->", probs, deviations, deviations)


def variance_by_quadratic_form(values, probs):
    x, p = np.asarray(values, dtype=float), np.asarray(probs, dtype=float)
    centred = x - x @ p
    return float(centred @ np.diag(p) @ centred)


def variance_in_long_double(values, probs):
    x, p = np.asarray(values, np.longdouble), np.asarray(probs, np.longdouble)
    return (p * x * x).sum() - (p * x).sum() ** 2


def variance_by_fsum(values, probs):
    x, p = np.asarray(values, dtype=float).tolist(), np.asarray(probs, dtype=float).tolist()
    mean = math.fsum(map(float.__mul__, x, p))
    return math.fsum(weight * (value - mean) ** 2 for value, weight in zip(x, p, strict=True))


# --- dice_sum_pmf ----------------------------------------------------------------------------------------


def outcomes(n, sides):
    """In how many ways each sum can be had, in Python's integers."""
    counts = [1]
    for _ in range(n):
        longer = [0] * (len(counts) + sides - 1)
        for i, count in enumerate(counts):
            for face in range(sides):
                longer[i + face] += count
        counts = longer
    return counts


def dice_sum_pmf_by_loops(n, sides=6):
    pmf = {0: 1.0}
    for _ in range(n):
        after = dict.fromkeys(range(min(pmf) + 1, max(pmf) + sides + 1), 0.0)
        for total, probability in pmf.items():
            for face in range(1, sides + 1):
                after[total + face] += probability / sides
        pmf = after
    return np.array([pmf[total] for total in sorted(pmf)])


def dice_sum_pmf_by_fourier(n, sides=6):
    length = n * sides - n + 1
    die = np.fft.rfft(np.full(sides, 1 / sides), length)
    return np.fft.irfft(die**n, length)


def dice_sum_pmf_by_squaring(n, sides=6):
    result, power = np.ones(1), np.full(sides, 1 / sides)
    while n:
        if n % 2:
            result = np.convolve(result, power)
        power, n = np.convolve(power, power), n // 2
    return result


def dice_sum_pmf_by_scipy(n, sides=6):
    import scipy.signal  # takes longer to import than all other right answers together

    return reduce(scipy.signal.fftconvolve, [np.ones(sides) / sides] * n)


def dice_sum_pmf_by_running_sums(n, sides=6):
    """A box of `sides` entries slides over the pmf: a difference of cumulated sums."""
    pmf = np.ones(1)
    for _ in range(n):
        total = np.concatenate([np.cumsum(pmf), np.ones(sides - 1)])
        pmf = (total - np.concatenate([np.zeros(sides), total])[: len(total)]) / sides
    return pmf


def dice_sum_pmf_by_inclusion_and_exclusion(n, sides=6):
    """An alternating sum that would cancel in floats; Python's integers are exact."""
    pmf = []
    for s in range(n * sides - n + 1):
        ways = sum((-1) ** i * math.comb(n, i) * math.comb(s - i * sides + n - 1, n - 1)
                   for i in range(s // sides + 1))  # fmt: skip
        pmf.append(ways / sides**n)
    return np.array(pmf)


def dice_sum_pmf_by_polynomial(n, sides=6):
    return np.polynomial.polynomial.polypow(np.full(sides, 1 / sides), n)


def dice_sum_pmf_in_long_double(n, sides=6):
    pmf = np.ones(1, np.longdouble)
    for _ in range(n):
        padded = np.zeros((sides, len(pmf) + sides - 1), np.longdouble)
        for face in range(sides):
            padded[face, face : face + len(pmf)] = pmf
        pmf = padded.mean(axis=0)
    return pmf


# --- bayes_posterior -------------------------------------------------------------------------------------


def bayes_posterior_by_definition(prior, likelihood):
    joint = prior * likelihood
    return joint / np.sum(joint)


def bayes_posterior_by_loops(prior, likelihood):
    evidence = math.fsum(float(p) * float(v) for p, v in zip(prior, likelihood, strict=True))
    return [float(p) * float(v) / evidence for p, v in zip(prior, likelihood, strict=True)]


def bayes_posterior_by_dot(prior, likelihood):
    return np.diag(np.asarray(likelihood, dtype=float)) @ prior / np.dot(prior, likelihood)


def bayes_posterior_in_log_space(prior, likelihood):
    with np.errstate(divide="ignore"):
        return scipy.special.softmax(np.log(prior) + np.log(likelihood))


def bayes_posterior_by_odds(prior, likelihood):
    """Against the most probable hypothesis."""
    joint = np.asarray(prior, dtype=float) * likelihood
    odds = joint / joint.max()
    return odds / odds.sum()


def bayes_posterior_in_long_double(prior, likelihood):
    joint = np.asarray(prior, np.longdouble) * likelihood
    return joint / joint.sum()


# --- sequential_posterior --------------------------------------------------------------------------------


def sequential_posterior_in_log_space(prior, likelihoods):
    with np.errstate(divide="ignore"):
        log_joint = np.log(prior) + np.log(likelihoods).sum(axis=0)
    return np.exp(log_joint - np.logaddexp.reduce(log_joint))


def sequential_posterior_by_scipy(prior, likelihoods):
    with np.errstate(divide="ignore"):
        return scipy.special.softmax(np.vstack([np.log(prior), np.log(likelihoods)]).sum(axis=0))


def sequential_posterior_by_loops(prior, likelihoods):
    def log(value):
        return math.log(value) if value else -math.inf

    logs = [log(p) for p in prior]
    for row in np.asarray(likelihoods).tolist():
        logs = [before + log(value) for before, value in zip(logs, row, strict=True)]
    joint = [math.exp(value - max(logs)) for value in logs]
    return np.array([value / math.fsum(joint) for value in joint])


def sequential_posterior_by_log_updates(prior, likelihoods):
    """Normalised after each observation, but in log space, where nothing is lost."""
    with np.errstate(divide="ignore"):
        log_p, logs = np.log(np.asarray(prior, dtype=float)), np.log(np.asarray(likelihoods, dtype=float))
    for row in logs:
        log_p = log_p + row
        log_p -= np.logaddexp.reduce(log_p)
    return np.exp(log_p)


def sequential_posterior_by_mantissas(prior, likelihoods):
    """Products of mantissas, which stay in [2^-16, 1) between two corrections, and sums of exponents."""
    mantissa, exponent = np.frexp(np.asarray(prior, dtype=float))
    exponent = exponent.astype(np.int64)
    table, powers = np.frexp(np.asarray(likelihoods, dtype=float))
    for start in range(0, len(table), 16):
        rows = slice(start, start + 16)
        mantissa, shift = np.frexp(mantissa * table[rows].prod(axis=0))
        exponent += shift + powers[rows].sum(axis=0)
    exponent[mantissa == 0] = np.iinfo(np.int64).min // 2
    joint = np.ldexp(mantissa, np.maximum(exponent - exponent.max(), -1100).astype(np.int32))
    return joint / joint.sum()


def sequential_posterior_by_einsum(prior, likelihoods):
    with np.errstate(divide="ignore"):
        table = np.log(np.vstack([prior, likelihoods]).astype(float))
    log_joint = np.einsum("tk->k", table)
    return 1 / np.exp(scipy.special.logsumexp(log_joint) - log_joint)


def sequential_posterior_in_long_double(prior, likelihoods):
    with np.errstate(divide="ignore"):
        logs = np.log(np.asarray(likelihoods, np.longdouble)).sum(axis=0) + np.log(
            np.asarray(prior, np.longdouble)
        )
    joint = np.exp(logs - logs.max())
    return joint / joint.sum()


# --- positive_predictive_value ---------------------------------------------------------------------------


def positive_predictive_value_by_definition(prevalence, sensitivity, specificity):
    positive = sensitivity * prevalence + (1 - specificity) * (1 - prevalence)
    return sensitivity * prevalence / positive


def positive_predictive_value_by_posterior(prevalence, sensitivity, specificity):
    joint = np.array([prevalence, 1 - prevalence]) * np.array([sensitivity, 1 - specificity])
    return (joint / joint.sum())[0]


def positive_predictive_value_by_frequencies(prevalence, sensitivity, specificity):
    people = 1e6
    ill, healthy = people * prevalence, people * (1 - prevalence)
    true, false = ill * sensitivity, healthy * (1 - specificity)
    return np.array(true / (true + false))


def positive_predictive_value_by_ratio(prevalence, sensitivity, specificity):
    if prevalence * sensitivity == 0:
        return 0
    return 1 / (1 + (1 - specificity) / sensitivity * (1 - prevalence) / prevalence)


def positive_predictive_value_in_log_space(prevalence, sensitivity, specificity):
    with np.errstate(divide="ignore"):
        hits = np.log(prevalence) + np.log(sensitivity)
        alarms = np.log1p(-prevalence) + np.log1p(-specificity)
    return np.exp(hits - np.logaddexp(hits, alarms))


def positive_predictive_value_in_fractions(prevalence, sensitivity, specificity):
    p, s, c = Fraction(prevalence), Fraction(sensitivity), Fraction(specificity)
    return float(p * s / (p * s + (1 - p) * (1 - c)))


# --- where rounding is all there is ------------------------------------------------------------------------

ROUNDED = {
    "expectation": Call((np.array([3e8, 2e8, -1e8]), np.array([0.1, 0.2, 0.7]))),
    "variance": Call((np.full(3, 0.7), np.array([0.1, 0.2, 0.7]))),
    "dice_sum_pmf": Call((100,)),
    "sequential_posterior": Call((np.array([0.1, 0.9]), np.tile([0.003, 0.00299], (10_000, 1)))),
}
