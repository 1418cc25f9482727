"""Opening nbgrader's database; its tables are created if they are missing."""

from __future__ import annotations

import functools
from typing import Any

import nbgrader.api
import sqlalchemy as sa
from nbgrader.api import Gradebook as Database
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR

from autograder.course import Course
from autograder.gradebook import database, locks
from autograder.gradebook.history import HISTORY
from autograder.gradebook.journal import JOURNAL
from autograder.gradebook.releases import RELEASES

LAST_TABLE = "alembic_version"
"""The table that nbgrader makes last: where it is, all others were."""
ADVICE = (
    "another program changed it, or it is of another version of nbgrader. Go back to a copy of it, or bring it up "
    "to date with “nbgrader db upgrade”."
)


def newest_version() -> str:
    """Return the version of nbgrader's tables that it gives to a database it creates."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # only a new database needs it

    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


nbgrader.api.get_alembic_version = newest_version  # its own starts a program, which takes a second


class _Database(Database):  # type: ignore[misc]
    """nbgrader's database; closes its connections if it can't be opened."""

    def __init__(self, url: str, course_id: str) -> None:
        try:
            super().__init__(url, course_id)
        except BaseException:
            self.close()
            raise


def coursedir_of(course: Course) -> CourseDirectory:
    """Return nbgrader's own settings of a course's folders and database."""
    return CourseDirectory(config=course.config, root=str(course.root))


def open_database(coursedir: CourseDirectory) -> Any:
    """Open the database of a course.

    Raises
    ------
    NbgraderError
        If it can't be opened.
    """
    url = coursedir.db_url
    database.check_connection(url)
    with locks.locked(url, locks.TABLES), database.readable_errors("The gradebook can't be opened"):
        check_tables(url)
        opened = _Database(url, coursedir.course_id)
        create_tables(opened.engine)
        return opened


@functools.cache
def check_tables(url: str) -> None:
    """Refuse a database whose tables are not nbgrader's: marks would go astray in it.

    A process looks once; nbgrader opens the gradebook for each submission.

    Raises
    ------
    NbgraderError
        If a table or a column is missing.
    """
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        if LAST_TABLE in sa.inspect(connection).get_table_names() and (what := first_gap(connection)):
            raise database.NbgraderError(f"The gradebook lacks {what}: {ADVICE}")


def first_gap(connection: sa.Connection) -> str:
    """Name the first table of nbgrader's, or column of its tables and ours, that is missing; empty if none is."""
    found = sa.inspect(connection).get_multi_columns()
    there = {name: {column["name"] for column in columns} for (_, name), columns in found.items()}
    wanted: dict[str, sa.Table] = {table.name: table for table in nbgrader.api.Base.metadata.sorted_tables}
    wanted |= {table.name: table for table in (JOURNAL, HISTORY, RELEASES) if table.name in there}
    for name, table in wanted.items():
        missing = [column.name for column in table.columns if column.name not in there.get(name, ())]
        if missing:
            return f"the column “{missing[0]}” of its table “{name}”" if name in there else f"the table “{name}”"
    return ""


def create_tables(engine: Any) -> None:
    """Create the tables of this package that are missing; the caller holds the lock `locks.TABLES`."""
    for table in (JOURNAL, HISTORY, RELEASES):
        table.create(engine, checkfirst=True)
