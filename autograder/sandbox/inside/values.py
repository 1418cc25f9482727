"""The values of a student's function packed as JSON and bytes, and its arguments read back."""

from __future__ import annotations

import math

MAX_DEPTH, MAX_ITEMS, MAX_BYTES, MAX_TEXT = 16, 100_000, 32 << 20, 4000


class NotDataError(Exception):
    """A value that is not data and can't be sent. The text describes it."""


def encode(value, blobs, depth=0, budget=None):
    """Describe a value as JSON; append the bytes of its arrays to ``blobs``."""
    import numpy as np

    budget = [MAX_ITEMS] if budget is None else budget
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise NotDataError("a structure nested too deeply or with too many items")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, np.ndarray | np.generic):
        array = np.array(value, subok=False, order="C")
        if array.dtype.kind not in "biufc":
            raise NotDataError(f"an array of dtype {array.dtype.name[:40]}")
        if array.nbytes + sum(map(len, blobs)) > MAX_BYTES:
            raise NotDataError(f"an array of {array.nbytes} bytes, too large to be an answer,")
        blobs.append(array.tobytes())
        return {"t": "array", "dtype": array.dtype.str, "shape": list(array.shape)}
    if isinstance(value, int):
        if abs(value) >> 1024:
            raise NotDataError("an integer of more than 1024 bits")
        return {"t": "int", "v": str(int(value))}
    if isinstance(value, float):
        return {"t": "float", "v": float.hex(value)}
    if isinstance(value, complex):
        return encode(np.complex128(value), blobs, depth, budget)
    if isinstance(value, str):
        return {"t": "str", "v": value[:MAX_TEXT]}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {"t": kind, "items": [encode(item, blobs, depth + 1, budget) for item in value]}
    if isinstance(value, dict):
        pairs = [
            [encode(k, blobs, depth + 1, budget), encode(v, blobs, depth + 1, budget)] for k, v in value.items()
        ]
        return {"t": "dict", "items": pairs}
    raise NotDataError(f"an object of type {type(value).__name__[:40]}")


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
