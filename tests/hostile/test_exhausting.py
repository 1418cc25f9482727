"""What uses something up costs its own submission alone."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import tempfile
import threading
import time
from pathlib import Path

import pytest
from conftest import CHECKOUT, SECRET
from hostile.attacks import EXHAUSTING, processes_in
from sampling import sampled

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.results import to_json
from autograder.sandbox.policy import Limits

PERFECT = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()

pytestmark = pytest.mark.sandbox


SMALL = Limits(
    cell_seconds=1,
    call_seconds=1,
    grace_seconds=0.5,
    submission_seconds=600,
    scratch_size=16 << 20,
)


@pytest.fixture(scope="module")
def hurried():
    with Grader(Settings(SECRET, limits=SMALL)) as grader:
        yield grader


def memory_in_use():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@contextlib.contextmanager
def watched(pool):
    """The most that the disk filled, in bytes, and the most threads that a submission had, while this is open."""

    def look():
        while not done.wait(0.01):
            most["disk"] = max(most["disk"], before - free())
            for server in list(pool._busy):
                with contextlib.suppress(OSError, ValueError):
                    tasks = Path(f"/proc/{server._process.pid}/task/{server._process.pid}")
                    pid = int((tasks / "children").read_text())
                    most["threads"] = max(most["threads"], len(os.listdir(f"/proc/{pid}/task")))

    def free():
        found = os.statvfs(tempfile.gettempdir())
        return found.f_bfree * found.f_frsize

    before, most, done = free(), {"disk": 0, "threads": 0}, threading.Event()
    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("attack", sampled(EXHAUSTING, every=0, rest=4))
def test_exhausting_something_costs_the_submission_alone(hurried, attack):
    """The grader comes back in time and no larger, says what happened, and grades the next one as ever.

    The bounds on the disk and on threads are those of a machine that allows neither a file system of a size nor a
    count of threads; other tests write and start threads meanwhile.
    """
    before, started = memory_in_use(), time.monotonic()
    with watched(hurried._pool) as most:
        result = hurried.grade_file("softmax", attack.code.encode(), file="mine.py", student="")
    assert most["disk"] < 1 << 30
    assert most["threads"] < 4096
    assert time.monotonic() - started < SMALL.submission_seconds / 2
    assert memory_in_use() - before < 256 << 20
    assert (result.score, result.passed) == (0.0, False)
    ((server,),) = hurried._pool._idle.values()
    says = attack.says if server.scratch.mounted else f"{attack.says}|did not end within 1 s"  # the disk is slow
    assert re.search(says, str([result.message, *(check.message for check in result.checks)]))
    assert len(to_json(result)) < 20_000
    assert len(processes_in(next(iter(hurried._pool._runtimes.values())).folder)) == 1
    honest = hurried.grade_file("softmax", PERFECT.encode(), file="perfect.py", student="")
    assert honest.passed
