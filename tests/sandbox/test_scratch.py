"""The folder of a submission: what lies in it is counted, laid out whole, and removed."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from autograder.sandbox.policy import Limits
from autograder.sandbox.scratch import Scratch

LIMITS = Limits(scratch_size=1 << 20, files=3, file_size=1 << 19)


@pytest.fixture
def scratch(tmp_path):
    return Scratch(tmp_path, None)


def test_a_folder_lies_in_its_parent_and_the_process_and_the_grader_name_it_by_their_own_paths(tmp_path):
    plain = Scratch(tmp_path, None)
    assert plain.path == plain.home
    assert plain.path.is_dir()
    assert plain.path.parent == tmp_path
    (tmp_path / "root" / "parent").mkdir(parents=True)
    inside = Scratch(type(tmp_path)("/parent"), None, str(tmp_path / "root"))
    assert inside.home.parent == type(tmp_path)("/parent")
    assert str(inside.path) == f"{tmp_path}/root{inside.home}"
    assert inside.path.is_dir()


def test_a_file_system_has_room_for_one_file_more_and_a_tenth_more_files_and_belongs_to_its_user(scratch):
    limits = Limits(scratch_size=1000, file_size=50, files=100)
    assert scratch.mount_options(limits) == "size=1050,nr_inodes=110,mode=700"
    scratch.uid = 0
    assert scratch.mount_options(limits) == "size=1050,nr_inodes=110,mode=700,uid=0,gid=0"


def test_files_are_laid_out_by_their_paths_in_a_new_folder_that_is_the_owner_s_alone(scratch):
    files = {"b.csv": b"1\r\n\xff", "a/b/c.py": b"", "a/Über.txt": "ß".encode()}
    folder, other = scratch.lay_out(files), scratch.lay_out({})
    assert folder != other
    assert folder.parent == scratch.home
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == files
    assert folder.stat().st_mode & 0o777 == other.stat().st_mode & 0o777 == 0o700
    assert list(other.iterdir()) == []


def test_every_file_and_every_folder_on_the_way_to_one_belongs_to_the_user(tmp_path, monkeypatch):
    owned = []
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: owned.append((path, uid, gid)))
    scratch = Scratch(tmp_path, 0)
    assert owned == [(scratch.path, 0, 0)]
    folder = scratch.lay_out({"a/b/c": b"1", "e": b"3"})
    expected = {folder, *(folder / name for name in ("a", "a/b", "a/b/c", "e"))}
    assert sorted(path for path, *_ in owned[1:]) == sorted(expected)
    assert {(uid, gid) for _, uid, gid in owned} == {(0, 0)}


def test_without_a_user_of_its_own_nothing_changes_its_owner(scratch, monkeypatch):
    monkeypatch.setattr(os, "chown", lambda *_: pytest.fail("it changed an owner"))
    scratch.lay_out({"a/b": b""})


def test_files_folders_and_links_are_counted_and_as_many_as_allowed_are_not_too_many(scratch):
    (scratch.path / "a").mkdir()
    (scratch.path / "a" / "b").touch()
    assert scratch.over_limit(LIMITS) is None
    (scratch.path / "link").symlink_to("/usr")
    assert scratch.over_limit(LIMITS) is None
    (scratch.path / "a" / "b2").mkdir()
    assert scratch.over_limit(LIMITS) == "it made more than 3 files."


def test_the_bytes_of_all_files_count_together_and_are_told_in_mb(scratch):
    (scratch.path / "a").mkdir()
    for name in ("a/one", "two"):
        (scratch.path / name).write_bytes(bytes(600 << 10))
    assert scratch.over_limit(LIMITS) == "it wrote more than 1 MB of files."
    size, _ = scratch._measured(replace(LIMITS, scratch_size=1 << 30))
    assert size >= 2 * 600 << 10
    assert scratch.over_limit(replace(LIMITS, scratch_size=size)) is None
    assert scratch.over_limit(replace(LIMITS, scratch_size=size - 1)) is not None


def test_what_lies_in_the_last_folder_that_is_allowed_is_counted_too(scratch):
    deep = scratch.path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    size, files = scratch._measured(Limits())
    assert files == 3
    (deep / "file").write_bytes(bytes(100 << 10))
    assert scratch.over_limit(LIMITS) == "it made more than 3 files."
    assert scratch._measured(replace(Limits(), scratch_size=size))[0] > size


def test_what_can_not_be_measured_is_over_the_limit(scratch, monkeypatch):
    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refuse)
    assert scratch.over_limit(LIMITS) == "it made folders that are nested too deeply, or can't be read."


@pytest.mark.parametrize("error", [FileNotFoundError, NotADirectoryError])
def test_a_folder_that_vanishes_meanwhile_is_passed_over_and_the_rest_is_measured(scratch, monkeypatch, error):
    for name in ("a", "b"):
        (scratch.path / name).mkdir()
        for number in range(3):
            (scratch.path / name / str(number)).touch()
    real, asked = os.scandir, []

    def vanishing(path):
        asked.append(path)
        if len(asked) == 2:
            raise error
        return real(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    assert scratch._measured(Limits())[1] == 2 + 3


def test_a_file_system_is_asked_for_what_is_used_of_it(scratch, monkeypatch):
    opened = os.open(scratch.path, os.O_RDONLY)
    kind = type("Found", (), {"f_blocks": 10, "f_bfree": 4, "f_frsize": 4096, "f_files": 9, "f_ffree": 7})
    monkeypatch.setattr(os, "fstatvfs", lambda root: kind if root == opened else None)
    assert not scratch.mounted
    scratch.reach_through(opened)
    assert scratch.mounted
    assert str(scratch.path) == f"/proc/self/fd/{opened}"
    assert scratch._measured(LIMITS) == (6 * 4096, 2)
    place = scratch.home
    scratch.remove()
    assert not scratch.mounted
    assert not place.exists()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened)


def test_everything_in_it_is_cleared_and_what_a_link_names_stays(scratch, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (scratch.path / "link").symlink_to(kept)
    (scratch.path / "broken").symlink_to("nowhere")
    (scratch.path / ".hidden").touch()
    locked = scratch.path / "a" / "locked"
    locked.mkdir(parents=True)
    (locked / "file").touch()
    locked.chmod(0)
    scratch.clear()
    assert list(scratch.path.iterdir()) == []
    assert [path.name for path in kept.iterdir()] == ["file"]
    scratch.remove()
    assert not scratch.home.exists()
