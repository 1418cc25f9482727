"""Locks on a PostgreSQL server, which keep the graders of a shared gradebook apart.

SQLite has no named locks. There, one machine grades a course, and ``Course.to_itself`` keeps other graders out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from autograder.gradebook.database import is_server, readable_errors

TABLES, STUDENT, ASSIGNMENT = "tables", "student", "assignment"
"""What a lock protects: all tables while they are created, a student's rows, an assignment's cells."""

_LOCK = sa.text("SELECT pg_advisory_lock(hashtextextended(:name, 0))")
_LOCK_UNTIL_COMMIT = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
# The server ends the session of a machine that has died, and its locks with it, after a minute.
_KEEPALIVES = "; ".join(
    f"SET tcp_keepalives_{name} = {seconds}" for name, seconds in (("idle", 30), ("interval", 10), ("count", 3))
)


@contextlib.contextmanager
def locked(url: str, kind: str, name: str = "") -> Iterator[None]:
    """Hold a lock on the server; wait for the grader that holds it.

    The lock has a database session of its own and ends with it, even if this process is killed. SQLite needs none.

    Parameters
    ----------
    url
        The address of the gradebook.
    kind, name
        What the lock protects: `TABLES`, `STUDENT` or `ASSIGNMENT`, and the name of the student or the assignment.

    Raises
    ------
    NbgraderError
        If the database raises an error.
    """
    if not is_server(url):
        yield
        return
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with contextlib.ExitStack() as stack:
        with readable_errors("The gradebook can't be locked"):
            connection = stack.enter_context(engine.connect())
            connection.exec_driver_sql(_KEEPALIVES)
            connection.execute(_LOCK, {"name": _lock_name(kind, name)})
        yield


def lock_until_commit(session: Any, kind: str, name: str) -> None:
    """Hold a lock on the server until the session's transaction ends; wait for the grader that holds it."""
    if _dialect(session) == "postgresql":
        session.execute(_LOCK_UNTIL_COMMIT, {"name": _lock_name(kind, name)})


def is_shared(session: Any) -> bool:
    """Whether graders on other machines may write the same rows."""
    return _dialect(session) != "sqlite"


def _dialect(session: Any) -> str:
    name: str = session.get_bind().dialect.name
    return name


def _lock_name(kind: str, name: str) -> str:
    return f"autograder {kind} {name}"
