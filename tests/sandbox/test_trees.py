"""Which paths a root shows, and the ways that lead to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.sandbox.confine import program, trees


@pytest.fixture
def folder(tmp_path):
    return Path(os.path.realpath(tmp_path))


def test_of_paths_in_each_other_the_outermost_is_shown_and_what_does_not_exist_is_left_out(folder):
    for name in ("a/b/c", "a.d", "a-x", "ab", "z"):
        (folder / name).mkdir(parents=True)
    (folder / "link").symlink_to("a")
    names = ("z", "a/b/c", "link/b", "ab", "a.d", "a-x", "a", "gone", "z")
    found = list(trees.outermost(f"{folder}/{name}" for name in names))
    assert sorted(found) == sorted(f"{folder}/{name}" for name in ("a", "a-x", "a.d", "ab", "z"))
    assert list(trees.outermost([])) == []


def test_a_path_is_real_but_for_its_last_part(folder):
    (folder / "a").mkdir()
    (folder / "link").symlink_to("a")
    (folder / "a" / "last").symlink_to("nowhere")
    assert trees.real(f"{folder}/link/last") == f"{folder}/a/last"


def test_the_way_to_a_path_is_made_to_pass_through_and_the_path_is_not_made(folder):
    (folder / "a").mkdir(mode=0o700)
    assert trees.make_way(str(folder), "/a/b/c/d") == f"{folder}/a/b/c/d"
    assert (folder / "a/b/c").stat().st_mode & 0o777 == trees.PASSED_THROUGH
    assert (folder / "a").stat().st_mode & 0o777 == 0o700
    assert not (folder / "a/b/c/d").exists()


def test_links_are_made_where_nothing_lies(folder):
    (folder / "taken").touch()
    trees.link(str(folder), [("/taken", "x"), ("/a/link", "y"), ("/other", "z")])
    assert not (folder / "taken").is_symlink()
    assert [os.readlink(folder / name) for name in ("a/link", "other")] == ["y", "z"]


def test_files_are_put_by_their_paths_and_belong_with_their_folders_to_their_owner(folder, monkeypatch):
    owned = []
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: owned.append((path, uid, gid)))
    program.put({"a/b": "ü", "a/c": ""}, folder, None)
    assert owned == []
    assert (folder / "a/b").read_text(encoding="utf-8") == "ü"
    assert (folder / "a/c").read_text() == ""
    program.put({"d/e": "1"}, folder, 0)
    assert owned == [(folder / "d/e", 0, 0), (folder / "d", 0, 0)]


def test_an_order_is_read_to_its_last_byte_and_no_further(monkeypatch):
    parts = [b"ab", b"c", b"de"]
    monkeypatch.setattr(os, "read", lambda _, size: parts.pop(0)[:size])
    assert program.read(4) == b"abcd"
    parts = [b"ab", b""]
    with pytest.raises(SystemExit):
        program.read(4)
