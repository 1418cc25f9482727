"""The progress of a long run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_EVERY = 10.0
"""The time between two plain lines, in seconds."""
SLOW = 10.0
"""Seconds from which on an item is named as slow."""

T = TypeVar("T")
Advance = Callable[[int], None]
"""Called with how many items are done more."""
Slowest = Callable[[], tuple[str, float] | None]
"""Returns what has been worked on longest, and for how many seconds; None if nothing is."""


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


class _Slowest(ProgressColumn):
    def __init__(self, slowest: Slowest) -> None:
        super().__init__()
        self.slowest = slowest

    def render(self, _: Task) -> Text:
        found = self.slowest()
        return Text(f"{found[0]} for {found[1]:.0f} s" if found and found[1] >= SLOW else "")


def follow(items: Iterable[T], total: int, what: str, slowest: Slowest = lambda: None) -> Iterator[T]:
    """Yield each item, and show on stderr the count, the rate, the time left and what is slow.

    Parameters
    ----------
    items
        What is waited for.
    total
        How many items there will be.
    what
        A word for the work, such as "grading".
    slowest
        Says what takes long. Only a terminal shows its name; a log may not hold it.
    """
    with shown(total, what, slowest) as advance:
        for item in items:
            advance(1)
            yield item


def shown(total: int, what: str, slowest: Slowest = lambda: None) -> AbstractContextManager[Advance]:
    """Show the same for work that is no iteration: what is entered is called with how many items are done more."""
    console = Console(stderr=True)
    way = _bar if console.is_interactive else _lines  # a terminal in which a line can't be rewritten gets lines
    return way(total, what, slowest, console)


@contextmanager
def still(what: str) -> Iterator[None]:
    """Say now and then on stderr that a piece of work is not done, and for how long."""
    started, ended = time.monotonic(), threading.Event()

    def tell() -> None:
        while not ended.wait(LINE_EVERY):
            Console(stderr=True).print(f"{what}: {time.monotonic() - started:.0f} s so far", highlight=False)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


@contextmanager
def _bar(total: int, what: str, slowest: Slowest, console: Console) -> Iterator[Advance]:
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        _Slowest(slowest),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def _lines(total: int, what: str, slowest: Slowest, console: Console) -> Iterator[Advance]:
    """Print a line now and then, also while nothing is done."""
    started, ended, so_far = time.monotonic(), threading.Event(), 0

    def advance(done: int) -> None:
        nonlocal so_far
        so_far += done

    def tell() -> None:
        while not ended.wait(LINE_EVERY):
            rate = so_far / (time.monotonic() - started)
            left = f", about {(total - so_far) / rate:.0f} s left" if so_far else ""
            found = slowest()
            slow = f"; one takes {found[1]:.0f} s so far" if found and found[1] >= SLOW else ""
            console.print(f"{what}: {so_far} of {total}, {rate:.1f}/s{left}{slow}", highlight=False)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield advance
    finally:
        ended.set()
        teller.join()
