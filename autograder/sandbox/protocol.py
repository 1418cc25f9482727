"""The messages between the trusted side and a student's process.

A message to the process holds a cell's source, or the calls of one function. A message from the process is decoded
into exactly one of the types below; anything else is refused. Nothing is ever unpickled or evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from autograder.judging.calls import Call, Callback
from autograder.sandbox.channel import frame
from autograder.sandbox.values import GarbledError, Strict, Value, describe

# --- to the student's process ----------------------------------------------------------------------------


def frame_calls(function: str, calls: Sequence[Call]) -> tuple[bytes, list[list[Callback]]]:
    """Pack calls of one function.

    Returns
    -------
    bytes
        The frame. It describes a callback by its number alone.
    list
        The callbacks of each call, in the order of their numbers.
    """
    blobs: list[bytes] = []
    callbacks: list[list[Callback]] = [[] for _ in calls]
    described = [
        {
            "args": [describe(value, blobs, kept) for value in call.args],
            "kwargs": {name: describe(value, blobs, kept) for name, value in call.kwargs.items()},
        }
        for call, kept in zip(calls, callbacks, strict=True)
    ]
    return frame({"op": "calls", "function": function, "calls": described}, b"".join(blobs)), callbacks


# --- from the student's process --------------------------------------------------------------------------


class StreamOutput(Strict, tag_field="output_type", tag="stream"):
    """Text that a cell printed."""

    name: Literal["stdout", "stderr"]
    text: str


class DisplayOutput(Strict, tag_field="output_type", tag="display_data"):
    """What a cell displayed, as text or base64 by MIME type."""

    data: dict[str, str]


class ResultOutput(Strict, tag_field="output_type", tag="execute_result"):
    """The value of a cell's last expression."""

    data: dict[str, str]
    execution_count: int | None


class ErrorOutput(Strict, tag_field="output_type", tag="error"):
    """The exception that ended a cell."""

    ename: str
    evalue: str
    traceback: list[str]


Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput


class Ready(Strict, tag_field="t", tag="ready"):
    """The process is confined and waits for a request."""


class CellDone(Strict, tag_field="t", tag="cell"):
    """A cell ran to its end, or until the exception named in ``error``."""

    outputs: list[Output]
    error: str | None


class ValueReturned(Strict, tag_field="t", tag="returned"):
    """The function returned a value. ``changed`` says whether it changed an argument."""

    value: Value
    changed: bool
    printed: str
    warnings: list[str]


class ExceptionRaised(Strict, tag_field="t", tag="raised"):
    """The function raised an exception of type ``type``."""

    type: str
    text: str
    printed: str
    warnings: list[str]


class NotData(Strict, tag_field="t", tag="unreadable"):
    """The function returned a value that is not data; ``what`` describes it."""

    what: str


class Absent(Strict, tag_field="t", tag="absent"):
    """The function is not defined (``what`` is None), or its name stands for an object of type ``what``."""

    what: str | None


class Done(Strict, tag_field="t", tag="done"):
    """All calls are answered, or all up to the one that was interrupted."""


class Asked(Strict, tag_field="t", tag="asked"):
    """The function asks for the value of callback ``id`` at a point, and waits for it."""

    id: int
    point: Value


Reply = Ready | CellDone | ValueReturned | ExceptionRaised | NotData | Absent | Asked | Done
_decoder: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def read_reply(text: bytes) -> Reply:
    """Decode the JSON of a frame.

    Raises
    ------
    GarbledError
        If it is not a reply of this protocol.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise GarbledError(str(error)) from None
