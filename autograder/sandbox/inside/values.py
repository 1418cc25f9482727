"""The values of a student's function packed as JSON and bytes, and its arguments read back."""

from __future__ import annotations

import functools
import math

MAX_DEPTH, MAX_ITEMS, MAX_PAIRS, MAX_TEXT, MAX_NAME = 16, 100_000, 1000, 4000, 80
MAX_NOISE, MAX_WARNINGS = 500, 10
"""Characters of what a call printed, warned and raised, and the number of its warnings."""
ITEM_BYTES, AXIS_BYTES, LETTER_BYTES = 64, 24, 6
"""What a value counts for: more than it takes as JSON. On the trusted side, ``judging.sizes`` counts alike."""


@functools.cache
def array_types():
    """Return the types of NumPy's arrays and scalars, which is imported where values are encoded."""
    import numpy as np

    return np.ndarray, np.generic


class NotDataError(Exception):
    """A value that is not data and can't be sent. The text describes it."""


class TooLargeError(Exception):
    """A value that takes more room than there is."""


class Encoder:
    """Describes one value as JSON, and collects the bytes of its arrays, as long as there is room."""

    def __init__(self, room):
        self.used, self.room, self.items, self.blobs = 0, room, 0, []

    def encode(self, value):
        try:
            return self._node(value, 0)
        except TooLargeError:
            raise NotDataError(f"{measured(value)}, too large to be an answer,") from None

    def _take(self, size):
        self.used += size
        if self.used > self.room:
            raise TooLargeError

    def _node(self, value, depth):
        is_array = isinstance(value, array_types())
        if is_array and (text := _text_without_array(value)) is not None:
            value, is_array = text, False
        if depth > MAX_DEPTH:
            raise NotDataError("a structure nested too deeply")
        self._take(ITEM_BYTES)
        self.items += 1
        if self.items > MAX_ITEMS:
            raise TooLargeError
        if value is None or value is True or value is False:
            return value
        if is_array:
            return self._array(value)
        if isinstance(value, int):
            if abs(value) >> 1024:
                raise NotDataError("an integer of more than 1024 bits")
            self._take(int(value).bit_length() // 3)
            return {"t": "int", "v": str(int(value))}
        if isinstance(value, float):
            return {"t": "float", "v": float.hex(value)}
        if isinstance(value, complex):
            import numpy as np

            return self._array(np.complex128(value))
        if isinstance(value, str):
            text = value[:MAX_TEXT]
            self._take(LETTER_BYTES * len(text))
            return {"t": "str", "v": text}
        if isinstance(value, list | tuple):
            kind = "list" if isinstance(value, list) else "tuple"
            return {"t": kind, "items": [self._node(item, depth + 1) for item in value]}
        if isinstance(value, dict):
            if dict.__len__(value) > MAX_PAIRS:
                raise TooLargeError
            return {
                "t": "dict",
                "items": [[self._node(k, depth + 1), self._node(v, depth + 1)] for k, v in value.items()],
            }
        raise NotDataError(f"an object of type {type.__getattribute__(type(value), '__name__')[:MAX_NAME]}")

    def _array(self, value):
        import numpy as np

        array = np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise NotDataError(f"an array of dtype {array.dtype.name[:40]}")
        self._take(AXIS_BYTES * array.ndim + array.nbytes)
        self.blobs.append(array.tobytes())
        return {"t": "array", "dtype": array.dtype.str, "shape": list(array.shape)}


def _text_without_array(value):
    """Return an array that holds nothing but text as if the student had written a list; None for others."""
    import numpy as np

    array = np.asarray(value)
    if array.size > MAX_ITEMS or array.dtype.kind not in "UTO":
        return None
    return array.tolist() if array.size and all(isinstance(item, str) for item in array.ravel()) else None


def measured(value):
    """Describe a value by its kind and its lengths."""
    import numpy as np

    if isinstance(value, array_types()):
        shape = np.asarray(value).shape
        return f"an array of shape {shape}" if len(shape) <= 8 else f"an array of {len(shape)} axes"
    if isinstance(value, list):
        return f"a list of {list.__len__(value)} items"
    if isinstance(value, tuple):
        return f"a tuple of {tuple.__len__(value)} items"
    if isinstance(value, dict):
        return f"a dictionary of {dict.__len__(value)} items"
    return f"a string of {str.__len__(value)} characters" if isinstance(value, str) else "a number"


class Decoder:
    """Turns the trusted side's description of arguments into values."""

    def __init__(self, blob, ask):
        self.blob, self.used, self.ask = blob, 0, ask

    def decode(self, node):
        if not isinstance(node, dict):
            return node
        kind = node["t"]
        if kind == "array":
            return self.array(node)
        if kind == "callback":
            return lambda point: self.ask(node["id"], point)
        if kind == "dict":
            return {self.decode(k): self.decode(v) for k, v in node["items"]}
        if kind in ("list", "tuple"):
            items = [self.decode(item) for item in node["items"]]
            return items if kind == "list" else tuple(items)
        return {"int": int, "float": float.fromhex, "str": str}[kind](node["v"])

    def array(self, node):
        """Build an array with its original strides and writeable flag."""
        import numpy as np

        shape, strides, dtype = tuple(node["shape"]), node["strides"], np.dtype(node["dtype"])
        size = dtype.itemsize * math.prod(shape)
        data = bytearray(self.blob[self.used : self.used + size])
        self.used += size
        array = np.ndarray(shape, dtype, data)
        if strides and size:
            span = [(n - 1) * s for n, s in zip(shape, strides, strict=True)]
            offset = -sum(s for s in span if s < 0)
            buffer = bytearray(offset + sum(s for s in span if s > 0) + dtype.itemsize)
            spread = np.ndarray(shape, dtype, buffer, offset, strides)
            spread[...] = array
            array = spread
        array.flags.writeable = node["writeable"]
        return array
