"""The folder that a student's process may write to: filled, measured, and cleared whatever was done in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

ENTRY = 4096
"""Bytes that a file or folder counts for at least: an empty one isn't free either."""


class Scratch:
    """All that a process may write to: a folder with a new one in it for each submission.

    Parameters
    ----------
    parent
        Where to make it.
    uid
        The user who is to own it, if not this one.
    """

    def __init__(self, parent: Path, uid: int | None) -> None:
        self.path, self.uid = Path(tempfile.mkdtemp(prefix="scratch-", dir=parent)), uid
        self._own(self.path)

    def lay_out(self, files: Mapping[str, bytes]) -> Path:
        """Make the folder in which a notebook runs, with the files that lie beside it, by relative path.

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
        """Write files, by relative path, into this folder or one in it."""
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

    def excess(self, limit: int) -> str | None:
        """Say what is too much here, while it may be written to: more than so many bytes, or past measuring.

        Links are not followed. What was unlinked while it is open isn't seen: the limits on open files and
        on their size bound it.
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
            except (FileNotFoundError, NotADirectoryError):  # gone, or replaced, meanwhile
                continue
            except OSError:
                return "it made folders that are nested too deeply, or can't be read."
        return None

    def clear(self) -> None:
        """Remove everything in the folder, once nothing writes to it any more."""
        with os.scandir(self.path) as entries:
            for entry in entries:
                _remove(entry.path)

    def remove(self) -> None:
        """Remove the folder, too."""
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
    except (OSError, RecursionError):  # folders without permissions, or nested beyond what Python walks
        subprocess.run(["chmod", "-R", "u+rwX", path], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["rm", "-rf", path], stderr=subprocess.DEVNULL, check=False)
