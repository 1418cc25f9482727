"""Mistakes of the topic bayes."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np

from autograder.solutions.bayes import bayes_posterior, dice_sum_pmf, expectation, sequential_posterior, variance


def by_counting(n, sides):
    """The share of each sum among all outcomes, counted one by one."""
    sums = [sum(faces) for faces in product(range(1, sides + 1), repeat=n)]
    return np.array([float(Fraction(sums.count(total), sides**n)) for total in range(n, n * sides + 1)])


def few(function):
    """Leave out what can't be counted one by one."""
    return lambda n, sides=6: function(n, sides) if n <= 4 else np.nan


def same_length(n, sides):
    pmf = np.full(sides, 1 / sides)
    for _ in range(n - 1):
        whole = [sum(pmf[j] / sides for j in range(sides) if 0 <= i - j < sides) for i in range(2 * sides - 1)]
        start = (sides - 1) // 2
        pmf = np.array(whole[start : start + sides])
    return pmf


def bell(n, sides=6):
    mean, square = n * (sides + 1) / 2, n * (sides * sides - 1) / 12
    sums = range(n, n * sides + 1)
    return np.array([math.exp(-((s - mean) ** 2) / 2 / square) / math.sqrt(2 * math.pi * square) for s in sums])


def wrapped(count):
    """A count as a signed integer of 64 bits holds it."""
    return (count + 2**63) % 2**64 - 2**63


def wrapped_counts(n, sides):
    counts = [1] * sides
    for _ in range(n - 1):
        padded = [0] * (sides - 1) + counts + [0] * (sides - 1)
        counts = [wrapped(sum(padded[i : i + sides])) for i in range(len(counts) + sides - 1)]
    return counts


def told(ill, positive_if_ill, healthy, positive_if_healthy):
    return ill * positive_if_ill / (ill * positive_if_ill + healthy * positive_if_healthy)


def normalised(weights):
    return np.asarray(weights) / math.fsum(weights)


def likelihood_of(rows):
    return [math.prod(float(value) for value in column) for column in np.asarray(rows).T]


def step_by_step(p, rows):
    for row in rows:
        p = normalised(p * row)
    return p


