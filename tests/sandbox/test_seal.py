"""What a process gives up, and what it is forgiven."""

from __future__ import annotations

import os
import resource
import sys

import pytest

from autograder.sandbox.inside import seal, serve

NAMES = ("chmod", "utime", "setxattr", "listxattr")


@pytest.fixture
def forgiving(monkeypatch, tmp_path):
    """A process that may change nobody's metadata, in a notebook's folder."""

    def refuse(path=".", *_, **__):
        raise PermissionError(1, "refused", path)

    home = tmp_path / "run-1"
    home.mkdir()
    monkeypatch.chdir(home)
    for name in NAMES:
        monkeypatch.setattr(os, name, refuse)
    seal.ignore_metadata_errors()
    return home


def test_metadata_in_the_notebook_s_own_folder_are_kept_as_they_are_without_an_error(forgiving):
    assert os.chmod(forgiving / "file", 0o600) is None
    assert os.utime("file") is None
    assert os.setxattr("data/file", "user.a", b"") is None
    assert os.listxattr(str(forgiving / "file")) == []


@pytest.mark.parametrize("path", ["/etc/passwd", "../run-10/file", "../other", 3])
def test_elsewhere_a_refused_change_is_an_error(forgiving, path):
    for name in NAMES:
        with pytest.raises(PermissionError):
            getattr(os, name)(path)


def test_a_change_that_is_not_refused_is_made_and_another_error_is_one(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.setattr(os, name, getattr(os, name))
    seal.ignore_metadata_errors()
    (tmp_path / "file").touch()
    os.chmod("file", 0o640)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
    with pytest.raises(FileNotFoundError):
        os.chmod("missing", 0o640)


@pytest.mark.parametrize(
    ("hard", "wanted", "least"),
    [(resource.RLIM_INFINITY, 100, 100), (50, 100, 50), (200, 100, 100), (50, 0, 0)],
)
def test_a_limit_is_set_for_good_and_never_above_one_that_is_stricter(monkeypatch, hard, wanted, least):
    made = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (10, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, value: made.append((which, value)))
    seal.limit({"RLIMIT_CORE": wanted, "RLIMIT_NOFILE": wanted})
    assert made == [(resource.RLIMIT_CORE, (least, least)), (resource.RLIMIT_NOFILE, (least, least))]


def test_the_parts_of_a_program_are_joined_by_the_id_of_this_process():
    own = os.getpid().to_bytes(4, sys.byteorder)
    assert seal.allow_signals_to_itself(["0102", "ff", ""]) == b"\1\2" + own + b"\xff" + own


class Space:
    """A disk of which nobody knows who filled it, or that nobody filled."""

    def __init__(self, filled=False):
        self.filled, self.looked = filled, 0

    def is_much(self, size):
        return size > 1000 * 512

    def look(self):
        self.looked += 1
        self.filled = True


class Used:
    def __init__(self, blocks):
        self.ru_oublock = blocks


def ended(monkeypatch, status, blocks=0):
    monkeypatch.setattr(os, "wait4", lambda pid, flags: (pid, status, Used(blocks)))


@pytest.mark.parametrize(("status", "number"), [(9, 9), (11, 11), (0, 0), (3 << 8, 0)])
def test_the_signal_that_ended_a_child_is_told_and_0_if_it_exited(monkeypatch, status, number):
    ended(monkeypatch, status)
    assert serve.reap(4711, 0.0, None) == number


@pytest.mark.parametrize(
    ("filled", "blocks", "said"), [(False, 1000, False), (False, 1001, True), (True, 0, True), (None, 1001, None)]
)
def test_who_wrote_much_had_filled_the_disk_if_somebody_had(monkeypatch, filled, blocks, said):
    ended(monkeypatch, 9, blocks)
    space = Space(filled)
    assert serve.reap(4711, 0.0, space) == 9
    assert space.filled is said


def test_a_child_that_outlives_its_grace_is_killed_and_waited_for_and_that_is_no_signal_of_its_own(monkeypatch):
    done = []
    monkeypatch.setattr(os, "wait4", lambda pid, flags: (0, 0, None))
    monkeypatch.setattr(os, "kill", lambda *what: done.append(what))
    monkeypatch.setattr(os, "waitpid", lambda *what: done.append(what))
    assert serve.reap(4711, 0.0, None) == 0
    assert done == [(4711, 9), (4711, 0)]


def test_the_disk_is_looked_at_until_it_is_known_to_be_full(monkeypatch):
    answers = iter([(0, 0, None)] * 3 + [(4711, 9, Used(0))])
    monkeypatch.setattr(os, "wait4", lambda pid, flags: next(answers))
    space = Space(None)
    assert serve.reap(4711, 60.0, space) == 9
    assert space.looked == 1
