"""Training sets for train_softmax_regression, drawn from a seeded generator.

Each function yields calls of one kind, with a learning rate below the stability bound. Sizes and scales are fixed,
so that every student gets inputs of the same difficulty; only the numbers differ.
"""

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import Call


def _curvature(X):
    """Return the largest eigenvalue of XᵀX / n with a column of ones. Half of it bounds the loss's curvature."""
    extended = np.column_stack([np.asarray(X, dtype=np.float64), np.ones(len(X))])
    return np.linalg.eigvalsh(extended.T @ extended / len(X))[-1]


def _call(X, y, k, steps, l2=0.0):
    """Return a call with half the learning rate that the stability bound allows."""
    penalty = {"l2": l2} if l2 else {}
    return Call((X, y, k), penalty | {"lr": float(1 / (_curvature(X) / 2 + l2)), "steps": steps})


def _labels(rng, n, k):
    """Draw labels: every class once, then class 0 twice as often as the others."""
    return np.append(np.arange(k), np.maximum(rng.integers(-1, k, n - k), 0))


def ordinary(rng):
    for n, d, k, steps in ((12, 3, 3, 8), (20, 2, 4, 3), (9, 4, 2, 12)):
        yield _call(rng.normal(0.5, 1, (n, d)) * np.geomspace(2, 0.2, d), _labels(rng, n, k), k, steps)


def penalised(rng):
    for l2, n, d, k, steps in ((0.1, 10, 2, 3, 10), (1.5, 14, 3, 4, 5), (0.01, 8, 1, 2, 4)):
        yield _call(rng.normal(0.5, 1, (n, d)), _labels(rng, n, k), k, steps, l2)


def large(rng):
    """Features near 1e3. With few classes, descent that is stable keeps the logits small; with 700, the curvature
    at the start is λ/k, a step may be as long as 2k/λ, and takes the logits beyond 1000, where the softmax is
    one-hot and the curvature zero.
    """
    yield _call(1e3 * rng.normal(0.5, 1, (10, 2)), _labels(rng, 10, 3), 3, 6)
    apart = np.vstack([np.diag(rng.uniform(0.97, 1, 3)) + rng.normal(0, 0.01, (3, 3)), np.zeros(3)])
    yield _vocabulary(rng, apart, np.arange(4), 3)
    outvoted = rng.uniform(0.97, 1, (6, 1))
    yield _vocabulary(rng, outvoted, np.array([0, 0, 0, 0, 0, 1]), 2)
    shifted = np.vstack([rng.uniform(0.97, 1, (2, 1)), rng.uniform(-1, -0.97, (2, 1))])
    yield _vocabulary(rng, shifted, np.array([0, 0, 1, 1]), 2)


def _vocabulary(rng, X, y, steps, k=700):
    words = rng.choice(k, len(X), replace=False)
    return Call((1e3 * X, words[y], k), {"lr": float(0.95 * 2 * k / _curvature(1e3 * X)), "steps": steps})


def few(rng):
    """One example; one class; labels that leave out the last class, the first one, and one between."""
    yield _call(rng.normal(0, 1, (1, 2)), rng.integers(0, 3, 1), 3, 4)
    yield _call(rng.normal(0, 1, (4, 2)), np.zeros(4, dtype=np.int64), 1, 3)
    yield _call(rng.normal(0, 1, (9, 2)), 1 + 2 * _labels(rng, 9, 2), 5, 5)
    yield _call(rng.normal(0, 1, (6, 1)), _labels(rng, 6, 2), 3, 1)


def long(rng):
    yield Call((rng.uniform(-1, 1, (6, 1)), _labels(rng, 6, 2), 2))
    yield Call((rng.uniform(-1, 1, (5, 2)), _labels(rng, 5, 2), 2), {"lr": 0.1, "steps": 60})


def layouts(rng):
    yield _call(rng.integers(-4, 5, (9, 3)), _labels(rng, 9, 3).astype(np.int8), 3, 5)
    yield _call(rng.integers(-60, 61, (8, 2)).astype(np.int16), _labels(rng, 8, 2).astype(np.int32), 2, 5)
    yield _call(rng.normal(0.5, 1, (12, 2)).astype(np.float32), _labels(rng, 12, 3), 3, 4)
    for array in odd_layouts(lambda shape: rng.normal(0.5, 1, shape), (8, 3)):
        labels = np.repeat(_labels(rng, 8, 3), 2)[::2]
        labels.flags.writeable = False
        yield _call(array, labels, 3, 5)
