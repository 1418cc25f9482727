"""Start, feed, limit and kill the processes in which student code runs.

A :class:`Session` is one student's process. Whatever happens inside, each request comes back within its
time: with what the process sent, or with a sentence about why it didn't.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import os
import re
import select
import signal
import threading
import time
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, Self

from autograder.exercise import Answer, Call, Callback, Noise, Raised, Returned, Stopped, Unreadable
from autograder.sandbox import policy, protocol
from autograder.sandbox.launch import Process, launch
from autograder.sandbox.policy import Limits, Runtime
from autograder.sandbox.scratch import Scratch

START_SECONDS = 30.0
POINT = 1024
"""Bytes that a point counts for besides its numbers."""
NO_DATA = "something that is no data"
PUBLIC_TYPES = frozenset(name for name, kind in vars(builtins).items() if isinstance(kind, type)) | {
    *("LinAlgError", "AxisError", "generator", "function", "module", "ndarray", "method", "coroutine"),
}
"""Names of types and exceptions that may be shown; a name of the student's own could carry a hidden input."""
_NOT_DATA = re.compile(
    r"an object of type (\w+)|an array of dtype (\w+)|an array of \d+ bytes, too large to be an answer,|"
    r"a structure nested too deeply or with too many items|an integer of more than 1024 bits"
)


class SessionEndedError(Exception):
    """The student's process is gone; the text says why, as a sentence for the student."""


class _OverdueError(Exception):
    """A deadline passed while waiting for the process."""


class Pool:
    """Gives each submission a process of its own.

    Parameters
    ----------
    limits
        What one submission may use.
    isolated
        False runs student code as an ordinary process: ``--sandbox none``.
    """

    def __init__(self, limits: Limits, *, isolated: bool = True) -> None:
        self.limits, self.isolated = limits, isolated
        self._runtimes: dict[frozenset[str], Runtime] = {}
        self._open = contextlib.ExitStack()
        self._lock = threading.Lock()

    def session(self, allow: Collection[str], files: Mapping[str, bytes], deadline: float) -> Session:
        """Start a process for a submission that may import ``allow`` besides the default modules."""
        with self._lock:
            key = frozenset(allow)
            if key not in self._runtimes:
                self._runtimes[key] = self._open.enter_context(policy.runtime(key, isolated=self.isolated))
        return Session(self._runtimes[key], self.limits, files, deadline)

    def close(self) -> None:
        """Remove what the processes shared."""
        self._open.close()


