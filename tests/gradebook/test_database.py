"""Where the gradebook lies: what is said of an address that leads nowhere, with no word of its password."""

from __future__ import annotations

import sys

import pytest

from autograder.gradebook import database, locks
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
def test_an_address_that_is_none_is_told_how_to_be_written_and_not_repeated(url):
    with pytest.raises(NbgraderError, match="postgresql\\+psycopg://USER:PASSWORD@HOST/DATABASE") as caught:
        database.check_connection(url)
    assert "cret" not in str(caught.value)


def test_a_missing_driver_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(NbgraderError, match=r"please run pip install 'logits-and-likelihoods\[postgres\]'"):
        database.check_connection("postgresql+psycopg://grader:secret@host/course")


def test_a_file_that_can_not_be_opened_is_a_sentence(tmp_path):
    with pytest.raises(NbgraderError, match="The gradebook can't be opened: unable to open database file"):
        database.check_connection(f"sqlite:///{tmp_path / 'nowhere' / 'gradebook.db'}")


def test_a_host_that_is_none_is_a_sentence():
    with pytest.raises(NbgraderError, match="Check the host in CourseDirectory"):
        database.check_connection("postgresql+psycopg://grader:secret@nowhere.invalid/course")


def test_a_lock_on_a_file_is_none():
    with (
        locks.locked("sqlite:///nowhere.db", locks.TABLES),
        locks.locked("sqlite:///nowhere.db", locks.TABLES),
    ):
        pass
