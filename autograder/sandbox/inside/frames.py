"""Frames to and from the trusted side."""

from __future__ import annotations

import struct
from json import JSONDecoder
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]  # not in the stubs
from os import _exit, dup, read, write
from socket import recv_fds, socket

# Names are bound at import: a notebook may replace what the modules hold.
HEADER = struct.Struct(">II")
decode = JSONDecoder().decode


def _refuse(value):
    raise TypeError(f"a message holds an object of type {type(value).__name__}")


# What JSONEncoder(ensure_ascii=False, allow_nan=False) makes anew for each message. Messages hold no circles.
_encoder = c_make_encoder(None, _refuse, encode_basestring, None, ": ", ", ", False, False, False)


def encode(message):
    """Return a message's JSON."""
    return "".join(_encoder(message, 0))


class Channel:
    """Receives and sends frames over a pair of descriptors."""

    def __init__(self, incoming, outgoing):
        self.incoming, self.outgoing = incoming, outgoing

    def receive(self):
        lengths = HEADER.unpack(self._read(HEADER.size))
        return decode(self._read(lengths[0]).decode()), self._read(lengths[1])

    def _read(self, size):
        parts = []
        while size:
            part = read(self.incoming, min(size, 1 << 20))
            if not part:
                _exit(0)  # the trusted side closed the channel
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def receive_descriptors(self, count):
        """Return file descriptors that arrive over a socket with one byte of data."""
        with socket(fileno=dup(self.incoming)) as connected:
            found = recv_fds(connected, 1, count)[1]
        if len(found) < count:
            _exit(0)  # the trusted side is gone
        return found

    def send(self, message, blobs=()):
        text = encode(message).encode("utf-8", "replace")
        blob = b"".join(blobs)
        data = memoryview(HEADER.pack(len(text), len(blob)) + text + blob)
        while data:
            data = data[write(self.outgoing, data) :]
