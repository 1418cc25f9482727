"""The numbers in an answer, in one row."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Returned
from autograder.judging.compare import Mismatch, as_numbers

NONE = np.zeros(0)
MAX_VALUES = 16
"""Arrays in a list or tuple that are read one by one: more values than any function returns."""


def numbers_of(answer: Answer) -> np.ndarray:
    """Return the real numbers of an answer as a row of float64; none if it holds anything else."""
    return flat(answer.value) if isinstance(answer, Returned) else NONE


def flat(value: Any) -> np.ndarray:
    """Return the real numbers of a value as a row of float64; none if it holds anything else."""
    if type(value) is np.ndarray and value.dtype == np.float64:  # as most are, and many are looked at
        return value.ravel()
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        if len(value) > MAX_VALUES:
            return NONE
        rows = [flat(item) for item in value]
        return np.concatenate(rows) if all(row.size for row in rows) else NONE
    array = as_numbers(value)
    if isinstance(array, Mismatch) or array.dtype.kind not in "biuf":
        return NONE
    with np.errstate(all="ignore"):
        return array.astype(np.float64).ravel()
