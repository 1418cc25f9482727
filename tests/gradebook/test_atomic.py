"""Files that are written whole or not at all."""

from __future__ import annotations

import pytest

from autograder.gradebook.atomic import write_atomically


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
