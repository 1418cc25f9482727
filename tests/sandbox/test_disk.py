"""Where nothing can be mounted, the free space of the disk says whether a submission took too much of it."""

from __future__ import annotations

import os

import pytest

from autograder.sandbox.inside import disk
from autograder.sandbox.inside.disk import LEAST, SUBMISSIONS, Disk, comes_back, holds_more_than

GB = 1 << 30


@pytest.fixture
def watched(monkeypatch, tmp_path):
    """A submission's disk, with what is said to be free of it, and who was killed."""
    monkeypatch.chdir(tmp_path)
    free, killed = [100 * GB, 50_000], []
    monkeypatch.setattr(disk, "free", lambda: tuple(free))
    monkeypatch.setattr(Disk, "kill", lambda self: killed.append(self.pid))
    return Disk(4711, GB, 3), free, killed


def test_a_submission_that_takes_as_much_as_three_is_killed_and_not_before(watched, monkeypatch):
    looked, free, killed = watched
    monkeypatch.setattr(disk, "comes_back", lambda space, most: (space, most) == (97 * GB - 1, GB))
    free[0] = 97 * GB
    looked.look()
    assert (looked.filled, killed) == (None, [])
    free[0] -= 1
    looked.look()
    assert (looked.filled, killed) == (True, [4711])


def test_space_that_does_not_come_back_was_not_the_submission_s(watched, monkeypatch):
    looked, free, killed = watched
    monkeypatch.setattr(disk, "comes_back", lambda space, most: False)
    free[0] = 0
    looked.look()
    assert (looked.filled, killed) == (False, [4711])


def test_a_small_allowance_counts_for_as_much_as_anybody_may_write_unnoticed(watched):
    small = Disk(1, 1000, 3)
    assert not small.is_much(SUBMISSIONS * LEAST)
    assert small.is_much(SUBMISSIONS * LEAST + 1)
    assert not Disk(1, 2 * LEAST, 3).is_much(2 * SUBMISSIONS * LEAST)


def test_many_new_files_are_counted_in_the_submission_s_folder(watched, tmp_path):
    looked, free, killed = watched
    for name in "abcd":
        (tmp_path / name).touch()
    free[1] -= 3
    looked.look()
    assert looked.filled is None, "no more are new than it may have"
    free[1] -= 1
    looked.look()
    assert (looked.filled, killed) == (True, [4711])


def test_new_files_of_others_are_counted_once(watched, monkeypatch):
    looked, free, killed = watched
    counted = []
    monkeypatch.setattr(disk, "holds_more_than", counted.append)
    free[1] -= 1000
    looked.look()
    looked.look()
    assert (counted, looked.filled, killed) == ([3], None, [])
    free[1] -= 4
    looked.look()
    assert counted == [3, 3]


def test_space_comes_back_if_more_than_a_submission_s_becomes_free(monkeypatch):
    free = iter([10, 10 + GB, 10 + GB + 1])
    monkeypatch.setattr(disk, "free", lambda: (next(free), 0))
    assert comes_back(10, GB)
    ticks = iter(range(100))
    monkeypatch.setattr(disk, "free", lambda: (10 + GB, 0))
    monkeypatch.setattr(disk.time, "monotonic", lambda: next(ticks))
    assert not comes_back(10, GB)


def test_files_and_folders_are_counted_in_all_folders_and_links_are_not_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    (tmp_path / "elsewhere").symlink_to("/")
    assert not holds_more_than(4)
    assert holds_more_than(3)


@pytest.mark.parametrize(("error", "more"), [(FileNotFoundError, False), (PermissionError, True)])
def test_a_folder_that_nobody_can_count_holds_more_and_one_that_is_gone_holds_none(error, more, monkeypatch):
    def fail(_):
        raise error

    monkeypatch.setattr(os, "scandir", fail)
    assert holds_more_than(1000) is more


def test_the_watch_ends_when_something_can_be_read_or_the_child_was_killed(watched):
    looked, _, killed = watched
    incoming, outgoing = os.pipe()
    os.write(outgoing, b"x")
    looked.watch_until_readable(incoming)
    assert killed == []
    os.read(incoming, 1)
    looked.look = lambda: setattr(looked, "filled", False)
    looked.watch_until_readable(incoming)
    assert looked.filled is False
    os.close(incoming)
    os.close(outgoing)
