"""Grade many submissions in parallel, and yield the outcomes in the given order."""

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
from autograder.grading.workers import Earlier, WorkerPool, pin_to_core
from autograder.intake import SubmittedNotebook
from autograder.notebooks.source import Source

AHEAD = 8
"""For each job, the submissions that may be graded ahead of the outcome that is yielded next."""
FEW = 16
"""Submissions up to which worker processes take longer to start than they save."""
IDLE_SECONDS = 0.25
"""Seconds to wait for the next outcome before ``idle`` is called."""


def grade_batch(
    grader: Grader,
    course: Course,
    wanted: Sequence[tuple[SubmittedNotebook, Source]],
    jobs: int,
    earlier: Callable[[SubmittedNotebook], Earlier | None] = lambda _: None,
    idle: Callable[[], None] = lambda: None,
) -> Generator[Outcome]:
    """Grade notebooks in parallel.

    Parameters
    ----------
    grader
        Holds the settings, and grades if there are no worker processes.
    course
        Holds the files that lie beside the notebooks.
    wanted
        The notebooks, each with the instructor's cells.
    jobs
        How many notebooks are graded at the same time.
    earlier
        Returns the digest and the report of a notebook's last grading, or None. A notebook whose digest is still
        the same is not graded again.
    idle
        Called when the next outcome takes a while: the caller can finish its work on the outcomes before it.

    Yields
    ------
    Outcome
        One for each notebook, in the given order. A notebook that can't be graded does not affect the others. If
        the caller closes the generator early or is interrupted, all submissions that still run are killed.
    """
    cores = itertools.cycle(sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else ())
    workers = WorkerPool(grader, course, processes=jobs > 1 and len(wanted) > FEW)
    with ThreadPoolExecutor(max_workers=jobs, initializer=lambda: pin_to_core(next(cores, None))) as threads:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for found, source in wanted:
                waiting.append(threads.submit(workers.grade, found, source, earlier(found)))
                if len(waiting) > AHEAD * jobs:  # memory must not grow with the class
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
