"""A limit for one call of an author's function, where an exercise is proved and nobody else watches."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any

CALL_SECONDS = 10.0
"""Processor time that one call may take; a student's own would have been stopped long before."""
IMPORT_SECONDS = 60.0
"""Processor time that the import of a file may take, with all that it imports."""
_limited = False


class EndlessError(BaseException):
    """A call of an author's function does not end. No handler of ordinary exceptions takes it for an answer."""


@contextmanager
def limited() -> Iterator[None]:
    """Limit each call in the block that :func:`called` makes in the main thread."""
    global _limited  # noqa: PLW0603  # as the timer and the handler, which the process has once
    before, _limited = _limited, threading.current_thread() is threading.main_thread()
    try:
        with _handled(CALL_SECONDS, "one call") if _limited else nullcontext():
            yield
    finally:
        _limited = before


def called(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a function returns.

    Raises
    ------
    EndlessError
        If it takes more than :data:`CALL_SECONDS` in a block of :func:`limited`.
    """
    if not _limited:
        return function(*args, **kwargs)
    signal.setitimer(signal.ITIMER_PROF, CALL_SECONDS)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def stopped_after(seconds: float, what: str) -> Iterator[None]:
    """Stop the block if it takes more processor time, which only the main thread can.

    Raises
    ------
    EndlessError
        If it does; its text says ``what`` took too long.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _handled(seconds, what):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _handled(seconds: float, what: str) -> Iterator[None]:
    """Raise where the timer ends in the block; to set the handler takes ten times as long as to set the timer."""

    def stop(_: int, frame: FrameType | None) -> None:
        line = f"; it was in line {frame.f_lineno} of {frame.f_code.co_filename}" if frame else ""
        raise EndlessError(f"{what} took more than {seconds:g} s and was stopped{line}: does a loop never end?")

    usual = signal.signal(signal.SIGPROF, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, usual)
