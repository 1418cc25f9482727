"""How unusual a number is among the pairs of a class."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
FEWEST, PART = 20, 0.01
"""The largest numbers from which the tail is told: 20, or one in a hundred."""
LEAST_SCALE = 1.0
"""In nats: a tail that falls faster than a chance of e for each nat of evidence is no more than luck."""


class Tail:
    """The distribution of a number over pairs of students, nearly all of whom worked on their own.

    Up to a high quantile, the share of pairs that reach a value is counted. Above, the share falls exponentially;
    the scale is the median excess over the quantile, which a few copies among the pairs can't move.

    Parameters
    ----------
    sample
        The number for each of many pairs.
    """

    def __init__(self, sample: Numbers) -> None:
        self.sample = np.sort(np.asarray(sample, dtype=float))
        count = len(self.sample)
        self.part = min(0.5, max(PART, FEWEST / count)) if count else 1.0
        self.from_value = float(np.quantile(self.sample, 1 - self.part)) if count else 0.0
        above = self.sample[self.sample > self.from_value] - self.from_value
        self.scale = max(LEAST_SCALE, float(np.median(above)) / math.log(2)) if len(above) else LEAST_SCALE

    def unusual(self, values: Numbers) -> Numbers:
        """Return minus the logarithm of the share of pairs that reach each value, in nats."""
        values = np.asarray(values, dtype=float)
        count = len(self.sample)
        if not count:
            return np.zeros(values.shape)
        reached = count - np.searchsorted(self.sample, values, side="left")
        inside = -np.log(np.maximum(reached, 1) / count)
        beyond = -math.log(self.part) + (values - self.from_value) / self.scale
        return np.where(values > self.from_value, np.maximum(beyond, -math.log(self.part)), inside)


def as_score(unusual: Numbers, pairs: int) -> Numbers:
    """Return numbers in [0, 1]: 0.5 where so many pairs hold one such by chance, more where it is rarer."""
    return np.asarray(1.0 / (1.0 + pairs * np.exp(-np.asarray(unusual, dtype=float))))
