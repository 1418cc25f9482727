"""A database that lacks a table or a column of a gradebook is refused by that name before anything is entered."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import ledger
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from autograder.gradebook import connection
from autograder.gradebook.connection import check_tables, coursedir_of, create_tables, first_gap, open_database
from autograder.gradebook.database import NbgraderError
from autograder.gradebook.history import HISTORY
from autograder.gradebook.journal import JOURNAL
from autograder.gradebook.releases import RELEASES


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ("create table more (id integer)", ""),
        ("drop table comment", "the table “comment”"),
        ("alter table grade drop column extra_credit", "the column “extra_credit” of its table “grade”"),
        (
            "alter table autograder_report drop column digest",
            "the column “digest” of its table “autograder_report”",
        ),
        (
            "alter table autograder_release drop column cells",
            "the column “cells” of its table “autograder_release”",
        ),
        (
            "alter table autograder_history drop column digest",
            "the column “digest” of its table “autograder_history”",
        ),
        ("drop table autograder_history", ""),  # an earlier version of this package had none
    ],
)
def test_the_first_gap_is_named(change, gap):
    with ledger.session_with() as session:
        session.execute(sa.text(change))
        assert first_gap(session.connection()) == gap


def test_a_gradebook_with_a_gap_is_refused_and_a_new_one_is_not(tmp_path):
    for name, tables, refused in (
        ("new", [], False),
        ("begun", ["grade"], False),
        ("other", ["alembic_version"], True),
    ):
        url = f"sqlite:///{tmp_path / name}.db"
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            for table in tables:
                connection.execute(sa.text(f"create table {table} (id integer)"))
        if refused:
            with pytest.raises(
                NbgraderError, match=r"The gradebook lacks the table “.*”: another program changed it"
            ):
                check_tables(url)
        else:
            check_tables(url)


def test_missing_tables_are_created_and_those_that_are_there_keep_their_rows():
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    key = {"student_id": "a", "assignment": "b", "notebook": "c", "digest": "d", "report": "e"}
    create_tables(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(JOURNAL), [key])
        HISTORY.drop(connection)
    create_tables(engine)
    with engine.begin() as connection:
        assert connection.execute(sa.select(JOURNAL)).mappings().all() == [key]
        assert {table.name for table in (JOURNAL, HISTORY, RELEASES)} == set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_the_database_is_that_of_the_course_and_is_opened_while_its_tables_are_locked(tmp_path, monkeypatch):
    happened = []

    @contextlib.contextmanager
    def locked(*words):
        happened.append(words)
        yield
        happened.append("unlocked")

    class Opened:
        engine = "engine"

        def __init__(self, *words):
            happened.append(words)

    monkeypatch.setattr(connection.locks, "locked", locked)
    monkeypatch.setattr(connection.database, "check_connection", lambda url: happened.append(("tried", url)))
    monkeypatch.setattr(connection, "check_tables", lambda url: happened.append(("looked", url)))
    monkeypatch.setattr(connection, "_Database", Opened)
    monkeypatch.setattr(connection, "create_tables", happened.append)
    config = Config(CourseDirectory={"course_id": "päd"})
    coursedir = coursedir_of(SimpleNamespace(config=config, root=tmp_path))
    url = f"sqlite:///{tmp_path}/gradebook.db"
    assert isinstance(open_database(coursedir), Opened)
    assert happened == [
        ("tried", url),
        (url, "tables"),
        ("looked", url),
        (url, "päd"),
        "engine",
        "unlocked",
    ]


def test_a_database_that_can_not_be_opened_is_closed_and_named_as_what_fails(tmp_path, monkeypatch):
    closed = []

    def fail(self, *_):
        raise OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr(connection.Database, "__init__", fail)
    monkeypatch.setattr(connection.Database, "close", lambda self: closed.append(1))
    coursedir = coursedir_of(SimpleNamespace(config=Config(), root=tmp_path))
    with pytest.raises(NbgraderError, match="The gradebook can't be opened: database is locked"):
        open_database(coursedir)
    assert closed == [1]


def test_a_process_looks_at_a_databases_tables_once(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(connection, "first_gap", lambda _: looked.append(1) or "")
    for name in ("one", "two"):
        url = f"sqlite:///{tmp_path}/{name}.db"
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as opened:
            opened.execute(sa.text("create table alembic_version (version_num varchar(32))"))
        for _ in range(2):
            check_tables(url)
    assert len(looked) == 2
