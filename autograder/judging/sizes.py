"""What a value counts for when a student's process sends it.

``sandbox.inside.values`` counts in the same way, so that an honest process never sends more than it may.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ITEM_BYTES = 64
"""What every value counts for, whatever it is; more than its description and its place in memory take."""
AXIS_BYTES = 24
LETTER_BYTES = 6
_ARRAYS = (np.ndarray, np.generic)


def size_of(value: Any, *, at_least: int = 0) -> int:
    """Return the bytes that a decoded value or a reference's answer counts for.

    Parameters
    ----------
    value
        Numbers, texts, arrays, and lists, tuples and dicts of them.
    at_least
        Bytes that an element of an array counts for at least; 8 if it is going to be a float64.
    """
    if isinstance(value, _ARRAYS):
        return ITEM_BYTES + AXIS_BYTES * value.ndim + max(value.nbytes, value.size * at_least)
    if isinstance(value, list | tuple):
        return ITEM_BYTES + sum(size_of(item, at_least=at_least) for item in value)
    if isinstance(value, dict):
        parts = (part for pair in value.items() for part in pair)
        return ITEM_BYTES + sum(size_of(part, at_least=at_least) for part in parts)
    if isinstance(value, str):
        return ITEM_BYTES + LETTER_BYTES * len(value)
    return ITEM_BYTES + (value.bit_length() // 3 if isinstance(value, int) else 0)
