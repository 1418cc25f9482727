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
        self._not_before = -math.inf
        """When it can be over at the earliest, on the clock of ``time.monotonic``."""

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
        """Whether more was spent than there is.

        It is asked after every answer, and a thread's clock costs ten times what that on the wall does. A thread
        takes no more processor time than passes on the wall.
        """
        now = time.monotonic()
        if now <= self._not_before:
            return False
        left = self.seconds - self.spent
        self._not_before = now + left
        return left < 0
