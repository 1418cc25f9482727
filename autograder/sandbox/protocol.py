"""What crosses between the trusted side and a student's process: data, read strictly.

To the process goes one command with one call's arguments. What comes back is decoded into the message types
below and into numbers, strings, booleans, None, lists, tuples, dicts and numeric arrays; anything else, and
anything malformed, is refused. Nothing is ever unpickled or evaluated.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from autograder.judging.calls import Call, Callback
from autograder.sandbox.channel import frame

MAX_DEPTH = 24
MAX_DIMENSIONS = 64
"""As many as NumPy has."""
MAX_ITEMS = 200_000
MAX_SPAN = 1 << 40
"""Bytes that an array could span if it weren't empty."""
_DTYPE = re.compile(r"[<>|=]?[biufc](1|2|4|8|16|32)")


class GarbledError(ValueError):
    """What a student's process sent is no message of this protocol."""


# --- to the student's process ----------------------------------------------------------------------------


def frame_calls(function: str, calls: Sequence[Call]) -> tuple[bytes, list[list[Callback]]]:
    """Pack calls of one function; their callbacks stay here, the process gets their numbers."""
    blobs: list[bytes] = []
    callbacks: list[list[Callback]] = [[] for _ in calls]
    described = [
        {
            "args": [_describe(value, blobs, kept) for value in call.args],
            "kwargs": {name: _describe(value, blobs, kept) for name, value in call.kwargs.items()},
        }
        for call, kept in zip(calls, callbacks, strict=True)
    ]
    return frame({"op": "calls", "function": function, "calls": described}, b"".join(blobs)), callbacks


def _describe(value: Any, blobs: list[bytes], callbacks: list[Callback]) -> Any:
    if isinstance(value, Callback):
        callbacks.append(value)
        return {"t": "callback", "id": len(callbacks) - 1}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        blobs.append(value.tobytes())
        return {
            "t": "array",
            "dtype": value.dtype.str,
            "shape": list(value.shape),
            "strides": None if _is_plain(value) else list(value.strides),
            "writeable": bool(value.flags.writeable),
        }
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"t": "int", "v": str(value)}
    if isinstance(value, float):
        return {"t": "float", "v": value.hex()}
    if isinstance(value, str):
        return {"t": "str", "v": value}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {"t": kind, "items": [_describe(item, blobs, callbacks) for item in value]}
    raise TypeError(f"a check can't pass {type(value).__name__} to a student's function")


def _is_plain(array: np.ndarray) -> bool:
    """Whether an array of this shape has no other strides by itself; along an axis of length 1 it could."""
    return bool(array.flags.c_contiguous) and 1 not in array.shape


# --- from the student's process --------------------------------------------------------------------------


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    pass


class Int(_Strict, tag_field="t", tag="int"):
    v: str


class Float(_Strict, tag_field="t", tag="float"):
    v: str


class Text(_Strict, tag_field="t", tag="str"):
    v: str


class Items(_Strict, tag_field="t", tag="list"):
    items: list[Value]


class Tuple(_Strict, tag_field="t", tag="tuple"):
    items: list[Value]


class Pairs(_Strict, tag_field="t", tag="dict"):
    items: list[tuple[Value, Value]]


class Array(_Strict, tag_field="t", tag="array"):
    dtype: str
    shape: list[int]


Value = None | bool | Int | Float | Text | Items | Tuple | Pairs | Array


class StreamOutput(_Strict, tag_field="output_type", tag="stream"):
    name: Literal["stdout", "stderr"]
    text: str


class DisplayOutput(_Strict, tag_field="output_type", tag="display_data"):
    data: dict[str, str]


class ResultOutput(_Strict, tag_field="output_type", tag="execute_result"):
    data: dict[str, str]
    execution_count: int | None


class ErrorOutput(_Strict, tag_field="output_type", tag="error"):
    ename: str
    evalue: str
    traceback: list[str]


Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput


class Ready(_Strict, tag_field="t", tag="ready"):
    """The process is confined and waits for a command."""


class CellDone(_Strict, tag_field="t", tag="cell"):
    """A cell ran to its end, or to the exception named in ``error``."""

    outputs: list[Output]
    error: str | None


class ValueReturned(_Strict, tag_field="t", tag="returned"):
    value: Value
    changed: bool
    printed: str
    warnings: list[str]


