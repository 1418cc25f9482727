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
from types import SimpleNamespace

import pytest
from conftest import GENEROUS
from sandbox.doubles import System
from sandbox.sessions import HURRIED, opened
from waiting import wait_until

from autograder.judging.calls import Call, Returned, Stopped
from autograder.sandbox import timing
from autograder.sandbox.timing import (
    LATE,
    LEAST_PATIENCE,
    LONGEST,
    PATIENCE,
    SHORT,
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


# --- by clocks that are set by hand ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "patience", "expected"),
    [(2.0, 3.0, 6.0), (2.0, 0.0, 0.0), (100.0, 2.0, 200.0), (100.0, 7.0, 500.0), (12.0, 5.0, 60.0)],
)
def test_a_multiple_ends_at_a_minute_but_never_below_a_few_times_the_reference(reference, patience, expected):
    assert seconds_beside(reference, patience) == expected


class Kernel:
    """What a kernel says of a process, and how often it was asked."""

    def __init__(self, monkeypatch):
        self.wall, self.queued, self.processor, self.asked = 100.0, {10: 0, 11: 0}, 0.0, 0
        self.opened, self.closed, self.clocks = [], [], set()
        monkeypatch.setattr(timing, "os", System(open=self.open, pread=self.read, close=self.closed.append))
        clocks = {"monotonic": lambda: self.wall, "clock_gettime": self.gettime}
        monkeypatch.setattr(timing, "time", SimpleNamespace(**clocks))

    def open(self, path, flags):
        if path in self.opened:
            raise FileNotFoundError(path)
        self.opened.append(path)
        return 9 + len(self.opened)

    def read(self, file, size, start):
        self.asked += 1
        if isinstance(self.queued[file], Exception):
            raise self.queued[file]
        return b"" if self.queued[file] is None else b"123456 %d 7\n" % self.queued[file]

    def gettime(self, clock):
        self.clocks.add(clock)
        if self.processor is None:
            raise ProcessLookupError
        return self.processor


@pytest.fixture
def kernel(monkeypatch):
    return Kernel(monkeypatch)


def test_a_clock_reads_of_the_process_and_of_this_thread_until_it_is_closed(kernel):
    clock = ProcessClock(4711)
    assert kernel.opened == ["/proc/4711/schedstat", "/proc/thread-self/schedstat"]
    kernel.queued, kernel.processor = {10: 2_000_000_000, 11: 500_000_000}, 1.25
    assert clock.now() == (100.0, 2.5, 1.25)
    assert kernel.clocks == {(~4711 << 3) | 2}
    clock.close()
    clock.close()
    assert sorted(kernel.closed) == [10, 11]


def test_where_the_process_s_statistics_are_missing_this_thread_s_are_not_read_either(kernel):
    kernel.opened.append("/proc/4711/schedstat")
    assert ProcessClock(4711).now() == (100.0, 0.0, 0.0)
    assert kernel.opened == ["/proc/4711/schedstat"]
    assert kernel.asked == 0


@pytest.mark.parametrize("nothing", [None, ProcessLookupError()])
def test_a_dead_process_was_not_kept_waiting_and_its_processor_time_is_read_apart(kernel, nothing):
    clock = ProcessClock(4711)
    kernel.queued[11], kernel.processor = nothing, 0.5
    assert clock.now() == (100.0, 0.0, 0.5)
    kernel.queued[11], kernel.processor, kernel.wall = 3_000_000_000, None, 101.0
    assert clock.now() == (101.0, 3.0, 0.0)


def test_what_the_kernel_said_holds_for_a_moment_and_the_wall_clock_is_always_new(kernel):
    clock = ProcessClock(4711)
    clock.now()
    kernel.queued, kernel.processor = {10: 1_000_000_000, 11: 0}, 0.5
    kernel.wall = 100.0 + LATE * 0.9
    assert clock.now() == (kernel.wall, 0.0, 0.0)
    kernel.wall = 100.0 + LATE * 1.5
    assert clock.now() == (kernel.wall, 1.0, 0.5)


