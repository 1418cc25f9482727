"""Worker processes that grade: a hanging, dying or greedy one costs its submission, and is replaced."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from autograder.course import Course
from autograder.envelope.nursery import Nursery, NurseryError
from autograder.envelope.worker import DiedError, Envelope, ExhaustedError, RequestError, Worker, serve
from autograder.grading.outcome import Outcome, file_of
from autograder.grading.service import Service
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission, failed
from autograder.intake import SubmittedNotebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Source
from autograder.results import FileResult, Report
from autograder.sandbox.bounds import refuse_less
from autograder.sandbox.policy import Limits, isolation
from autograder.sandbox.pool import Pool

T = TypeVar("T")
REFUSED = "RefusedError"
SENTENCES = frozenset({REFUSED, "OwnExerciseError", "UnknownExerciseError"})
"""Errors whose text is a sentence for the reader; all but the first are about the course."""
Earlier = tuple[str, Report]
"""The digest and the report of a submission's last grading."""


class NotGradedError(Exception):
    """A submission can't be graded. The text is a sentence that says why."""

    fault = False
    """Whether it is the grader or the course that is at fault, and not the submission."""


class GraderFaultError(NotGradedError):
    """A submission can't be graded, which is not its fault: it has no mark, and waits for a person."""

    fault = True


def envelope_for(limits: Limits) -> Envelope:
    """Return what the grader's own work on one submission may use."""
    # Its functions have a time of their own besides, and starting its processes may take long on a busy machine.
    whole = 4 * limits.submission_seconds + 2 * limits.start_seconds
    return Envelope(whole, limits.grader_seconds, limits.grader_memory)


