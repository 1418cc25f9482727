"""The trusted side of a warm process: start it, have it fork, and have it bury its dead."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterable, Sequence

import msgspec

from autograder.sandbox import fonts, seccomp
from autograder.sandbox.channel import Channel, GoneError, OverdueError, TooMuchError, frame
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Runtime
from autograder.sandbox.scratch import Scratch

START_SECONDS = 60.0
ORDER_SECONDS = 10.0
MOST = 4096


class ZygoteError(RuntimeError):
    """The warm process did not do what it was told; it has to be replaced."""


class _Forked(msgspec.Struct, tag_field="t", tag="forked", forbid_unknown_fields=True):
    pid: int


class _Reaped(msgspec.Struct, tag_field="t", tag="reaped", forbid_unknown_fields=True):
    signal: int


class _Learned(msgspec.Struct, tag_field="t", tag="learned", forbid_unknown_fields=True):
    pass


class _Started(msgspec.Struct, tag_field="t", tag="ready", forbid_unknown_fields=True):
    pass


_Answer = _Started | _Learned | _Forked | _Reaped
_decoder: msgspec.json.Decoder[_Answer] = msgspec.json.Decoder(_Answer)


def cores() -> frozenset[int]:
    """Return the cores that this thread keeps to; a process that it starts keeps to them, too."""
    return frozenset(os.sched_getaffinity(0)) if sys.platform == "linux" else frozenset()


class Zygote:
    """A warm process with a scratch folder of its own, for one submission after the other.

    Parameters
    ----------
    runtime
        The Python it gets.
    limits
        What each submission may use.
    warm
        What it imports besides IPython and NumPy: "matplotlib", "ipywidgets"; and "figures", if it is to draw one.
    launcher
        What is to become it; a new process by default.

    Notes
    -----
    It starts at once, and is waited for by :meth:`wait_until_ready`.
    """

    def __init__(
        self, runtime: Runtime, limits: Limits, warm: frozenset[str], launcher: Launcher | None = None
    ) -> None:
        self.runtime, self.warm = runtime, warm
        self.scratch = Scratch(runtime.folder, runtime.uid)
        self.forks = 0
        self._cores = cores()
        self.broken = False
        """Whether it failed an order once: it has to be replaced."""
        self._ready = False
        self._learned: set[str] = set()
        machine = os.uname().machine
        settings = {
            "uid": runtime.uid,
            "keep_reading": runtime.keep_reading,
            "isolated": runtime.isolated,
            "filter": seccomp.for_everything(machine).hex() if runtime.isolated else "",
            "submission_filter": seccomp.for_submission(machine).hex() if runtime.isolated else "",
            "site": str(runtime.site),
            "warm": sorted(warm),
            "output_bytes": limits.output_bytes,
            "rlimits": {
                "RLIMIT_AS": limits.memory,
                "RLIMIT_CPU": int(limits.submission_seconds) + 10,
                "RLIMIT_FSIZE": limits.file_size,
                "RLIMIT_NOFILE": limits.open_files,
                "RLIMIT_CORE": 0,
            },
        }
        try:
            if (
                "matplotlib" in warm and runtime.isolated
            ):  # else it would list the system's fonts, too, which others may not read
                self.scratch.put(fonts.known())
            home = str(self.scratch.path)
            self._process, self._orders = (launcher or Launcher()).launch(
                [*runtime.command(), json.dumps(settings)], home, runtime.environment(home), runtime.readable
            )
        except BaseException:
            self.scratch.remove()
            raise
        assert self._process.stdout is not None  # for the type checker; it is a pipe
        self._control = Channel(os.dup(self._process.stdout.fileno()), os.dup(self._orders.fileno()))

    def learn(self, cells: Iterable[str]) -> None:
        """Have it compile cells of the instructor's, once for all submissions that run them."""
        new = [cell for cell in cells if cell not in self._learned]
        if new and not isinstance(self._told({"op": "learn", "cells": new}, ORDER_SECONDS), _Learned):
            raise ZygoteError("the warm process did not learn")
        self._learned.update(new)

    def fork(self, folder: str, ends: Sequence[int]) -> int:
        """Have it fork a process that runs in a folder and talks through the ends of two pipes; return its id."""
        self.forks += 1
        order: dict[str, object] = {
            "op": "fork",
            "folder": folder,
            "environment": self.runtime.environment(folder),
        }
        match self._told(order, ORDER_SECONDS, ends):
            case _Forked(pid=pid):
                return pid
        raise ZygoteError("the warm process did not fork")

    def reap(self, pid: int, grace: float) -> int:
        """Have it wait for a process, and kill it after ``grace`` seconds; return the signal that ended it, or 0.

        A process keeps its id until then, so whoever signals it can't hit another.
        """
        match self._told({"op": "reap", "pid": pid, "grace": grace}, grace + ORDER_SECONDS):
            case _Reaped(signal=number):
                return number
        raise ZygoteError("the warm process did not bury its child")

    def wait_until_ready(self) -> None:
        """Wait until it has imported what notebooks import, and remove what that left in its folder."""
        if not self._ready:
            if not isinstance(self._answer(time.monotonic() + START_SECONDS), _Started):
                raise ZygoteError("the warm process did not start")
            if self.runtime.isolated:
                fonts.keep(self.scratch.path)
            self.scratch.clear()
            self._ready = True

    def follow(self) -> None:
        """Keep it, and so what it forks, to the cores of the thread that it works for from now on."""
        if self._cores != cores():
            self._cores = cores()
            with contextlib.suppress(ProcessLookupError):  # it was killed; its next order says so
                os.sched_setaffinity(self._process.pid, self._cores)

    def kill(self) -> None:
        """Kill it, and with it whatever it forked; whoever waits for either hears of it."""
        self.broken = True
        self._process.kill()

    def close(self) -> None:
        """Kill it, and with it whatever it forked; remove its folder."""
        self._process.kill()
        self._process.communicate()
        self._control.close()
        self._orders.close()
        self.scratch.remove()

    def _told(self, order: dict[str, object], seconds: float, descriptors: Sequence[int] = ()) -> object:
        deadline = time.monotonic() + seconds
        try:
            self._control.send(frame(order), deadline)
            if descriptors:
                socket.send_fds(self._orders, [b"\0"], descriptors)
        except (OverdueError, GoneError, OSError):
            self.broken = True
            raise ZygoteError("the warm process takes no orders") from None
        return self._answer(deadline)

    def _answer(self, deadline: float) -> object:
        try:
            return _decoder.decode(self._control.receive(MOST, deadline)[0])
        except (OverdueError, GoneError, TooMuchError, msgspec.MsgspecError) as error:
            self.broken = True
            raise ZygoteError(f"the warm process gave no answer ({type(error).__name__})") from None
