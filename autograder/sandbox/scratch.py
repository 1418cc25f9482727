"""The folder that a student's process may write to: fill it, measure it and clear it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

ENTRY = 4096
"""Bytes that every file and folder counts for at least: an empty one isn't free either."""


class Scratch:
    """The only folder that a fork server and its forks may write to. Each submission runs in a new folder in it.

    Parameters
    ----------
    parent
        The folder in which to make it.
    uid
        The user who is to own it; None for the current user.
    """

    def __init__(self, parent: Path, uid: int | None) -> None:
        self.path, self.uid = Path(tempfile.mkdtemp(prefix="scratch-", dir=parent)), uid
        self._own(self.path)

    def lay_out(self, files: Mapping[str, bytes]) -> Path:
        """Make the folder in which a notebook runs, with its files by relative path, and return it.

        Raises
        ------
        OSError
            If a name is too long for the file system once it lies here.
        """
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.path))
        self._own(folder)
        self.put(files, folder)
        return folder

    def put(self, files: Mapping[str, bytes], folder: Path | None = None) -> None:
        """Write files by relative path into this folder, or into ``folder`` in it."""
        folder, made = folder or self.path, set[Path]()
        for name, content in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            made |= {target, *(folder / parent for parent in Path(name).parents)}
        for path in made - {folder}:
            self._own(path)

    def _own(self, path: Path) -> None:
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)

    def over_limit(self, limit: int) -> str | None:
        """Return a sentence if the folder holds more than ``limit`` bytes or can't be measured, else None.

        The process may write meanwhile. Links are not followed. Files that are open but unlinked don't count: the
        limits on open files and on file size bound them.
        """
        total, waiting = 0, [str(self.path)]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        total += max(entry.stat(follow_symlinks=False).st_blocks * 512, ENTRY)
                        if total > limit:
                            return f"it wrote more than {limit >> 20} MB of files."
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
            except (FileNotFoundError, NotADirectoryError):  # removed or replaced meanwhile
                continue
            except OSError:
                return "it made folders that are nested too deeply, or can't be read."
        return None

    def clear(self) -> None:
        """Remove everything in the folder. No process may be writing to it."""
        with os.scandir(self.path) as entries:
            for entry in entries:
                _remove(entry.path)

    def remove(self) -> None:
        """Remove the folder itself."""
        _remove(str(self.path))


def _remove(path: str) -> None:
    try:
        Path(path).unlink()
    except IsADirectoryError:
        pass
    else:
        return
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):  # without permissions, or nested too deeply for Python
        subprocess.run(["chmod", "-R", "u+rwX", path], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["rm", "-rf", path], stderr=subprocess.DEVNULL, check=False)
