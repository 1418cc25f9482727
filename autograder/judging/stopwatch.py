"""The processor time that judging one submission takes."""

from __future__ import annotations

import math
import time


class Stopwatch:
    """Adds up the processor time of the ``with`` blocks that it guards, all in one thread.

    Parameters
    ----------
    seconds
        How much there is in all.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self.seconds = seconds
        self._spent, self._since = 0.0, 0.0
        self._runs = False

    def __enter__(self) -> None:
        self._runs, self._since = True, time.thread_time()

    def __exit__(self, *_: object) -> None:
        self._runs = False
        self._spent += time.thread_time() - self._since

    @property
    def spent(self) -> float:
        """The seconds so far, those of the block that runs included."""
        return self._spent + (time.thread_time() - self._since if self._runs else 0.0)

    @property
    def is_over(self) -> bool:
        """Whether more was spent than there is."""
        return self.spent > self.seconds
