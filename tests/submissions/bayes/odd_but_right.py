"""Right in every respect, and written as nobody would: fractions, integers, generators, prints and warnings."""

# /// expect
# everything = "full"
# ///

import math
import warnings
from fractions import Fraction
from itertools import accumulate

import numpy as np


def expectation(values, probs):
    print("expecting", len(values))
    return np.array(math.fsum(map(float.__mul__, map(float, values), map(float, probs))))


def variance(values, probs):
    pairs = [(Fraction(float(x)), Fraction(float(p))) for x, p in zip(values, probs)]
    mean = sum(x * p for x, p in pairs)
    return float(sum(p * (x - mean) ** 2 for x, p in pairs))


def dice_sum_pmf(n, sides=6):
    ways = [1]
    for _ in range(n):
        padded = [0] * sides + ways + [0] * (sides - 1)
        sums = list(accumulate(padded))
        ways = [sums[i + sides] - sums[i] for i in range(len(ways) + sides - 1)]
    return [way / sides**n for way in ways]


class bayes_posterior:  # noqa: N801
    def __new__(cls, prior, likelihood):
        warnings.warn("about to divide", stacklevel=1)
        joint = np.asarray(prior, dtype=np.longdouble) * likelihood
        return joint / joint.sum()


def sequential_posterior(prior, likelihoods):
    """Products of mantissas, with the powers of two counted beside them: no logarithm anywhere."""
    k = len(prior)
    parts, powers = [], []
    for column in (np.append(prior[j], likelihoods[:, j]).astype(float).tolist() for j in range(k)):
        part, power = 1.0, 0
        for value in column:
            part, shift = math.frexp(part * math.frexp(value)[0])
            power += shift + math.frexp(value)[1]
        parts.append(part)
        powers.append(power)
    top = max(power for part, power in zip(parts, powers) if part)
    joint = [math.ldexp(part, max(power - top, -1074)) if part else 0.0 for part, power in zip(parts, powers)]
    return np.array(joint) / sum(joint)


positive_predictive_value = lambda *test: float(  # noqa: E731
    (lambda p, s, c: p * s / (p * s + (1 - p) * (1 - c)))(*map(Fraction, test))
)
