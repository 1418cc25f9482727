"""Mistakes of the topic softmax."""

from __future__ import annotations

import numpy as np
from scipy import special

from autograder.solutions.softmax import cross_entropy_grad


def naive(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis, keepdims=True)


def one_hot(logits, y):
    return np.array([[float(c == label) for c in range(logits.shape[1])] for label in y])


def picked(table, y):
    return [row[label] for row, label in zip(table, y, strict=True)]


def nll(log_p, y):
    return -np.mean(picked(log_p, y))


def shifted(z, shift, axis=-1):
    return z - shift - np.log(np.exp(z - shift).sum(axis, keepdims=True))


def top(z, axis=-1):
    return z.max(axis, keepdims=True)


def tempered(formula):
    """A mistake in softmax, as a formula of the logits, the axis and the temperature."""
    return lambda z, axis=-1, temperature=1.0: formula(np.asarray(z, float), axis, temperature)


def along(formula):
    return lambda z, axis=-1: formula(np.asarray(z, float), axis)


def gradient(p):
    """The gradient from wrong probabilities."""
    return lambda z, y: (p(np.asarray(z, float)) - one_hot(z, y)) / len(y)


def differences(f, x, up, down, width):
    """Difference quotients of a function, by entry."""
    found = np.zeros(x.shape)
    for i in range(x.size):
        unit = np.zeros(x.size)
        unit[i] = 1
        unit = unit.reshape(x.shape)
        found.flat[i] = (f(x + up * unit) - f(x - down * unit)) / width
    return found


def slope(f, x):
    """The gradient, of a quadratic function."""
    return differences(f, x, 0.5, 0.5, 1)


def drifting(f, x, h=1e-5):
    """Each entry stays one step below where it was."""
    found, below = np.zeros(x.shape), np.zeros(x.size)
    for i in range(x.size):
        step = h * np.eye(x.size)[i]
        found.flat[i] = (f(x + (below + step).reshape(x.shape)) - f(x + (below - step).reshape(x.shape))) / 2 / h
        below -= step
    return found


