"""Replies as a student's process sends them, for tests."""

from __future__ import annotations

import json

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
    blobs = []
    node = values.encode(value, blobs)
    read = read_reply(reply(value=node))
    return read_value(read.value, b"".join(blobs))


def read(node, blob=b""):
    return read_value(read_reply(reply(value=node)).value, blob)
