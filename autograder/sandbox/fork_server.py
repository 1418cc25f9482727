"""The trusted side of a fork server: start it, order it to fork and to reap, and kill it.

A fork server is a warm process: it has imported what notebooks import, and forks a process for each submission in
milliseconds. Its program is ``inside.serve``.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, Sequence

import msgspec

from autograder.sandbox import bounds, fonts, seccomp
from autograder.sandbox.channel import Channel, GoneError, OverdueError, TooMuchError, frame
from autograder.sandbox.confine import landlock
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Runtime
from autograder.sandbox.scratch import Scratch
from autograder.sandbox.users import User

ORDER_SECONDS = 10.0
MAX_ANSWER = 4096
"""Bytes of an answer."""


class ForkServerError(RuntimeError):
    """The fork server did not carry out an order; it must be replaced."""


class _Forked(msgspec.Struct, tag_field="t", tag="forked", forbid_unknown_fields=True):
    pid: int


class _Reaped(msgspec.Struct, tag_field="t", tag="reaped", forbid_unknown_fields=True):
    signal: int
    filled: bool | None
    """Whether it had filled the disk, if it was killed because somebody had; else None."""


class _Learned(msgspec.Struct, tag_field="t", tag="learned", forbid_unknown_fields=True):
    pass


class _Started(msgspec.Struct, tag_field="t", tag="ready", forbid_unknown_fields=True):
    pass


_Answer = _Started | _Learned | _Forked | _Reaped
_decoder: msgspec.json.Decoder[_Answer] = msgspec.json.Decoder(_Answer)


def cores() -> frozenset[int]:
    """Return the cores that this thread may run on; processes that it starts inherit them."""
    return frozenset(os.sched_getaffinity(0)) if sys.platform == "linux" else frozenset()


class ForkServer:
    """A warm process with its own scratch folder, which forks for one submission after the other.

    The constructor starts the process and returns at once; :meth:`wait_until_ready` waits for it.

    Parameters
    ----------
    runtime
        The Python that it runs.
    limits
        What each submission may use.
    warm
        What it imports in addition to IPython and NumPy: "matplotlib" and "ipywidgets". With "figures", it also
        draws a figure.
    launcher
        The waiting process that becomes the fork server; a new one by default.
    """

    def __init__(
        self, runtime: Runtime, limits: Limits, warm: frozenset[str], launcher: Launcher | None = None
    ) -> None:
        self.runtime, self.limits, self.warm = runtime, limits, warm
        self.user = User(shared=runtime.isolation != "chroot") if runtime.as_root else None
        uid = self.user.uid if self.user else None
        self.scratch = Scratch(runtime.folder, uid, runtime.root)
        self.forks = 0
        self._cores = cores()
        self.broken = False
        """Whether an order failed: the fork server must be replaced."""
        self._ready = False
        self._learned: set[str] = set()
        machine = os.uname().machine
        submission_filter = seccomp.for_submission(machine) if runtime.isolated else []
        settings = {
            "uid": uid,
            "keep_reading": runtime.keep_reading,
            "isolated": runtime.isolated,
            "filter": seccomp.for_everything(machine).hex() if runtime.isolated else "",
            "submission_filter": [part.hex() for part in submission_filter],
            "domain": landlock.domain(runtime.abi).hex() if runtime.abi else "",
            "site": str(runtime.site),
            "warm": sorted(warm),
            "output_bytes": limits.output_bytes,
        }
        home = str(self.scratch.home)
        self._environment = runtime.environment(home)
        try:
            self._process, self._orders = (launcher or Launcher()).launch(
                [*runtime.command(), json.dumps(settings)],
                home,
                self._environment,
                runtime.confinement(),
                mount=self.scratch.mount_options(limits) if runtime.mounts else None,
                owner=uid,
                # Unconfined, it would also list the system's fonts.
                files=fonts.known() if "matplotlib" in warm and runtime.isolated else {},
            )
        except BaseException:
            self._remove()
            raise
        assert self._process.stdout is not None  # for the type checker; it is a pipe
        self._control = Channel(os.dup(self._process.stdout.fileno()), os.dup(self._orders.fileno()))

    def learn(self, cells: Iterable[str]) -> None:
        """Compile the instructor's cells in the fork server, once for all submissions that run them."""
        new = [cell for cell in cells if cell not in self._learned]
        if new and not isinstance(self._order({"op": "learn", "cells": new}, ORDER_SECONDS), _Learned):
            raise ForkServerError("the fork server did not compile the cells")
        self._learned.update(new)

    def fork(self, folder: str, ends: Sequence[int]) -> int:
        """Fork a process that runs in a folder and reads and writes the ``ends`` of two pipes; return its id."""
        self.forks += 1
        order: dict[str, object] = {
            "op": "fork",
            "folder": folder,
            "environment": dict(self.runtime.environment(folder).items() - self._environment.items()),
            "rlimits": self._rlimits,
            "disk": None if self.scratch.mounted else [self.limits.scratch_size, self.limits.files],
        }
        match self._order(order, ORDER_SECONDS, ends):
            case _Forked(pid=pid):
                return pid
        raise ForkServerError("the fork server did not fork")

    def reap(self, pid: int, grace: float) -> int:
        """Wait for a fork to end and reap it; kill it after ``grace`` seconds.

        A process keeps its id until it is reaped. So a signal to the id can't reach another process.

        Returns
        -------
        int
            The signal that ended the process; 0 if it exited by itself or had to be killed; SIGXFSZ if it was
            killed because it had filled the disk.
        """
        match self._order({"op": "reap", "pid": pid, "grace": grace}, grace + ORDER_SECONDS):
            case _Reaped(signal=number, filled=None):
                return number
            case _Reaped(filled=filled):
                if filled or self.scratch.over_limit(self.limits):
                    return signal.SIGXFSZ
                raise ForkServerError("the disk filled up, and not through the submission")
        raise ForkServerError("the fork server did not reap its child")

    def over_limit(self, pid: int, limits: Limits) -> str | None:
        """Return a sentence if a fork uses more space, or more threads, than a submission may; else None."""
        over = self.scratch.over_limit(limits)
        if not over and not self.counts_threads and bounds.threads_of(pid) > limits.threads:
            over = f"it started more than {limits.threads} threads."
        return over

    @property
    def counts_threads(self) -> bool:
        """Whether the kernel counts the threads of this fork server and its forks alone.

        It does so for a user of their own, and in a user namespace of their own: a grader that is not root can
        mount in no other. Of root it counts none.
        """
        return self.user is not None or (self.scratch.mounted and os.geteuid() != 0)

    def wait_until_ready(self) -> None:
        """Wait until it has imported what notebooks import, and remove the files that the imports left."""
        if not self._ready:
            if not isinstance(self._answer(time.monotonic() + self.limits.start_seconds), _Started):
                raise ForkServerError("the fork server did not start")
            for root in self._descriptors():
                self.scratch.reach_through(root)
            self._rlimits = bounds.resource_limits(self.limits, counted_alone=self.counts_threads)
            if self.runtime.isolated:
                fonts.keep(self.scratch.path)
            self.scratch.clear()
            self._ready = True

    def use_callers_cores(self) -> None:
        """Move it, and so its next forks, to the cores of the calling thread."""
        if self._cores != cores():
            self._cores = cores()
            with contextlib.suppress(ProcessLookupError):  # it was killed; its next order fails
                os.sched_setaffinity(self._process.pid, self._cores)

    def kill(self) -> None:
        """Kill it and all its forks. Sessions that wait for an answer raise."""
        self.broken = True
        self._kill()

    def leave(self) -> None:
        """Close this process's ends of the channel: a process that was forked from it has the same ones."""
        self._control.close()
        self._orders.close()
        assert self._process.stdout is not None  # for the type checker; it is a pipe
        self._process.stdout.close()

    def reap_left(self) -> None:
        """Kill and reap it, in the process that started and left it."""
        self._process.kill()
        self._process.wait()
        if self.user:
            self.user.close()

    def _kill(self) -> None:
        """Kill it, from the process that started it or from one that was forked from that process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it and all its forks, and remove its folder."""
        self._kill()
        self._process.communicate()
        self._control.close()
        self._orders.close()
        self._remove()

    def _remove(self) -> None:
        self.scratch.remove()
        if self.user:
            self.user.close()

    def _descriptors(self) -> list[int]:
        """Return what the process sent before it became a fork server: its file system, if it has one."""
        return socket.recv_fds(self._orders, 1, 1, socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC)[1]

    def _order(self, order: dict[str, object], seconds: float, descriptors: Sequence[int] = ()) -> object:
        deadline = time.monotonic() + seconds
        try:
            self._control.send(frame(order), deadline)
            if descriptors:
                socket.send_fds(self._orders, [b"\0"], descriptors)
        except (OverdueError, GoneError, OSError):
            self.broken = True
            raise ForkServerError("the fork server does not take orders") from None
        return self._answer(deadline)

    def _answer(self, deadline: float) -> object:
        try:
            return _decoder.decode(self._control.receive(MAX_ANSWER, deadline)[0])
        except (OverdueError, GoneError, TooMuchError, msgspec.MsgspecError) as error:
            self.broken = True
            raise ForkServerError(f"the fork server gave no answer ({type(error).__name__})") from None
