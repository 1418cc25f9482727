"""A student's file is opened if it is a plain file within the limits; anything else is refused by name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from intake.deliveries import accepted, zipped

from autograder.intake import Expected, RefusedError, files, find_notebooks, read_attachments, read_file, walk
from autograder.intake.files import MAX_FILES, MAX_NOTEBOOK

SOFTMAX = Expected({"softmax": ["softmax"]})


def link(path):
    (path.parent / "target").write_bytes(b"secret")
    path.symlink_to(path.parent / "target")


def dangling_link(path):
    path.symlink_to(path.parent / "nowhere")


def link_to_itself(path):
    path.symlink_to(path)


def link_to_folder(path):
    (path.parent / "folder").mkdir()
    path.symlink_to(path.parent / "folder")


def unix_socket(path):
    os.mknod(path, 0o600 | stat.S_IFSOCK)


def device(path):
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


def oversized(path):
    """A sparse file: large, but no bytes on disk."""
    with path.open("wb") as file:
        file.truncate(MAX_NOTEBOOK + 1)


def unreadable(path):
    path.write_bytes(b"content")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads everything")


HOSTILE = [
    (link, "is a link"),
    (dangling_link, "is a link"),
    (link_to_itself, "is a link"),
    (link_to_folder, "is a link"),
    (os.mkfifo, "is not a file"),
    (unix_socket, "is not a file"),
    (device, "is not a file"),
    (oversized, "at most 21 MB are opened"),
    (unreadable, "can't be read"),
]


def is_sentence_about(path, error):
    return (
        str(error.value).startswith(str(path)) and str(error.value).endswith(".") and "\n" not in str(error.value)
    )


# --- single files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "said"), [*HOSTILE, (Path.mkdir, "is not a file")])
def test_what_is_no_plain_file_is_refused_by_name(make, said, tmp_path):
    path = tmp_path / "essay.ipynb"
    make(path)
    with pytest.raises(RefusedError, match=said) as error:
        read_file(path)
    assert is_sentence_about(path, error)


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/dev/urandom", "/no/such/file", "/" + "x" * 300])
def test_devices_and_files_that_are_not_there_are_refused(path):
    with pytest.raises(RefusedError) as error:
        read_file(Path(path))
    assert is_sentence_about(path, error)


@pytest.mark.parametrize("size", [0, 1, MAX_NOTEBOOK])
def test_a_file_up_to_the_limit_is_read_whole(size, tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(size)
    assert len(read_file(path)) == size


def test_another_limit_may_be_set(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_file(path, 5) == b"12345"
    with pytest.raises(RefusedError, match="at most 0 MB"):
        read_file(path, 4)


# --- the files beside a notebook -------------------------------------------------------------------------


def test_files_beside_a_notebook_are_read_by_relative_path(tmp_path):
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "a b.csv").write_bytes(b"1,2\n")
    (tmp_path / ".hidden").write_bytes(b"\xff\x00")
    (tmp_path / "essay.ipynb").write_bytes(b"{}")
    assert read_attachments(tmp_path) == {".hidden": b"\xff\x00", "data/deep/a b.csv": b"1,2\n"}


@pytest.mark.parametrize("folder", [".", "data"])
@pytest.mark.parametrize(("make", "said"), HOSTILE)
def test_one_thing_that_must_not_be_opened_refuses_the_folder(make, said, folder, tmp_path):
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "harmless.txt").write_bytes(b"")
    path = tmp_path / folder / "picture.png"
    make(path)
    with pytest.raises(RefusedError, match=said) as error:
        read_attachments(tmp_path)
    assert is_sentence_about(path, error)


@pytest.mark.parametrize("ignored", [".ipynb_checkpoints", "__pycache__", ".git"])
def test_what_tools_leave_behind_is_ignored(ignored, tmp_path):
    (tmp_path / ignored).mkdir()
    link(tmp_path / ignored / "a")
    (tmp_path / ignored / "essay.ipynb").write_bytes(b"{}")
    assert read_attachments(tmp_path) == {}
    assert list(walk(tmp_path)) == []


def attachments_of_an_upload(folder):
    """The same files as a platform delivers them."""
    (submitted,) = accepted(find_notebooks([zipped(folder.with_suffix(".zip"), contents(folder))], SOFTMAX))
    return submitted.attachments()


def contents(folder):
    return {f"ada/{path.name}": path.read_bytes() for path in folder.iterdir()} | {"ada/softmax.ipynb": b"{}"}


@pytest.mark.parametrize("read", [read_attachments, attachments_of_an_upload])
def test_too_many_files_are_refused(read, tmp_path):
    for number in range(MAX_FILES):
        (tmp_path / f"{number}.txt").touch()
    assert len(read(tmp_path)) == MAX_FILES
    (tmp_path / "one-more.txt").touch()
    with pytest.raises(RefusedError, match=f"holds more than {MAX_FILES} files"):
        read(tmp_path)


@pytest.mark.parametrize("read", [read_attachments, attachments_of_an_upload])
def test_too_much_in_all_is_refused(read, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_TOTAL", 2 << 20)
    for name in "ab":
        (tmp_path / name).write_bytes(b"1" * (1 << 20))
    assert len(read(tmp_path)) == 2
    (tmp_path / "c").write_bytes(b"1")
    with pytest.raises(RefusedError, match="holds more than 2 MB"):
        read(tmp_path)


def test_walking_follows_no_link_and_keeps_an_order(tmp_path):
    for name in ("b/2", "b/1", "a", "c/x/y"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "root").symlink_to("/")
    assert [str(path.relative_to(tmp_path)) for path in walk(tmp_path)] == [
        "a",
        "loop",
        "root",
        "b/1",
        "b/2",
        "c/x/y",
    ]
