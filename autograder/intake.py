"""Files and folders become submissions; what must not be opened is refused by name.

A submission's folder belongs to a student: links, devices and oversized files in it are refused before
anything is read, copied or parsed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_NOTEBOOK = 20 << 20
MAX_FILE = 20 << 20
MAX_FILES, MAX_TOTAL, MAX_DEPTH = 500, 100 << 20, 32
IGNORED = frozenset({".ipynb_checkpoints", "__pycache__", ".git"})


class RefusedError(ValueError):
    """A file that is not opened; the text is a sentence that names it."""


@dataclass(frozen=True)
class Found:
    """A submitted notebook that was found, not yet opened."""

    path: Path
    student: str
    assignment: str
    notebook: str


@dataclass(frozen=True)
class Refused:
    """A path that can't be graded, with the sentence that says why."""

    path: Path
    reason: str


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
    try:
        kind = os.lstat(path)
        if stat.S_ISLNK(kind.st_mode):
            raise RefusedError(f"{path} is a link; links are not followed.")
        if not stat.S_ISREG(kind.st_mode):
            raise RefusedError(f"{path} is not a file.")
        if kind.st_size > limit:
            raise RefusedError(f"{path} has {kind.st_size / 1e6:.1f} MB; at most {limit / 1e6:.0f} MB are opened.")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(limit)
    except OSError as error:
        raise RefusedError(f"{path} can't be read: {error.strerror}.") from None


def files_beside(folder: Path, exclude: Iterable[str] = ()) -> dict[str, bytes]:
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


def find_notebooks(
    paths: Iterable[Path], assignments: dict[str, list[str]], assignment: str | None
) -> Iterator[Found | Refused]:
    """Place notebooks: whose they are, and which notebook of which assignment.

    Parameters
    ----------
    paths
        Notebooks, or folders with notebooks somewhere below them.
    assignments
        The course's assignments, with the names of their notebooks.
    assignment
        The one to grade; None to tell from the file's place or name.
    """
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            try:
                notebooks = [file for file in walk(path) if file.suffix == ".ipynb"]
            except RefusedError as error:
                yield Refused(path, str(error))
                continue
            if not notebooks:
                yield Refused(path, f"{path} holds no notebooks.")
            yield from (place(file, assignments, assignment) for file in notebooks)
        elif not os.path.lexists(path):
            yield Refused(path, f"{path} does not exist.")
        elif path.suffix == ".zip":
            yield Refused(path, f"{path} is a zip; unpack it and name the folder.")
        else:
            yield place(path, assignments, assignment)


def place(path: Path, assignments: dict[str, list[str]], assignment: str | None) -> Found | Refused:
    """Tell a notebook's student and assignment from where it lies and what it is called.

    nbgrader's layout is ``…/<student>/<assignment>/<notebook>.ipynb``. Elsewhere a file named like a notebook of
    the course belongs to whom its folder names, any other file to whom its own name names.
    """
    if not is_utf8(path):
        return Refused(path, f"{str(path)!a} has a name that is not UTF-8.")
    names = Path(os.path.abspath(path)).parts  # noqa: PTH100  # resolves "..", follows no link
    folder, above = names[-2], names[-3] if len(names) > 2 else ""
    wanted = assignment or (folder if folder in assignments else None)
    if wanted is None:
        wanted = next((name for name, books in assignments.items() if path.stem in books), None)
    if wanted is None and len(assignments) == 1:
        wanted = next(iter(assignments))
    if wanted is None:
        return Refused(path, f"{path} belongs to no assignment of the course; name one with --assignment.")
    books = assignments.get(wanted, [])
    if path.stem in books:
        return Found(path, above if folder == wanted else folder, wanted, path.stem)
    if len(books) == 1:
        return Found(path, path.stem, wanted, books[0])
    return Refused(path, f"{path} is none of the notebooks of “{wanted}”: {', '.join(books)}.")
