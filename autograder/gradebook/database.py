"""Where nbgrader's gradebook lies: a file of SQLite's, or a PostgreSQL server that several graders share.

What a person reads when it can't be opened, and locks that hold across machines.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

TABLES, STUDENT, ASSIGNMENT = "tables", "student", "assignment"
"""What is locked: all tables while they are made, the rows of a student, the cells of an assignment."""

HOW_TO_WRITE = (
    "CourseDirectory.db_url is no address of a database; write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE. "
    "In the password, @ is written %40, : %3A, / %2F and % %25."
)
NO_DRIVER = (
    "The gradebook is on a PostgreSQL server, and its driver is missing: please run "
    "pip install 'logits-and-likelihoods[postgres]', and write CourseDirectory.db_url as postgresql+psycopg://…"
)
ADVICE = (
    (r"password|role .* does not exist", "Check user and password in CourseDirectory.db_url, or in ~/.pgpass."),
    (r"database .* does not exist", "Make it on the server: createdb --owner=USER DATABASE."),
    (r"permission denied", "Make the user the owner of the database: ALTER DATABASE … OWNER TO …."),
    (r"resolve host|translate host", "Check the host in CourseDirectory.db_url."),
    (r"refused|No such file|timeout|unreachable", "Check that the server runs, and its host and port."),
)
"""What to do, by what the driver says: while a connection is made, libpq has no codes."""

_LOCK = sa.text("SELECT pg_advisory_lock(hashtextextended(:name, 0))")
_LOCK_UNTIL_COMMIT = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_NOTICE_A_DEAD_HOLDER = "; ".join(
    f"SET tcp_keepalives_{name} = {seconds}" for name, seconds in (("idle", 30), ("interval", 10), ("count", 3))
)


class NbgraderError(RuntimeError):
    """nbgrader or its database could not do its part; the text is for the instructor."""


@contextlib.contextmanager
def in_words(what: str, then: str = "") -> Iterator[None]:
    """Turn a refusal of the database's into a sentence: what failed, what the database says, what to do.

    Raises
    ------
    NbgraderError
        If the database refuses.
    """
    try:
        yield
    except SQLAlchemyError as error:
        reason = said(error)
        advice = next((words for sign, words in ADVICE if re.search(sign, reason)), "")
        raise NbgraderError(" ".join(filter(None, (f"{what}: {reason}", advice, then)))) from None


def said(error: SQLAlchemyError) -> str:
    """Return what the database itself said, as one sentence: its first line."""
    first = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return f"{first.rstrip('.')}."


def check(url: str) -> None:
    """Open and close the database.

    Raises
    ------
    NbgraderError
        If its address is wrong, its driver missing, or nobody there lets us in; no password is in the text.
    """
    try:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise NbgraderError(HOW_TO_WRITE) from None
    except ModuleNotFoundError:
        raise NbgraderError(NO_DRIVER if _is_server(url) else HOW_TO_WRITE) from None
    if "@" in f"{parsed.host}{parsed.database}" and _is_server(url):  # a part of the password, taken for the host
        raise NbgraderError(HOW_TO_WRITE)
    with in_words("The gradebook can't be opened"):
        engine.connect().close()


@contextlib.contextmanager
def locked(url: str, kind: str, name: str = "") -> Iterator[None]:
    """Hold a lock of the server's, in a session of its own: it ends with the session, however that ends.

    SQLite knows no locks with names: a course with a file for its gradebook is graded on one machine, where
    ``Course.locked`` keeps others out.
    """
    if not _is_server(url):
        yield
        return
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with contextlib.ExitStack() as stack:
        with in_words("The gradebook can't be locked"):
            connection = stack.enter_context(engine.connect())
            connection.exec_driver_sql(_NOTICE_A_DEAD_HOLDER)
            connection.execute(_LOCK, {"name": _named(kind, name)})
        yield


def lock_until_commit(session: Any, kind: str, name: str) -> None:
    """Hold a lock of the server's until the session's transaction ends; wait for whoever has it."""
    if _dialect(session) == "postgresql":
        session.execute(_LOCK_UNTIL_COMMIT, {"name": _named(kind, name)})


def is_shared(session: Any) -> bool:
    """Whether graders on other machines may write the same rows."""
    return _dialect(session) != "sqlite"


def _dialect(session: Any) -> str:
    name: str = session.get_bind().dialect.name
    return name


def _is_server(url: str) -> bool:
    return url.startswith("postgresql")


def _named(kind: str, name: str) -> str:
    return f"autograder {kind} {name}"
