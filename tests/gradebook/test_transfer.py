"""``autograder gradebook copy``: every row of every table, in any direction, or nothing at all."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
import sqlalchemy as sa
from course_commands import command, in_one_line
from nbgrader.api import Gradebook as Database
from sampling import sampled
from servers import PASSWORD

import autograder.gradebook.connection  # noqa: F401  # a new database then needs no program called alembic
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
    from autograder.gradebook import transfer

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
