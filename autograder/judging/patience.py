"""A limit for one call of an author's function, where an exercise is proved and nobody else watches."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

CALL_SECONDS = 10.0
"""Processor time that one call may take; a student's own would have been stopped long before."""
_limited = False


class EndlessError(BaseException):
    """A call of an author's function does not end. No handler of ordinary exceptions takes it for an answer."""


@contextmanager
def limited() -> Iterator[None]:
    """Limit each call in the block that :func:`called` makes in the main thread."""
    global _limited  # noqa: PLW0603  # as the timer and the handler, which the process has once
    before, _limited = _limited, threading.current_thread() is threading.main_thread()
    try:
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
    usual = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, CALL_SECONDS)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, usual)


def _stop(_: int, frame: FrameType | None) -> None:
    line = f"; it was in line {frame.f_lineno} of {frame.f_code.co_filename}" if frame else ""
    raise EndlessError(f"one call took more than {CALL_SECONDS:g} s and was stopped{line}: does a loop never end?")
