"""Transactions: what belongs together is written completely, and several notebooks are committed together."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from autograder.gradebook import database, locks

COMMIT_SECONDS = 0.25
"""How long marks may wait in a SQLite file to be committed together, in seconds."""


class Transaction:
    """The transaction that a database session has open.

    Parameters
    ----------
    session
        A session of nbgrader's database.
    """

    def __init__(self, session: Any) -> None:
        self.session = session
        self._shared = locks.is_shared(session)
        self._committed = time.monotonic()

    def commit(self) -> None:
        """Make everything that was written permanent.

        Raises
        ------
        NbgraderError
            If the database raises an error.
        """
        with uninterrupted():
            self.session.commit()
        self._committed = time.monotonic()

    def commit_if_shared(self) -> None:
        """Commit at once where other graders wait for the locks of this transaction."""
        if self._shared:
            self.commit()

    def commit_when_due(self) -> None:
        """Commit at once on a shared gradebook; in a file, commit after `COMMIT_SECONDS`."""
        if self._shared or time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Run a block of statements completely; an interrupt that arrives meanwhile is raised at its end.

    SQLAlchemy drops a connection that is interrupted, and with it everything that waits to be committed.

    Raises
    ------
    NbgraderError
        If the database raises an error.
    """
    then = "What was graded before is entered; run the command again."
    with database.readable_errors("The gradebook can't be written", then), _held_interrupts():
        yield


@contextlib.contextmanager
def _held_interrupts() -> Iterator[None]:
    usual, held = signal.getsignal(signal.SIGINT), list[tuple[int, FrameType | None]]()
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    signal.signal(signal.SIGINT, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if held:
        usual(*held[0])
