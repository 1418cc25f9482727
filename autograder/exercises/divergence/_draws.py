"""Inputs that several exercises of the topic share, drawn from a seeded generator.

Which outcomes are impossible, rare or tied is fixed, so that every student gets inputs of the same difficulty;
only the numbers differ.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import Call, Tolerance, tolerance_for

Rng = np.random.Generator


def log_tolerance(call: Call, single: bool) -> Tolerance:
    """Allow for the terms of p (log p - log q): a logarithm is rounded at its own size, and counts as often as its
    outcome comes up. In p log(p/q) and p log(1/p) a quotient near 1 is rounded before its log is taken, at the
    size of 1.
    """
    p, q = (np.asarray(pmf, dtype=np.float64) for pmf in call.args)
    logs = np.abs([np.log(pmf, out=np.zeros_like(pmf), where=pmf > 0) for pmf in (p, q)])
    terms = np.maximum(p, q) * np.max(logs, axis=0)
    return tolerance_for(max(1.0, float(terms.sum())), single=single)


def pmf(rng: Rng, k: int) -> np.ndarray:
    """Draw a pmf with no outcome much rarer than the others."""
    return _normalised(rng.uniform(0.1, 1, k))


def with_fixed(rng: Rng, fixed: dict[int, float], k: int) -> np.ndarray:
    """Draw a pmf of k outcomes, some of whose probabilities are given by their index."""
    result = np.empty(k)
    free = np.setdiff1d(np.arange(k), list(fixed))
    result[free] = (1 - sum(fixed.values())) * pmf(rng, free.size)
    result[list(fixed)] = list(fixed.values())
    return result


def one_hot(k: int, place: int) -> np.ndarray:
    """Return the pmf of a certain outcome, in integers."""
    return np.asarray(np.arange(k) == place, dtype=np.int64)


def pmf_layouts(rng: Rng, k: int, slope: float = 1.0) -> Iterator[np.ndarray]:
    """Yield pmfs in other memory layouts than a new array has, rising or falling by a factor of about ``slope``.

    The values in the gaps of an array are not part of the pmf.
    """

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        weights = rng.uniform(0.5, 1, shape) * np.geomspace(1, slope, shape[0])
        return _normalised(weights, slice(None) if shape == (k,) else slice(None, None, -2))

    return odd_layouts(draw, (k,))


def apart(rng: Rng, k: int, fixed: dict[int, float] | None = None) -> Call:
    """Draw (p, q) that are never close. The fixed probabilities are the same in both."""
    p = with_fixed(rng, {0: rng.uniform(0.5, 0.6), **(fixed or {})}, k)
    return Call((p, with_fixed(rng, {0: rng.uniform(0.1, 0.2), **(fixed or {})}, k)))


def pairs(rng: Rng) -> Iterator[Call]:
    """Yield ordinary (p, q); in the last one q gives little to an outcome that p makes likely."""
    for k in (2, 3, 5, 8):
        yield apart(rng, k)
    yield Call((with_fixed(rng, {1: rng.uniform(0.4, 0.6)}, 4), with_fixed(rng, {1: 2e-3}, 4)))


def pair_layouts(rng: Rng) -> Iterator[Call]:
    """Yield (p, q) of other dtypes and memory layouts. An integer pmf without a zero has one outcome."""
    yield Call((np.ones(1, np.int32), np.ones(1, np.int64)))
    yield Call(tuple(part.astype(np.float32) for part in apart(rng, 5).args))
    for p, q in zip(pmf_layouts(rng, 4, 8.0), pmf_layouts(rng, 4, 1 / 8), strict=True):
        yield Call((p, q))


def _normalised(weights: np.ndarray, counted: slice = slice(None)) -> np.ndarray:
    result: np.ndarray = weights / weights[counted].sum()
    return result
