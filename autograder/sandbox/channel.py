"""Frames to and from a process that may be slow, silent or gone. Every wait has a deadline."""

from __future__ import annotations

import os
import select
import struct
import time
from collections.abc import Callable
from typing import Any

import msgspec

HEADER = struct.Struct(">II")
"""A frame's header: the size of its text and the size of its bytes."""
LOOK_EVERY = 0.5
"""Seconds between two calls of ``look`` while a channel waits."""


class OverdueError(Exception):
    """The deadline passed. Part of a frame that was read before it is kept for the next call."""


class GoneError(Exception):
    """The process has closed its end."""


class TooMuchError(Exception):
    """The process announced a frame larger than allowed."""


def frame(message: dict[str, Any], blob: bytes = b"") -> bytes:
    """Pack a message, and the bytes that belong to it."""
    text = msgspec.json.encode(message)
    return HEADER.pack(len(text), len(blob)) + text + blob


class Channel:
    """Sends and receives frames over a pair of descriptors, which it owns.

    Parameters
    ----------
    incoming, outgoing
        The descriptor to read from, and the one to write to.
    look
        Called every :data:`LOOK_EVERY` seconds while there is something to wait for, even if bytes trickle in. An
        exception that it raises ends the wait.
    """

    def __init__(self, incoming: int, outgoing: int, look: Callable[[], None] = lambda: None) -> None:
        self.incoming, self.outgoing, self.look = incoming, outgoing, look
        self._kept = bytearray()
        self._looked = 0.0
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(incoming, select.POLLIN)
        self._writable.register(outgoing, select.POLLOUT)
        os.set_blocking(incoming, False)
        os.set_blocking(outgoing, False)

    def close(self) -> None:
        """Close both descriptors."""
        os.close(self.incoming)
        os.close(self.outgoing)

    def send(self, data: bytes, deadline: float) -> None:
        """Write a frame.

        Raises
        ------
        OverdueError
            If the deadline passes first.
        GoneError
            If the process has closed its end.
        """
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.outgoing, view[: 1 << 16]) :]
            except BlockingIOError:
                self._wait(self._writable, deadline)
            except BrokenPipeError:
                raise GoneError from None

    @property
    def holds_frame(self) -> bool:
        """Whether the next frame was read already, with one before it."""
        kept = self._kept
        return len(kept) >= HEADER.size and len(kept) >= HEADER.size + sum(HEADER.unpack_from(kept))

    def receive(self, most: int, deadline: float) -> tuple[bytes, bytes]:
        """Return the text and the bytes of the next frame.

        Raises
        ------
        OverdueError
            If the deadline passes first.
        GoneError
            If the process has closed its end.
        TooMuchError
            If the frame is larger than ``most`` bytes.
        """
        kept, start = self._kept, HEADER.size
        if len(kept) < start:
            self._read_until(start, deadline)
        text_size, blob_size = HEADER.unpack_from(kept)
        if text_size + blob_size > most:
            raise TooMuchError
        middle, end = start + text_size, start + text_size + blob_size
        if len(kept) < end:
            self._read_until(end, deadline)
        text, blob = bytes(kept[start:middle]), bytes(kept[middle:end])
        del kept[:end]
        return text, blob

    def _read_until(self, size: int, deadline: float) -> None:
        while len(self._kept) < size:
            self._wait(self._readable, deadline)
            try:
                part = os.read(self.incoming, 1 << 16)  # often the whole frame
            except BlockingIOError:
                continue
            if not part:
                raise GoneError
            self._kept += part

    def _wait(self, poll: select.poll, deadline: float) -> None:
        while True:
            now = time.monotonic()
            if now >= deadline:
                raise OverdueError
            if now - self._looked > LOOK_EVERY:
                self.look()
                self._looked = now
            if poll.poll(min(deadline - now, LOOK_EVERY) * 1000):
                return
