"""One worker process: requests go to it, results come back, and none takes longer than it may."""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from autograder.envelope.nursery import Nursery

MAX_REPLY = 256 << 20
"""Bytes of a result: what a submission may print and draw is limited elsewhere, and to less."""


@dataclass(frozen=True)
class Envelope:
    """What the grader's own work on one submission may use."""

    seconds: float
    """Wall-clock time until the worker is killed."""
    processor_seconds: float
    """Processor time of the worker itself, without the submission's own process."""
    memory: int
    """Bytes of address space in addition to what the worker has when it starts."""


class ExhaustedError(Exception):
    """A worker used more than its envelope allows. The text is the end of a sentence about the submission."""


class DiedError(Exception):
    """A worker died for another reason, or sent nonsense."""


class RequestError(Exception):
    """A request that the worker refused with an error of its own: its type's name, and its text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class _Reply(msgspec.Struct, frozen=True):
    result: msgspec.Raw = msgspec.Raw(b"null")
    kind: str | None = None
    """The name of the exception that the request raised."""
    text: str = ""


_decoder = msgspec.json.Decoder(_Reply)


class Worker:
    """A worker as its parent sees it.

    Parameters
    ----------
    nursery
        Forks the process.
    envelope
        What each request may use.
    """

    def __init__(self, nursery: Nursery, envelope: Envelope) -> None:
        self._nursery, self.envelope = nursery, envelope
        self.pid, self._connection = nursery.fork()

    def request(self, name: str, *arguments: Any) -> bytes:
        """Call a method of the worker's service; return its result as JSON.

        Raises
        ------
        RequestError
            If the method raised.
        ExhaustedError
            If the request used more than the envelope. The worker has been killed.
        DiedError
            If the worker died otherwise. So it has if the nursery was closed.
        """
        try:
            self._connection.send((name, arguments))
            if not self._connection.poll(self.envelope.seconds):
                self.end()
                raise ExhaustedError(f"took more than {self.envelope.seconds:g} seconds as a whole")
            reply = _decoder.decode(self._connection.recv_bytes(MAX_REPLY))
        except (EOFError, OSError, msgspec.MsgspecError):
            if self.end() == signal.SIGXCPU:
                raise ExhaustedError(
                    f"took more than {self.envelope.processor_seconds:g} seconds of the grader's own time to read "
                    "and judge"
                ) from None
            raise DiedError from None
        if reply.kind == "MemoryError":
            self.end()  # its address space may stay full
            raise ExhaustedError(
                f"took more than {self.envelope.memory >> 20} MB of the grader's own memory to read and judge"
            )
        if reply.kind:
            raise RequestError(reply.kind, reply.text)
        return bytes(reply.result)

    def end(self) -> int:
        """Kill the process; return the signal that had ended it before, if one had."""
        self._connection.close()
        with contextlib.suppress(OSError):  # the nursery was closed, and has killed it
            return self._nursery.end(self.pid)
        return 0


def serve(
    connection: Connection, envelope: Envelope, service: Callable[[], Mapping[str, Callable[..., Any]]]
) -> None:
    """Run a worker: answer requests until the parent closes the connection.

    Parameters
    ----------
    connection
        The worker's end.
    envelope
        What each request may use.
    service
        Called once; returns the methods that can be requested, by name. Their results must have a JSON form.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":  # elsewhere, address space says nothing about memory
        _limit(resource.RLIMIT_AS, _address_space() + envelope.memory)
    methods = service()
    with contextlib.suppress(EOFError, OSError):
        while True:
            name, arguments = connection.recv()
            # The kernel sends SIGXCPU, which ends the process even in a call that never returns to Python.
            _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + envelope.processor_seconds))
            connection.send_bytes(_answer(methods[name], arguments))


def _answer(method: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    try:
        return msgspec.json.encode(_Reply(msgspec.Raw(_encoded(method(*arguments)))))
    except Exception as error:  # noqa: BLE001  # the parent decides what it means
        return msgspec.json.encode(_Reply(kind=type(error).__name__, text=str(error)))


def _encoded(result: Any) -> bytes:
    try:
        return msgspec.json.encode(result)
    except UnicodeEncodeError:  # the name of a file need not be UTF-8
        return json.dumps(msgspec.to_builtins(result), ensure_ascii=False).encode("utf-8", "replace")


def _limit(which: int, value: int) -> None:
    """Set a limit that the processes which this one starts may lift again."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