@pytest.mark.parametrize(
    ("wall", "queued", "processor", "had"),
    [
        (2.0, 0.0, 0.0, 2.0),
        (2.0, 1.5, 0.0, 0.5),
        (2.0, 1.5, 0.75, 0.75),
        (2.0, 1.5, 8.0, 2.0),
        (2.0, 3.0, 0.0, 0.0),
        (SHORT / 2, 0.0, 0.0, SHORT / 2),
    ],
)
def test_a_process_had_the_time_in_which_it_did_not_wait_or_its_threads_and_no_more_than_there_was(
    kernel, wall, queued, processor, had
):
    clock = ProcessClock(4711)
    kernel.queued, kernel.processor = {10: 4_000_000_000, 11: 1_000_000_000}, 6.0
    reading, asked = clock.now(), kernel.asked
    kernel.wall += wall
    kernel.queued = {10: 4_000_000_000 + int(queued * 1e9), 11: 1_000_000_000}
    kernel.processor += processor
    assert clock.since(reading) == pytest.approx(had)
    assert (kernel.asked == asked) == (wall < SHORT), "for a moment nobody is asked"


class Clock:
    """A process that has had some of the time on the wall."""

    def __init__(self, monkeypatch):
        self.wall, self.had = 100.0, 0.0
        monkeypatch.setattr(timing, "time", SimpleNamespace(monotonic=lambda: self.wall))

    def now(self):
        return timing.Reading(self.wall, 0.0, 0.0)

    def since(self, reading):
        assert reading.wall == 100.0
        return self.had

    def at(self, wall, had):
        self.wall, self.had = 100.0 + wall, had


@pytest.mark.parametrize(
    ("wall", "had", "deadline"),
    [
        (3.0, 0.5, 4.5),
        (2.0, 0.0, 4.0),
        (10.0, 1.995, 10.01),
        (59.0, 0.5, 60.0),
        (59.9, 0.0, 60.0),
        (60.0, 0.5, None),
        (3.0, 2.0, None),
        (3.0, 2.5, None),
    ],
)
def test_a_deadline_moves_by_what_is_left_at_least_a_moment_and_to_thirty_times_the_seconds_at_most(
    monkeypatch, wall, had, deadline
):
    clock = Clock(monkeypatch)
    timer = Timer(clock, 2.0)
    assert (timer.deadline, timer.latest) == (102.0, 160.0)
    clock.at(wall, had)
    assert timer.spent == had
    assert timer.renew() is (deadline is not None)
    assert timer.deadline == pytest.approx(102.0 if deadline is None else 100.0 + deadline)


@pytest.mark.parametrize(
    ("reference", "patience", "seconds"),
    [(0.05, 100.0, 5.0), (0.001, 100.0, 2.0), (1.0, 3.0, 3.0), (0.0, 9.0, 2.0)],
)
def test_the_reference_gives_more_seconds_and_never_fewer_when_they_are_just_over(
    monkeypatch, reference, patience, seconds
):
    clock, asked = Clock(monkeypatch), []
    timer = Timer(clock, 2.0, lambda: asked.append(1) or reference, patience)
    clock.at(3.0, 1.999)
    assert timer.renew()
    assert asked == []
    clock.at(4.0, 2.0)
    assert timer.renew() is (seconds > 2)
    assert (timer.seconds, timer.latest) == (seconds, 100 + 30 * seconds)
    if seconds > 2:
        assert timer.deadline == pytest.approx(104.0 + seconds - 2)
    clock.at(5.0, seconds)
    assert not timer.renew()
    assert asked == [1]


def test_the_reference_is_asked_too_if_the_seconds_end_while_the_clock_is_read(monkeypatch):
    clock = Clock(monkeypatch)
    timer = Timer(clock, 2.0, lambda: 0.05)
    readings = iter([1.9999, 2.0001, 2.0003])
    monkeypatch.setattr(clock, "since", lambda _: next(readings))
    assert timer.renew()
    assert timer.renew()
    assert timer.seconds == pytest.approx(5.0)


def test_shared_time_is_over_when_nothing_is_left_and_by_default_never():
    assert [TimeLeft(seconds).is_over for seconds in (1e-9, 0.0, -1.0)] == [False, True, True]
    assert not TimeLeft().is_over
    assert (TimeLeft().seconds, TimeLeft(1.0, "why").why_over) == (float("inf"), "why")


# --- in processes ----------------------------------------------------------------------------------------


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


@pytest.mark.slow
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
        assert session.run_cell("f(1.5)", reference=lambda: 0.2)[1] is None
        assert (
            session.run_cell("f(1.5)", reference=lambda: 0.01)[1]
            == "the cell did not end within 1 s and was stopped."
        )
        (answer,) = session.ask_all("f", [Call((1.5,))], [64], reference=lambda call: call.args[0] / 5)
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
