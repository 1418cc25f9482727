"""The folder that a student's process may write to: filled, measured, and removed whatever was done in it."""

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
    """A submission's scratch folder, which is also where its notebook runs.

    Parameters
    ----------
    parent
        Where to make it.
    """

    def __init__(self, parent: Path) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="scratch-", dir=parent))

    def fill(self, files: Mapping[str, bytes], uid: int | None) -> None:
        """Write the files that lie beside the notebook, by relative path; hand all to the user ``uid``.

        Raises
        ------
        OSError
            If a name is too long for the file system once it lies here.
        """
        made = {self.path}
        for name, content in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            made |= {target, *(self.path / parent for parent in Path(name).parents)}
        if uid is not None:
            for path in made:
                os.chown(path, uid, uid)

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

    def remove(self) -> None:
        """Remove the folder, once nothing writes to it any more."""
        try:
            shutil.rmtree(self.path)
        except (OSError, RecursionError):  # folders without permissions, or nested beyond what Python walks
            subprocess.run(["chmod", "-R", "u+rwX", self.path], stderr=subprocess.DEVNULL, check=False)
            subprocess.run(["rm", "-rf", self.path], stderr=subprocess.DEVNULL, check=False)
