"""What belongs together is committed whole, and an interrupt waits until it is."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from autograder.gradebook import transaction
from autograder.gradebook.database import NbgraderError
from autograder.gradebook.transaction import Transaction, uninterrupted


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(time=100.0)
    monkeypatch.setattr(transaction.time, "monotonic", lambda: now.time)
    return now


def session(dialect, commits):
    bound = SimpleNamespace(dialect=SimpleNamespace(name=dialect))
    return SimpleNamespace(get_bind=lambda: bound, commit=lambda: commits.append(dialect))


def test_in_a_file_marks_wait_a_moment_to_be_committed_together(clock):
    commits = []
    opened = Transaction(session("sqlite", commits))
    opened.commit_if_shared()
    clock.time += transaction.COMMIT_SECONDS
    opened.commit_when_due()
    assert commits == []
    clock.time += 0.01
    opened.commit_when_due()
    opened.commit_when_due()
    assert len(commits) == 1, "the moment begins anew with each commit"


def test_on_a_shared_gradebook_everything_is_committed_at_once(clock):
    commits = []
    opened = Transaction(session("postgresql", commits))
    opened.commit_when_due()
    opened.commit_if_shared()
    assert len(commits) == 2


def test_an_interrupt_is_raised_once_the_block_has_ended():
    done, before = [], signal.getsignal(signal.SIGINT)

    def write():
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("the rest")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert done == ["the rest"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_of_the_database_says_what_was_entered_and_gives_the_interrupt_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(NbgraderError) as error, uninterrupted():
        raise OperationalError("insert", {}, Exception("database is locked"))
    said = str(error.value)
    assert said.startswith("The gradebook can't be written: database is locked. Another program writes in it")
    assert said.endswith("What was graded before is entered; run the command again.")
    assert signal.getsignal(signal.SIGINT) is before
