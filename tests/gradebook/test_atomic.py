"""Files that are written whole or not at all."""

from __future__ import annotations

import pytest

from autograder.gradebook.atomic import kept_unless_replaced, write_atomically


def test_a_file_is_replaced_even_if_it_is_read_only(tmp_path):
    path = tmp_path / "a.ipynb"
    for content in (b"old", b"new"):
        write_atomically(path, content, mode=0o444)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o444
    assert [file.name for file in tmp_path.iterdir()] == ["a.ipynb"]


def test_a_reader_keeps_the_old_content_whole(tmp_path):
    path = tmp_path / "marks.csv"
    write_atomically(path, b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new")
        assert reader.read() == b"old"


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "marks.csv"
    path.write_bytes(b"old")
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_text() == "old"


def test_what_an_interrupted_write_left_is_overwritten(tmp_path):
    (tmp_path / ".a.ipynb.new").write_text("half")
    (tmp_path / ".a.ipynb.new").chmod(0o444)
    write_atomically(tmp_path / "a.ipynb", b"whole")
    assert (tmp_path / "a.ipynb").read_text() == "whole"


def test_a_written_file_has_the_mode_of_any_new_file(tmp_path):
    (tmp_path / "any").touch()
    write_atomically(tmp_path / "marks.csv", b"")
    assert (tmp_path / "marks.csv").stat().st_mode == (tmp_path / "any").stat().st_mode


def put(folder, content):
    folder.mkdir()
    (folder / "a").write_text(content)


def lying(parent):
    return {path.relative_to(parent).as_posix(): path.read_text() for path in parent.rglob("a")}


@pytest.mark.parametrize("before", [{}, {"hw": "old"}, {".hw.old": "killed"}, {"hw": "half", ".hw.old": "killed"}])
def test_a_folder_that_is_made_anew_replaces_the_old_one(tmp_path, before):
    for name, content in before.items():
        put(tmp_path / name, content)
    with kept_unless_replaced(tmp_path / "hw"):
        assert not (tmp_path / "hw").exists()
        put(tmp_path / "hw", "new")
    assert lying(tmp_path) == {"hw/a": "new"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"hw": "old"}, {"hw/a": "old"}),
        ({"hw": "half", ".hw.old": "killed"}, {"hw/a": "killed"}),
    ],
)
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_folder_that_could_not_be_made_anew_is_as_it_was(tmp_path, before, after, error):
    for name, content in before.items():
        put(tmp_path / name, content)

    def fail():
        with kept_unless_replaced(tmp_path / "hw"):
            put(tmp_path / "hw", "half")
            raise error

    with pytest.raises(error):
        fail()
    assert lying(tmp_path) == after
    assert [path.name for path in tmp_path.iterdir()] == [name.removesuffix("/a") for name in after]
