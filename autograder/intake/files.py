"""Read plain files within limits; refuse everything else.

A submission's folder belongs to a student. A link, a device or an oversized file in it is refused before anything
is read, copied or parsed. An error names the file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from autograder.notebooks.parsing import MAX_BYTES

MAX_NOTEBOOK = MAX_BYTES
"""Bytes of a notebook."""
MAX_FILE = 20 << 20
"""Bytes of any other file."""
MAX_FILES, MAX_TOTAL, MAX_DEPTH = 500, 100 << 20, 32
"""Files beside a notebook, their bytes in all, and how deep folders may be nested."""
IGNORED = frozenset({".ipynb_checkpoints", "__pycache__", ".git", "__MACOSX", ".venv", "venv", "node_modules"})
"""Folders that tools create; students don't submit them."""
IS_LINK = "is a link; links are not followed."
IS_NO_FILE = "is not a file."


class RefusedError(ValueError):
    """The file is not opened; the text is a sentence that names it."""


def is_utf8(path: Path) -> bool:
    """Whether a path can be written in a database, a page and a JSON file."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def read_file(path: Path, limit: int = MAX_NOTEBOOK) -> bytes:
    """Read a regular file of at most ``limit`` bytes.

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
    """Open a regular file of at most ``limit`` bytes for reading.

    Raises
    ------
    RefusedError
        If it is a link, a device, too large, or can't be read.
    """
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            raise RefusedError(f"{path} {IS_LINK}")
        if not stat.S_ISREG(status.st_mode):
            raise RefusedError(f"{path} {IS_NO_FILE}")
        if limit is not None and status.st_size > limit:
            raise RefusedError(f"{path} {too_large(status.st_size, limit)}")
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except OSError as error:
        raise RefusedError(f"{path} can't be read: {error.strerror}.") from None


def too_large(size: int, limit: int) -> str:
    """Return the end of a sentence about a file of ``size`` bytes that may have ``limit``."""
    return f"has {size / 1e6:.1f} MB; at most {limit / 1e6:.0f} MB are opened."


def read_attachments(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder that is not a notebook.

    Returns
    -------
    dict
        The content of each file, by its path relative to the folder.

    Raises
    ------
    RefusedError
        If one of them is a link or a device, or there are too many or too large ones.
    """
    files = ((path.relative_to(folder).as_posix(), partial(read_file, path)) for path in walk(folder))
    return read_within_limits(files, str(folder))


def read_within_limits(files: Iterable[tuple[str, Callable[[int], bytes]]], owner: str) -> dict[str, bytes]:
    """Read every file that is not a notebook.

    Parameters
    ----------
    files
        The name of each file, and a function that reads it up to a number of bytes.
    owner
        What holds the files: the subject of an error's sentence.

    Raises
    ------
    RefusedError
        If one of them must not be opened, or there are more than ``MAX_FILES`` files or ``MAX_TOTAL`` bytes.
    """
    contents: dict[str, bytes] = {}
    total = 0
    for name, read in files:
        if name.endswith(".ipynb"):
            continue
        if len(contents) == MAX_FILES:
            raise RefusedError(f"{owner} holds more than {MAX_FILES} files.")
        contents[name] = read(MAX_FILE)
        total += len(contents[name])
        if total > MAX_TOTAL:
            raise RefusedError(f"{owner} holds more than {MAX_TOTAL >> 20} MB.")
    return contents


def walk(folder: Path) -> Iterator[Path]:
    """Yield the path of everything below a folder except folders, in a fixed order; links are not followed.

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
