"""A process's time is what it had of the machine, not what others had meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import GENEROUS
from sandbox.sessions import HURRIED, opened
from waiting import wait_until

from autograder.judging.calls import Call, Returned, Stopped
from autograder.sandbox.timing import (
    LEAST_PATIENCE,
    LONGEST,
    PATIENCE,
    ProcessClock,
    TimeLeft,
    Timer,
    seconds_beside,
)

LOOP = "while True: pass"
TICKS = "import os\nwhile True: sum(range(20_000)); os.write(1, b'x')"
SLEEP = "import time\ntime.sleep(600)"
THREADS = """
import hashlib, threading
def burn():
    while True: hashlib.pbkdf2_hmac("sha256", b"x", b"x", 200_000)
threads = [threading.Thread(target=burn) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@contextlib.contextmanager
def running(programs, core):
    """Python processes, all on one core."""
    found = [subprocess.Popen([sys.executable, "-c", program]) for program in programs]
    try:
        for process in found:
            os.sched_setaffinity(process.pid, {core})
        yield [process.pid for process in found]
    finally:
        for process in found:
            process.kill()
            process.wait()


@contextlib.contextmanager
def busy(pid, programs=4):
    """Other processes that compute on the same core as a process."""
    core = min(os.sched_getaffinity(pid))
    os.sched_setaffinity(pid, {core})
    with running([LOOP] * programs, core):
        yield


def clock_of(pid):
    return contextlib.closing(ProcessClock(pid))


def waited():
    """The seconds for which this thread has waited for a core."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def time_had(program, beside=0):
    """The share of two seconds that a process has, while others compute on its core.

    The seconds in which this thread waits count for nobody, so they are no part of the two.
    """
    core = min(os.sched_getaffinity(0))
    with running([program, *[LOOP] * beside], core) as (pid, *_):
        time.sleep(0.5)  # it starts
        with clock_of(pid) as clock:
            before, reading = waited(), clock.now()
            time.sleep(2)
            until, had = time.monotonic(), clock.since(reading)
            return had / (until - reading.wall - (waited() - before))


@pytest.mark.slow
def test_time_in_which_others_ran_is_not_the_process_s():
    assert time_had(LOOP, beside=4) < 0.5


@pytest.mark.slow
def test_a_process_that_sleeps_has_the_whole_time_however_busy_the_machine_is():
    assert time_had(SLEEP, beside=4) == pytest.approx(1, abs=0.2)


@pytest.mark.slow
def test_threads_that_keep_each_other_waiting_have_the_time_together():
    """Otherwise a submission could wait for itself for ever."""
    core = min(os.sched_getaffinity(0))
    with running([THREADS], core) as (pid,):
        time.sleep(0.5)
        with clock_of(pid) as clock:
            reading, used = clock.now(), time.clock_gettime((~pid << 3) | 2)
            time.sleep(2)
            used = time.clock_gettime((~pid << 3) | 2) - used
            assert clock.since(reading) >= used - 0.01


@pytest.mark.slow
def test_time_in_which_this_thread_is_kept_waiting_is_not_the_process_s():
    """It waits for an answer of this thread, perhaps."""
    cores = os.sched_getaffinity(0)
    core = min(cores)
    with running([SLEEP, *[LOOP] * 4], core) as (pid, *_), clock_of(pid) as clock:
        time.sleep(0.5)
        os.sched_setaffinity(0, {core})
        try:
            reading, until = clock.now(), time.thread_time() + 0.3
            while time.thread_time() < until:
                pass
            assert clock.since(reading) < 0.6 * (time.monotonic() - reading.wall)
        finally:
            os.sched_setaffinity(0, cores)


def ran(pid):
    """The seconds for which a process's first thread has had a core."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


@pytest.mark.slow
@pytest.mark.sandbox
def test_many_short_waits_are_not_the_time_that_calls_share():
    """Each call is short, though longer than what counts as it is, and others have the core before each answer."""
    shared, calls = TimeLeft(600.0), [Call((number,)) for number in range(150)]
    with opened(GENEROUS) as session:
        session.run_cell("def f(x):\n    return sum(range(200_000))")
        with busy(session.pid):
            started, before = time.monotonic(), ran(session.pid)
            assert len(list(session.ask_all("f", calls, [64] * 150, shared))) == 150
            wall, own = time.monotonic() - started, ran(session.pid) - before
    assert 600.0 - shared.seconds < (own + wall) / 2


@pytest.mark.slow
def test_short_times_add_up_to_what_the_process_had():
    """The kernel is not asked for each of them."""
    core = min(os.sched_getaffinity(0))
    with (
        running([LOOP] * 4, core),
        subprocess.Popen([sys.executable, "-c", TICKS], stdout=subprocess.PIPE) as ticks,
    ):
        os.sched_setaffinity(ticks.pid, {core})
        os.read(ticks.stdout.fileno(), 1)  # it has started
        with clock_of(ticks.pid) as clock:
            started, before, had = time.monotonic(), ran(ticks.pid), 0.0
            while time.monotonic() - started < 1.5:
                reading = clock.now()
                os.read(ticks.stdout.fileno(), 1)
                had += clock.since(reading)
            wall, own = time.monotonic() - started, ran(ticks.pid) - before
        ticks.kill()
    assert had < (own + wall) / 2


def test_where_the_kernel_says_nothing_the_wall_clock_counts(monkeypatch):
    with clock_of(os.getpid()) as clock:
        monkeypatch.setattr(clock, "_statistics", [])
        reading = clock.now()
        time.sleep(0.3)
        least, had, most = time.monotonic(), clock.since(reading), time.monotonic()
        assert least <= reading.wall + had <= most


@pytest.mark.parametrize(
    ("reference", "expected"),
    [(0.0, 0.0), (0.01, 0.01 * PATIENCE), (2.0, LONGEST), (60.0, 60.0 * LEAST_PATIENCE)],
)
def test_a_submission_has_a_multiple_of_the_reference_s_time(reference, expected):
    assert seconds_beside(reference) == expected


def test_the_reference_is_asked_once_and_only_when_the_time_is_up():
    asked = []
    with clock_of(os.getpid()) as clock:
        timer = Timer(clock, 0.05, lambda: asked.append(1) or 0.005)
        assert asked == []
        time.sleep(0.1)
        assert timer.renew()
        assert timer.seconds == 0.5
        wait_until(lambda: not timer.renew())
        assert asked == [1]


@pytest.mark.sandbox
def test_a_cell_is_not_late_because_the_machine_is_busy():
    """It computes for most of its time, and takes at least twice as long by the clock on the wall.

    Not more than twice is sure: a kernel may share a core between sessions first, and this one has its own.
    """
    computes = "import time\nend = time.process_time() + 0.75\nwhile time.process_time() < end: pass"
    with opened(HURRIED) as session, busy(session.pid):
        started = time.monotonic()
        _, late = session.run_cell(computes)
        assert late is None
        assert time.monotonic() - started > HURRIED.cell_seconds
        assert session.took < HURRIED.cell_seconds


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_slow_cell_and_a_slow_call_have_as_much_time_as_the_reference_gives_them():
    wait = "import time\ndef f(seconds):\n    time.sleep(seconds)\n    return 1\n"
    with opened(HURRIED) as session:
        session.run_cell(wait)
        assert session.run_cell("f(1.5)", reference=lambda: 0.02)[1] is None
        assert (
            session.run_cell("f(1.5)", reference=lambda: 0.01)[1]
            == "the cell did not end within 1 s and was stopped."
        )
        (answer,) = session.ask_all("f", [Call((1.5,))], [64], reference=lambda call: call.args[0] / 50)
        assert answer == Returned(1)
        (answer,) = session.ask_all("f", [Call((1.5,))], [64], reference=lambda call: call.args[0] / 200)
        assert answer == Stopped("f did not end within 1 s and was stopped.", seconds=1)


@pytest.mark.slow
@pytest.mark.sandbox
def test_without_patience_a_cell_has_its_seconds_however_long_the_reference_takes():
    with opened(replace(HURRIED, cell_patience=0)) as session:
        late = session.run_cell("import time\ntime.sleep(1.5)", reference=lambda: 60.0)[1]
        assert late == "the cell did not end within 1 s and was stopped."


@pytest.mark.slow
@pytest.mark.sandbox
def test_requests_that_share_their_time_use_it_up_together():
    shared = TimeLeft(1.0, "it is over.")
    with opened(replace(GENEROUS, cell_seconds=10)) as session:
        assert session.run_cell("import time\ntime.sleep(0.6)", time_left=shared)[1] is None
        assert shared.seconds == pytest.approx(0.4, abs=0.15)
        assert session.run_cell("time.sleep(0.6)", time_left=shared)[1] == "it is over."
        assert shared.is_over
        assert session.run_cell("time.sleep(0.6)")[1] is None


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_process_that_stops_itself_is_late_all_the_same():
    with opened(HURRIED) as session:
        os.kill(session.pid, signal.SIGSTOP)
        with pytest.raises(Exception, match="the cell did not end within 1 s"):
            session.run_cell("1")
