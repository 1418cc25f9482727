"""Wrong addresses of the gradebook: the error says what to do and holds no password."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.dbutil import write_alembic_ini
from sqlalchemy.exc import OperationalError

from autograder.gradebook import database, locks
from autograder.gradebook.connection import newest_version
from autograder.gradebook.database import NbgraderError


@pytest.mark.parametrize(
    "url",
    [
        "postgresql//grader:secret@host/course",
        "postgresql+psycopg://grader:se@cret@host/course",
        "postgresql+psycopg://grader:se@secret/w@host/course",
        "postgresql+psycopg://grader:secret@host:secret/course",
        "postgresql+nodriver://grader:secret@host/course",
        "postgresq://grader:secret@host/course",
        "",
    ],
)
def test_the_error_of_a_wrong_address_shows_the_right_form_and_no_password(url):
    with pytest.raises(NbgraderError, match="postgresql\\+psycopg://USER:PASSWORD@HOST/DATABASE") as caught:
        database.check_connection(url)
    assert "cret" not in str(caught.value)


def test_the_error_of_a_missing_driver_shows_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(NbgraderError, match=r"please run pip install 'logits-and-likelihoods\[postgres\]'"):
        database.check_connection("postgresql+psycopg://grader:secret@host/course")


def test_the_error_of_a_file_that_can_not_be_opened_is_a_sentence(tmp_path):
    with pytest.raises(NbgraderError, match="The gradebook can't be opened: unable to open database file"):
        database.check_connection(f"sqlite:///{tmp_path / 'nowhere' / 'gradebook.db'}")


def test_the_error_of_an_unknown_host_is_a_sentence():
    with pytest.raises(NbgraderError, match="Check the host in CourseDirectory"):
        database.check_connection("postgresql+psycopg://grader:secret@nowhere.invalid/course")


def test_a_gradebook_in_a_file_has_no_locks():
    with (
        locks.locked("sqlite:///nowhere.db", locks.TABLES),
        locks.locked("sqlite:///nowhere.db", locks.TABLES),
    ):
        pass


@pytest.mark.slow
def test_a_new_gradebook_has_the_version_that_nbgraders_own_program_finds(tmp_path):
    write_alembic_ini(str(tmp_path / "alembic.ini"))
    command = [Path(sys.executable).parent / "alembic", "-c", tmp_path / "alembic.ini", "heads"]
    heads = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert heads.split() == [newest_version(), "(head)"]


@pytest.mark.parametrize(
    "url", ["gradebook.db", "sqlite:marks.db", "sqlite://my/marks.sqlite", "file:/x/a.sqlite3"]
)
def test_a_path_in_place_of_an_address_is_written_as_one(url):
    with pytest.raises(NbgraderError, match=r"is no address of a database; write “sqlite:///") as error:
        database.check_connection(url)
    assert url in str(error.value)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [("postgresql://host/a", True), ("postgresql+psycopg://host/a", True), ("sqlite:///postgresql.db", False)],
)
def test_a_server_is_told_by_its_address(url, is_one):
    assert database.is_server(url) == is_one


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ('password authentication failed for user "a"', "Check user and password"),
        ('role "a" does not exist', "Check user and password"),
        ('database "a" does not exist', "Make it on the server"),
        ("connection refused", "Check that the server runs"),
        ("database is locked", "Another program writes in it"),
        ("database or disk is full", "Check that the disk is not full."),
        ("something else", None),
    ],
)
def test_an_error_is_one_line_with_advice_where_there_is_some(said, advice):
    with pytest.raises(NbgraderError) as error, database.readable_errors("It fails", "Go on."):
        raise OperationalError("select secret", {}, Exception(f"{said}.\nDETAIL: more"))
    text = str(error.value)
    assert text.startswith(f"It fails: {said}. ")
    assert text.endswith(" Go on.")
    assert "secret" not in text
    assert "DETAIL" not in text
    assert (advice in text) if advice else text == f"It fails: {said}. Go on."


def test_another_error_than_the_databases_stays_as_it_is():
    with pytest.raises(KeyError), database.readable_errors("It fails"):
        raise KeyError("a")


@pytest.mark.parametrize(
    ("log", "error", "cause"),
    [
        ("[INFO] begin\nValueError: first.\nKeyError: second", "", "first."),
        ("done", "Traceback\n  nbgrader.api.MissingEntry: x\nsqlalchemy.exc.IntegrityError: y", "y."),
        ("ValueError:", "", "ValueError."),
        ("ValueError: a\nKeyboardInterrupt", "", "KeyboardInterrupt"),
        (
            "PermissionError: [Errno 13] Permission denied: '/x'",
            "",
            "'/x': Permission denied. Check that you may write there and that the disk is not full.",
        ),
        ("first\nlast", "", "last"),
        ("", "", "it says no more."),
    ],
)
def test_the_cause_is_the_first_error_of_nbgraders_log(log, error, cause):
    assert database.cause_in({"log": log, "error": error}) == cause
    assert database.cause_in({}) == "it says no more."
