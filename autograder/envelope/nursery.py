"""The process from which workers are forked: what the grader has imported, and nothing that it has opened since.

A process that runs threads or holds a database connection must not be forked. So the nursery is forked early, and
forks a worker in milliseconds whenever one is needed, where a new Python would take a second to import the grader.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

CLOSE_SECONDS = 1.0
"""Seconds that :meth:`Nursery.close` waits; the nursery finishes the rest by itself."""
REMOVE_SECONDS = 10.0
"""Seconds in which the processes of killed workers end, so that their files can be removed."""
MAX_MESSAGE = 4096

Main = Callable[[Connection], None]
"""What a worker runs with its end of a connection."""


class NurseryError(OSError):
    """The nursery has died or was closed: there will be no further workers."""


class Nursery:
    """Forks workers, ends them, and says how they ended. Any thread may use it.

    Parameters
    ----------
    main
        Runs in each worker. If this process has several threads, the nursery is a new
        Python.
    left
        Called in this process once the nursery is forked, and in the nursery once a worker is: it closes what only
        the first worker is to keep.
    """

    def __init__(self, main: Main, left: Callable[[], None] = lambda: None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        """Holds the temporary files of all workers; removed when the nursery ends."""
        self.folder.chmod(0o711)  # an unprivileged submission reaches its own folder in it
        self._lock = threading.Lock()
        self._orders, theirs = socket.socketpair()
        with theirs:
            forkable = threading.active_count() == 1
            self.pid = self._fork(theirs, main, left) if forkable else self._start(theirs, main)
        left()

    def _fork(self, theirs: socket.socket, main: Main, left: Callable[[], None]) -> int:
        sys.stdout.flush(), sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._orders.close()
            never_return(partial(_nurse, theirs, self.folder, main, left))
        return pid

    def _start(self, theirs: socket.socket, main: Main) -> int:
        ours, its = socket.socketpair()
        with its:
            command = [sys.executable, "-P", "-m", __name__, str(theirs.fileno()), str(self.folder)]
            process = subprocess.Popen(command, stdin=its.fileno(), pass_fds=[theirs.fileno()])
        with Connection(ours.detach()) as connection:
            connection.send(main)
        process.returncode = 0  # this object, not Popen's destructor, waits for the process
        return process.pid

    def fork(self) -> tuple[int, Connection]:
        """Fork a worker; return its process id and this process's end of its connection.

        Raises
        ------
        NurseryError
            If the nursery has died or was closed.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            pid = self._order({"op": "fork"}, theirs.fileno())
            return pid, Connection(ours.detach())

    def end(self, pid: int) -> int:
        """Kill a worker, if it still runs, and return the signal that ended it; 0 if it exited by itself."""
        return self._order({"op": "end", "pid": pid})

    def is_alive(self) -> bool:
        """Whether the nursery runs and was not closed."""
        if self._orders.fileno() < 0:
            return False
        with contextlib.suppress(ChildProcessError):  # it was waited for
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        return False

    def _order(self, order: dict[str, object], *descriptors: int) -> int:
        try:
            with self._lock:
                socket.send_fds(self._orders, [json.dumps(order).encode()], descriptors)
                answer = self._orders.recv(MAX_MESSAGE)
        except OSError:
            answer = b""
        if not answer:
            raise NurseryError("the process that starts the grader's workers has died")
        return int(answer)

    def close(self) -> None:
        """Kill all workers, and remove their files. Whoever waits for a worker finds its connection closed."""
        if self._orders.fileno() < 0:  # closed before
            return
        with contextlib.suppress(OSError):
            self._orders.shutdown(socket.SHUT_RDWR)  # so that a waiting thread returns, too
        until = time.monotonic() + CLOSE_SECONDS
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(self.pid, os.WNOHANG)[0] == 0 and time.monotonic() < until:
                time.sleep(0.002)
        self._orders.close()


def never_return(run: Callable[[], None]) -> None:
    """Run what a forked process is for, and end it: nothing of the process it was forked from may go on in it."""
    status = 1
    try:
        run()
        status = 0
    finally:
        os._exit(status)


def _nurse(orders: socket.socket, folder: Path, main: Main, left: Callable[[], None]) -> None:
    """Carry out orders until the grader closes its end or dies; then kill all workers and remove their files."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the terminal is for the grader alone
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a job that is cancelled ends the grader, and that ends this
    tempfile.tempdir = str(folder)
    workers: set[int] = set()
    with contextlib.suppress(OSError):
        while True:
            text, descriptors, *_ = socket.recv_fds(orders, MAX_MESSAGE, 1)
            if not text:
                break
            order = json.loads(text)
            if order["op"] == "fork":
                pid = os.fork()
                if pid == 0:
                    orders.close()
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                    never_return(partial(main, Connection(descriptors[0])))
                os.close(descriptors[0])
                workers.add(pid)
                left()
                answer = pid
            else:
                workers.discard(order["pid"])
                answer = _end(order["pid"])
            orders.send(str(answer).encode())
    for pid in workers:
        _end(pid)
    _remove(folder)


def _end(pid: int) -> int:
    """Kill and reap a child; return the signal that ended it, or 0."""
    os.kill(pid, signal.SIGKILL)  # until it is reaped, its id means no other process
    return max(-os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)


def _remove(folder: Path) -> None:
    """Remove a folder; processes of a killed worker may use it for another moment."""
    until = time.monotonic() + REMOVE_SECONDS
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.01)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        with Connection(os.dup(0)) as connection:
            main = connection.recv()
        _nurse(channel, Path(sys.argv[2]), main, lambda: None)