class ExceptionRaised(_Strict, tag_field="t", tag="raised"):
    type: str
    text: str
    printed: str
    warnings: list[str]


class NotData(_Strict, tag_field="t", tag="unreadable"):
    what: str


class Absent(_Strict, tag_field="t", tag="absent"):
    """The function is not defined, or what bears its name is of the type ``what`` and can't be called."""

    what: str | None


class Done(_Strict, tag_field="t", tag="done"):
    """All calls are answered, or those up to the one that was interrupted."""


class Asked(_Strict, tag_field="t", tag="asked"):
    """The function wants a callback's value at a point; it goes on once it has it."""

    id: int
    point: Value


Reply = Ready | CellDone | ValueReturned | ExceptionRaised | NotData | Absent | Asked | Done
_decoder: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def read_reply(text: bytes) -> Reply:
    """Decode the JSON of a frame.

    Raises
    ------
    GarbledError
        If it is no reply of this protocol.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise GarbledError(str(error)) from None


def read_value(node: Value, blob: bytes) -> Any:
    """Build the value that a reply describes.

    Raises
    ------
    GarbledError
        If it is nested too deeply, too large, or doesn't match the bytes that came with it.
    """
    return _Reader(blob, text=True).whole(node)


def read_point(node: Value, blob: bytes) -> Any:
    """Build the point at which a callback is to be evaluated.

    Raises
    ------
    GarbledError
        As :func:`read_value`.
    ValueError
        If it holds text: NumPy would make every element as long as the longest.
    """
    return _Reader(blob, text=False).whole(node)


class _Reader:
    def __init__(self, blob: bytes, *, text: bool) -> None:
        self.blob, self.used, self.items, self.text = blob, 0, 0, text

    def whole(self, node: Value) -> Any:
        value = self.read(node, 0)
        if self.used != len(self.blob):
            raise GarbledError("bytes are left over")
        return value

    def read(self, node: Value, depth: int) -> Any:
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise GarbledError("a value is nested too deeply or has too many items")
        match node:
            case None | bool():
                return node
            case Int(v=digits):
                return _integer(digits)
            case Float(v=digits):
                return _float(digits)
            case Text(v=text):
                if not self.text:
                    raise ValueError("the function can't be evaluated at what it was given")
                return text
            case Items(items=items):
                return [self.read(item, depth + 1) for item in items]
            case Tuple(items=items):
                return tuple(self.read(item, depth + 1) for item in items)
            case Pairs(items=pairs):
                return {_key(self.read(k, depth + 1)): self.read(v, depth + 1) for k, v in pairs}
            case Array():
                return self.array(node)

    def array(self, node: Array) -> np.ndarray:
        if len(node.shape) > MAX_DIMENSIONS or any(n < 0 for n in node.shape):
            raise GarbledError("an array is described wrongly")
        dtype = _dtype(node.dtype)
        count = math.prod(node.shape)
        size = count * dtype.itemsize
        # An empty array needs no bytes, but NumPy can't have it of any shape.
        if self.used + size > len(self.blob) or math.prod(n or 1 for n in node.shape) * dtype.itemsize > MAX_SPAN:
            raise GarbledError("an array is longer than its bytes")
        array = np.frombuffer(self.blob, dtype, count, self.used)
        self.used += size
        try:
            return array.reshape(node.shape)
        except ValueError:  # NumPy 1 has 32 dimensions
            raise GarbledError("an array has too many dimensions") from None


@functools.lru_cache(maxsize=64)
def _dtype(name: str) -> np.dtype[Any]:
    if not _DTYPE.fullmatch(name):
        raise GarbledError("an array is described wrongly")
    try:
        return np.dtype(name)
    except TypeError:
        raise GarbledError("an array has an unknown dtype") from None


def _integer(digits: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,400}", digits):
        raise GarbledError("an integer is written wrongly")
    return int(digits)


def _float(digits: str) -> float:
    try:
        return float.fromhex(digits[:40])
    except (ValueError, OverflowError):
        raise GarbledError("a float is written wrongly") from None


def _key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(map(_key, key))
    if isinstance(key, np.ndarray) and key.ndim == 0:  # a NumPy scalar, as it was sent
        return key.item()
    if isinstance(key, list | dict | np.ndarray):
        raise GarbledError("a dictionary has a key that can't be one")
    return key
