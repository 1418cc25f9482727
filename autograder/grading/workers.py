"""The processes that grade a batch: this process alone, or a worker process for each job.

The trusted side takes a third of a submission's time. In one process, several jobs would spend half of that time
waiting for Python's global lock.
"""

from __future__ import annotations

import contextlib
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from autograder import exercises
from autograder.course import Course
from autograder.grading.grader import Grader
from autograder.grading.outcome import Outcome, grade_submission
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission, failed
from autograder.intake import SubmittedNotebook
from autograder.notebooks.source import Source
from autograder.results import Report

TERMINATE_SECONDS = 1.5
"""Seconds that a worker has to clean up before it is killed."""
Earlier = tuple[str, Report]
"""The digest and the report of a submission's last grading."""


class WorkerPool:
    """Grades notebooks for the threads of a batch.

    Parameters
    ----------
    grader
        Grades the notebooks in this process, or holds the settings for the workers.
    course
        The course to which the notebooks belong.
    processes
        Whether each thread has its own worker process. A worker that dies is replaced, at most once for each
        notebook.
    """

    def __init__(self, grader: Grader, course: Course, *, processes: bool) -> None:
        self.grader, self.course, self.processes = grader, course, processes
        self._own = threading.local()
        self._workers: set[Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def grade(self, found: SubmittedNotebook, source: Source, earlier: Earlier | None = None) -> Outcome:
        """Grade a notebook, or return its earlier report if its digest is still the same."""
        digest, report = earlier or ("", None)
        graded = self._grade(found, source, digest)
        if graded is not None:
            return graded
        assert report is not None  # for the type checker; only an equal digest gives None
        return Outcome(found, report, None, digest, fresh=False)

    def _grade(self, found: SubmittedNotebook, source: Source, earlier_digest: str) -> Outcome | None:
        if not self.processes:
            return grade_submission(self.grader, self.course, found, source, earlier_digest)
        for _ in range(2):
            with contextlib.suppress(EOFError, OSError, msgspec.MsgspecError):  # the worker died or sent nonsense
                return self._worker().grade(found, source, earlier_digest)
            self._own.worker = None
        why = f"{found.path} could not be graded: twice the grader's own process died, perhaps for want of memory."
        submission = Submission(b"", found.student, found.assignment, found.notebook, str(found.path))
        return Outcome(found, failed(source, submission, why), None)

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            with self._lock:
                if self._closed:
                    raise BrokenPipeError
                worker = self._own.worker = Worker(self.grader.settings, self.course.root)
                self._workers.add(worker)
        return worker

    def close(self) -> None:
        """Terminate the workers, and kill those that don't end in time."""
        with self._lock:
            self._closed = True
        for worker in self._workers:
            worker.terminate()
        until = time.monotonic() + TERMINATE_SECONDS
        for worker in self._workers:
            worker.wait(until)


class Worker:
    """A grader in another process, which ends when this process ends.

    The methods raise EOFError or OSError if the process has died.
    """

    def __init__(self, settings: Settings, root: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, settings, root), daemon=True)
        self._process.start()
        theirs.close()
        self._sent: list[Source] = []

    def grade(self, found: SubmittedNotebook, source: Source, earlier_digest: str) -> Outcome | None:
        number = next((n for n, sent in enumerate(self._sent) if sent is source), None)
        self._connection.send((found, source if number is None else number, earlier_digest))
        if number is None:
            self._sent.append(source)
        answer = _decoder.decode(self._connection.recv_bytes())
        return Outcome(found, *answer) if answer else None

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, until: float) -> None:
        self._process.join(max(0.0, until - time.monotonic()))
        self._process.kill()
        self._process.join()
        self._connection.close()


_Answer = tuple[Report, Any, str] | None
_decoder: msgspec.json.Decoder[_Answer] = msgspec.json.Decoder(_Answer)


def _serve(connection: multiprocessing.connection.Connection, settings: Settings, root: Path) -> None:
    """Run a worker: grade the notebooks that are sent until the batch closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the terminal is for the batch alone
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    exercises.use_course(root)
    course, sources = Course(root), list[Source]()
    with Grader(settings) as grader, contextlib.suppress(EOFError):
        while True:
            found, source, earlier_digest = connection.recv()
            if isinstance(source, Source):  # a source is sent once; after that, its number
                sources.append(source)
            else:
                source = sources[source]
            outcome = grade_submission(grader, course, found, source, earlier_digest)
            answer = outcome and (outcome.report, outcome.notebook, outcome.digest)
            connection.send_bytes(msgspec.json.encode(answer))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # for the type checker; this runs in a process that was started
    multiprocessing.connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def pin_to_core(core: int | None) -> None:
    """Pin this thread, and the processes that it starts, to one core.

    Grader and submission take turns some hundred times a second. On one core, that is a context switch; on two
    cores, each must wake the other, which takes several times as long. As batch processes, neither interrupts the
    other at each message: it runs only when the other waits.
    """
    if core is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {core})
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
