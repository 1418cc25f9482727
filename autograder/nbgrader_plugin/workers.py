"""The worker processes that grade for nbgrader, kept for all submissions of this process."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from typing import Any

from autograder import exercises
from autograder.grading.options import in_course
from autograder.grading.settings import Settings
from autograder.grading.workers import WorkerPool


def workers_of(config: Any, root: Path) -> WorkerPool:
    """Return the workers for a course.

    Parameters
    ----------
    config
        The course's configuration.
    root
        The course's folder.

    Raises
    ------
    OptionError
        If an option can't be used.
    CannotIsolateError
        If this machine can't keep student code away from the tests.
    """
    return workers_with(in_course(config, {}).settings(root, config))


def workers_with(settings: Settings) -> WorkerPool:
    """Return the workers with some settings."""
    return _kept(settings, exercises.digest_of_own())


@cache
def _kept(settings: Settings, _: str) -> WorkerPool:
    workers = WorkerPool(settings)
    atexit.register(workers.close)
    return workers
