"""A small exercise whose function doubles its argument, with mistakes of its own."""

from __future__ import annotations

import numpy as np

from autograder.judging.calls import Call
from autograder.judging.compare import tolerance_for
from autograder.judging.model import Check, Exercise, Misconception, leaves_unchanged

SEED = bytes(32)
SMALL, LARGE, NEGATIVE = "doubles ordinary numbers", "doubles large numbers", "doubles negative numbers"


def small(rng):
    yield Call((rng.uniform(1, 2, 3),))
    yield Call((rng.uniform(1, 2, 2),))


def large(rng):
    for _ in range(5):
        yield Call((rng.uniform(1e6, 2e6, 3),))


def negative(rng):
    yield Call((rng.uniform(-2, -1, 3),))


DOUBLE = Exercise(
    name="double",
    topic="test",
    reference=lambda x: 2 * x,
    tolerance=lambda call, single: tolerance_for(1.0, single=single),
    checks=(
        Check(SMALL, Call((np.array([1.0, 2.0]),)), small, weight=2.0, hint="Twice, for small numbers."),
        Check(LARGE, Call((np.array([1e6, 1.0]),)), large, weight=1.0, hint="Twice, for large numbers."),
        Check(NEGATIVE, Call((np.array([-3.0]),)), negative, weight=1.0, judge=leaves_unchanged()),
    ),
    misconceptions=(
        Misconception("squared", lambda x: x**2, "This is the square."),
        Misconception("clipped", lambda x: 2 * np.minimum(x, 1e5), "Large numbers are cut off."),
        Misconception("in-place", lambda x: np.multiply(x, 2, out=x), "The input is overwritten."),
        Misconception("clipped-sum", lambda x: np.minimum(x, 1e5) + np.minimum(x, 1e5), "Cut off, and added."),
        Misconception("overflow", lambda x: np.where(x > 1e5, np.inf, 2 * x), "This overflows."),
        Misconception("absolute", lambda x: 2 * np.abs(x), "The sign is lost."),
    ),
)
EXAMPLES = [check.example for check in DOUBLE.checks]
