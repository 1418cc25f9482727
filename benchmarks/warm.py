"""What a submission costs in one warm grader, without course and gradebook: time by kind, and memory."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.grading.workers import pin_to_core
from benchmarks.assignments import Assignment
from benchmarks.kinds import KINDS, ONLY_IN
from benchmarks.mixed import Entry, of_kind


@contextlib.contextmanager
def warm_grader(assignments: Iterable[Assignment]) -> Iterator[Grader]:
    """Give a grader that has graded perfect notebooks of each assignment, on one core as a job of a batch.

    A fork server forks faster once it has forked a dozen times.
    """
    cores = os.sched_getaffinity(0)
    pin_to_core(0)
    try:
        with Grader(Settings(b"bench")) as grader:
            for assignment in assignments:
                for entry in of_kind("perfect", assignment, range(9986, 10_000)):
                    seconds_for(grader, assignment, entry)
            yield grader
    finally:
        os.sched_setaffinity(0, cores)
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def seconds_for(grader: Grader, assignment: Assignment, entry: Entry) -> float:
    """Return how long a grader takes for a notebook."""
    submission = Submission(entry.content, student=entry.student, files=assignment.files)
    started = time.perf_counter()
    grader.grade(assignment.source, submission)
    return time.perf_counter() - started


def sealed(assignments: dict[str, Assignment], entries: Iterable[Entry]) -> float:
    """Return the mean time of notebooks in one warm grader, in seconds."""
    with warm_grader(assignments.values()) as grader:
        return statistics.mean(seconds_for(grader, assignments[entry.topic], entry) for entry in entries)


def seconds_by_kind(assignment: Assignment, numbers: range) -> Iterator[tuple[str, float]]:
    """Yield each kind of an assignment's submissions and its time in one warm grader.

    The kinds take turns, once for each number; a number decides about styles and mistakes. What ends at a time
    limit, or is slow, is graded once.
    """
    with warm_grader([assignment]) as grader:
        for number in numbers:
            for kind in KINDS:
                if ONLY_IN.get(kind) == assignment.topic and number != numbers[0]:
                    continue
                if ONLY_IN.get(kind, assignment.topic) == assignment.topic:
                    (entry,) = of_kind(kind, assignment, [number])
                    yield kind, seconds_for(grader, assignment, entry)


# --- memory ----------------------------------------------------------------------------------------------


def memory(counts: list[int]) -> Iterator[tuple[int, float]]:
    """Yield each count of submissions, and the memory of a grader and its fork server after it, in megabytes."""
    assignment = Assignment("softmax", lean=True)
    before = 0.0
    with Grader(Settings(b"bench")) as grader:
        for number in range(1, max(counts) + 1):
            (entry,) = of_kind("perfect", assignment, [number])
            seconds_for(grader, assignment, entry)
            if number + 1 in counts:  # after a round number, the fork server is new
                before = _memory_in_use()
            if number in counts:
                yield number, max(before, _memory_in_use())


def _memory_in_use() -> float:
    """Return the memory of this process and of its children, in megabytes."""
    return sum(_resident(pid) for pid in (os.getpid(), *_children(os.getpid())))


def _resident(pid: int) -> float:
    """Return the private memory of a process, in megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private")) / 1024


def _children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
