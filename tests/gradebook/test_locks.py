"""What a PostgreSQL server is told to lock, and that a file is told nothing."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from autograder.gradebook import locks
from autograder.gradebook.database import NbgraderError

SERVER = "postgresql+psycopg://ada@host/course"


@pytest.fixture
def server(monkeypatch):
    """What happens on a server, in its order."""
    happened = []

    class Connection:
        def exec_driver_sql(self, text):
            happened.append(text)

        def execute(self, statement, values):
            if isinstance(values["name"], str) and values["name"].endswith("refused"):
                raise OperationalError("select", {}, Exception("connection refused"))
            happened.append((str(statement), values))

    @contextlib.contextmanager
    def connect():
        try:
            yield Connection()
        finally:
            happened.append("closed")

    def create_engine(url, **options):
        happened.append((url, options))
        return SimpleNamespace(connect=connect)

    monkeypatch.setattr(sa, "create_engine", create_engine)
    return happened


def test_a_lock_is_held_by_a_session_of_its_own_until_the_block_ends(server):
    with locks.locked(SERVER, locks.ASSIGNMENT, "hw"):
        (url, options), kept_alive, (statement, values) = server
    assert server[3:] == ["closed"]
    assert url == SERVER
    assert options == {"poolclass": sa.NullPool, "isolation_level": "AUTOCOMMIT"}
    assert kept_alive.split("; ") == [
        "SET tcp_keepalives_idle = 30",
        "SET tcp_keepalives_interval = 10",
        "SET tcp_keepalives_count = 3",
    ]
    assert "pg_advisory_lock" in statement
    assert values == {"name": "autograder assignment hw"}


def test_a_lock_ends_with_an_error_in_the_block_which_stays_as_it_is(server):
    with pytest.raises(OperationalError), locks.locked(SERVER, locks.STUDENT, "ada"):
        raise OperationalError("insert", {}, Exception("mine"))
    assert server[-1] == "closed"


def test_a_lock_that_can_not_be_had_is_a_sentence_and_the_block_does_not_run(server):
    with (
        pytest.raises(NbgraderError, match="The gradebook can't be locked: connection refused"),
        locks.locked(SERVER, locks.STUDENT, "refused"),
    ):
        pytest.fail("ran")
    assert server[-1] == "closed"


def test_a_file_is_not_locked(server):
    ran = []
    with locks.locked("sqlite:///postgresql.db", locks.STUDENT, "ada"):
        ran.append(1)
    assert (ran, server) == ([1], [])


def test_what_is_locked_is_told_by_its_kind_and_its_name(server):
    names = []
    for kind, name in (
        (locks.TABLES, ""),
        (locks.STUDENT, "hw"),
        (locks.ASSIGNMENT, "hw"),
        (locks.STUDENT, "ada"),
    ):
        with locks.locked(SERVER, kind, name):
            names.append(server[-1][1]["name"])
    assert len(set(names)) == 4
    with locks.locked(SERVER, locks.TABLES):
        assert server[-1][1]["name"] == names[0]


@pytest.mark.parametrize(("dialect", "shared"), [("postgresql", True), ("sqlite", False)])
def test_a_students_rows_are_locked_until_the_commit_where_others_may_write_them(dialect, shared):
    executed = []
    bound = SimpleNamespace(dialect=SimpleNamespace(name=dialect))
    session = SimpleNamespace(get_bind=lambda: bound, execute=lambda *words: executed.append(words))
    locks.lock_until_commit(session, locks.STUDENT, "ada")
    assert locks.is_shared(session) == shared
    assert [values for _, values in executed] == [{"name": "autograder student ada"}] * shared
    assert all("pg_advisory_xact_lock" in str(statement) for statement, _ in executed)
