"""Inputs that several exercises of the topic share, drawn from a seeded generator.

Each function yields calls of one kind. Sizes and scales are fixed, so that every student gets inputs of the
same difficulty; only the numbers differ.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import Call

Rng = np.random.Generator


def pmf(rng: Rng, k: int) -> np.ndarray:
    """Draw k probabilities, none of them negligible; they sum to one up to rounding."""
    weights: np.ndarray = rng.uniform(0.1, 1, k)
    weights /= weights.sum()
    return weights


def one_hot(rng: Rng, k: int) -> np.ndarray:
    """Draw the pmf of a certain outcome, as floats."""
    outcome: np.ndarray = np.eye(k)[rng.integers(k)]
    return outcome


def odd_pmfs(rng: Rng, k: int) -> Iterator[np.ndarray]:
    """Yield three pmfs: a contiguous one, one with gaps and reversed, and a read-only one."""
    for probs in odd_layouts(lambda shape: rng.uniform(0.1, 1, shape), (k,)):
        writeable = probs.flags.writeable
        probs.flags.writeable = True
        np.divide(probs, probs.sum(), out=probs)
        probs.flags.writeable = writeable
        yield probs


def ordinary(rng: Rng) -> Iterator[Call]:
    """Yield (values, probs): three to six values of a few units, all different."""
    for k in (4, 6, 3):
        yield Call((rng.normal(0, 3, k), pmf(rng, k)))
    yield Call((rng.uniform(0.5, 1, 5) * [1, -1, 1, 1, -1], pmf(rng, 5)))


def certain(rng: Rng) -> Iterator[Call]:
    """Yield (values, probs) where one value has all the probability: among others, and as the only one."""
    yield Call((rng.normal(0, 3, 4), one_hot(rng, 4)))
    yield Call((rng.normal(0, 3, 3), one_hot(rng, 3).astype(np.int64)))
    yield Call((rng.normal(0, 3, 1), np.ones(1)))
    yield Call((rng.uniform(1e-4, 2e-4, 3), one_hot(rng, 3)))


def value_layouts(rng: Rng) -> Iterator[Call]:
    """Yield (values, probs) of other dtypes and memory layouts than new float64 arrays have."""
    for kind in (np.int64, np.int32, np.int16):
        yield Call((rng.permutation(np.arange(-4, 9))[:6].astype(kind), pmf(rng, 6)))
    yield Call((rng.normal(0, 3, 5).astype(np.float32), pmf(rng, 5).astype(np.float32)))
    values = odd_layouts(lambda shape: rng.normal(0, 3, shape), (5,))
    for x, p in zip(values, odd_pmfs(rng, 5), strict=True):
        yield Call((x, p))
