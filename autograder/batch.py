"""Many submissions: graded side by side, handed back in the order in which they came."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from autograder import intake
from autograder.course import Course
from autograder.grading import Grader, Submission, failed
from autograder.intake import Found
from autograder.notebook import Notebook
from autograder.results import Report
from autograder.source import Source


@dataclass(frozen=True)
class Outcome:
    """What a submission came to, now or, where nothing changed since, the last time."""

    found: Found
    report: Report
    notebook: Notebook | None
    """As it ran; None where nothing could be graded or nothing was run anew."""
    digest: str = ""
    """Of everything that decides about the report."""
    fresh: bool = True


AHEAD = 8
"""Submissions a job that may be graded before the first of them is taken."""
Known = Callable[[Found], tuple[str, Report] | None]


def grade_all(
    grader: Grader,
    course: Course,
    wanted: Iterable[tuple[Found, Source]],
    jobs: int,
    known: Known = lambda _: None,
) -> Generator[Outcome]:
    """Grade notebooks in parallel, each in a process of its own.

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

    Yields
    ------
    Outcome
        In the given order; one bad notebook costs the others nothing. Who stops early, by an interrupt too,
        has the processes that still run killed.
    """
    cores = itertools.cycle(sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else ())
    with ThreadPoolExecutor(max_workers=jobs, initializer=lambda: keep_to(next(cores, None))) as threads:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for found, source in wanted:
                waiting.append(threads.submit(grade_one, grader, course, found, source, known(found)))
                if len(waiting) > AHEAD * jobs:  # so that memory doesn't grow with the class
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            grader.stop()
            raise
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


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


def grade_one(
    grader: Grader, course: Course, found: Found, source: Source, known: tuple[str, Report] | None = None
) -> Outcome:
    """Read and grade one notebook; a fault of the grader's own becomes a failed report, too."""
    where = found.path.absolute()
    file = str(where.relative_to(course.root) if where.is_relative_to(course.root) else found.path)
    submission = Submission(b"", found.student, found.assignment, found.notebook, file)
    try:
        files = course.files_for(found)
        submission = replace(submission, content=intake.read_file(found.path), files=files)
        digest = grader.digest(source, submission)
        if known and known[0] == digest:
            return Outcome(found, known[1], None, digest, fresh=False)
        graded = grader.grade(source, submission)
        return Outcome(found, graded.report, graded.notebook, digest)
    except intake.RefusedError as error:
        return Outcome(found, failed(source, submission, str(error)), None)
    except Exception as error:  # noqa: BLE001  # whatever went wrong, a verdict is recorded and the others go on
        message = f"{file} could not be graded: a fault of the grader ({type(error).__name__}: {error})."
        return Outcome(found, failed(source, submission, message), None)
