"""Copy a gradebook from one database to another: SQLite files and PostgreSQL servers, in any direction.

Every table is copied, nbgrader's and this project's own, in one transaction of the target, and read back row by
row before it is committed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Base

from autograder.gradebook import database
from autograder.gradebook.connection import ADVICE, first_gap
from autograder.gradebook.database import NbgraderError
from autograder.gradebook.journal import JOURNAL

BATCH = 500
"""Rows that are in memory at once."""
VERSION = "alembic_version"
Progress = Callable[[int], None]
"""Is told how many rows were copied or compared since the last call."""


def copy(source: str, target: str, begin: Callable[[int], Progress] = lambda _: lambda _: None) -> dict[str, int]:
    """Copy a gradebook into an empty database; return the number of rows of each table.

    Parameters
    ----------
    source, target
        Addresses of databases, as :func:`address` returns them.
    begin
        Is told how many rows will be copied and compared, and returns what is told of each batch.

    Raises
    ------
    NbgraderError
        If one of them can't be opened, the source is no gradebook, the target is not empty, or what was written is
        not what was read. The target is unchanged then.
    """
    new = _missing_file(target)
    counts: dict[str, int] = {}
    try:
        with _transaction(source, "The gradebook can't be read", reads=True) as reading:
            tables = _tables(reading)
            with _transaction(target, "The target can't be written") as writing:
                _refuse_rows(writing)
                counts.update((table.name, _count(reading, table)) for table in tables)
                progress = begin(2 * sum(counts.values()))
                sa.MetaData.create_all(tables[0].metadata, writing)
                for table in tables:
                    _copy_rows(reading, writing, table, progress)
                for table in tables:
                    _compare_rows(reading, writing, table, progress)
                    _set_sequences(writing, table)
    except BaseException:
        if new:
            new.unlink(missing_ok=True)
        raise
    return counts


def address(given: str) -> str:
    """Return the address of a database: a path becomes that of a SQLite file, a server's names the driver.

    Raises
    ------
    NbgraderError
        If it is neither.
    """
    if "://" not in given:
        return f"sqlite:///{Path(given).absolute()}"
    scheme, _, rest = given.partition("://")
    if scheme.partition("+")[0] not in ("sqlite", "postgres", "postgresql"):
        raise NbgraderError(
            f"A gradebook is a SQLite file or a PostgreSQL database, not {scheme}: write its path, or "
            "postgresql://USER@HOST/DATABASE."
        )
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else given


def shown(url: str) -> str:
    """Return an address without its password."""
    text: str = sa.make_url(url).render_as_string(hide_password=True)
    return text


def _missing_file(url: str) -> Path | None:
    """Return the SQLite file of an address that does not exist yet; None for any other address."""
    file = Path(url.removeprefix("sqlite:///"))
    return file if url.startswith("sqlite:///") and not file.exists() else None


@contextmanager
def _transaction(url: str, what: str, *, reads: bool = False) -> Iterator[sa.Connection]:
    """Open a database in one transaction, which sees nothing that others write meanwhile."""
    if reads and _missing_file(url):
        raise NbgraderError(f"There is no gradebook {_missing_file(url)}.")
    database.check_connection(url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        _begin_transactions_of_sqlite(engine)
    else:
        level: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": reads}
        engine = engine.execution_options(**level)
    with database.readable_errors(what), engine.begin() as connection:
        yield connection


def _begin_transactions_of_sqlite(engine: sa.Engine) -> None:
    """Let transactions hold the creation of tables and all that is read; Python's driver leaves both out."""

    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begun)


def _tables(reading: sa.Connection) -> list[sa.Table]:
    """Return the tables of a gradebook, each after those that it refers to.

    Raises
    ------
    NbgraderError
        If it is no gradebook, or that of another version of nbgrader.
    """
    there = set(sa.inspect(reading).get_table_names())
    missing = set(Base.metadata.tables) - there
    if missing:
        raise NbgraderError(
            f"{shown(str(reading.engine.url))} is no gradebook of this version of nbgrader: it has no table "
            f"“{min(missing)}”. If it is an older one, “nbgrader db upgrade” brings it up to date."
        )
    if what := first_gap(reading):
        raise NbgraderError(f"{shown(str(reading.engine.url))} lacks {what}: {ADVICE}")
    metadata = sa.MetaData()
    for table in (*Base.metadata.tables.values(), JOURNAL):
        if table.name in there:
            table.to_metadata(metadata)
    found = sa.MetaData()
    found.reflect(reading, only=sorted(there - set(metadata.tables)))
    for table in found.sorted_tables:
        for column in table.columns:
            column.type = column.type.as_generic()
            column.server_default = None  # it may be in one server's own language
        table.to_metadata(metadata)
    tables: list[sa.Table] = metadata.sorted_tables
    return tables


def _refuse_rows(writing: sa.Connection) -> None:
    found = sa.MetaData()
    found.reflect(writing)
    for table in found.sorted_tables:
        rows = _count(writing, table)
        if rows and table.name != VERSION:
            raise NbgraderError(
                f"The target is not empty: {shown(str(writing.engine.url))} has {rows} rows in “{table.name}”. "
                "Name a new file, or make a new database (createdb); nothing is overwritten."
            )
    if VERSION in found.tables:
        found.tables[VERSION].drop(writing)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _ordered(connection: sa.Connection, table: sa.Table) -> Iterator[tuple[Any, ...]]:
    """Yield a table's rows by its key, in an order that is the same in every database."""
    keys = list(table.primary_key) or list(table.columns)
    by_bytes = connection.dialect.name == "postgresql"
    order = [
        sa.collate(key, "C") if by_bytes and isinstance(key.type, sa.String) and not _is_enum(key) else key
        for key in keys
    ]
    asked = sa.select(table).order_by(*order).execution_options(yield_per=BATCH)
    try:
        yield from map(tuple, connection.execute(asked))
    except (LookupError, ValueError, TypeError) as error:
        raise NbgraderError(f"A row of “{table.name}” can't be read: {error}.") from None


def _is_enum(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.Enum)


def _copy_rows(reading: sa.Connection, writing: sa.Connection, table: sa.Table, progress: Progress) -> None:
    names = [column.name for column in table.columns]
    rows = _ordered(reading, table)
    while batch := list(itertools.islice(rows, BATCH)):
        writing.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in batch])
        progress(len(batch))


def _compare_rows(reading: sa.Connection, writing: sa.Connection, table: sa.Table, progress: Progress) -> None:
    """Read a table back and compare it with its source, row by row.

    Raises
    ------
    NbgraderError
        If a row differs.
    """
    pairs = itertools.zip_longest(_ordered(reading, table), _ordered(writing, table))
    for number, (wanted, found) in enumerate(pairs, 1):
        if wanted != found:
            row = wanted or found or ()
            raise NbgraderError(
                f"Row {number} of “{table.name}” ({row[0] if row else ''}) came back otherwise than it was read: "
                "nothing was copied."
            )
        if number % BATCH == 0:
            progress(BATCH)


def _set_sequences(writing: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL count on from the largest number of a column that counts by itself."""
    column = table.autoincrement_column
    if writing.dialect.name != "postgresql" or column is None:
        return
    largest = writing.execute(sa.select(sa.func.max(column))).scalar_one()
    name = writing.execute(sa.select(sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name))).scalar_one()
    if name and largest:
        writing.execute(sa.select(sa.func.setval(sa.cast(name, sa.Text), largest)))
