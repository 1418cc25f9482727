"""Refuse links in a student's folder: symbolic links, and hard links to files outside it.

Whoever copies a link's target reads it with the instructor's rights, and a submission may link to the source
notebook.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autograder.intake.files import IS_LINK, IS_NO_FILE, RefusedError


def refuse_links(folder: Path, files: Iterable[str | Path]) -> None:
    """Refuse files that are links or devices, or that have another name outside the folder.

    Parameters
    ----------
    folder
        A student's folder.
    files
        The files below it that are about to be read or copied.

    Raises
    ------
    RefusedError
        If there is such a file; the text names it.
    """
    try:
        status = {name: os.lstat(name) for name in files}
    except OSError as error:
        raise RefusedError(f"{error.filename} can't be read: {error.strerror}.") from None
    names = Counter((of_file.st_dev, of_file.st_ino) for of_file in status.values())
    for name, of_file in status.items():
        if stat.S_ISLNK(of_file.st_mode):
            raise RefusedError(f"{name} {IS_LINK}")
        if not stat.S_ISREG(of_file.st_mode):
            raise RefusedError(f"{name} {IS_NO_FILE}")
        if of_file.st_nlink > names[of_file.st_dev, of_file.st_ino]:
            raise RefusedError(
                f"{name} is a hard link: the same file has a name outside {folder}. If it is the student's own, "
                "put a copy in its place."
            )


def refuse_linked_folders(path: Path, root: Path) -> None:
    """Refuse a path that leads through a link below ``root``.

    Raises
    ------
    RefusedError
        If a folder between ``root`` and the path is a link.
    """
    for parent in path.parents:
        if parent == root or not parent.is_relative_to(root):
            return
        if parent.is_symlink():
            raise RefusedError(f"{parent} {IS_LINK}")


def everything_below(folder: str) -> list[str]:
    """Return every file and every link below a folder, following none; the folder itself if it is a link."""
    if os.path.islink(folder):  # noqa: PTH114
        return [folder]
    found = []
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        found += [str(Path(parent, name)) for name in (*files, *links)]
    return found
