"""A worker that takes too long or too much is killed, its end is known, and the next one is as good as new."""

from __future__ import annotations

import operator
import os
import re
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import msgspec
import pytest
from waiting import wait_until

from autograder.envelope.fork import in_fork
from autograder.envelope.nursery import Nursery, NurseryError
from autograder.envelope.worker import DiedError, Envelope, ExhaustedError, RequestError, Worker, serve

SMALL = Envelope(seconds=60.0, processor_seconds=1.0, memory=256 << 20)
HASTY = Envelope(seconds=0.5, processor_seconds=60.0, memory=256 << 20)
METHODS = partial(
    dict,
    add=operator.add,
    match=re.match,
    eat=bytearray,
    divide=operator.truediv,
    leave=os._exit,
    sleep=time.sleep,
    getpid=os.getpid,
    getcwd=os.getcwd,
)
BACKTRACKING = ("(a+)+$", "a" * 60 + "b")
"""A search that takes longer than the universe is old, and never returns to Python meanwhile."""


@pytest.fixture
def nursery():
    opened = Nursery(partial(serve, envelope=SMALL, service=METHODS))
    yield opened
    opened.close()


def answer(worker, *request):
    return msgspec.json.decode(worker.request(*request))


def test_a_worker_answers_one_request_after_the_other(nursery):
    worker = Worker(nursery, SMALL)
    assert [answer(worker, "add", n, 1) for n in range(3)] == [1, 2, 3]
    assert answer(worker, "getpid") == worker.pid != os.getpid()


@pytest.mark.parametrize(
    ("request_", "envelope", "why"),
    [
        pytest.param(
            ("match", *BACKTRACKING),
            SMALL,
            "took more than 1 seconds of the grader's own time",
            id="processor",
            marks=pytest.mark.slow,
        ),
        pytest.param(("eat", 1 << 31), SMALL, "took more than 256 MB of the grader's own memory", id="memory"),
        pytest.param(("sleep", 600), HASTY, "took more than 0.5 seconds as a whole", id="time"),
    ],
)
def test_a_request_that_takes_too_much_ends_its_worker_and_the_next_one_is_as_good_as_new(
    nursery, request_, envelope, why
):
    worker = Worker(nursery, envelope)
    with pytest.raises(ExhaustedError, match=why):
        worker.request(*request_)
    wait_until(lambda: not Path(f"/proc/{worker.pid}").exists())
    assert answer(Worker(nursery, SMALL), "add", 1, 1) == 2


@pytest.mark.slow
def test_the_processor_time_of_earlier_requests_counts_for_none_after_them(nursery):
    """Each request has the whole second: all of them together may take longer than the first limit."""
    worker = Worker(nursery, SMALL)
    assert answer(worker, "add", 1, 1) == 2
    first = resource.prlimit(worker.pid, resource.RLIMIT_CPU)[0]
    used = 0.0
    while used <= first:
        assert answer(worker, "match", "(a+)+$", "a" * 21 + "b") is None
        stat = Path(f"/proc/{worker.pid}/stat").read_text().split()
        used = sum(map(int, stat[13:15])) / os.sysconf("SC_CLK_TCK")
    assert answer(worker, "add", 1, 1) == 2


def test_an_error_is_the_requests_own_and_the_worker_goes_on(nursery):
    worker = Worker(nursery, SMALL)
    with pytest.raises(RequestError, match="division by zero") as caught:
        worker.request("divide", 1, 0)
    assert caught.value.kind == "ZeroDivisionError"
    assert answer(worker, "divide", 1, 2) == 0.5


def test_a_worker_that_dies_is_told_from_one_that_took_too_much(nursery):
    worker = Worker(nursery, SMALL)
    with pytest.raises(DiedError):
        worker.request("leave", 0)
    assert answer(Worker(nursery, SMALL), "add", 1, 1) == 2


def test_a_worker_works_in_the_callers_folder(nursery, tmp_path, monkeypatch):
    worker = Worker(nursery, SMALL)
    monkeypatch.chdir(tmp_path)
    assert answer(worker, "getcwd") == str(tmp_path)


def test_closing_kills_every_worker_and_whoever_waits_for_one_hears_it(nursery):
    workers = [Worker(nursery, SMALL) for _ in range(3)]
    (nursery.folder / "file").touch()
    started = time.monotonic()
    nursery.close()
    assert time.monotonic() - started < 30
    wait_until(lambda: not nursery.folder.exists())
    assert not any(Path(f"/proc/{worker.pid}").exists() for worker in workers)
    with pytest.raises(DiedError):
        workers[0].request("add", 1, 1)
    with pytest.raises(NurseryError):
        nursery.fork()


PARENT = """
import operator, sys, threading, time
from functools import partial
from autograder.envelope.nursery import Nursery
from autograder.envelope.worker import Envelope, Worker, serve

if sys.argv[1] == "threads":
    threading.Thread(target=time.sleep, args=[600], daemon=True).start()
envelope = Envelope(600.0, 600.0, 256 << 20)
nursery = Nursery(partial(serve, envelope=envelope, service=partial(dict, sleep=time.sleep, add=operator.add)))
worker = Worker(nursery, envelope)
assert worker.request("add", 1, 1) == b"2"
print(nursery.folder, nursery.pid, worker.pid, flush=True)
worker.request("sleep", 600)
"""


@pytest.mark.parametrize("threads", ["one thread", pytest.param("threads", marks=pytest.mark.slow)])
def test_a_parent_that_is_killed_leaves_neither_processes_nor_files(threads):
    with subprocess.Popen([sys.executable, "-c", PARENT, threads], stdout=subprocess.PIPE, text=True) as parent:
        folder, *processes = parent.stdout.readline().split()
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not Path(folder).exists())
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes))


@pytest.mark.parametrize("threads", ["one thread", pytest.param("threads", marks=pytest.mark.slow)])
def test_a_job_that_is_cancelled_leaves_neither_processes_nor_files(threads):
    """As CI and timeout(1) do it: the signal goes to every process of the group."""
    command = [sys.executable, "-c", PARENT, threads]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as parent:
        folder, *processes = parent.stdout.readline().split()
        os.killpg(parent.pid, signal.SIGTERM)
    wait_until(lambda: not Path(folder).exists())
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes))


# --- a fork for one piece of work ------------------------------------------------------------------------


def test_a_fork_returns_its_result_and_changes_nothing_here():
    seen = []
    assert in_fork(lambda: [seen.append(1), len(seen)], SMALL) == b"[null,1]"
    assert seen == []


@pytest.mark.parametrize(
    ("work", "envelope", "why"),
    [
        pytest.param(
            lambda: re.match(*BACKTRACKING),
            SMALL,
            "took more than 1 seconds of the grader's own time",
            marks=pytest.mark.slow,
        ),
        (lambda: bytearray(1 << 31), SMALL, "took more than 256 MB of the grader's own memory"),
        (lambda: time.sleep(600), HASTY, "took more than 0.5 seconds as a whole"),
    ],
    ids=["processor", "memory", "time"],
)
def test_a_fork_that_takes_too_much_is_killed(work, envelope, why):
    with pytest.raises(ExhaustedError, match=why):
        in_fork(work, envelope)


def test_an_error_in_a_fork_is_told_from_its_death():
    with pytest.raises(RequestError, match="division by zero"):
        in_fork(lambda: 1 / 0, SMALL)
    with pytest.raises(DiedError):
        in_fork(lambda: os.kill(os.getpid(), signal.SIGKILL), SMALL)
