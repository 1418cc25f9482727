"""What a student's process replies to a call, turned into an answer; and the values of its callbacks."""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Callback, Noise, Raised, Returned, Stopped, Unreadable
from autograder.judging.sizes import size_of
from autograder.sandbox import protocol
from autograder.sandbox.values import GarbledError, read_point, read_value

POINT_SIZE = 1024
"""Bytes that a point counts for in addition to its numbers."""
NO_DATA = "something that is no data"
PUBLIC_TYPES = frozenset(name for name, kind in vars(builtins).items() if isinstance(kind, type)) | {
    *("LinAlgError", "AxisError", "generator", "function", "module", "ndarray", "method", "coroutine"),
}
"""Names of types and exceptions that may be shown. A name that the student chose could carry a hidden input."""
_NOT_DATA = re.compile(
    r"an object of type (\w+)|an array of dtype (\w+)|an integer of more than 1024 bits|"
    r"a structure nested too deeply|(?:an array of (?:shape \([\d, ]*\)|\d+ axes)|"
    r"a (?:list|tuple|dictionary) of \d+ items|a string of \d+ characters|a number), too large to be an answer,"
)


class TooManyPointsError(Exception):
    """A call asked for the value of a callback at more points than it may."""


class Evaluation:
    """Evaluates the callbacks of one call on the trusted side.

    Parameters
    ----------
    callbacks
        In the order of their numbers.
    limit
        Bytes of all points together.
    """

    def __init__(self, callbacks: Sequence[Callback], limit: int) -> None:
        self.callbacks = callbacks
        self.points: list[Any] = []
        """Where the callbacks were evaluated, in order."""
        self._left = limit

    def value(self, asked: protocol.Asked, blob: bytes) -> str:
        """Return a callback's value at a point, as ``float.hex`` writes it.

        Raises
        ------
        GarbledError
            If there is no such callback, or the point is malformed.
        TooManyPointsError
            If all points together exceed the limit.
        ValueError
            If the callback can't be evaluated at the point. The text is for the student.
        """
        if asked.id >= len(self.callbacks):
            raise GarbledError("there is no such callback")
        self._left -= POINT_SIZE
        if len(blob) > self._left:
            raise TooManyPointsError
        point = read_point(asked.point, blob)
        self._left -= size_of(point, at_least=np.float64().itemsize)  # its numbers become float64
        if self._left < 0:
            raise TooManyPointsError
        return self.callbacks[asked.id].at(point, self.points).hex()


def read_answer(
    function: str, reply: protocol.Reply, blob: bytes, points: Sequence[Any], room: int
) -> tuple[Answer, int]:
    """Turn the reply to a call into an answer, and return it with the size of its value.

    Parameters
    ----------
    function
        The function's name.
    reply, blob
        The reply, and the bytes that came with it.
    points
        Where the call evaluated its callbacks.
    room
        The size that the value may have.

    Raises
    ------
    GarbledError
        If the reply is not one to a call, or its value is malformed or larger than it may be.
    """
    if not isinstance(reply, protocol.ValueReturned):
        return _without_value(function, reply), 0
    value = read_value(reply.value, blob)
    size = size_of(value)
    if size > room:
        raise GarbledError("a value is larger than it may be")
    return Returned(value, reply.changed, tuple(points), Noise(reply.printed, tuple(reply.warnings))), size


def _without_value(function: str, reply: protocol.Reply) -> Answer:
    match reply:
        case protocol.Absent(what=None):
            return Stopped(f"{function} is not defined.", final=True)
        case protocol.Absent(what=what):
            kind = f"type {what}" if what in PUBLIC_TYPES else "a type of its own"
            return Stopped(f"{function} is not a function: it is an object of {kind}.", final=True)
        case protocol.NotData(what=what):
            return Unreadable(_not_data(what))
        case protocol.ExceptionRaised(type=kind, text=text):
            known = kind if kind in PUBLIC_TYPES else "an exception of its own"
            return Raised(known, text, Noise(reply.printed, tuple(reply.warnings)))
    raise GarbledError("this is no reply to a call")


def _not_data(what: str) -> str:
    """Return the process's description of a value that is not data, unless a word in it may be the student's."""
    known = _NOT_DATA.fullmatch(what)
    word = known[1] or known[2] if known else None
    return (
        what if known and (word is None or word in PUBLIC_TYPES or word.rstrip("0123456789") == "str") else NO_DATA
    )
