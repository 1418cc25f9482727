"""The process of one submission: start it, exchange messages with it, hold its limits and end it.

Each exchange ends in time: with the process's reply, or with a sentence that says why there is none.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.sandbox import protocol
from autograder.sandbox.answers import Evaluation, TooManyPointsError
from autograder.sandbox.budget import ENVELOPE_BYTES, Budget
from autograder.sandbox.channel import Channel, GoneError, OverdueError, TooMuchError, frame
from autograder.sandbox.fork_server import ForkServer, ForkServerError
from autograder.sandbox.policy import Limits
from autograder.sandbox.timing import PATIENCE, ProcessClock, TimeLeft, Timer
from autograder.sandbox.values import GarbledError

CHECK_EVERY = 0.05
"""Seconds between two looks at the scratch folder and the time spent: too short to fill a disk."""


class SessionEndedError(Exception):
    """The student's process has ended. The text is a sentence for the student that says why."""


class Process:
    """The process of one submission, and its scratch folder.

    All methods raise ForkServerError if the fork server dies, which is not the submission's fault.

    Parameters
    ----------
    server
        The fork server that forks the process. It serves no other submission meanwhile.
    limits
        What the submission may use.
    files
        Files that lie beside the notebook, by relative path.
    fixed
        The instructor's cells that the submission is going to run.
    done
        Called with the fork server at the end.
    budget
        What the submission may still cost the grader; by default all that the limits give.

    Raises
    ------
    SessionEndedError
        If the files can't be laid out, or the process does not start.
    ForkServerError
        If the fork server must be replaced.
    """

    def __init__(
        self,
        server: ForkServer,
        limits: Limits,
        files: Mapping[str, bytes],
        fixed: Sequence[str],
        done: Callable[[ForkServer], None],
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget or Budget(limits)
        self.server, self.limits, self._done = server, limits, done
        self.scratch = server.scratch
        self.folder = Path()
        """The folder in which the process runs."""
        self.pid: int | None = None
        self._clock: ProcessClock | None = None
        self._channel: Channel | None = None
        self._ended: str | None = None
        self.took = 0.0
        """The seconds that the last request took of the process's time."""
        self._closed, self._checked = False, 0.0
        self._most, self._received = ENVELOPE_BYTES, 0
        try:
            with self.budget.watch:
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
            # the fork server may be dead or die soon, and its fork with it
            with contextlib.suppress(ForkServerError):
                self._reap(0.0)
        finally:
            if self._channel is not None:
                self._channel.close()
            if self._clock is not None:
                self._clock.close()
            self._done(self.server)

    def _reap(self, grace: float) -> int:
        """Reap the process; return the signal that ended it, or 0 if it exited by itself or had to be killed."""
        pid, self.pid = self.pid, None
        if pid is None:
            return 0
        try:
            return self.server.reap(pid, grace)
        except ForkServerError:  # the fork dies with its server, unless it reset that signal
            self.server.kill()
            until = time.monotonic() + self.limits.grace_seconds
            with contextlib.suppress(ProcessLookupError):
                while time.monotonic() < until:
                    os.kill(pid, signal.SIGKILL)
                    time.sleep(0.01)
            raise

    @property
    def ended(self) -> str | None:
        """A sentence that says why the process ended; None while it runs."""
        return self._ended

    # --- messages ------------------------------------------------------------------------------------------

    def _start(self, files: Mapping[str, bytes], fixed: Sequence[str]) -> None:
        self.server.wait_until_ready()
        self.server.learn(fixed)
        try:
            self.folder = self.scratch.lay_out(files)
        except OSError as error:
            raise self._end(f"the files beside it could not be laid out: {error.strerror}.") from None
        from_us, outgoing = os.pipe()
        incoming, to_us = os.pipe()
        self._channel = Channel(incoming, outgoing, self._check)
        try:
            self.pid = self.server.fork(str(self.folder), [from_us, to_us])
            self._clock = ProcessClock(self.pid)
        finally:
            os.close(from_us)
            os.close(to_us)
        try:
            reply, _ = self._receive(time.monotonic() + self.limits.start_seconds)
        except OverdueError:
            raise self._end("its process did not start in time.") from None
        if not isinstance(reply, protocol.Ready):
            raise self._garbled()

    def _timer(
        self,
        seconds: float,
        time_left: TimeLeft | None = None,
        reference: Callable[[], float] | None = None,
        patience: float = PATIENCE,
    ) -> Timer:
        if self._clock is None:
            raise SessionEndedError(self._ended)
        seconds = min(seconds, time_left.seconds) if time_left else seconds
        return Timer(self._clock, seconds, reference, patience)

    def _exchange(
        self,
        request: bytes,
        timer: Timer,
        what: str,
        time_left: TimeLeft | None = None,
        evaluation: Evaluation | None = None,
    ) -> tuple[protocol.Reply, bytes, str | None]:
        """Send a request, unless it is empty, and wait for a reply; interrupt the process when its time is up.

        An evaluation means that calls were requested. An interrupt ends them all, and the last reply is Done.

        Returns
        -------
        Reply
            The reply.
        bytes
            The bytes that came with it.
        str or None
            A sentence if the process was interrupted.
        """
        if self._ended:
            raise SessionEndedError(self._ended)
        if self.budget.watch.is_over:
            self._check()
        try:
            if request:
                self._send(request, timer.latest)
            reply, blob = self._receive_answering(evaluation, timer)
        except OverdueError:
            late = f"{what} did not end within {timer.seconds:.3g} s and was stopped."
            if time_left and timer.seconds >= time_left.seconds:
                late = time_left.why_over
        else:
            self._check_often()
            return reply, blob, None
        finally:
            self.took = timer.spent
            if time_left:
                time_left.seconds -= self.took
        assert self.pid is not None  # for the type checker; it has not been reaped
        os.kill(self.pid, signal.SIGINT)
        grace = self._timer(self.limits.grace_seconds)
        try:
            reply, blob = self._receive_answering(None, grace)
            while evaluation is not None and not isinstance(reply, protocol.Done):
                reply, blob = self._receive_answering(None, grace)
        except OverdueError:
            raise self._end(late) from None
        return reply, blob, late

    def _receive_ready(self) -> tuple[protocol.Reply, bytes] | None:
        """Return the next reply if it is here already, so that there is nothing to wait for and to measure."""
        if self._ended or self._channel is None or not self._channel.holds_frame:
            return None
        if self.budget.watch.is_over:
            self._check()
        self._check_often()
        return self._receive(math.inf)

    def _receive_answering(self, evaluation: Evaluation | None, timer: Timer) -> tuple[protocol.Reply, bytes]:
        """Return the next reply; until then, send the values of callbacks that the process asks for."""
        while True:
            reply, blob = self._receive_in_time(timer)
            if not isinstance(reply, protocol.Asked):
                return reply, blob
            self._check_often()
            self._send(frame({"op": "answer", **self._evaluate(evaluation, reply, blob)}), timer.latest)

    def _receive_in_time(self, timer: Timer) -> tuple[protocol.Reply, bytes]:
        while True:
            try:
                return self._receive(timer.deadline)
            except OverdueError:
                if not timer.renew():
                    raise

    def _evaluate(self, evaluation: Evaluation | None, asked: protocol.Asked, blob: bytes) -> dict[str, Any]:
        if evaluation is None:
            return {"value": None, "error": "it was called after its time"}
        try:
            return {"value": evaluation.value(asked, blob), "error": None}
        except GarbledError:
            raise self._garbled() from None
        except TooManyPointsError:
            raise self._end("it asked for the values at more points than any method needs.") from None
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
            self._received = len(text) + len(blob)
            return protocol.read_reply(text), blob
        except TooMuchError:
            raise self._end("it sent more than can be an answer.") from None
        except GoneError:
            raise self._gone() from None
        except GarbledError:
            raise self._garbled() from None

    def _check_often(self) -> None:
        if time.monotonic() - self._checked > CHECK_EVERY:
            self._check()

    def _check(self) -> None:
        """End the process if it has written too many files, or cost the grader too much time."""
        self._checked = time.monotonic()
        why = (self.server.over_limit(self.pid, self.limits) if self.pid else None) or self.budget.why_over
        if why:
            raise self._end(why)

    # --- ends --------------------------------------------------------------------------------------------

    def _end(self, why: str) -> SessionEndedError:
        """Kill the process and record why; return the error to raise."""
        self._ended = why
        self.close()
        return SessionEndedError(why)

    def _garbled(self) -> SessionEndedError:
        return self._end("its process wrote to the grader's own channel, and was stopped.")

    def _gone(self) -> SessionEndedError:
        """Find out how the process ended by itself; return the error to raise."""
        try:
            number = self._reap(self.limits.grace_seconds)
        except ForkServerError:
            self.close()
            raise
        causes: dict[int, str] = {
            signal.SIGSEGV: "its process crashed (segmentation fault).",
            signal.SIGABRT: "its process aborted.",
            signal.SIGXCPU: "it used more processor time than a submission may.",
            signal.SIGKILL: "its process was killed, perhaps for want of memory.",
            signal.SIGXFSZ: "it filled the disk with more, or more files, than a submission may write.",
        }
        why = (
            "it ended its own process (os._exit, perhaps)."
            if not number
            else f"its process was ended by signal {number}."
        )
        return self._end(causes.get(number, why))