MISTAKEN = {
    "cross_entropy": {
        "sum-for-mean": lambda z, y: -np.sum(picked(special.log_softmax(z, 1), y)),
        "divided-by-n-and-k": lambda z, y: -np.sum(picked(special.log_softmax(z, 1), y)) / z.size,
        "mean-forgotten": lambda z, y: -np.array(picked(special.log_softmax(z, 1), y)),
        "log-forgotten": lambda z, y: -np.mean(picked(special.softmax(z, 1), y)),
        "no-max-shift": lambda z, y: nll(shifted(z, 0), y),
        "log-of-softmax": lambda z, y: nll(np.log(special.softmax(z, 1)), y),
        "epsilon-in-log": lambda z, y: nll(np.log(special.softmax(z, 1) + 1e-12), y),
        "global-max-shift": lambda z, y: nll(shifted(z, z.max()), y),
        "shift-when-positive": lambda z, y: nll(shifted(z, np.where(top(z) > 0, top(z), 0)), y),
        "softmax-twice": lambda z, y: nll(special.log_softmax(special.softmax(z, 1), 1), y),
        "one-hot-missing": lambda z, y: -special.log_softmax(z, 1).sum() / len(y),
        "predicted-for-true": lambda z, y: nll(special.log_softmax(z, 1), z.argmax(1)),
        "labels-from-one": lambda z, y: nll(special.log_softmax(z, 1), y - 1),
        "softmax-over-examples": lambda z, y: nll(special.log_softmax(z, 0), y),
        "squared-error": lambda z, y: ((special.softmax(z, 1) - one_hot(z, y)) ** 2).sum() / len(y),
        "every-label-for-every-row": lambda z, y: (
            -np.mean([row[label] for row in special.log_softmax(z, 1) for label in y])
        ),
    },
    "cross_entropy_grad": {
        "missing-1-over-n": lambda z, y: special.softmax(z, 1) - one_hot(z, y),
        "divided-by-n-and-k": lambda z, y: (special.softmax(z, 1) - one_hot(z, y)) / z.size,
        "one-hot-missing": lambda z, y: special.softmax(z, 1) / len(y),
        "true-class-only": lambda z, y: one_hot(z, y) * (special.softmax(z, 1) - 1) / len(y),
        "no-max-shift": gradient(naive),
        "global-max-shift": gradient(lambda z: np.exp(shifted(z, z.max()))),
        "shift-when-positive": gradient(lambda z: np.exp(shifted(z, np.where(top(z) > 0, top(z), 0)))),
        "softmax-over-examples": gradient(lambda z: special.softmax(z, 0)),
        "labels-from-one": lambda z, y: cross_entropy_grad(z, (y - 1) % z.shape[1]),
        "squared-error": lambda z, y: 2 * (special.softmax(z, 1) - one_hot(z, y)) / len(y),
        "softmax-twice": gradient(lambda z: special.softmax(special.softmax(z, 1), 1)),
        "averaged-over-batch": lambda z, y: ((special.softmax(z, 1) - one_hot(z, y)) / len(y)).sum(0),
        "extra-softmax-derivative": lambda z, y: (
            (special.softmax(z, 1) - one_hot(z, y)) * special.softmax(z, 1) * (1 - special.softmax(z, 1)) / len(y)
        ),
        "every-label-for-every-row": lambda z, y: (
            (special.softmax(z, 1) - [[c in y for c in range(z.shape[1])]] * len(y)) / len(y)
        ),
    },
    "log_softmax": {
        "log-of-softmax": along(lambda z, axis: np.log(special.softmax(z, axis))),
        "no-max-shift": along(lambda z, axis: shifted(z, 0, axis)),
        "global-max-shift": along(lambda z, axis: shifted(z, z.max(), axis)),
        "shift-when-positive": along(
            lambda z, axis: shifted(z, np.where(top(z, axis) > 0, top(z, axis), 0), axis)
        ),
        "epsilon-in-log": along(lambda z, axis: np.log(special.softmax(z, axis) + 1e-12)),
        "log-forgotten": along(special.softmax),
        "sum-without-log": along(
            lambda z, axis: z - top(z, axis) - np.exp(z - top(z, axis)).sum(axis, keepdims=True)
        ),
        "keepdims-lost": along(lambda z, axis: z - special.logsumexp(z, axis)),
        "last-axis-always": along(lambda z, axis: special.log_softmax(z, z.ndim - 1)),
        "first-axis-always": along(lambda z, axis: special.log_softmax(z, 0)),
        "normalised-over-everything": along(lambda z, axis: z - special.logsumexp(z)),
    },
    "logsumexp": {
        "no-max-shift": along(lambda z, axis: np.log(np.exp(z).sum(axis))),
        "global-max-shift": along(lambda z, axis: np.log(np.exp(z - z.max()).sum(axis)) + z.max()),
        "shift-when-positive": along(
            lambda z, axis: (
                special.logsumexp(z, axis) if (top(z, axis) > -700).all() else np.log(np.exp(z).sum(axis))
            )
        ),
        "shift-not-undone": along(lambda z, axis: special.logsumexp(z - top(z, axis), axis)),
        "log-forgotten": along(lambda z, axis: np.exp(z).sum(axis)),
        "mean-for-sum": along(lambda z, axis: np.log(np.exp(z).mean(axis))),
        "maximum-only": along(lambda z, axis: z.max(axis)),
        "last-axis-always": along(lambda z, axis: special.logsumexp(z, z.ndim - 1)),
        "first-axis-always": along(lambda z, axis: special.logsumexp(z, 0)),
        "sums-everything": along(lambda z, axis: special.logsumexp(z)),
        "axis-kept": along(lambda z, axis: special.logsumexp(z, axis, keepdims=True)),
        "minus-inf-gives-nan": along(special.logsumexp),
        "clipped": along(lambda z, axis: special.logsumexp(np.minimum(np.maximum(z, -700), 700), axis)),
    },
    "numerical_gradient": {
        "forward-difference": lambda f, x, h=1e-5: differences(f, x, h, 0, h),
        "backward-difference": lambda f, x, h=1e-5: differences(f, x, 0, h, h),
        "divided-by-h": lambda f, x, h=1e-5: 2 * slope(f, x),
        "not-divided": lambda f, x, h=1e-5: 2 * h * slope(f, x),
        "sign-flipped": lambda f, x, h=1e-5: -slope(f, x),
        "all-coordinates-at-once": lambda f, x, h=1e-5: np.full(x.shape, slope(f, x).sum()),
        "flattened": lambda f, x, h=1e-5: slope(f, x).flatten(),
        "step-ignored": lambda f, x, h=1e-5: slope(f, x),
        "step-not-undone": drifting,
        "restored-by-arithmetic": lambda f, x, h=1e-5: slope(f, x),
    },
    "softmax": {
        "no-max-shift": tempered(lambda z, axis, t: naive(z / t, axis)),
        "global-max-shift": tempered(lambda z, axis, t: naive((z - z.max()) / t, axis)),
        "shift-when-positive": tempered(
            lambda z, axis, t: np.exp(shifted(z / t, np.where(top(z, axis) > 0, top(z, axis) / t, 0), axis))
        ),
        "shift-before-temperature": tempered(lambda z, axis, t: naive(z / t - top(z, axis), axis)),
        "power-of-probabilities": tempered(
            lambda z, axis, t: (
                special.softmax(z, axis) ** (1 / t)
                / (special.softmax(z, axis) ** (1 / t)).sum(axis, keepdims=True)
            )
        ),
        "exponent-clipped": tempered(lambda z, axis, t: naive(np.clip(z / t - top(z, axis) / t, -50, None), axis)),
        "divided-by-maximum": tempered(lambda z, axis, t: special.softmax(z / top(z, axis) / t, axis)),
        "last-axis-always": tempered(lambda z, axis, t: special.softmax(z / t, z.ndim - 1)),
        "first-axis-always": tempered(lambda z, axis, t: special.softmax(z / t, 0)),
        "normalised-over-everything": tempered(lambda z, axis, t: special.softmax(z / t)),
        "keepdims-lost": tempered(
            lambda z, axis, t: np.exp((z - top(z, axis)) / t) / np.exp((z - top(z, axis)) / t).sum(axis)
        ),
        "not-normalised": tempered(lambda z, axis, t: np.exp((z - top(z, axis)) / t)),
        "exp-forgotten": tempered(lambda z, axis, t: z / z.sum(axis, keepdims=True)),
        "softmax-twice": tempered(lambda z, axis, t: special.softmax(special.softmax(z / t, axis), axis)),
        "log-probabilities": tempered(lambda z, axis, t: special.log_softmax(z / t, axis)),
        "base-2": tempered(lambda z, axis, t: special.softmax(z * np.log(2) / t, axis)),
        "sign-flipped": tempered(lambda z, axis, t: special.softmax(-z / t, axis)),
        "temperature-ignored": tempered(lambda z, axis, t: special.softmax(z, axis)),
        "temperature-inverted": tempered(lambda z, axis, t: special.softmax(z * t, axis)),
        "temperature-after-exp": tempered(lambda z, axis, t: special.softmax(z, axis) / t),
        "epsilon-in-denominator": tempered(
            lambda z, axis, t: (
                np.exp((z - top(z, axis)) / t) / (np.exp((z - top(z, axis)) / t).sum(axis, keepdims=True) + 1e-8)
            )
        ),
        "integer-output": lambda z, axis=-1, temperature=1.0: (
            np.trunc(special.softmax(np.asarray(z) / temperature, axis))
            if np.asarray(z).dtype.kind == "i"
            else special.softmax(np.asarray(z) / temperature, axis)
        ),
    },
}
