"""Where the notebooks of a batch are graded: in this process, or each job's in a process of the grader's own.

In one process several jobs would spend half of their time waiting for Python's lock.
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
from autograder.grading.grader import Grader, Submission, failed
from autograder.grading.outcome import Outcome, grade_one
from autograder.grading.settings import Settings
from autograder.intake import Found
from autograder.notebooks.source import Source
from autograder.results import Report

PATIENCE = 1.5
"""Seconds in which a process that was told to end clears up behind it."""


class Desk:
    """Grades for the threads of a batch.

    Parameters
    ----------
    grader
        Grades, or has the settings for those who do.
    course
        Where the notebooks come from.
    apart
        Whether each thread has a process that grades for it; one that dies is replaced once a notebook.
    """

    def __init__(self, grader: Grader, course: Course, *, apart: bool) -> None:
        self.grader, self.course, self.apart = grader, course, apart
        self._own = threading.local()
        self._clerks: set[_Clerk] = set()
        self._lock = threading.Lock()
        self._closed = False

    def grade(self, found: Found, source: Source, known: str = "") -> Outcome | None:
        """Grade a notebook, unless the digest of all that decides about it is the known one."""
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
        """End the processes."""
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
        self._told: list[Source] = []

    def grade(self, found: Found, source: Source, known: str) -> Outcome | None:
        number = next((n for n, told in enumerate(self._told) if told is source), None)
        self._talk.send((found, source if number is None else number, known))
        if number is None:
            self._told.append(source)
        answer = _decoder.decode(self._talk.recv_bytes())
        return Outcome(found, *answer) if answer else None

    def end(self) -> None:
        self._process.terminate()

    def wait(self, until: float) -> None:
        self._process.join(max(0.0, until - time.monotonic()))
        self._process.kill()
        self._process.join()
        self._talk.close()


_Answer = tuple[Report, Any, str] | None
_decoder: msgspec.json.Decoder[_Answer] = msgspec.json.Decoder(_Answer)


def _serve(talk: multiprocessing.connection.Connection, settings: Settings, root: Path) -> None:
    """Be a clerk: grade what is asked for, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the terminal is the batch's business
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    exercises.use_course(root)
    course, sources = Course(root), list[Source]()
    with Grader(settings) as grader, contextlib.suppress(EOFError):
        while True:
            found, source, known = talk.recv()
            if isinstance(source, Source):  # it comes once, then its number
                sources.append(source)
            else:
                source = sources[source]
            outcome = grade_one(grader, course, found, source, known)
            answer = outcome and (outcome.report, outcome.notebook, outcome.digest)
            talk.send_bytes(msgspec.json.encode(answer))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # for the type checker; this runs in a process that was started
    multiprocessing.connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
