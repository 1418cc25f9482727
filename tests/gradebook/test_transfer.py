"""``autograder gradebook copy``: every row of every table, in any direction, or nothing at all."""

from __future__ import annotations

import itertools
import re
import shutil
import sqlite3
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from course_commands import command, in_one_line
from nbgrader.api import Gradebook as Database
from sampling import sampled
from servers import PASSWORD

import autograder.gradebook.connection  # noqa: F401  # a new database then needs no program called alembic
from autograder.gradebook import transfer
from autograder.gradebook.database import NbgraderError
from autograder.gradebook.journal import JOURNAL

NAMES = ("ada", "Zoë", "bob", "été-1", "Adam", "_x")
"""Students whose order differs between databases that compare bytes and those that compare letters."""


def fill(url):
    """A gradebook with marks by hand, comments, times, penalties, our journal, and a table of a later version."""
    with Database(url, "päd") as book:
        book.add_assignment("softmax", duedate="2026-01-10 00:00:00")
        book.add_notebook("nb", "softmax")
        book.add_grade_cell("f", "nb", "softmax", max_score=2.5, cell_type="code")
        book.add_solution_cell("f-solution", "nb", "softmax")
        book.add_task_cell("t", "nb", "softmax", max_score=1, cell_type="markdown")
        book.add_source_cell("f", "nb", "softmax", source="assert f(1) == “1”\n", cell_type="code", locked=True)
        for number, name in enumerate(NAMES):
            book.add_student(name, first_name=None if number == 2 else name.upper(), email=f"{number}@x.org")
            book.add_submission("softmax", name, timestamp=f"2026-01-09 12:00:0{number}.000123")
            grade = book.find_grade("f", "nb", "softmax", name)
            grade.auto_score, grade.manual_score, grade.extra_credit = number / 3, None, 0.1
            grade.needs_manual_grade = number == 1
            book.find_comment("f-solution", "nb", "softmax", name).manual_comment = "né 🙂\n" * number
            found = book.find_submission_notebook("nb", "softmax", name)
            found.late_submission_penalty, found.flagged = 0.25 * number, number == 3
        book.db.commit()
        JOURNAL.create(book.engine, checkfirst=True)
        key = {"assignment": "softmax", "notebook": "nb", "digest": "d", "report": '{"a": "ö"}'}
        book.db.execute(sa.insert(JOURNAL), [{"student_id": name, **key} for name in NAMES])
        book.db.execute(sa.text("create table autograder_later (id integer primary key, said varchar(20))"))
        book.db.execute(sa.text("insert into autograder_later values (3, 'three'), (41, 'forty-one')"))
        book.db.commit()
    book.engine.dispose()


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    path = tmp_path_factory.mktemp("gradebooks") / "gradebook.db"
    fill(f"sqlite:///{path}")
    return path


def run(root, *words, expect=0, **environment):
    said = command(root, "autograder", "gradebook", "copy", *words, expect=expect, environment=environment)
    assert PASSWORD not in said
    return in_one_line(said)


def plain(value):
    """A value as both databases write it: SQLite has no times and no truth values."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return int(value) if isinstance(value, bool) else value


def rows(url):
    """Each table's rows in a fixed order, read without this project's code."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = {}
        for name in sa.inspect(connection).get_table_names():
            columns = ", ".join(sorted(c["name"] for c in sa.inspect(connection).get_columns(name)))
            read = connection.exec_driver_sql(f"select {columns} from {name}")
            found[name] = sorted((tuple(map(plain, row)) for row in read), key=repr)
        return found


@pytest.mark.slow
def test_a_file_s_copy_has_the_same_rows(filled, tmp_path):
    said = run(tmp_path, filled, "copy.db")
    copied, original = rows(f"sqlite:///{tmp_path / 'copy.db'}"), rows(f"sqlite:///{filled}")
    assert copied == original
    assert len(original["grade"]) == 2 * len(NAMES)
    assert f"✓ {sum(map(len, original.values()))} rows are in sqlite:///" in said


@pytest.mark.slow
def test_to_a_server_and_back_nothing_is_lost(filled, server, tmp_path):
    url = server.new()
    said = run(tmp_path, filled, url.replace("+psycopg", ""))
    assert rows(url) == rows(f"sqlite:///{filled}")
    assert "put it into ~/.pgpass" in said
    run(tmp_path, url, "back.db")
    assert rows(f"sqlite:///{tmp_path / 'back.db'}") == rows(f"sqlite:///{filled}")
    other = server.new()
    run(tmp_path, url, other)
    assert rows(other) == rows(url)


