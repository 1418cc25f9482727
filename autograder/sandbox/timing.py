"""How long a process may take, and how long it has taken, however busy the machine is."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable
from typing import NamedTuple

PATIENCE = 100.0
"""How many times as long as the reference a submission may take."""
LONGEST = 60.0
"""Seconds beyond which a multiple of the reference's time gives no more …"""
LEAST_PATIENCE = 5.0
"""… unless the reference takes so long itself: then it is this multiple."""
SLOWDOWN = 30.0
"""How many times as long as on an idle machine anything may take by the clock on the wall."""
LATE = 0.005
"""Seconds for which what the kernel said when something ended holds for what begins next: to ask takes as long as
many a call."""
SHORT = 0.001
"""Seconds on the wall that count as they are: to ask what a process had of them takes as long as many a call."""


def seconds_beside(reference: float, patience: float = PATIENCE) -> float:
    """Return how long something may take for which the reference takes so many seconds."""
    return max(min(patience * reference, LONGEST), min(patience, LEAST_PATIENCE) * reference)


class Reading(NamedTuple):
    """What the clocks of a process show."""

    wall: float
    queued: float
    """Seconds in which it, or the thread that answers it, was ready to run, and others ran."""
    processor: float
    """Of all its threads."""


class ProcessClock:
    """Measures the time that a process has had.

    It had the time in which it ran, slept or waited for something, but not the time in which it was ready to run
    and the machine ran others. Nor had it the time in which the thread that made this clock was kept waiting so:
    that thread answers the process's callbacks and reads its replies. While the process's threads compete with
    each other, the processor time of all of them counts. Where the kernel doesn't say how long a process was kept
    waiting, the clock on the wall counts.

    Parameters
    ----------
    pid
        The process.
    """

    def __init__(self, pid: int) -> None:
        self._processor = (~pid << 3) | 2  # the number of its clock, as the C library forms it
        self._last = Reading(-math.inf, 0.0, 0.0)
        self._statistics: list[int] = []  # files that stay open: to open one takes longer than a short call
        with contextlib.suppress(OSError):
            for path in (f"/proc/{pid}/schedstat", "/proc/thread-self/schedstat"):
                self._statistics.append(os.open(path, os.O_RDONLY))

    def close(self) -> None:
        """Close the files that it reads."""
        while self._statistics:
            os.close(self._statistics.pop())

    def now(self) -> Reading:
        """Return what the clocks show; all but the clock on the wall may be late by :data:`LATE` seconds."""
        wall = time.monotonic()
        if wall - self._last.wall < LATE:
            return Reading(wall, self._last.queued, self._last.processor)
        return self._asked()

    def since(self, reading: Reading) -> float:
        """Return the seconds that the process has had since a reading, or up to :data:`SHORT` more."""
        if (short := time.monotonic() - reading.wall) < SHORT:
            return short
        wall, queued, processor = (now - then for now, then in zip(self._asked(), reading, strict=True))
        return min(wall, max(wall - queued, processor))

    def _asked(self) -> Reading:
        queued = processor = 0.0
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may be dead
            queued = sum([int(os.pread(file, 64, 0).split()[1]) for file in self._statistics]) * 1e-9
        with contextlib.suppress(OSError):
            processor = time.clock_gettime(self._processor)
        self._last = Reading(time.monotonic(), queued, processor)
        return self._last


class TimeLeft:
    """Time that several requests share.

    Parameters
    ----------
    seconds
        How much there is.
    why_over
        A sentence about its end.
    """

    def __init__(self, seconds: float = math.inf, why_over: str = "") -> None:
        self.seconds, self.why_over = seconds, why_over

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.seconds <= 0


class Timer:
    """The deadline of one request.

    Parameters
    ----------
    clock
        The process's clock.
    seconds
        How much of its time the process has.
    reference
        Returns how long the reference takes for the same. It is asked once, when the seconds are over, and the
        process has more if they are fewer than :func:`seconds_beside` it.
    patience
        How many times as long it may take.
    """

    def __init__(
        self,
        clock: ProcessClock,
        seconds: float,
        reference: Callable[[], float] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._clock, self.seconds, self._reference, self._patience = clock, seconds, reference, patience
        self._reading = clock.now()
        self.deadline = self._reading.wall + seconds
        """When to look again whether the time is up, on the clock of ``time.monotonic``."""

    @property
    def latest(self) -> float:
        """When it is up on the busiest machine, on the clock of ``time.monotonic``."""
        return self._reading.wall + SLOWDOWN * self.seconds

    @property
    def spent(self) -> float:
        """The seconds that the process has taken."""
        return self._clock.since(self._reading)

    def renew(self) -> bool:
        """Move the deadline if the process has some of its time left; return whether it has."""
        left = self.seconds - self.spent
        if left <= 0 and self._reference:
            self.seconds = max(self.seconds, seconds_beside(self._reference(), self._patience))
            self._reference = None
            left = self.seconds - self.spent
        now = time.monotonic()
        if left <= 0 or now >= self.latest:
            return False
        self.deadline = min(now + max(left, 0.01), self.latest)
        return True
