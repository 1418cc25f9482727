"""Waiting for what another process does."""

from __future__ import annotations

import time


def wait_until(condition, seconds=300):
    """Wait until a condition holds, and return its value; fail after so many seconds, which no machine needs."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, f"in vain after {seconds} s"
        time.sleep(0.01)
    return value
