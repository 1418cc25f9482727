"""Grade many submissions in parallel, and yield the outcomes in the given order."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from autograder.course import Course
from autograder.grading.outcome import Outcome
from autograder.grading.workers import Earlier, WorkerPool
from autograder.intake import SubmittedNotebook
from autograder.notebooks.source import Source

AHEAD = 8
"""For each job, the submissions that may be graded ahead of the outcome that is yielded next."""
IDLE_SECONDS = 0.25
"""Seconds to wait for the next outcome before ``idle`` is called."""


class _TimeIsUpError(Exception):
    pass


def grade_batch(
    workers: WorkerPool,
    course: Course,
    wanted: Sequence[tuple[SubmittedNotebook, Source]],
    jobs: int,
    earlier: Callable[[SubmittedNotebook], Earlier | None] = lambda _: None,
    idle: Callable[[], None] = lambda: None,
    seconds: float | None = None,
) -> Generator[Outcome]:
    """Grade notebooks in parallel.

    Parameters
    ----------
    workers
        Grade the notebooks.
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
    seconds
        How long the batch may take. What is not graded by then is not yielded.

    Yields
    ------
    Outcome
        One for each notebook, in the given order. A notebook that can't be graded does not affect the others. If
        the caller closes the generator early or is interrupted, or when its time is up, all submissions that still
        run are killed, and the workers are closed.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    waiting: deque[Future[Outcome]] = deque()
    with ThreadPoolExecutor(max_workers=jobs) as threads:
        try:
            for found, source in wanted:
                waiting.append(threads.submit(workers.grade, course, found, source, earlier(found)))
                if len(waiting) > AHEAD * jobs:  # memory must not grow with the class
                    yield _next(waiting, idle, deadline)
            while waiting:
                yield _next(waiting, idle, deadline)
        except _TimeIsUpError:
            yield from [future.result() for future in waiting if future.done()]
        finally:
            if waiting:
                workers.close()
            threads.shutdown(wait=True, cancel_futures=True)


def _next(waiting: deque[Future[Outcome]], idle: Callable[[], None], deadline: float | None) -> Outcome:
    """Return the next outcome; leave it where it is if the time is up first."""
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    first = IDLE_SECONDS if left is None else min(IDLE_SECONDS, left)
    if wait([waiting[0]], timeout=first).not_done:
        idle()
        if wait([waiting[0]], timeout=None if left is None else max(0.0, left - first)).not_done:
            raise _TimeIsUpError
    return waiting.popleft().result()


@dataclass(frozen=True)
class OneMachine:
    """Grades classes with worker processes here."""

    workers: WorkerPool

    def grade(
        self,
        course: Course,
        wanted: Sequence[tuple[SubmittedNotebook, Source]],
        jobs: int | None,
        earlier: Callable[[SubmittedNotebook], Earlier | None] = lambda _: None,
        idle: Callable[[], None] = lambda: None,
        seconds: float | None = None,
    ) -> Generator[Outcome]:
        """Grade a class with :func:`grade_batch`; without ``jobs``, one notebook for each core."""
        return grade_batch(self.workers, course, wanted, jobs or os.cpu_count() or 1, earlier, idle, seconds)

    def slowest(self) -> tuple[str, float] | None:
        """Return the file that has been graded longest, and for how many seconds."""
        return self.workers.slowest()