@pytest.mark.slow
def test_on_a_server_numbers_count_on_and_nbgrader_goes_on(filled, server, tmp_path):
    url = server.new()
    run(tmp_path, filled, url)
    name = sa.make_url(url).database
    server.ask("insert into autograder_later (said) values ('next')", name)
    assert ("next", 42) in [tuple(row) for row in server.ask("select said, id from autograder_later", name)]
    with Database(url, "päd") as book:
        book.add_student("new")
        book.add_submission("softmax", "new")
        assert book.find_submission("softmax", "ada").max_score == 3.5
    book.engine.dispose()


@pytest.mark.slow
@pytest.mark.deep
def test_a_server_s_target_that_is_not_empty_is_refused(filled, server, tmp_path):
    url = server.new()
    run(tmp_path, filled, url)
    before = rows(url)
    assert "The target is not empty" in run(tmp_path, filled, url, expect=2)
    assert rows(url) == before


@pytest.mark.slow
def test_a_row_that_the_server_can_not_hold_leaves_it_empty(filled, server, tmp_path):
    long = tmp_path / "long.db"
    shutil.copy(filled, long)
    with closing(sqlite3.connect(long)) as connection, connection:
        connection.execute("update student set first_name = ? where id = 'Adam'", ("x" * 300,))
    url = server.new()
    assert "value too long" in run(tmp_path, long, url, expect=2)
    assert rows(url) == {}


@pytest.mark.slow
def test_a_target_with_rows_is_refused_and_stays_as_it_is(filled, tmp_path):
    run(tmp_path, filled, "copy.db")
    before = (tmp_path / "copy.db").read_bytes()
    said = run(tmp_path, filled, "copy.db", expect=2)
    assert "The target is not empty" in said
    assert "nothing is overwritten" in said
    assert (tmp_path / "copy.db").read_bytes() == before
    assert "The target is not empty" in run(tmp_path, "copy.db", "copy.db", expect=2)


