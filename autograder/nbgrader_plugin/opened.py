"""nbgrader's database, opened once for a run.

nbgrader opens it nine times for each submission. Each time it looks for every table and for the course, and
SQLAlchemy compiles every statement again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import nbgrader.converters.autograde
import nbgrader.preprocessors.latesubmissions
import nbgrader.preprocessors.saveautogrades
from nbgrader.api import Gradebook as Database

_of_run: ContextVar[dict[tuple[str, str], Any] | None] = ContextVar("of_run", default=None)


@contextlib.contextmanager
def opened_once() -> Iterator[None]:
    """Open each database once, whoever opens it with `open_database` in the block.

    Whoever has opened it closes it, too: that ends the session and the connection. The next one gets new ones.
    """
    token = _of_run.set({})
    try:
        yield
    finally:
        _of_run.reset(token)


def open_database(db_url: str, course_id: str = "default_course") -> Any:
    """Open nbgrader's database, as `nbgrader.api.Gradebook` does."""
    kept = _of_run.get()
    if kept is None:
        return Database(db_url, course_id)
    if (db_url, course_id) not in kept:
        kept[db_url, course_id] = Database(db_url, course_id)
    return kept[db_url, course_id]


def install() -> None:
    """Have nbgrader's converter and its preprocessors open the database with `open_database`."""
    nbgrader.converters.autograde.Gradebook = open_database
    nbgrader.preprocessors.saveautogrades.Gradebook = open_database
    nbgrader.preprocessors.latesubmissions.Gradebook = open_database
