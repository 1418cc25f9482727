"""How many submissions make a task."""

from __future__ import annotations

import math

GROUP_SECONDS = 1.0
"""What a task aims at. The scheduler spends about a millisecond on each task."""
MOST = 64
MOST_BYTES = 8 << 20
SHARE = 3
"""A task is at most one part in so many of what is left for each slot, so that all end together."""


def group_size(left: int, slots: int, seconds: float | None) -> int:
    """Return how many submissions the next task holds.

    Parameters
    ----------
    left
        How many are not sent yet.
    slots
        How many are graded at the same time.
    seconds
        How long one takes, as far as it is known.
    """
    if not seconds:
        return 1
    return max(1, min(math.ceil(GROUP_SECONDS / seconds), math.ceil(left / (SHARE * max(slots, 1))), MOST))
