"""Many submissions: graded side by side, handed back in the order in which they came."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from autograder import exercises, intake
from autograder.course import Course
from autograder.grading import Grader, Submission, failed
from autograder.intake import Found
from autograder.notebook import Notebook
from autograder.results import Report
from autograder.settings import Settings
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
FEW = 16
"""Up to so many submissions, more processes would take longer to start than they save."""
PATIENCE = 1.5
"""Seconds in which a process that was told to end clears up behind it."""
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
    desk = _Desk(grader, course, apart=jobs > 1 and len(wanted) > FEW)
    with ThreadPoolExecutor(max_workers=jobs, initializer=lambda: keep_to(next(cores, None))) as threads:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for found, source in wanted:
                waiting.append(threads.submit(desk.grade, found, source, known(found)))
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


def grade_one(
    grader: Grader, course: Course, found: Found, source: Source, known: tuple[str, Report] | None = None
) -> Outcome:
    """Read and grade one notebook; a fault of the grader's own becomes a failed report, too."""
    where = found.path.absolute()
    file = str(where.relative_to(course.root) if where.is_relative_to(course.root) else found.path)
    submission = Submission(b"", found.student, found.assignment, found.notebook, file)
    try:
        files = course.files_for(found)
        submission = replace(submission, content=found.read(), files=files)
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


# --- processes of the grader's own -----------------------------------------------------------------------


class _Desk:
    """Where the threads of a batch have their notebooks graded: in this process, or each in one of its own."""

    def __init__(self, grader: Grader, course: Course, *, apart: bool) -> None:
        self.grader, self.course, self.apart = grader, course, apart
        self._own = threading.local()
        self._clerks: set[_Clerk] = set()
        self._lock = threading.Lock()
        self._closed = False

    def grade(self, found: Found, source: Source, known: tuple[str, Report] | None) -> Outcome:
        if not self.apart:
            return grade_one(self.grader, self.course, found, source, known)
        for _ in range(2):
            with contextlib.suppress(EOFError, OSError, msgspec.MsgspecError):  # gone, or it told nonsense
                return self._clerk().grade(found, source, known)
            self._own.clerk = None
        why = f"{found.path} could not be graded: twice the grader's own process died, perhaps for want of memory."
        submission = Submission(b"", found.student, found.assignment, found.notebook, str(found.path))
        return Outcome(found, failed(source, submission, why), None)

    def _clerk(self) -> _Clerk:
        clerk: _Clerk | None = getattr(self._own, "clerk", None)
        if clerk is None:
            with self._lock:
                if self._closed:
                    raise BrokenPipeError
                clerk = self._own.clerk = _Clerk(self.grader.settings, self.course.root)
                self._clerks.add(clerk)
        return clerk

    def close(self) -> None:
        with self._lock:
            self._closed = True
        for clerk in self._clerks:
            clerk.end()
        until = time.monotonic() + PATIENCE
        for clerk in self._clerks:
            clerk.wait(until)


class _Clerk:
    """A grader in a process of its own, which ends with this one, however this one ends.

    Raises EOFError or OSError where the process is gone.
    """

    def __init__(self, settings: Settings, root: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._talk, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, settings, root), daemon=True)
        self._process.start()
        theirs.close()

    def grade(self, found: Found, source: Source, known: tuple[str, Report] | None) -> Outcome:
        self._talk.send((found, source, known and known[0]))
        report, book, digest, fresh = _decoder.decode(self._talk.recv_bytes())
        return Outcome(found, report if fresh or known is None else known[1], book, digest, fresh=fresh)

    def end(self) -> None:
        self._process.terminate()

    def wait(self, until: float) -> None:
        self._process.join(max(0.0, until - time.monotonic()))
        self._process.kill()
        self._process.join()
        self._talk.close()


_decoder: msgspec.json.Decoder[tuple[Report, Any, str, bool]] = msgspec.json.Decoder(tuple[Report, Any, str, bool])


def _serve(talk: multiprocessing.connection.Connection, settings: Settings, root: Path) -> None:
    """Be a clerk: grade what is asked for, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the terminal is the batch's business
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    exercises.use_course(root)
    course = Course(root)
    with Grader(settings) as grader, contextlib.suppress(EOFError):
        while True:
            found, source, digest = talk.recv()
            known = digest and (digest, failed(source, Submission(b""), ""))
            outcome = grade_one(grader, course, found, source, known)
            talk.send_bytes(msgspec.json.encode((outcome.report, outcome.notebook, outcome.digest, outcome.fresh)))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # for the type checker; this runs in a process that was started
    multiprocessing.connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
