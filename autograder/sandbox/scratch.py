"""The folder that a student's process may write to: fill it, measure it and clear it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.sandbox.policy import Limits


class Scratch:
    """The only folder that a fork server and its forks may write to. Each submission runs in a new folder in it.

    Where the machine allows it, the folder is a file system in memory, of a fixed size, which only the fork server
    and its forks see: whatever they do, they can't take more space. The grader reaches it through a descriptor of
    its root, and it is gone when nobody has it open.

    Parameters
    ----------
    parent
        The folder in which to make it.
    uid
        The user who is to own it; None for the current user.
    root
        The root of the fork server, if it is to have one of its own.
    """

    def __init__(self, parent: Path, uid: int | None, root: str = "") -> None:
        self._place = Path(tempfile.mkdtemp(prefix="scratch-", dir=f"{root}{parent}"))
        self.uid = uid
        self.home = parent / self._place.name
        """Its path for the fork server and its forks."""
        self.path = self._place
        """Its path for the grader."""
        self._root: int | None = None
        self._own(self.path)

    @property
    def mounted(self) -> bool:
        """Whether it is a file system of its own."""
        return self._root is not None

    def mount_options(self, limits: Limits) -> str:
        """Return the options with which tmpfs is to be mounted.

        It has room for one file more, and for a tenth more files, than is allowed: so the sentence about a limit
        mostly comes before the error.
        """
        size, files = limits.scratch_size + limits.file_size, limits.files * 11 // 10
        owner = "" if self.uid is None else f",uid={self.uid},gid={self.uid}"
        return f"size={size},nr_inodes={files},mode=700{owner}"

    def reach_through(self, root: int) -> None:
        """Reach it through a descriptor of the root of the file system that was mounted on it."""
        self._root = root
        self.path = Path(f"/proc/self/fd/{root}")

    def lay_out(self, files: Mapping[str, bytes]) -> Path:
        """Make the folder in which a notebook runs, with its files by relative path.

        Returns
        -------
        Path
            The folder's path for the fork server and its forks.

        Raises
        ------
        OSError
            If a name is too long for the file system once it lies here, or there is not enough space.
        """
        folder = self.path / f"run-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        self._own(folder)
        made = set[Path]()
        for name, content in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            made |= {target, *(folder / parent for parent in Path(name).parents)}
        for path in made - {folder}:
            self._own(path)
        return self.home / folder.name

    def _own(self, path: Path) -> None:
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)

    def over_limit(self, limits: Limits) -> str | None:
        """Return a sentence if it holds more than it may or can't be measured, else None."""
        try:
            size, files = self._measured(limits)
        except OSError:
            return "it made folders that are nested too deeply, or can't be read."
        if size > limits.scratch_size:
            return f"it wrote more than {limits.scratch_size >> 20} MB of files."
        return f"it made more than {limits.files} files." if files > limits.files else None

    def _measured(self, limits: Limits) -> tuple[int, int]:
        """Return the bytes and the number of the files in it; on the disk, of those that have names.

        The process may write meanwhile. Links are not followed. The measurement ends where a limit is passed.
        """
        if self._root is not None:
            found = os.fstatvfs(self._root)
            return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree
        size, files, waiting = 0, 0, [str(self.path)]
        while waiting and size <= limits.scratch_size and files <= limits.files:
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                        files += 1
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
            except (FileNotFoundError, NotADirectoryError):  # removed or replaced meanwhile
                continue
        return size, files

    def clear(self) -> None:
        """Remove everything in the folder. No process may be writing to it."""
        with os.scandir(self.path) as entries:
            for entry in entries:
                self._remove(entry.path)

    def remove(self) -> None:
        """Remove the folder itself. No process may be using it."""
        if self._root is not None:
            os.close(self._root)
            self._root, self.path = None, self._place
        self._remove(str(self._place))

    def _remove(self, path: str) -> None:
        try:
            Path(path).unlink()
        except IsADirectoryError:
            pass
        else:
            return
        try:
            shutil.rmtree(path)
        except (OSError, RecursionError):  # without permissions, or nested too deeply for Python
            kept = () if self._root is None else (self._root,)
            for command in (["chmod", "-R", "u+rwX", path], ["rm", "-rf", path]):
                subprocess.run(command, stderr=subprocess.DEVNULL, check=False, pass_fds=kept)
