"""The first and the last number of an answer: where they differ, nothing else need be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

FAR, FAR_OF_ALL = 1e-3, 1e-5
"""Relative differences, to each other and to the largest number of an answer, beyond which numbers differ."""
HUGE = 1e300
"""From which on a number is taken for infinite."""


@dataclass(frozen=True)
class Probe:
    """The first and the last number of a student's answer, NaN where that says nothing.

    Parameters
    ----------
    first, last
        The numbers.
    size
        The size of the answer's largest number.
    absolute
        How far apart equal answers may lie, whatever their size: a right one may be 0, up to rounding.
    """

    first: float
    last: float
    size: float
    absolute: float = 0.0

    def is_far(self, ends: tuple[float, float]) -> bool:
        """Whether an answer with these ends is another one."""
        return self._far(self.first, ends[0]) or self._far(self.last, ends[1])

    def _far(self, one: float, other: float) -> bool:
        off = abs(one - other)
        if math.isnan(off):
            return math.isnan(one) != math.isnan(other)
        return off > FAR * (abs(one) + abs(other)) and off > self._least()

    def _least(self) -> float:
        return max(FAR_OF_ALL * self.size, self.absolute)

    def near(self, ends: np.ndarray, *, first: bool = True, last: bool = True) -> np.ndarray:
        """Return which rows of (first, last) may belong to the same answer, by the ends that are asked for."""
        theirs = np.array([self.first, self.last])
        off = np.abs(ends - theirs)
        far = (off > FAR * (np.abs(ends) + np.abs(theirs))) & (off > self._least())
        far |= ~np.isfinite(ends) != np.isnan(theirs)
        near: np.ndarray = ~(far & np.array([first, last])).any(axis=1)
        return near


def ends_of(value: Any) -> tuple[float, float]:
    """Return the first and the last number of a value; NaN where that says nothing."""
    return _number(value, 0), _number(value, -1)


def largest(numbers: np.ndarray) -> float:
    """Return the size of the largest finite number; 0 if there is none."""
    return float(np.abs(numbers).max(initial=0.0, where=np.isfinite(numbers)))


def _number(value: Any, place: int) -> float:
    while isinstance(value, tuple | list) and len(value):
        value = value[place]
    if isinstance(value, np.ndarray | np.generic):
        if not value.size or value.dtype.kind not in "biuf":
            return math.nan
        # `flat` takes no more than 32 dimensions
        value = value[(place,) * value.ndim] if isinstance(value, np.ndarray) else value
    try:
        number = float(value) if isinstance(value, int | float | np.generic) else math.nan
    except OverflowError:  # an int may be of any size
        return math.nan
    return number if abs(number) < HUGE else math.nan
