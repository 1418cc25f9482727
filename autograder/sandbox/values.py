"""The values in the messages: arguments packed as JSON and bytes, and answers read back strictly.

An answer consists of numbers, strings, booleans, None, lists, tuples, dicts and numeric arrays. Anything else, and
anything malformed, is refused. ``inside.values`` is the counterpart in the student's process. What it caps is
capped again here, because the student's code may have replaced it.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from autograder.judging.calls import Callback
from autograder.sandbox.inside.values import MAX_DEPTH, MAX_ITEMS, MAX_PAIRS, MAX_TEXT

MAX_DIMENSIONS = 64
"""As many as NumPy allows."""
MAX_SPAN = 1 << 40
"""Bytes that an empty array could span if its axes of length 0 had length 1."""
_DTYPE = re.compile(r"[<>|=]?[biufc](1|2|4|8|16|32)")


class GarbledError(ValueError):
    """The student's process sent something that is not a message of the protocol."""


# --- to the student's process ----------------------------------------------------------------------------


def describe(value: Any, blobs: list[bytes], callbacks: list[Callback]) -> Any:
    """Describe an argument as JSON; append its arrays' bytes to ``blobs`` and its callbacks to ``callbacks``.

    Raises
    ------
    TypeError
        If the protocol has no description for a value of this type.
    """
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
        return {"t": kind, "items": [describe(item, blobs, callbacks) for item in value]}
    raise TypeError(f"a check can't pass {type(value).__name__} to a student's function")


def _is_plain(array: np.ndarray) -> bool:
    """Whether the shape alone determines the strides: the stride of an axis of length 1 is arbitrary."""
    return bool(array.flags.c_contiguous) and 1 not in array.shape


# --- from the student's process --------------------------------------------------------------------------


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A part of a message, which has the fields named here and no others."""


class Int(Strict, tag_field="t", tag="int"):
    """An integer, in decimal digits."""

    v: Annotated[str, Meta(max_length=400)]


class Float(Strict, tag_field="t", tag="float"):
    """A float, as ``float.hex`` writes it."""

    v: Annotated[str, Meta(max_length=40)]


class Text(Strict, tag_field="t", tag="str"):
    """A string."""

    v: Annotated[str, Meta(max_length=MAX_TEXT)]


class Items(Strict, tag_field="t", tag="list"):
    """A list."""

    items: Annotated[list[Value], Meta(max_length=MAX_ITEMS)]


class Tuple(Strict, tag_field="t", tag="tuple"):
    """A tuple."""

    items: Annotated[list[Value], Meta(max_length=MAX_ITEMS)]


class Pairs(Strict, tag_field="t", tag="dict"):
    """A dict, as pairs of key and value."""

    items: Annotated[list[tuple[Value, Value]], Meta(max_length=MAX_PAIRS)]


class Array(Strict, tag_field="t", tag="array"):
    """A NumPy array or scalar in C order; its bytes follow those of the arrays before it."""

    dtype: Annotated[str, Meta(max_length=8)]
    shape: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(max_length=MAX_DIMENSIONS)]


Value = None | bool | Int | Float | Text | Items | Tuple | Pairs | Array


def read_value(node: Value, blob: bytes) -> Any:
    """Build the value that a reply describes.

    Raises
    ------
    GarbledError
        If it is nested too deeply, too large, or doesn't match its bytes.
    """
    return _Reader(blob, text=True).whole(node)


def read_point(node: Value, blob: bytes) -> Any:
    """Build the point at which to evaluate a callback.

    Raises
    ------
    GarbledError
        As :func:`read_value`.
    ValueError
        If it holds text: in an array, NumPy would make every element as long as the longest.
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
        dtype = _dtype(node.dtype)
        count = math.prod(node.shape)
        size = count * dtype.itemsize
        # An empty array has no bytes, but NumPy refuses it if its other axes are too long.
        if self.used + size > len(self.blob) or math.prod(n or 1 for n in node.shape) * dtype.itemsize > MAX_SPAN:
            raise GarbledError("an array is longer than its bytes")
        array = np.frombuffer(self.blob, dtype, count, self.used)
        self.used += size
        try:
            return array.reshape(node.shape)
        except ValueError:  # NumPy 1 allows 32
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
        return float.fromhex(digits)
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
