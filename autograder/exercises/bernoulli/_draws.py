"""Inputs that several exercises of the topic share, drawn from a seeded generator.

Sizes, scales and the number of each label are fixed, so that every student gets inputs of the same
difficulty; only the numbers differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import Call

Rng = np.random.Generator
Draw = Callable[[Rng], Iterator[Call]]
SURPRISE = 14.0
"""A logit that gives the opposite label a probability near 1e-6, where an added epsilon shows."""
ENDS = (7, 8, 10, 12, 15)
"""Decimal places at which people clip a probability away from 0 and 1."""
ADDED = (8, 10, 12, 15)
"""Decimal places of the constants that people add to a probability before they take its logarithm."""


def labels(rng: Rng, n: int) -> np.ndarray:
    """Half zeros, half ones (one zero more where n is odd), in random order."""
    return rng.permutation(np.arange(n) % 2)


def ordinary_logits(rng: Rng) -> Iterator[Call]:
    """Yield logits of a few units, of which the first two disagree with their labels, and logits inside (0, 1)."""
    for n in (6, 9):
        z, y = rng.uniform(-8, 8, n), labels(rng, n)
        z[:2], y[:2] = (-SURPRISE, SURPRISE), (1, 0)
        yield Call((z, y))
    yield Call((rng.uniform(0.1, 0.9, 4), labels(rng, 4)))


def large_logits(rng: Rng) -> Iterator[Call]:
    """Yield logits up to ±1e4 of mixed scales, each sign and scale with either label.

    In the last call none is so large that its exponential overflows: that distinguishes an overflow from a sigmoid
    that is rounded to 1.
    """
    for scales in ((1e4, 1.0), (1e4, 1e3, 1e-3)):
        sizes = np.repeat(scales, 4) * rng.uniform(0.8, 1, 4 * len(scales))
        signs, y = np.tile([1, 1, -1, -1], len(scales)), np.tile([0, 1], 2 * len(scales))
        order = rng.permutation(len(sizes))
        yield Call(((signs * sizes)[order], y[order]))
    yield Call((rng.uniform(800, 1e4, 3), np.array([1, 1, 1])))
    yield Call((-rng.uniform(800, 1e4, 3), np.array([0, 0, 0])))
    yield Call((rng.uniform(100, 500, 3) * [1, -1, 1], np.array([0, 1, 1])))


def few(draw: Callable[..., np.ndarray]) -> Draw:
    """Return a generator of single examples and of batches in which all labels are equal."""

    def calls(rng: Rng) -> Iterator[Call]:
        for n, label in ((1, 0), (1, 1), (5, 0), (5, 1)):
            yield Call((draw(rng, n), np.full(n, label)))

    return calls


def layouts(draw: Callable[..., np.ndarray]) -> Draw:
    """Return a generator of arrays of other dtypes and memory layouts than a new float64 array has."""

    def calls(rng: Rng) -> Iterator[Call]:
        yield Call((draw(rng, 6), labels(rng, 6).astype(np.int8)))
        yield Call((draw(rng, 5), labels(rng, 5).astype(np.float64)))
        yield Call((draw(rng, 5).astype(np.float32), labels(rng, 5)))
        yield Call((draw(rng, 8).astype(np.float32), labels(rng, 8).astype(np.float32)))
        for array in odd_layouts(partial(_of_shape, draw, rng), (6,)):
            y = labels(rng, 12)[::-2]
            y[:2] = 0, 1
            y.flags.writeable = False
            yield Call((array, y))

    return calls


def _of_shape(draw: Callable[..., np.ndarray], rng: Rng, shape: tuple[int]) -> np.ndarray:
    return draw(rng, *shape)
