"""The worker processes that grade for nbgrader, kept for all submissions of this process."""

from __future__ import annotations

import atexit
from functools import cache

from autograder import exercises
from autograder.grading.settings import Settings
from autograder.grading.workers import WorkerPool


def workers_with(settings: Settings) -> WorkerPool:
    """Return the workers with some settings.

    Raises
    ------
    CannotIsolateError
        If this machine can't keep student code away from the tests.
    """
    return _kept(settings, exercises.digest_of_own())


@cache
def _kept(settings: Settings, _: str) -> WorkerPool:
    workers = WorkerPool(settings)
    atexit.register(workers.close)
    return workers