class WorkerPool:
    """Worker processes for the threads that use it; each thread has one. A context manager.

    The processes are forked from what this process has imported, so it should be made before a database is opened
    or a thread started.

    Parameters
    ----------
    settings
        The settings of the run.
    pool
        The pool of the first worker, perhaps with a fork server that is prepared.
    first_core
        Counts the cores that other pools on this machine use, so that each has one of its own.

    Raises
    ------
    CannotIsolateError
        If this machine can't keep student code away from the tests, and the settings ask for isolation.
    TooLittleError
        If a submission would have less than it is promised.
    """

    def __init__(self, settings: Settings, pool: Pool | None = None, first_core: int = 0) -> None:
        refuse_less(settings.limits)
        if settings.isolated:
            isolation(settings.way)
        pool = pool or Pool(settings.limits, isolated=settings.isolated, way=settings.way)
        self.envelope = envelope_for(settings.limits)
        self._nursery = Nursery(partial(_run, settings, pool), left=pool.leave_prepared)
        self._cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._own = threading.local()
        self._lock = threading.Lock()
        self._started = first_core
        self._running: dict[int, tuple[str, float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the workers, at once, and whatever they run."""
        self._nursery.close()

    def is_alive(self) -> bool:
        """Whether there can be further workers: the process that starts them runs."""
        return self._nursery.is_alive()

    def slowest(self) -> tuple[str, float] | None:
        """Return the file of the submission that has been running longest, and for how many seconds."""
        with self._lock:
            running = list(self._running.values())
        if not running:
            return None
        path, started = min(running, key=lambda entry: entry[1])
        return path, time.monotonic() - started

    # --- requests ----------------------------------------------------------------------------------------

    def grade(
        self, course: Course, found: SubmittedNotebook, source: Source, earlier: Earlier | None = None
    ) -> Outcome:
        """Grade a notebook of a course, or return its earlier report if its digest is still the same."""
        digest, report = earlier or ("", None)
        file = file_of(course, found)
        try:
            answer = self._request(_graded, file, "grade", course.root, found, source, digest)
            why, fault = f"{file} could not be graded: the grader's own process took it for unchanged.", True
        except NotGradedError as error:
            answer, report, why, fault = None, None, str(error), error.fault
        if answer is not None:
            return Outcome(found, *answer)
        if report is not None:
            return Outcome(found, report, None, digest, fresh=False)
        submission = Submission(b"", found.student, found.assignment, found.notebook, file)
        return Outcome(found, failed(source, submission, why, fault=fault), None)

    def grade_sent(self, root: Path, source: Source, submission: Submission) -> msgspec.Raw:
        """Grade a submission that another machine has read; return the report and the notebook, as JSON.

        ``root`` is a folder with the course's own exercises.

        Raises
        ------
        NotGradedError
            If it can't be graded, or grading it takes more than it may.
        """
        return self._request(_raw, submission.file, "grade_sent", root, source, submission)

    def grade_alone(self, source: Source, submission: Submission) -> Report:
        """Grade a submission that belongs to no course."""
        try:
            return self._request(_report, submission.file or "The notebook", "grade_alone", source, submission)
        except NotGradedError as error:
            return failed(source, submission, str(error), fault=error.fault)

    def grade_file(self, root: Path | None, exercise: str, path: Path, student: str) -> FileResult:
        """Grade one function of a ``.py`` file; ``root`` is the folder of the course around it, if there is one.

        Raises
        ------
        NotGradedError
            If the file can't be opened, or grading it takes more than it may.
        """
        return self._request(_file_result, str(path), "grade_file", root, exercise, path, student)

    def read(self, path: Path) -> tuple[Notebook, list[str]]:
        """Read a notebook file; return it with its repairs. It raises as :meth:`grade_file` does."""
        return self._request(_read, str(path), "read", path)

    def restore(self, path: Path, source: Source, submitted: Notebook) -> tuple[Notebook, list[str]]:
        """Restore the instructor's cells; return the notebook with its repairs. It raises as :meth:`read` does."""
        return self._request(_read, str(path), "restore", path, source, submitted)

    def grade_read(
        self, root: Path, folder: Path, source: Source, submitted: Notebook, submission: Submission
    ) -> tuple[Report, Notebook | None]:
        """Grade a notebook that has been read already, with the files in its folder. It raises as :meth:`read`."""
        return self._request(
            _graded_read, submission.file, "grade_read", root, folder, source, submitted, submission
        )

    def _request(self, decoder: msgspec.json.Decoder[T], what: str, name: str, *arguments: Any) -> T:
        thread = threading.get_ident()
        with self._lock:
            self._running[thread] = (what, time.monotonic())
        try:
            return self._answer(decoder, what, name, arguments)
        finally:
            with self._lock:
                del self._running[thread]

    def _answer(self, decoder: msgspec.json.Decoder[T], what: str, name: str, arguments: tuple[Any, ...]) -> T:
        """Ask this thread's worker; ask another one if it dies, which may not be the submission's fault.

        A result that is none counts as a death, too.
        """
        for _ in range(2):
            try:
                worker = self._worker()
                return decoder.decode(worker.request(name, *arguments))
            except RequestError as error:
                if error.kind in SENTENCES:
                    kind = NotGradedError if error.kind == REFUSED else GraderFaultError
                    raise kind(str(error)) from None
                fault = f"a fault of the grader ({error.kind}: {error})"
                raise GraderFaultError(f"{what} could not be graded: {fault}.") from None
            except ExhaustedError as error:
                self._own.worker = None
                raise NotGradedError(f"{what} {error}.") from None
            except (DiedError, NurseryError):
                self._own.worker = None
            except msgspec.MsgspecError:
                worker.end()
                self._own.worker = None
        why = "twice the grader's own process died, perhaps for want of memory"
        raise NotGradedError(f"{what} could not be graded: {why}.")

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = Worker(self._nursery, self.envelope)
            if self._cores:
                with self._lock:
                    self._started += 1
                    core = self._cores[self._started % len(self._cores)]
                pin_to_core(core, worker.pid)
        return worker


_graded: msgspec.json.Decoder[tuple[Report, Any, str] | None] = msgspec.json.Decoder(
    tuple[Report, dict[str, Any] | None, str] | None
)
_graded_read: msgspec.json.Decoder[tuple[Report, Any]] = msgspec.json.Decoder(tuple[Report, dict[str, Any] | None])
_raw = msgspec.json.Decoder(msgspec.Raw)
_report, _file_result = msgspec.json.Decoder(Report), msgspec.json.Decoder(FileResult)
_read: msgspec.json.Decoder[tuple[Notebook, list[str]]] = msgspec.json.Decoder(tuple[dict[str, Any], list[str]])


def _run(settings: Settings, pool: Pool, connection: Connection) -> None:
    def methods() -> Mapping[str, Any]:
        return Service(settings, pool).methods()

    serve(connection, envelope_for(settings.limits), methods)


def pin_to_core(core: int, process: int = 0) -> None:
    """Pin a process, and those that it starts, to one core; 0 means this thread.

    Grader and submission take turns some hundred times a second. On one core, that is a context switch; on two
    cores, each must wake the other, which takes several times as long. As batch processes, neither interrupts the
    other at each message: it runs only when the other waits.
    """
    with contextlib.suppress(OSError):
        os.sched_setaffinity(process, {core})
        os.sched_setscheduler(process, os.SCHED_BATCH, os.sched_param(0))
