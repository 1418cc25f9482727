"""What the process that starts workers does with each order, without starting any."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
from multiprocessing.connection import Connection
from types import SimpleNamespace

import pytest
from sandbox.doubles import System

from autograder.envelope import nursery
from autograder.envelope.nursery import Nursery, NurseryError


class EndedError(BaseException):
    """What ends a forked process."""


@pytest.fixture
def done(monkeypatch):
    """What is done, in order; nothing is forked, killed or removed."""
    said = []
    pids = iter(range(101, 200))
    closed = lambda descriptor: said.append("closed") or os.close(descriptor)  # noqa: E731
    monkeypatch.setattr(nursery, "os", System(fork=lambda: next(pids), close=closed))
    monkeypatch.setattr(nursery, "_end", lambda pid: said.append(("end", pid)) or 9)
    monkeypatch.setattr(nursery, "_remove", lambda folder: said.append(("remove", folder)))
    monkeypatch.setattr(signal, "signal", lambda *given: said.append(given))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return said


@pytest.fixture
def nursed(done, tmp_path):
    """Send orders to a nursery, and close; return its answers."""

    def run(*orders, main=None):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        null = os.open(os.devnull, os.O_RDONLY)
        with ours, theirs:
            for order in orders:
                socket.send_fds(ours, [json.dumps(order).encode()], [null] if order["op"] == "fork" else [])
            ours.shutdown(socket.SHUT_WR)
            nursery._nurse(theirs, tmp_path, main, lambda: done.append("left"))
            answers = [ours.recv(100) for _ in orders]
        os.close(null)
        return answers

    return run


IGNORES = [(signal.SIGINT, signal.SIG_IGN), (signal.SIGTERM, signal.SIG_IGN)]


def test_a_nursery_ignores_what_is_for_the_grader_alone_and_keeps_its_files_in_its_folder(nursed, done, tmp_path):
    assert nursed() == []
    assert done == [*IGNORES, ("remove", tmp_path)]
    assert tempfile.tempdir == str(tmp_path)


def test_each_worker_is_told_by_its_id_and_those_that_were_not_ended_end_with_the_nursery(nursed, done, tmp_path):
    fork = {"op": "fork"}
    assert nursed(fork, fork, {"op": "end", "pid": 101}, fork) == [b"101", b"102", b"9", b"103"]
    each = ["closed", "left"]
    assert done[2:6] == each * 2
    assert done[6:9] == [("end", 101), *each]
    assert sorted(done[9:11]) == [("end", 102), ("end", 103)]
    assert done[11:] == [("remove", tmp_path)]


def test_a_worker_can_be_ended_by_a_job_s_end_and_has_its_connection(nursed, done, monkeypatch):
    nursery.os.fork = lambda: 0

    def never_return(run):
        run()
        raise EndedError

    monkeypatch.setattr(nursery, "never_return", never_return)
    given = []
    with pytest.raises(EndedError):
        nursed({"op": "fork"}, main=given.append)
    assert done == [*IGNORES, (signal.SIGTERM, signal.SIG_DFL)]
    assert isinstance(given[0], Connection)


@pytest.fixture
def begun(monkeypatch, tmp_path):
    """How a nursery is begun, in a process with so many threads."""

    def run(threads):
        how = []
        monkeypatch.setattr(nursery.threading, "active_count", lambda: threads)
        monkeypatch.setattr(nursery.tempfile, "mkdtemp", lambda **_: str(tmp_path))
        monkeypatch.setattr(Nursery, "_fork", lambda self, theirs, main, left: how.append(("fork", main)) or 7)
        monkeypatch.setattr(Nursery, "_start", lambda self, theirs, main: how.append(("start", main)) or 8)
        made = Nursery("main", lambda: how.append("left"))
        made._orders.close()
        return made, how

    return run


@pytest.mark.parametrize(("threads", "how", "pid"), [(1, "fork", 7), (2, "start", 8)])
def test_a_process_with_several_threads_starts_a_new_python_and_then_leaves_what_it_keeps(
    begun, threads, how, pid
):
    made, said = begun(threads)
    assert (made.pid, said) == (pid, [(how, "main"), "left"])
    assert made.folder.stat().st_mode & 0o777 == 0o711


def test_a_new_python_is_given_the_orders_the_folder_and_what_it_runs(monkeypatch, tmp_path):
    seen = []

    def popen(command, stdin, pass_fds):
        seen.append((command, pass_fds))
        seen.append(Connection(os.dup(stdin)))
        return SimpleNamespace(pid=4711, returncode=None)

    monkeypatch.setattr(nursery, "subprocess", SimpleNamespace(Popen=popen))
    made = Nursery.__new__(Nursery)
    made.folder = tmp_path
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert made._start(theirs, len) == 4711
        fileno = theirs.fileno()
    (command, passed), connection = seen
    with connection:
        assert connection.recv() is len
    assert command == [sys.executable, "-P", "-m", "autograder.envelope.nursery", str(fileno), str(tmp_path)]
    assert passed == [fileno]


def test_a_fork_that_is_the_nursery_closes_the_grader_s_end(monkeypatch, tmp_path):
    nursed = []
    monkeypatch.setattr(nursery, "os", System(fork=lambda: 0))
    monkeypatch.setattr(nursery, "never_return", lambda run: run())
    monkeypatch.setattr(nursery, "_nurse", lambda *given: nursed.append(given))
    made = Nursery.__new__(Nursery)
    made.folder = tmp_path
    made._orders, theirs = socket.socketpair()
    with theirs:
        made._fork(theirs, "main", "left")
        assert made._orders.fileno() == -1
        assert nursed == [(theirs, tmp_path, "main", "left")]


def test_a_worker_comes_with_the_other_end_of_its_connection():
    made = Nursery.__new__(Nursery)
    sent = []

    def order(what, *descriptors):
        sent.append((what, Connection(os.dup(descriptors[0]))))
        return 4711

    made._order = order
    pid, connection = made.fork()
    ((what, theirs),) = sent
    with connection, theirs:
        theirs.send("hello")
        assert (what, pid, connection.recv()) == ({"op": "fork"}, 4711, "hello")


def test_a_descriptor_is_closed_if_no_worker_can_be_forked():
    made = Nursery.__new__(Nursery)
    open_before = len(os.listdir("/proc/self/fd"))

    def fail(*_):
        raise NurseryError

    made._order = fail
    with pytest.raises(NurseryError):
        made.fork()
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_a_folder_is_removed_as_soon_as_nobody_writes_into_it_or_given_up(monkeypatch):
    clock, left = [0.0], [3]
    tries = []

    def rmtree(folder, ignore_errors):
        assert ignore_errors
        tries.append(folder)
        left[0] -= 1

    folder = SimpleNamespace(exists=lambda: left[0] > 0)
    sleep = lambda seconds: clock.append(clock[-1] + 1)  # noqa: E731
    monkeypatch.setattr(nursery, "time", SimpleNamespace(monotonic=lambda: clock[-1], sleep=sleep))
    monkeypatch.setattr(nursery, "shutil", SimpleNamespace(rmtree=rmtree))
    nursery._remove(folder)
    assert tries == [folder] * 3
    left[0] = 10**6
    nursery._remove(folder)
    assert 0 < len(tries) - 3 <= nursery.REMOVE_SECONDS + 1
