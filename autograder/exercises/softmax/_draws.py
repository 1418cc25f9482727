"""Inputs that several exercises of the topic share, drawn from a seeded generator.

Each function yields calls of one kind. Sizes and scales are fixed, so that every student gets inputs of the
same difficulty; only the numbers differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import Call, Tolerance, tolerance_for

Rng = np.random.Generator
UNLIKELY = -14.0
"""A logit so far below its row that its probability is near 1e-7, where an added epsilon shows."""


LOGITS = np.linspace(-1000, 1000, 201)
"""What one logit is, beside a zero, in the curve that feedback draws."""


def beside_zero(z: float) -> Call:
    """Return the call with the logits z and 0."""
    return Call((np.array([z, 0.0]),))


def log_tolerance(call: Call, single: bool) -> Tolerance:
    """Allow for the largest intermediate of z - max - log Σ: the logits themselves, or log k."""
    z = np.asarray(call.args[0], dtype=np.float64)
    finite = np.abs(z[np.isfinite(z)])
    return tolerance_for(max(float(finite.max(initial=1.0)), np.log(max(z.size, 2))), single=single)


def ordinary(rng: Rng) -> Iterator[Call]:
    """Yield logits of a few units, of every rank, summed over the last axis. No two axes are equally long."""
    yield Call((rng.normal(0, 3, 5),))
    yield Call((_with_unlikely(rng, (4, 3)),))
    yield Call((rng.normal(0, 3, (2, 3, 4)),))
    yield Call((rng.normal(0, 3, 1),))


def large(rng: Rng) -> Iterator[Call]:
    """Yield logits up to ±1e4, of scales that differ from row to row of one array; all of them far below zero; and
    probabilities of 1e-25 to 1e-280 beside 1.
    """
    yield Call((rng.uniform(-1e4, 1e4, 6),))
    yield Call((_mixed_rows(rng),))
    yield Call((np.stack([_mixed_rows(rng), _mixed_rows(rng)]),))
    yield Call((_far_below(rng),))
    gaps = np.stack(
        [rng.uniform(low, high, 2) for low, high in ((0, 3), (55, 75), (150, 300), (500, 640))], axis=1
    )
    yield Call((rng.uniform(-20, 20, (2, 1)) - gaps,))


def any_axis(rng: Rng) -> Iterator[Call]:
    """Yield ordinary logits with every axis but the last, and one whose other axis has length 1."""
    yield Call((rng.normal(0, 3, (4, 3)),), {"axis": 0})
    for axis in (0, 1, -2):
        yield Call((rng.normal(0, 3, (2, 3, 4)),), {"axis": axis})
    yield Call((rng.normal(0, 3, (3, 1, 2)),), {"axis": 2})


def layouts(rng: Rng) -> Iterator[Call]:
    """Yield arrays of other dtypes and memory layouts than a new float64 array has."""
    yield Call((rng.integers(-4, 5, (3, 4)),))
    yield Call((rng.integers(-4, 5, 5).astype(np.int32),))
    yield Call((rng.normal(0, 2, (2, 5)).astype(np.float32),))
    for array in odd_layouts(partial(rng.normal, 0, 3), (3, 4)):
        yield Call((array,))


def labelled(*, ordinary: bool) -> Callable[[Rng], Iterator[Call]]:
    """Return a generator of (logits, y): ordinary logits, or large ones of mixed scales."""

    def draw(rng: Rng) -> Iterator[Call]:
        if ordinary:
            for shape in ((5, 3), (8, 4), (2, 6)):
                logits = _with_unlikely(rng, shape)
                yield Call((logits, _labels(rng, logits)))
        else:
            for _ in range(2):
                logits = _mixed_rows(rng)
                yield Call((logits, _labels(rng, logits)))
            logits = _far_below(rng)
            yield Call((logits, _labels(rng, logits)))

    return draw


def one_of_a_kind(rng: Rng) -> Iterator[Call]:
    """Yield a batch of one example, and a problem with one class."""
    yield Call((rng.normal(0, 3, (1, 4)), rng.integers(0, 4, 1)))
    yield Call((rng.normal(0, 3, (3, 1)), np.zeros(3, dtype=np.int64)))


def labelled_layouts(rng: Rng) -> Iterator[Call]:
    """Yield (logits, y) of other dtypes and memory layouts."""
    yield Call((rng.integers(-4, 5, (3, 4)), rng.integers(0, 4, 3).astype(np.int8)))
    yield Call((rng.normal(0, 2, (2, 5)).astype(np.float32), rng.integers(0, 5, 2)))
    for array in odd_layouts(partial(rng.normal, 0, 3), (3, 4)):
        labels = rng.integers(0, 4, 6)[::2]
        labels.flags.writeable = False
        yield Call((array, labels))


def _with_unlikely(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    """Logits of a few units, with one very unlikely class in the first row."""
    logits = rng.normal(0, 2, shape)
    logits[0] = rng.uniform(-1, 1, shape[1])
    logits[0, -1] = UNLIKELY
    return logits


def _mixed_rows(rng: Rng) -> np.ndarray:
    """Five rows of three logits: far above zero, tiny, far below zero, wide, and ordinary."""
    rows = [
        1e4 + rng.normal(0, 1, 3),
        rng.normal(0, 1e-3, 3),
        -1e4 + rng.normal(0, 1, 3),
        np.array([-1e4, 0.0, 1e4]) * rng.uniform(0.5, 1, 3),
        rng.normal(0, 3, 3),
    ]
    return np.stack(rows)


def _far_below(rng: Rng) -> np.ndarray:
    """Three rows of four logits, whose exponentials are 0, and in the first one have only a digit or two left."""
    centres = np.array([rng.uniform(-741, -739), -rng.uniform(800, 1000), -rng.uniform(5e3, 1e4)])
    return centres[:, np.newaxis] + rng.uniform(-2, 2, (3, 4))


def _labels(rng: Rng, logits: np.ndarray) -> np.ndarray:
    """Draw labels at random, except the least likely class in every third row from the first."""
    labels = rng.integers(0, logits.shape[1], len(logits))
    labels[::3] = np.argmin(logits[::3], axis=1)
    return labels
