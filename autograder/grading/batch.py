"""Many submissions: graded side by side, handed back in the order in which they came."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from autograder.course import Course
from autograder.grading.grader import Grader
from autograder.grading.outcome import Outcome
from autograder.grading.workers import Desk
from autograder.intake import Found
from autograder.notebooks.source import Source
from autograder.results import Report

AHEAD = 8
"""Submissions a job that may be graded before the first of them is taken."""
FEW = 16
"""Up to so many submissions, more processes would take longer to start than they save."""
IDLE_SECONDS = 0.25
"""How long to wait for the next outcome before saying so."""
Known = Callable[[Found], tuple[str, Report] | None]


def grade_all(
    grader: Grader,
    course: Course,
    wanted: Sequence[tuple[Found, Source]],
    jobs: int,
    known: Known = lambda _: None,
    idle: Callable[[], None] = lambda: None,
) -> Generator[Outcome]:
    """Grade notebooks in parallel, each in a process of its own.

    With several jobs and many notebooks, each job grades in a process of its own, too: in one, half of the
    time would go in waiting for Python's lock.

    Parameters
    ----------
    grader
        Holds the settings; shared by all.
    course
        Where the files beside the notebooks come from.
    wanted
        Each notebook with the instructor's cells.
    jobs
        How many run at the same time.
    known
        Gives the digest and the report of what was graded before; what has the same digest isn't graded again.
    idle
        Called when the next outcome is a while off: the time to finish what was begun with those before it.

    Yields
    ------
    Outcome
        In the given order; one bad notebook costs the others nothing. Who stops early, by an interrupt too,
        has the processes that still run killed.
    """
    cores = itertools.cycle(sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else ())
    desk = Desk(grader, course, apart=jobs > 1 and len(wanted) > FEW)
    with ThreadPoolExecutor(max_workers=jobs, initializer=lambda: keep_to(next(cores, None))) as threads:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for found, source in wanted:
                waiting.append(threads.submit(_grade, desk, found, source, known(found)))
                if len(waiting) > AHEAD * jobs:  # so that memory doesn't grow with the class
                    yield _next(waiting, idle)
            while waiting:
                yield _next(waiting, idle)
        except BaseException:
            grader.stop()
            raise
        finally:
            desk.close()
            threads.shutdown(wait=True, cancel_futures=True)


def _grade(desk: Desk, found: Found, source: Source, known: tuple[str, Report] | None) -> Outcome:
    digest, report = known or ("", None)
    graded = desk.grade(found, source, digest)
    if graded is not None:
        return graded
    assert report is not None  # for the type checker; nothing but what is known is left out
    return Outcome(found, report, None, digest, fresh=False)


def _next(waiting: deque[Future[Outcome]], idle: Callable[[], None]) -> Outcome:
    future = waiting.popleft()
    if wait([future], timeout=IDLE_SECONDS).not_done:
        idle()
    return future.result()


def keep_to(core: int | None) -> None:
    """Keep this thread and the processes it starts to one core.

    Grader and submission take turns, some hundred times a second: on one core that is a switch, on two each has
    to wake the other up, which takes several times as long. As a batch process neither interrupts the other for
    every message, but waits until it stops for want of one.
    """
    if core is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {core})
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