def prepared(path, trigger):
    """A target with nbgrader's tables, empty, of which one changes or refuses what is written."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    from nbgrader.api import Base

    Base.metadata.create_all(engine)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(trigger)


TRIGGERS = {
    "changes a row": (
        "create trigger t after insert on grade begin update grade set auto_score = 7 where id = new.id; end",
        "“grade”",
        "came back otherwise than it was read",
    ),
    "refuses a row": (
        "create trigger t before insert on comment begin select raise(abort, 'the disk is full'); end",
        "The target can't be written: the disk is full.",
    ),
}


@pytest.mark.parametrize(("trigger", "says"), [(t, says) for t, *says in TRIGGERS.values()], ids=TRIGGERS)
def test_a_target_that_does_not_take_every_row_as_it_is_gets_none(filled, tmp_path, trigger, says):
    prepared(tmp_path / "copy.db", trigger)
    said = run(tmp_path, filled, "copy.db", expect=2)
    assert all(text in said for text in says), said
    assert set(map(len, rows(f"sqlite:///{tmp_path / 'copy.db'}").values())) == {0}


BROKEN = {
    "no such file": (("nowhere.db", "copy.db"), "There is no gradebook"),
    "no database": (("notes.txt", "copy.db"), "file is not a database"),
    "no gradebook": (("other.db", "copy.db"), "is no gradebook of this version of nbgrader"),
    "another kind": (("mysql://x/y", "copy.db"), "not mysql: write its path"),
    "no such folder": (("gradebook.db", "nowhere/copy.db"), "unable to open database file"),
    "no such host": (("gradebook.db", "postgresql://a@nowhere.invalid/b"), "Check the host"),
}


@pytest.mark.parametrize("name", sampled(BROKEN, every=6))
def test_what_can_not_be_copied_is_a_sentence_and_no_file_is_left(filled, tmp_path, name):
    words, says = BROKEN[name]
    shutil.copy(filled, tmp_path)
    (tmp_path / "notes.txt").write_text("These are notes, and no database at all.\n" * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("create table other (id integer)")
    assert says in run(tmp_path, *words, expect=2)
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("stop", [1, 4, 9, None])
def test_a_copy_that_is_stopped_leaves_no_file(filled, tmp_path, stop):
    """As Ctrl-C does, at any batch."""
    calls = itertools.count(1)

    def progress(rows):
        if next(calls) == stop:
            raise KeyboardInterrupt

    words = transfer.address(str(filled)), transfer.address(str(tmp_path / "copy.db")), lambda total: progress
    if stop is None:
        assert transfer.copy(*words)["grade"] == 2 * len(NAMES)
        assert next(calls) > 9
        return
    with pytest.raises(KeyboardInterrupt):
        transfer.copy(*words)
    assert list(tmp_path.iterdir()) == []


# --- addresses -------------------------------------------------------------------------------------------


def test_a_path_is_a_file_here_and_a_server_has_its_driver(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for given, address in {
        "x.db": f"sqlite:///{tmp_path}/x.db",
        "/a/é x.db": "sqlite:////a/é x.db",
        "sqlite:///x.db": "sqlite:///x.db",
        "sqlite+pysqlite:///x.db": "sqlite+pysqlite:///x.db",
        "postgres://a@h/b": "postgresql+psycopg://a@h/b",
        "postgresql://a:p@h/b?x=://y": "postgresql+psycopg://a:p@h/b?x=://y",
        "postgresql+psycopg://a@h/b": "postgresql+psycopg://a@h/b",
    }.items():
        assert transfer.address(given) == address
    for other in ("mysql", "mysql+sqlite", "http"):
        with pytest.raises(NbgraderError, match=rf"not {re.escape(other)}: write its path"):
            transfer.address(f"{other}://h/b")


def test_an_address_is_shown_without_its_password():
    assert transfer.shown("postgresql+psycopg://ada:secret@host/b") == "postgresql+psycopg://ada:***@host/b"
    assert transfer.shown("sqlite:////a/x.db") == "sqlite:////a/x.db"


def test_only_a_file_that_is_not_there_is_missing(tmp_path):
    (tmp_path / "there.db").touch()
    assert transfer._missing_file(f"sqlite:///{tmp_path}/new.db") == tmp_path / "new.db"
    assert transfer._missing_file(f"sqlite:///{tmp_path}/there.db") is None
    assert transfer._missing_file("postgresql+psycopg://ada@host/new.db") is None


# --- rows ------------------------------------------------------------------------------------------------

TABLE = sa.Table("t", sa.MetaData(), sa.Column("name", sa.String, primary_key=True), sa.Column("mark", sa.Float))
ROWS = [("a", 1.0), ("b", None), ("c", 0.0), ("d", 2.0), ("e", 3.0)]


@contextmanager
def holding(rows, table=TABLE):
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.connect() as connection:
        table.create(connection)
        for row in rows:
            connection.execute(sa.insert(table).values(row))
        yield connection
    engine.dispose()


def test_rows_are_copied_in_batches_by_their_key_and_each_is_told(monkeypatch):
    monkeypatch.setattr(transfer, "BATCH", 2)
    told = []
    with holding(ROWS[::-1]) as reading, holding([]) as writing:
        transfer._copy_rows(reading, writing, TABLE, told.append)
        assert told == [2, 2, 1]
        assert list(transfer._ordered(writing, TABLE)) == ROWS
        transfer._compare_rows(reading, writing, TABLE, told.append)
        assert told == [2, 2, 1, 2, 2]
        assert transfer._count(writing, TABLE) == 5


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (ROWS[:4], r"Row 5 of “t” \(e\)"),
        ([*ROWS, ("f", None)], r"Row 6 of “t” \(f\)"),
        ([], r"Row 1 of “t” \(a\)"),
        ([ROWS[0], ("b", 0.0), *ROWS[2:]], r"Row 2 of “t” \(b\)"),
        ([*ROWS[:2], ("c", None), *ROWS[3:]], r"Row 3 of “t” \(c\)"),
    ],
)
def test_a_row_that_is_lost_added_or_changed_is_named_by_its_place_and_key(found, said):
    refused = pytest.raises(NbgraderError, match=rf"{said} came back otherwise than it was read")
    with holding(ROWS) as reading, holding(found) as writing, refused:
        transfer._compare_rows(reading, writing, TABLE, lambda _: None)


def test_rows_without_a_key_are_in_the_order_of_all_their_columns():
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
    with holding([(2, 1), (1, 2), (2, 0), (1, 2)], table) as reading:
        assert list(transfer._ordered(reading, table)) == [(1, 2), (1, 2), (2, 0), (2, 1)]


def test_a_row_that_can_not_be_read_names_its_table():
    table = sa.Table("t", sa.MetaData(), sa.Column("when", sa.DateTime))
    with holding([], table) as reading:
        reading.exec_driver_sql("insert into t values ('noon')")
        with pytest.raises(NbgraderError, match="A row of “t” can't be read: "):
            list(transfer._ordered(reading, table))


def test_a_target_with_a_row_is_refused_and_a_mere_version_is_taken_away():
    version = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String))
    with holding([("v",)], version) as writing:
        TABLE.create(writing)
        transfer._refuse_rows(writing)
        assert sa.inspect(writing).get_table_names() == ["t"]
        writing.execute(sa.insert(TABLE), [{"name": "a"}, {"name": "b"}])
        with pytest.raises(NbgraderError, match="has 2 rows in “t”"):
            transfer._refuse_rows(writing)


def test_what_will_be_copied_and_compared_is_told_before_and_each_table_is_counted(filled, tmp_path):
    totals = []
    target = transfer.address(str(tmp_path / "copy.db"))

    def begin(total):
        totals.append(total)
        return lambda _: None

    counts = transfer.copy(transfer.address(str(filled)), target, begin)
    assert counts == {name: len(found) for name, found in rows(target).items()}
    assert counts["student"] == len(NAMES)
    assert counts["autograder_later"] == 2
    assert totals == [2 * sum(counts.values())]


def test_a_target_that_fails_has_no_table_more_than_before(filled, tmp_path):
    path = tmp_path / "copy.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table other (id integer)")

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transfer.copy(transfer.address(str(filled)), transfer.address(str(path)), lambda _: stop)
    assert set(rows(f"sqlite:///{path}")) == {"other"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("drop table comment", "is no gradebook of this version of nbgrader: it has no table “comment”"),
        ("alter table grade drop column extra_credit", "lacks the column “extra_credit” of its table “grade”"),
    ],
)
def test_a_source_that_lacks_something_is_refused_by_that_name(filled, tmp_path, change, said):
    path = shutil.copy(filled, tmp_path / "old.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    with pytest.raises(NbgraderError, match=said):
        transfer.copy(transfer.address(str(path)), transfer.address(str(tmp_path / "copy.db")))
    assert not (tmp_path / "copy.db").exists()


# --- a server --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "name", "largest", "counts"),
    [
        ("postgresql", "later_id_seq", 41, True),
        ("postgresql", "later_id_seq", None, False),
        ("postgresql", None, 41, False),
        ("sqlite", "later_id_seq", 41, False),
    ],
)
def test_a_column_that_counts_by_itself_counts_on_from_its_largest_number(dialect, name, largest, counts):
    asked, answers = [], [largest, name]

    def execute(statement):
        compiled = statement.compile()
        asked.append((str(compiled), sorted(map(str, compiled.params.values()))))
        return SimpleNamespace(scalar_one=lambda: answers[len(asked) - 1])

    writing = SimpleNamespace(dialect=SimpleNamespace(name=dialect), execute=execute)
    table = sa.Table("later", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    transfer._set_sequences(writing, table)
    set_to = [values for text, values in asked if "setval" in text]
    assert set_to == ([["41", "later_id_seq"]] if counts else [])
    asked.clear()
    transfer._set_sequences(writing, TABLE)
    assert asked == []


@pytest.mark.parametrize("reads", [True, False])
def test_a_server_shows_one_moment_and_is_only_read_where_nothing_is_to_be_written(monkeypatch, reads):
    options = []

    class Engine:
        dialect = SimpleNamespace(name="postgresql")

        def execution_options(self, **given):
            options.append(given)
            return self

        def begin(self):
            return nullcontext("connection")

    monkeypatch.setattr(transfer.database, "check_connection", lambda url: None)
    monkeypatch.setattr(sa, "create_engine", lambda url, **_: Engine())
    with transfer._transaction("postgresql+psycopg://h/b", "It fails", reads=reads) as connection:
        assert connection == "connection"
    assert options == [{"isolation_level": "REPEATABLE READ", "postgresql_readonly": reads}]
