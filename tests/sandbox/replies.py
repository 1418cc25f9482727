"""Replies as a student's process sends them, for tests."""

from __future__ import annotations

import json

import numpy as np

from autograder.sandbox.inside import values
from autograder.sandbox.protocol import read_reply
from autograder.sandbox.values import read_value

RETURNED = {"t": "returned", "value": None, "changed": False, "printed": "", "warnings": []}


def reply(**changes):
    """A well-formed reply as the worker writes it, with some fields changed; … takes a field away."""
    fields = RETURNED | changes
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


def through(value):
    """Send a value as the worker does, and read it as the trusted side does."""
    encoder = values.Encoder(1 << 30)
    node = encoder.encode(value)
    read = read_reply(reply(value=node))
    return read_value(read.value, b"".join(encoder.blobs))


def read(node, blob=b""):
    return read_value(read_reply(reply(value=node)).value, blob)


TOKENS = [
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"9" * 25,
    b'"<f4"',
    b'"O"',
    b"[]",
    b"{}",
    b'"t":"asked",',
    b'""',
    b"\0",
]
TOKENS += [
    b'"t":"array"',
    b'"shape":[2,0]',
    b'"items":',
    b"\xff",
    b"NaN",
    b"[" * 40,
    b'"v":"inf"',
    b'"dict"',
    b",",
]


def seeds():
    value = {"a": [1, -0.0, ("x", None, True)], 2: np.arange(6.0).reshape(2, 3), "c": np.array(1 + 2j)}
    encoder = values.Encoder(1 << 20)
    node = encoder.encode(value)
    blob = b"".join(encoder.blobs)
    raised = {"t": "raised", "type": "E", "text": "", "printed": "", "warnings": ["w"]}
    outputs = [{"output_type": "display_data", "data": {"text/plain": "x"}}]
    return [
        (reply(value=node), blob),
        (json.dumps({"t": "asked", "id": 0, "point": node}).encode(), blob),
        (json.dumps({"t": "cell", "outputs": outputs, "error": None}).encode(), b""),
        (json.dumps(raised).encode(), b""),
    ]


def mutated(data, chance):
    """Change a few bytes: flip, cut, repeat, or put a telling token in their place."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        stop = min(len(data), start + chance.choice((0, 1, 1, 2, 5, 20)))
        new = chance.choice(
            (b"", bytes([chance.randrange(256)]), chance.choice(TOKENS), bytes(data[start:stop]) * 2)
        )
        data[start:stop] = new
    return bytes(data)
