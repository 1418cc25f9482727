"""The processor time that judging one submission takes."""

from __future__ import annotations

import math
import time


class Stopwatch:
    """Adds up the processor time of the ``with`` blocks that it guards, all in one thread. They may be nested.

    Parameters
    ----------
    seconds
        How much there is in all.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self.seconds = seconds
        self._spent, self._since, self._depth = 0.0, 0.0, 0

    def __enter__(self) -> None:
        if not self._depth:
            self._since = time.thread_time()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._spent += time.thread_time() - self._since

    @property
    def spent(self) -> float:
        """The seconds so far, those of the block that runs included."""
        return self._spent + (time.thread_time() - self._since if self._depth else 0.0)

    @property
    def is_over(self) -> bool:
        """Whether more was spent than there is."""
        return self.spent > self.seconds
