"""One submission's process: asked, limited and ended from outside.

Whatever happens inside, each request comes back within its time: with what the process sent, or with a sentence
about why it didn't.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.judging.calls import Answer, Call, Callback, Noise, Raised, Returned, Stopped, Unreadable
from autograder.sandbox import protocol
from autograder.sandbox.channel import Channel, GoneError, OverdueError, TooMuchError, frame
from autograder.sandbox.policy import Limits
from autograder.sandbox.zygote import Zygote, ZygoteError

START_SECONDS = 30.0
QUICK = 0.05
"""Seconds in which nobody fills a disk: the scratch folder isn't measured more often."""
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


class Session:
    """One submission's process, and its scratch folder.

    Its methods raise ZygoteError where the warm process died under it, which is no fault of the submission's.

    Parameters
    ----------
    zygote
        Forks it, and has no other submission meanwhile.
    limits
        What it may use.
    files
        Files that lie beside the notebook, by relative path.
    fixed
        Cells of the instructor's that it is going to run.
    deadline
        When the whole submission must be done, on the clock of ``time.monotonic``.
    done
        Takes the zygote back when the session is closed.

    Raises
    ------
    SessionEndedError
        If the files can't be laid out, or the process does not start.
    ZygoteError
        If the zygote has to be replaced.
    """

    def __init__(
        self,
        zygote: Zygote,
        limits: Limits,
        files: Mapping[str, bytes],
        fixed: Sequence[str],
        deadline: float,
        done: Callable[[Zygote], None],
    ) -> None:
        self.zygote, self.limits, self.deadline, self._done = zygote, limits, deadline, done
        self.scratch = zygote.scratch
        self.folder = Path()
        """Where it runs."""
        self.pid: int | None = None
        self._channel: Channel | None = None
        self._ended: str | None = None
        self._closed, self._looked = False, 0.0
        self._most, self._points_left = limits.reply_bytes, limits.point_bytes
        try:
            self._start(files, fixed)
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
        """Kill the process, wait for its end, and remove its files."""
        if self._closed:
            return
        self._closed = True
        self._ended = self._ended or "its process was closed"
        try:
            with contextlib.suppress(ZygoteError):  # it is dead, or will be replaced, and its child with it
                self._bury(0.0)
        finally:
            if self._channel is not None:
                self._channel.close()
            self._done(self.zygote)

    def _bury(self, grace: float) -> int:
        """Return the signal that ended the process, 0 where there was none or it had to be killed."""
        pid, self.pid = self.pid, None
        if pid is None:
            return 0
        try:
            return self.zygote.reap(pid, grace)
        except ZygoteError:  # its child ends with it, unless that saw to it that it doesn't
            self.zygote.kill()
            until = time.monotonic() + self.limits.grace_seconds
            with contextlib.suppress(ProcessLookupError):
                while time.monotonic() < until:
                    os.kill(pid, signal.SIGKILL)
                    time.sleep(0.01)
            raise

    @property
    def ended(self) -> str | None:
        """Why the process is gone, or None while it lives."""
        return self._ended

    def run_cell(self, source: str, *, figures: bool = True) -> tuple[protocol.CellDone, str | None]:
        """Run a cell's source; without drawing, its figures are shown by their names alone.

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
        request = frame({"op": "cell", "source": source, "figures": figures})
        self._most = 2 * self.limits.output_bytes + 4096
        reply, _, late = self._exchange(request, self.limits.cell_seconds, "the cell")
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
        for answer in self.ask_all(function, [call]):
            return answer
        raise SessionEndedError(self._ended)

    def ask_all(self, function: str, calls: Sequence[Call]) -> list[Answer]:
        """Call a function of the notebook again and again, without waiting for an answer before the next call.

        Returns
        -------
        list
            An answer for each call, up to one that had to be interrupted (it is :class:`Stopped`) or that the
            process did not survive (it is missing, and :attr:`ended` says why).

        Raises
        ------
        SessionEndedError
            If the process is gone already.
        """
        if self._ended:
            raise SessionEndedError(self._ended)
        request, callbacks = protocol.frame_calls(function, calls)
        answers: list[Answer] = []
        with contextlib.suppress(SessionEndedError):
            for kept in callbacks:
                points: list[Any] = []
                self._most, self._points_left = self.limits.reply_bytes, self.limits.point_bytes
                reply, blob, late = self._exchange(request, self.limits.call_seconds, function, kept, points)
                if late:
                    return [*answers, Stopped(late)]
                if isinstance(reply, protocol.Done) and answers:  # it interrupted itself
                    return answers
                answers.append(self._read_answer(function, reply, blob, points))
                request = b""
            reply, _, late = self._exchange(b"", self.limits.call_seconds, function, (), [])
            if not isinstance(reply, protocol.Done):
                raise self._garbled()
        return answers

    def _read_answer(self, function: str, reply: protocol.Reply, blob: bytes, points: list[Any]) -> Answer:
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

    def _start(self, files: Mapping[str, bytes], fixed: Sequence[str]) -> None:
        self.zygote.wait_until_ready()
        self.zygote.learn(fixed)
        try:
            self.folder = self.scratch.lay_out(files)
        except OSError as error:
            raise self._end(f"the files beside it could not be laid out: {error.strerror}.") from None
        from_us, outgoing = os.pipe()
        incoming, to_us = os.pipe()
        self._channel = Channel(incoming, outgoing, self._look_at_scratch)
        try:
            self.pid = self.zygote.fork(str(self.folder), [from_us, to_us])
        finally:
            os.close(from_us)
            os.close(to_us)
        try:
            reply, _ = self._receive(time.monotonic() + START_SECONDS)
        except OverdueError:
            raise self._end("its process did not start in time.") from None
        if not isinstance(reply, protocol.Ready):
            raise self._garbled()

    def _exchange(
        self,
        request: bytes,
        seconds: float,
        what: str,
        callbacks: Sequence[Callback] = (),
        points: list[Any] | None = None,
    ) -> tuple[protocol.Reply, bytes, str | None]:
        """Send a request, if there is a new one, and wait for a reply; the sentence says that it was interrupted.

        Where several calls were requested, which is where there are points, an interrupt ends them all.
        """
        if self._ended:
            raise SessionEndedError(self._ended)
        allowed = min(time.monotonic() + seconds, self.deadline)
        try:
            if request:
                self._send(request, allowed)
            reply, blob = self._receive_answering(callbacks, points, allowed)
        except OverdueError:
            pass
        else:
            if time.monotonic() - self._looked > QUICK:
                self._look_at_scratch()
            return reply, blob, None
        late = (
            f"the submission took more than {self.limits.submission_seconds:g} seconds as a whole."
            if allowed == self.deadline
            else f"{what} took more than {seconds:g} seconds and was stopped."
        )
        assert self.pid is not None  # for the type checker; it has not been reaped
        os.kill(self.pid, signal.SIGINT)
        until = time.monotonic() + self.limits.grace_seconds
        try:
            reply, blob = self._receive_answering((), None, until)
            while points is not None and not isinstance(reply, protocol.Done):
                reply, blob = self._receive_answering((), None, until)
        except OverdueError:
            raise self._end(late) from None
        return reply, blob, late

    def _receive_answering(
        self, callbacks: Sequence[Callback], points: list[Any] | None, deadline: float
    ) -> tuple[protocol.Reply, bytes]:
        while True:
            reply, blob = self._receive(deadline)
            if not isinstance(reply, protocol.Asked):
                return reply, blob
            answer: dict[str, Any] = {"value": None, "error": "it was called after its time"}
            if points is not None:
                answer = self._evaluate(reply, blob, callbacks, points)
            self._send(frame({"op": "answer", **answer}), deadline)

    def _evaluate(
        self, asked: protocol.Asked, blob: bytes, callbacks: Sequence[Callback], points: list[Any]
    ) -> dict[str, Any]:
        if not 0 <= asked.id < len(callbacks):
            raise self._garbled()
        self._points_left -= len(blob) + POINT
        if self._points_left < 0:
            raise self._end("it asked for the values at more points than any method needs.")
        try:
            point = protocol.read_point(asked.point, blob)
            return {"value": callbacks[asked.id].at(point, points).hex(), "error": None}
        except protocol.GarbledError:
            raise self._garbled() from None
        except ValueError as error:
            return {"value": None, "error": str(error)}

    def _send(self, data: bytes, deadline: float) -> None:
        assert self._channel is not None  # for the type checker; the session has not ended
        try:
            self._channel.send(data, deadline)
        except GoneError:
            raise self._gone() from None

    def _receive(self, deadline: float) -> tuple[protocol.Reply, bytes]:
        assert self._channel is not None  # for the type checker; the session has not ended
        try:
            text, blob = self._channel.receive(self._most, deadline)
            return protocol.read_reply(text), blob
        except TooMuchError:
            raise self._end("it sent more than can be an answer.") from None
        except GoneError:
            raise self._gone() from None
        except protocol.GarbledError:
            raise self._garbled() from None

    def _look_at_scratch(self) -> None:
        self._looked = time.monotonic()
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
        try:
            number = self._bury(self.limits.grace_seconds)
        except ZygoteError:
            self.close()
            raise
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
