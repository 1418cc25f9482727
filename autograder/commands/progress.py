"""The progress of a long run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
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

T = TypeVar("T")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def follow(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Yield each item, and show on stderr the count, the rate and the time left.

    Parameters
    ----------
    items
        What is waited for.
    total
        How many items there will be.
    what
        A word for the work, such as "grading".
    """
    console = Console(stderr=True)
    yield from _bar(items, total, what, console) if console.is_terminal else _lines(items, total, what, console)


def _bar(items: Iterable[T], total: int, what: str, console: Console) -> Iterator[T]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        for item in items:
            progress.advance(task)
            yield item


def _lines(items: Iterable[T], total: int, what: str, console: Console) -> Iterator[T]:
    started = shown = time.monotonic()
    for number, item in enumerate(items, 1):
        now = time.monotonic()
        if now - shown >= LINE_EVERY and number < total:
            shown, rate = now, number / (now - started)
            left = (total - number) / rate
            console.print(f"{what}: {number} of {total}, {rate:.1f}/s, about {left:.0f} s left", highlight=False)
        yield item
