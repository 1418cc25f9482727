"""Files are opened if they are plain files and not too large; the rest is refused by name.

A submission's folder belongs to a student: links, devices and oversized files in it are refused before
anything is read, copied or parsed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

MAX_NOTEBOOK = 20 << 20
MAX_FILE = 20 << 20
MAX_FILES, MAX_TOTAL, MAX_DEPTH = 500, 100 << 20, 32
IGNORED = frozenset({".ipynb_checkpoints", "__pycache__", ".git", "__MACOSX", ".venv", "venv", "node_modules"})
"""Folders that tools leave behind; nobody submits them."""


class RefusedError(ValueError):
    """A file that is not opened; the text is a sentence that names it."""


def is_utf8(path: Path) -> bool:
    """Whether a path can be written in a database, a page and a JSON file."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def read_file(path: Path, limit: int = MAX_NOTEBOOK) -> bytes:
    """Read a regular file.

    Raises
    ------
    RefusedError
        If it is a link, a device, too large, or can't be read.
    """
    with open_file(path, limit) as file:
        try:
            return file.read(limit)
        except OSError as error:
            raise RefusedError(f"{path} can't be read: {error.strerror}.") from None


def open_file(path: Path, limit: int | None = None) -> BinaryIO:
    """Open a regular file for reading.

    Raises
    ------
    RefusedError
        If it is a link, a device, too large, or can't be read.
    """
    try:
        kind = os.lstat(path)
        if stat.S_ISLNK(kind.st_mode):
            raise RefusedError(f"{path} is a link; links are not followed.")
        if not stat.S_ISREG(kind.st_mode):
            raise RefusedError(f"{path} is not a file.")
        if limit is not None and kind.st_size > limit:
            raise RefusedError(f"{path} has {kind.st_size / 1e6:.1f} MB; at most {limit / 1e6:.0f} MB are opened.")
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except OSError as error:
        raise RefusedError(f"{path} can't be read: {error.strerror}.") from None


def read_attachments(folder: Path, exclude: Iterable[str] = ()) -> dict[str, bytes]:
    """Read every file below a folder but notebooks, by relative path.

    Raises
    ------
    RefusedError
        If anything in it is a link or a device, or there is too much of it.
    """
    found: dict[str, bytes] = {}
    total = 0
    for path in walk(folder):
        if path.suffix == ".ipynb" or path.name in exclude:
            continue
        content = read_file(path, MAX_FILE)
        total += len(content)
        if len(found) >= MAX_FILES or total > MAX_TOTAL:
            raise RefusedError(f"{folder} holds more than {MAX_FILES} files or {MAX_TOTAL >> 20} MB.")
        found[path.relative_to(folder).as_posix()] = content
    return found


def refuse_linked_folders(path: Path, root: Path) -> None:
    """Refuse a path that is reached through a link below ``root``.

    Raises
    ------
    RefusedError
        If a folder on the way is a link.
    """
    for parent in path.parents:
        if parent == root or not parent.is_relative_to(root):
            return
        if parent.is_symlink():
            raise RefusedError(f"{parent} is a link; links are not followed.")


def walk(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder that is no folder itself, in a fixed order, following no link.

    Raises
    ------
    RefusedError
        If its folders are nested too deeply.
    """
    for parent, folders, names in os.walk(folder):
        if len(Path(parent).relative_to(folder).parts) > MAX_DEPTH:
            raise RefusedError(f"{folder} has folders nested more than {MAX_DEPTH} deep.")
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]  # noqa: PTH114, PTH118
        folders[:] = sorted(name for name in folders if name not in IGNORED and name not in links)
        yield from (Path(parent, name) for name in sorted([*names, *links]))
