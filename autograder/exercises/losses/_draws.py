"""Inputs that several exercises of the topic share, drawn from a seeded generator.

Sizes and scales are fixed, so that every student gets inputs of the same difficulty; only the numbers differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import Call, layouts_of

Rng = np.random.Generator
Draw = Callable[[Rng], Iterator[Call]]
EXTREME = 30.0
"""The largest logarithm of a standard deviation that the contract promises, of either sign."""


def either_sign(rng: Rng, n: int, low: float, high: float) -> np.ndarray:
    """Draw numbers with sizes between low and high, and alternating signs."""
    numbers: np.ndarray = rng.uniform(low, high, n) * np.resize([1.0, -1.0], n)
    return numbers


def targets(rng: Rng, n: int, mu: np.ndarray, log_sigma: np.ndarray, low: float = 0.3, high: float = 2.5) -> Call:
    """Return (mu, log_sigma, y) with targets between low and high deviations from their means, on either side."""
    return Call((mu, log_sigma, mu + np.exp(log_sigma) * either_sign(rng, n, low, high)))


def ordinary_noise(rng: Rng) -> Iterator[Call]:
    """Yield (mu, log_sigma, y) with deviations from e^-1.2 to e^1.2, none near 1; in the last call all are
    above it.
    """
    for n in (7, 4):
        yield targets(rng, n, rng.uniform(-3, 3, n), either_sign(rng, n, 0.3, 1.2))
    yield targets(rng, 5, rng.uniform(-3, 3, 5), rng.uniform(0.3, 1.2, 5))


def extreme_noise(rng: Rng) -> Iterator[Call]:
    """Yield (mu, log_sigma, y) with deviations of about e^-30, then of about e^30."""
    for sign in (-1, 1):
        log_sigma = sign * rng.uniform(EXTREME - 2, EXTREME, 5)
        yield targets(rng, 5, np.exp(log_sigma) * rng.normal(0, 2, 5), log_sigma)


def few_targets(rng: Rng) -> Iterator[Call]:
    """Yield a single target, and a thousand."""
    yield targets(rng, 1, rng.normal(0, 2, 1), rng.uniform(0.3, 1, 1))
    yield targets(rng, 1000, rng.normal(0, 2, 1000), either_sign(rng, 1000, 0.2, 1))


def noise_layouts(rng: Rng) -> Iterator[Call]:
    """Yield (mu, log_sigma, y) of other dtypes and memory layouts than new float64 arrays have. No target lies so
    far out that its density underflows.
    """
    yield Call((rng.integers(-4, 5, 6), rng.integers(-1, 3, 6), rng.integers(-4, 5, 6)))
    yield Call((rng.uniform(-3, 3, 5), rng.uniform(-1, 1, 5), rng.integers(-4, 5, 5).astype(np.int8)))
    yield Call(tuple(rng.uniform(-1.5, 1.5, 6).astype(np.float32) for _ in range(3)))
    yield from layouts_of(targets(rng, 6, rng.normal(0, 2, 6), either_sign(rng, 6, 0.3, 1)))


def network(rng: Rng, sizes: tuple[int, int, int, int], *, large: float = 1.0) -> Call:
    """Return (X, y, W1, b1, W2, b2) of a network of (n, d, h, k) examples, inputs, hidden units and classes.

    ``large`` multiplies the second layer, and so the logits. Labels are drawn from the first two classes, each of
    which occurs if there are two examples.
    """
    n, d, h, k = sizes
    X, W1, b1 = rng.normal(0, 1, (n, d)), rng.normal(0, 1 / np.sqrt(d), (d, h)), rng.normal(0, 0.5, h)
    W2, b2 = large * rng.normal(0, 1, (h, k)), large * rng.normal(0, 1, k)
    return Call((X, rng.permutation(np.arange(n) % min(k, 2)), W1, b1, W2, b2))


def network_layouts(rng: Rng) -> Iterator[Call]:
    """Yield networks of other dtypes and memory layouts than new float64 arrays have."""
    X, y, W1, b1, W2, b2 = network(rng, (6, 3, 4, 3)).args
    yield Call((rng.integers(-3, 4, (6, 3)), y.astype(np.int8), W1, b1, W2, b2))
    whole = tuple(rng.integers(-2, 3, shape) for shape in ((3, 4), (4,), (4, 3), (3,)))
    yield Call((rng.integers(-3, 4, (6, 3)), y.astype(np.int32), *whole))
    yield Call((X.astype(np.float32), y, *(value.astype(np.float32) for value in (W1, b1, W2, b2))))
    for first in odd_layouts(lambda shape: rng.normal(0, 1, shape), (6, 3)):
        yield Call((first, y, W1, b1, W2, b2))
    yield from layouts_of(Call((X, y, W1, b1, W2, b2)))
