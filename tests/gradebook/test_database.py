"""Wrong addresses of the gradebook: the error says what to do and holds no password."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.dbutil import write_alembic_ini

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