class Session:
    """One submission's process, and its scratch folder.

    Parameters
    ----------
    runtime
        The Python it gets.
    limits
        What it may use.
    files
        Files that lie beside the notebook, by relative path.
    deadline
        When the whole submission must be done, on the clock of ``time.monotonic``.
    """

    def __init__(self, runtime: Runtime, limits: Limits, files: Mapping[str, bytes], deadline: float) -> None:
        self.runtime, self.limits, self.deadline = runtime, limits, deadline
        self.scratch = Scratch(runtime.folder)
        self._ended: str | None = None
        self._process: Process | None = None
        self._incoming, self._most = bytearray(), limits.reply_bytes
        try:
            self._lay_out(files)
            self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the process, wait for its end, and remove its scratch folder."""
        if self._process is not None:
            self._process.end()
            self._process = None
            self._ended = self._ended or "its process was closed"
        self.scratch.remove()

    @property
    def ended(self) -> str | None:
        """Why the process is gone, or None while it lives."""
        return self._ended

    def run_cell(self, source: str) -> tuple[protocol.CellDone, str | None]:
        """Run a cell's source.

        Returns
        -------
        CellDone
            Its outputs.
        str or None
            A sentence where the cell was interrupted because its time was up.

        Raises
        ------
        SessionEndedError
            If the process did not survive it.
        """
        request = protocol.frame({"op": "cell", "source": source})
        self._most = 2 * self.limits.output_bytes + 4096
        reply, _, late = self._exchange(request, self.limits.cell_seconds, "the cell", ())
        if isinstance(reply, protocol.ExceptionRaised) and late:
            return protocol.CellDone([], "KeyboardInterrupt"), late
        if not isinstance(reply, protocol.CellDone):
            raise self._garbled()
        return reply, late

    def ask(self, function: str, call: Call) -> Answer:
        """Call a function of the notebook.

        Raises
        ------
        SessionEndedError
            If the process did not survive it.
        """
        request, callbacks = protocol.frame_call(function, call)
        points: list[Any] = []
        self._most, self._points_left = self.limits.reply_bytes, self.limits.point_bytes
        reply, blob, late = self._exchange(request, self.limits.call_seconds, function, callbacks, points)
        if late:
            return Stopped(late)
        match reply:
            case protocol.Absent(what=None):
                return Stopped(f"{function} is not defined.", final=True)
            case protocol.Absent(what=what):
                kind = f"type {what}" if what in PUBLIC_TYPES else "a type of its own"
                return Stopped(f"{function} is not a function: it is an object of {kind}.", final=True)
            case protocol.NotData(what=what):
                return Unreadable(_not_data(what))
            case protocol.ExceptionRaised(type=kind, text=text):
                known = kind if kind in PUBLIC_TYPES else "an exception of its own"
                return Raised(known, text, Noise(reply.printed, tuple(reply.warnings)))
            case protocol.ValueReturned():
                try:
                    value = protocol.read_value(reply.value, blob)
                except protocol.GarbledError:
                    raise self._garbled() from None
                return Returned(value, reply.changed, tuple(points), Noise(reply.printed, tuple(reply.warnings)))
        raise self._garbled()

    # --- the process -------------------------------------------------------------------------------------

    def _lay_out(self, files: Mapping[str, bytes]) -> None:
        try:
            self.scratch.fill(files, self.runtime.uid)
        except OSError as error:
            raise self._end(f"the files beside it could not be laid out: {error.strerror}.") from None

    def _start(self) -> None:
        limits = self.limits
        rlimits = {
            "RLIMIT_AS": limits.memory,
            "RLIMIT_CPU": int(limits.submission_seconds) + 10,
            "RLIMIT_FSIZE": limits.file_size,
            "RLIMIT_CORE": 0,
        }
        settings = {
            "uid": self.runtime.uid,
            "isolated": self.runtime.isolated,
            "keep_reading": self.runtime.keep_reading,
            "site": str(self.runtime.site),
            "rlimits": rlimits,
            "output_bytes": limits.output_bytes,
        }
        self._process = launch(self.runtime, json.dumps(settings), self.scratch.path, limits)
        self._stdin, self._stdout = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._stdin, False)
        os.set_blocking(self._stdout, False)
        try:
            reply, _ = self._receive(time.monotonic() + START_SECONDS)
        except _OverdueError:
            raise self._end("its process did not start in time.") from None
        if not isinstance(reply, protocol.Ready):
            raise self._garbled()

    def _exchange(
        self, request: bytes, seconds: float, what: str, callbacks: Any, points: list[Any] | None = None
    ) -> tuple[protocol.Reply, bytes, str | None]:
        """Send a request and wait for its reply; the sentence says that it had to be interrupted."""
        if self._ended:
            raise SessionEndedError(self._ended)
        allowed = min(time.monotonic() + seconds, self.deadline)
        whole = allowed == self.deadline
        late = (
            f"the submission took more than {self.limits.submission_seconds:g} seconds as a whole."
            if whole
            else f"{what} took more than {seconds:g} seconds and was stopped."
        )
        try:
            self._send(request, allowed)
            reply, blob = self._receive_answering(callbacks, points, allowed)
        except _OverdueError:
            pass
        else:
            self._look_at_scratch()
            return reply, blob, None
        assert self._process is not None  # for the type checker; it is alive
        os.kill(self._process.pid, signal.SIGINT)
        try:
            return *self._receive_answering((), None, time.monotonic() + self.limits.grace_seconds), late
        except _OverdueError:
            raise self._end(late) from None

    def _receive_answering(
        self, callbacks: Any, points: list[Any] | None, deadline: float
    ) -> tuple[protocol.Reply, bytes]:
        while True:
            reply, blob = self._receive(deadline)
            if not isinstance(reply, protocol.Asked):
                return reply, blob
            answer: dict[str, Any] = {"value": None, "error": "it was called after its time"}
            if points is not None:
                answer = self._evaluate(reply, blob, callbacks, points)
            self._send(protocol.frame({"op": "answer", **answer}), deadline)

    def _evaluate(
        self, asked: protocol.Asked, blob: bytes, callbacks: list[Callback], points: list[Any]
    ) -> dict[str, Any]:
        if not 0 <= asked.id < len(callbacks):
            raise self._garbled()
        self._points_left -= len(blob) + POINT
        if self._points_left < 0:
            raise self._end("it asked for the values at more points than any method needs.")
        try:
            point = protocol.read_value(asked.point, blob)
            return {"value": callbacks[asked.id].at(point, points).hex(), "error": None}
        except protocol.GarbledError:
            raise self._garbled() from None
        except ValueError as error:
            return {"value": None, "error": str(error)}

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._stdin, select.POLLOUT, deadline)
            try:
                view = view[os.write(self._stdin, view[: 1 << 16]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._gone() from None

    def _receive(self, deadline: float) -> tuple[protocol.Reply, bytes]:
        """Return the next frame; one that is cut by the deadline is kept, and goes on next time."""
        start = protocol.HEADER.size
        self._read_until(start, deadline)
        text_size, blob_size = protocol.HEADER.unpack_from(self._incoming)
        if text_size + blob_size > self._most:
            raise self._end("it sent more than can be an answer.")
        self._read_until(start + text_size + blob_size, deadline)
        text, blob = self._incoming[start : start + text_size], self._incoming[start + text_size :]
        self._incoming = bytearray()
        try:
            return protocol.read_reply(bytes(text)), bytes(blob)
        except protocol.GarbledError:
            raise self._garbled() from None

    def _read_until(self, size: int, deadline: float) -> None:
        while len(self._incoming) < size:
            self._wait(self._stdout, select.POLLIN, deadline)
            try:
                part = os.read(self._stdout, min(size - len(self._incoming), 1 << 20))
            except BlockingIOError:
                continue
            if not part:
                raise self._gone()
            self._incoming += part

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        """Wait until a pipe is ready, looking now and then at how full the scratch folder is."""
        poll = select.poll()
        poll.register(descriptor, event)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _OverdueError
            if poll.poll(min(left, 0.5) * 1000):
                return
            self._look_at_scratch()

    def _look_at_scratch(self) -> None:
        excess = self.scratch.excess(self.limits.scratch_size)
        if excess:
            raise self._end(excess)

    # --- ends --------------------------------------------------------------------------------------------

    def _end(self, why: str) -> SessionEndedError:
        """Kill the process and keep the reason."""
        self._ended = why
        self.close()
        return SessionEndedError(why)

    def _garbled(self) -> SessionEndedError:
        return self._end("its process wrote to the grader's own channel, and was stopped.")

    def _gone(self) -> SessionEndedError:
        """Say how a process ended that ended by itself."""
        assert self._process is not None  # for the type checker; it was alive
        number = self._process.end(self.limits.grace_seconds)
        self._process = None
        causes: dict[int, str] = {
            signal.SIGSEGV: "its process crashed (segmentation fault).",
            signal.SIGABRT: "its process aborted.",
            signal.SIGXCPU: "it used more processor time than a submission may.",
            signal.SIGKILL: "its process was killed, perhaps for want of memory.",
        }
        why = (
            "it ended its own process (os._exit, perhaps)."
            if not number
            else f"its process was ended by signal {number}."
        )
        return self._end(causes.get(number, why))


def _not_data(what: str) -> str:
    """Repeat what the process says it can't send, but no word that could be the student's own."""
    known = _NOT_DATA.fullmatch(what)
    word = known[1] or known[2] if known else None
    return (
        what if known and (word is None or word in PUBLIC_TYPES or word.rstrip("0123456789") == "str") else NO_DATA
    )
