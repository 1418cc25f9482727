"""Other names of a file: symbolic links, and hard links that lead out of a submission.

Whoever copies a link's target reads it with the instructor's rights; a submission may name the source notebook.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autograder.intake import RefusedError


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
        If there is any; the text names it.
    """
    found = {name: os.lstat(name) for name in files}
    names = Counter((kind.st_dev, kind.st_ino) for kind in found.values())
    for name, kind in found.items():
        if stat.S_ISLNK(kind.st_mode):
            raise RefusedError(f"{name} is a link; links are not followed.")
        if not stat.S_ISREG(kind.st_mode):
            raise RefusedError(f"{name} is not a file.")
        if kind.st_nlink > names[kind.st_dev, kind.st_ino]:
            raise RefusedError(
                f"{name} is a hard link: the same file has a name outside {folder}. If it is the student's own, "
                "put a copy in its place."
            )


def everything_below(folder: str) -> list[str]:
    """Return every file and every link below a folder, following none; the folder itself if it is a link."""
    if os.path.islink(folder):  # noqa: PTH114
        return [folder]
    found = []
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        found += [str(Path(parent, name)) for name in (*files, *links)]
    return found
