"""The messages between the trusted side and a student's process.

A message to the process holds a cell's source, or the calls of one function. A message from the process is decoded
into exactly one of the types below; anything else is refused. Nothing is ever unpickled or evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from autograder.judging.calls import Call, Callback
from autograder.sandbox.channel import frame
from autograder.sandbox.inside.display import MAX_LINES, MAX_TYPE_NAME, MAX_TYPES
from autograder.sandbox.inside.values import MAX_NAME, MAX_NOISE, MAX_TEXT, MAX_WARNINGS
from autograder.sandbox.values import GarbledError, Strict, Value, describe

# --- to the student's process ----------------------------------------------------------------------------


def frame_calls(
    function: str, calls: Sequence[Call], *, room: int, extra: int, spare: int, asked: int
) -> tuple[bytes, list[list[Callback]]]:
    """Pack calls of one function.

    Parameters
    ----------
    function, calls
        The function's name, and the arguments of each call.
    room
        The bytes that every answer may have.
    extra, spare
        The bytes by which one answer, and all of them together, may be larger.
    asked
        The bytes that a point may have at which a call asks for a callback's value.

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
    sizes = {"room": room, "extra": extra, "spare": spare, "asked": asked}
    request = frame({"op": "calls", "function": function, "calls": described, **sizes}, b"".join(blobs))
    return request, callbacks


# --- from the student's process --------------------------------------------------------------------------

# What an honest process caps is capped again here: the student's code may have replaced its program.
Name = Annotated[str, Meta(max_length=MAX_NAME)]
Noise = Annotated[str, Meta(max_length=MAX_NOISE)]
Warnings = Annotated[list[Noise], Meta(max_length=MAX_WARNINGS)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Bundle = Annotated[dict[Annotated[str, Meta(max_length=MAX_TYPE_NAME)], str], Meta(max_length=MAX_TYPES)]


class StreamOutput(Strict, tag_field="output_type", tag="stream"):
    """Text that a cell printed."""

    name: Literal["stdout", "stderr"]
    text: str


class DisplayOutput(Strict, tag_field="output_type", tag="display_data"):
    """What a cell displayed, as text or base64 by MIME type."""

    data: Bundle


class ResultOutput(Strict, tag_field="output_type", tag="execute_result"):
    """The value of a cell's last expression."""

    data: Bundle
    execution_count: Annotated[int, Meta(ge=0, lt=1 << 31)] | None


class ErrorOutput(Strict, tag_field="output_type", tag="error"):
    """The exception that ended a cell."""

    ename: Name
    evalue: Text
    traceback: Annotated[list[Text], Meta(max_length=MAX_LINES)]


Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput


class Ready(Strict, tag_field="t", tag="ready"):
    """The process is confined and waits for a request."""


class CellDone(Strict, tag_field="t", tag="cell"):
    """A cell ran to its end, or until the exception named in ``error``."""

    outputs: list[Output]
    error: Name | None


class ValueReturned(Strict, tag_field="t", tag="returned"):
    """The function returned a value. ``changed`` says whether it changed an argument."""

    value: Value
    changed: bool
    printed: Noise
    warnings: Warnings


class ExceptionRaised(Strict, tag_field="t", tag="raised"):
    """The function raised an exception of type ``type``."""

    type: Name
    text: Noise
    printed: Noise
    warnings: Warnings


class NotData(Strict, tag_field="t", tag="unreadable"):
    """The function returned a value that is not data; ``what`` describes it."""

    what: Noise


class Absent(Strict, tag_field="t", tag="absent"):
    """The function is not defined (``what`` is None), or its name stands for an object of type ``what``."""

    what: Name | None


class NamesRead(Strict, tag_field="t", tag="names"):
    """Those of the names asked for that cells read."""

    names: list[Name]


class Done(Strict, tag_field="t", tag="done"):
    """All calls are answered, or all up to the one that was interrupted."""


class Asked(Strict, tag_field="t", tag="asked"):
    """The function asks for the value of callback ``id`` at a point, and waits for it."""

    id: Annotated[int, Meta(ge=0, lt=1 << 31)]
    point: Value


Reply = Ready | CellDone | NamesRead | ValueReturned | ExceptionRaised | NotData | Absent | Asked | Done
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
