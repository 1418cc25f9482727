"""Opening nbgrader's database; its tables are created if they are missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook as Database
from nbgrader.coursedir import CourseDirectory

from autograder.gradebook import database, locks
from autograder.gradebook.history import HISTORY
from autograder.gradebook.journal import JOURNAL
from autograder.gradebook.releases import RELEASES


class _Database(Database):  # type: ignore[misc]
    """nbgrader's database; closes its connections if it can't be opened."""

    def __init__(self, url: str, course_id: str) -> None:
        try:
            super().__init__(url, course_id)
        except BaseException:
            self.close()
            raise


def open_database(coursedir: CourseDirectory) -> Any:
    """Open the database of a course.

    Raises
    ------
    NbgraderError
        If it can't be opened.
    """
    # nbgrader starts alembic by name when it creates a database.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    url = coursedir.db_url
    database.check_connection(url)
    with locks.locked(url, locks.TABLES), database.readable_errors("The gradebook can't be opened"):
        opened = _Database(url, coursedir.course_id)
        create_tables(opened.engine)
        return opened


def create_tables(engine: Any) -> None:
    """Create the tables of this package that are missing; the caller holds the lock `locks.TABLES`."""
    for table in (JOURNAL, HISTORY, RELEASES):
        table.create(engine, checkfirst=True)
