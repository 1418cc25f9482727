"""Many submissions: graded side by side, handed back in the order in which they came."""

from __future__ import annotations

import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from autograder.course import Course
from autograder.grading.grader import Grader
from autograder.grading.outcome import Outcome
from autograder.grading.workers import Known, WorkerPool, pin_to_core
from autograder.intake import SubmittedNotebook
from autograder.notebooks.source import Source

AHEAD = 8
"""Submissions a job that may be graded before the first of them is taken."""
FEW = 16
"""Up to so many submissions, more processes would take longer to start than they save."""
IDLE_SECONDS = 0.25
"""How long to wait for the next outcome before saying so."""


def grade_batch(
    grader: Grader,
    course: Course,
    wanted: Sequence[tuple[SubmittedNotebook, Source]],
    jobs: int,
    known: Callable[[SubmittedNotebook], Known | None] = lambda _: None,
    idle: Callable[[], None] = lambda: None,
) -> Generator[Outcome]:
    """Grade notebooks in parallel.

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
        In the given order. One bad notebook costs the others nothing. If the caller stops early, also by an
        interrupt, the processes that still run are killed.
    """
    cores = itertools.cycle(sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else ())
    workers = WorkerPool(grader, course, processes=jobs > 1 and len(wanted) > FEW)
    with ThreadPoolExecutor(max_workers=jobs, initializer=lambda: pin_to_core(next(cores, None))) as threads:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for found, source in wanted:
                waiting.append(threads.submit(workers.grade, found, source, known(found)))
                if len(waiting) > AHEAD * jobs:  # so that memory doesn't grow with the class
                    yield _next(waiting, idle)
            while waiting:
                yield _next(waiting, idle)
        except BaseException:
            grader.stop()
            raise
        finally:
            workers.close()
            threads.shutdown(wait=True, cancel_futures=True)


def _next(waiting: deque[Future[Outcome]], idle: Callable[[], None]) -> Outcome:
    future = waiting.popleft()
    if wait([future], timeout=IDLE_SECONDS).not_done:
        idle()
    return future.result()
