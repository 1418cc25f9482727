"""One worker process: requests go to it, results come back, and none takes longer than it may."""

from __future__ import annotations

import contextlib
import gc
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
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    kind: str | None = None
    """The name of the exception that the request raised."""
    text: str = ""


_decoder = msgspec.json.Decoder(_Reply)


def why_exhausted(envelope: Envelope, what: str) -> ExhaustedError:
    """Return the error that says which field of an envelope was not enough."""
    sentences = {
        "seconds": f"took more than {envelope.seconds:g} seconds as a whole",
        "processor_seconds": f"took more than {envelope.processor_seconds:g} seconds of the grader's own time",
        "memory": f"took more than {envelope.memory >> 20} MB of the grader's own memory",
    }
    return ExhaustedError(sentences[what])


def result_of(content: bytes, envelope: Envelope) -> bytes:
    """Return the result in a reply, as JSON; raise the error that it holds, or DiedError if it is no reply."""
    try:
        reply = _decoder.decode(content)
    except msgspec.MsgspecError:
        raise DiedError from None
    if reply.kind == "MemoryError":
        raise why_exhausted(envelope, "memory")
    if reply.kind:
        raise RequestError(reply.kind, reply.text)
    if reply.result is msgspec.UNSET:
        raise DiedError
    return bytes(reply.result)


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
            self._connection.send((_folder(), name, arguments))
            if not self._connection.poll(self.envelope.seconds):
                self.end()
                raise why_exhausted(self.envelope, "seconds")
            content = self._connection.recv_bytes(MAX_REPLY)
        except (EOFError, OSError):
            if self.end() == signal.SIGXCPU:
                raise why_exhausted(self.envelope, "processor_seconds") from None
            raise DiedError from None
        try:
            return result_of(content, self.envelope)
        except (ExhaustedError, DiedError):
            self.end()  # its address space may stay full
            raise

    def end(self) -> int:
        """Kill the process; return the signal that had ended it before, if one had."""
        self._connection.close()
        with contextlib.suppress(OSError):  # the nursery was closed, and has killed it
            return self._nursery.end(self.pid)
        return 0


def _folder() -> str:
    """Return the current folder; "." if it was removed."""
    try:
        return str(Path.cwd())
    except OSError:
        return "."


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
    methods = service()
    gc.freeze()  # what was imported stays, and need not be looked through
    gc.set_threshold(10_000, *gc.get_threshold()[1:])
    limit(envelope)
    with contextlib.suppress(EOFError, OSError):
        while True:
            folder, name, arguments = connection.recv()
            with contextlib.suppress(OSError):
                os.chdir(folder)  # paths in the arguments may be relative
            _limit_processor(envelope)
            connection.send_bytes(answer_of(methods[name], arguments))


def limit(envelope: Envelope) -> None:
    """Limit this process's memory to what it has and what the envelope adds, and its processor time."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":  # elsewhere, address space says nothing about memory
        _set(resource.RLIMIT_AS, _address_space() + envelope.memory)
    _limit_processor(envelope)


def _limit_processor(envelope: Envelope) -> None:
    """Have the kernel send SIGXCPU, which ends the process even in a call that never returns to Python."""
    _set(resource.RLIMIT_CPU, math.ceil(time.process_time() + envelope.processor_seconds))


def answer_of(method: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Call a function; return the reply with its result, or with what it raised."""
    try:
        return msgspec.json.encode(_Reply(msgspec.Raw(_encoded(method(*arguments)))))
    except Exception as error:  # noqa: BLE001  # the parent decides what it means
        return msgspec.json.encode(_Reply(kind=type(error).__name__, text=str(error)))


def _encoded(result: Any) -> bytes:
    try:
        return msgspec.json.encode(result)
    except UnicodeEncodeError:  # the name of a file need not be UTF-8
        return json.dumps(msgspec.to_builtins(result), ensure_ascii=False).encode("utf-8", "replace")


def _set(which: int, value: int) -> None:
    """Set a limit that the processes which this one starts may lift again."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