MISTAKEN = {
    "expectation": {
        "unweighted-mean": lambda x, p: sum(x) / len(x),
        "most-likely-value": lambda x, p: x[list(p).index(max(p))],
        "divided-by-k": lambda x, p: expectation(x, p) / len(x),
        "sum-forgotten": lambda x, p: [a * b for a, b in zip(x, p, strict=True)],
        "length-one-array": lambda x, p: [expectation(x, p)],
        "positions-for-values": lambda x, p: sum(i * b for i, b in enumerate(p)),
        "second-moment": lambda x, p: sum(float(a) * a * b for a, b in zip(x, p, strict=True)),
        "probabilities-squared": lambda x, p: sum(a * b * b for a, b in zip(x, p, strict=True)),
        "small-probabilities-dropped": lambda x, p: sum(a * b for a, b in zip(x, p, strict=True) if b > 1e-6),
        "integer-output": lambda x, p: int(expectation(x, p)) if x.dtype.kind == "i" else expectation(x, p),
    },
    "variance": {
        "unweighted": lambda x, p: sum((a - sum(x) / len(x)) ** 2 for a in x) / len(x),
        "unweighted-mean": lambda x, p: sum(b * (a - sum(x) / len(x)) ** 2 for a, b in zip(x, p, strict=True)),
        "unweighted-squares": lambda x, p: sum((a - expectation(x, p)) ** 2 for a in x) / len(x),
        "standard-deviation": lambda x, p: math.sqrt(variance(x, p)),
        "absolute-deviation": lambda x, p: sum(b * abs(a - expectation(x, p)) for a, b in zip(x, p, strict=True)),
        "mean-not-subtracted": lambda x, p: variance(x, p) + expectation(x, p) ** 2,
        "mean-not-squared": lambda x, p: variance(x, p) + expectation(x, p) ** 2 - expectation(x, p),
        "weights-squared": lambda x, p: sum(
            b * b * (a - expectation(x, p)) ** 2 for a, b in zip(x, p, strict=True)
        ),
        "divided-by-k": lambda x, p: variance(x, p) / len(x),
        "k-minus-1": lambda x, p: variance(x, p) * len(x) / (len(x) - 1),
        "sum-forgotten": lambda x, p: [b * (a - expectation(x, p)) ** 2 for a, b in zip(x, p, strict=True)],
        "epsilon-added": lambda x, p: variance(x, p) + 1e-12,
        "integer-output": lambda x, p: int(variance(x, p)) if x.dtype.kind == "i" else variance(x, p),
        "integer-mean": lambda x, p: (
            variance(x, p) + (expectation(x, p) - int(expectation(x, p))) ** 2
            if x.dtype.kind == "i"
            else variance(x, p)
        ),
    },
    "dice_sum_pmf": {
        "sides-ignored": few(lambda n, sides: by_counting(n, 6)),
        "two-dice-always": lambda n, sides=6: by_counting(2, sides),
        "one-die-too-many": few(lambda n, sides: by_counting(n + 1, sides)),
        "one-die-too-few": few(lambda n, sides: by_counting(max(n - 1, 1), sides)),
        "single-die-forgotten": few(lambda n, sides: by_counting(max(n, 2), sides)),
        "sums-equally-likely": lambda n, sides=6: [1 / (n * (sides - 1) + 1)] * (n * (sides - 1) + 1),
        "counts-not-divided": few(lambda n, sides: by_counting(n, sides) * sides**n),
        "starts-at-zero": few(lambda n, sides: [0] * n + list(by_counting(n, sides))),
        "one-die-multiplied": lambda n, sides=6: [
            1 / sides if total % n == 0 else 0 for total in range(n, n * sides + 1)
        ],
        "normal-approximation": bell,
        "same-length": few(same_length),
        "cumulative": few(
            lambda n, sides: [sum(by_counting(n, sides)[: i + 1]) for i in range(n * (sides - 1) + 1)]
        ),
        "counts-overflow": lambda n, sides=6: [count / sides**n for count in wrapped_counts(n, sides)],
        "overflown-counts-normalised": lambda n, sides=6: np.divide(
            wrapped_counts(n, sides), wrapped(sum(wrapped_counts(n, sides)))
        ),
        "rounded": lambda n, sides=6: [round(float(p), 4) for p in dice_sum_pmf(n, sides)],
    },
    "positive_predictive_value": {
        "base-rate-forgotten": lambda p, s, c: told(0.5, s, 0.5, 1 - c),
        "sensitivity-for-posterior": lambda p, s, c: s,
        "evidence-missing": lambda p, s, c: p * s,
        "evidence-for-posterior": lambda p, s, c: p * s + (1 - p) * (1 - c),
        "specificity-for-false-alarms": lambda p, s, c: told(p, s, 1 - p, c),
        "healthy-share-forgotten": lambda p, s, c: told(p, s, 1, 1 - c),
        "misses-for-false-alarms": lambda p, s, c: told(p, s, 1 - p, 1 - s),
        "sensitivity-and-specificity-swapped": lambda p, s, c: told(p, c, 1 - p, 1 - s),
        "negative-predictive-value": lambda p, s, c: told(1 - p, c, p, 1 - s),
        "ill-although-negative": lambda p, s, c: told(p, 1 - s, 1 - p, c),
        "false-discovery-rate": lambda p, s, c: told(1 - p, 1 - c, p, s),
        "accuracy": lambda p, s, c: p * s + (1 - p) * c,
        "odds-for-probability": lambda p, s, c: p * s / ((1 - p) * (1 - c)) if c < 1 else np.inf,
        "odds-divided-by-zero": lambda p, s, c: told(p, s, 1 - p, 1 - c) if c < 1 else np.nan,
        "epsilon-in-denominator": lambda p, s, c: p * s / (p * s + (1 - p) * (1 - c) + 1e-12),
        "clipped": lambda p, s, c: told(max(p, 1e-6), s, 1 - max(p, 1e-6), 1 - c),
    },
    "bayes_posterior": {
        "not-normalised": lambda p, f: [a * b for a, b in zip(p, f, strict=True)],
        "prior-forgotten": lambda p, f: normalised(f),
        "evidence-without-prior": lambda p, f: [a * b / sum(f) for a, b in zip(p, f, strict=True)],
        "divided-by-mean": lambda p, f: len(p) * normalised(p * f),
        "divided-by-maximum": lambda p, f: [a * b / max(p * f) for a, b in zip(p, f, strict=True)],
        "two-hypotheses-only": lambda p, f: [told(a, b, 1 - a, 1 - b) for a, b in zip(p, f, strict=True)],
        "added-for-multiplied": lambda p, f: normalised(p + f),
        "softmax-of-products": lambda p, f: normalised([math.exp(a * b) for a, b in zip(p, f, strict=True)]),
        "log-posterior": lambda p, f: np.log(normalised(p * f)),
        "decision-for-posterior": lambda p, f: [float(i == np.argmax(p * f)) for i in range(len(p))],
        "evidence-for-posterior": lambda p, f: math.fsum(p * f),
        "epsilon-in-denominator": lambda p, f: p * f / (math.fsum(p * f) + 1e-12),
        "clipped": lambda p, f: normalised(p * np.maximum(f, 1e-12)),
        "integer-output": lambda p, f: np.trunc(normalised(p * f)) if f.dtype.kind == "i" else normalised(p * f),
        "smoothed": lambda p, f: normalised([a * b + 1 for a, b in zip(p, f, strict=True)]),
        "likeliest-only": lambda p, f: list(p * f).index(max(p * f)),
        "rounded": lambda p, f: np.round(bayes_posterior(p, f), 4),
    },
    "sequential_posterior": {
        "product-underflows": lambda p, rows: normalised(p * likelihood_of(rows)),
        "normalised-each-time": step_by_step,
        "prior-forgotten": lambda p, rows: normalised(likelihood_of(rows)),
        "prior-every-time": lambda p, rows: normalised(likelihood_of(p * rows)),
        "last-observation-only": lambda p, rows: normalised(p * rows[len(rows) - 1]),
        "first-observation-only": lambda p, rows: normalised(p * rows[0]),
        "likelihoods-added": lambda p, rows: normalised(p * sum(rows)),
        "not-normalised": lambda p, rows: p * likelihood_of(rows),
        "evidences-multiplied": lambda p, rows: p * likelihood_of([row / math.fsum(p * row) for row in rows]),
        "log-posterior": lambda p, rows: np.log(sequential_posterior(p, rows)),
        "every-step-returned": lambda p, rows: [
            sequential_posterior(p, rows[: t + 1]) for t in range(len(rows)) if len(rows) < 9
        ],
        "wrong-axis": lambda p, rows: normalised(p * likelihood_of(np.transpose(rows))),
        "zeros-skipped": lambda p, rows: normalised(p * likelihood_of(np.where(rows == 0, 1, rows))),
        "epsilon-in-log": lambda p, rows: normalised((p + 1e-12) * likelihood_of(rows + 1e-12)),
        "shifted-by-minimum": lambda p, rows: (
            np.nan if np.any(np.asarray(likelihood_of(rows)) == 0) else normalised(p * likelihood_of(rows))
        ),
    },
}
