"""Trees of files that hold some files and folders of this machine, at their own paths, and nothing else."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence

PASSED_THROUGH = 0o111
"""The mode of a folder that only leads to others: nobody sees what else lies in it."""
DEVICES = {os.devnull: (1, 3), "/dev/urandom": (1, 9)}
"""Device files that programs need, with their numbers."""
STRANGER = 65_534
"""A user to whom nothing belongs."""
Link = Sequence[str]
"""A symbolic link: its own path, and what it says."""


def real(path: str) -> str:
    """Return a path without symbolic links, but for its last part."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def outermost(paths: Iterable[str]) -> Iterator[str]:
    """Yield real paths in order, without those that lie below another one or don't exist."""
    last = None
    for path in sorted(set(map(real, paths)), key=lambda path: path.split("/")):
        if os.path.exists(path) and not (last is not None and path.startswith(f"{last}/")):
            yield path
            last = path


def make_way(root: str, path: str) -> str:
    """Make the folders that lead to a path below a root; return where the path then lies.

    Every existing part must be a folder of the tree, or a link of it that leads to one.
    """
    folder = root
    for part in path.strip("/").split("/")[:-1]:
        folder = f"{folder}/{part}"
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
            os.chmod(folder, PASSED_THROUGH)
    return f"{root}{path}"


def link(root: str, links: Iterable[Link]) -> None:
    """Make symbolic links below a root, where nothing lies yet."""
    for path, says in links:
        with contextlib.suppress(FileExistsError):
            os.symlink(says, make_way(root, path))


def build(root: str, paths: Iterable[str], links: Iterable[Link]) -> None:
    """Fill an empty folder with a tree of hard links.

    Where a link is impossible, or the file's mode would keep a stranger from reading it or let one write to it, it
    is a copy. Only root may do so: it makes device files, too.

    Raises
    ------
    OSError
        If a file can't be linked or copied, or a device file can't be made.
    """
    os.chmod(root, PASSED_THROUGH)
    for path in outermost(set(paths) - set(DEVICES)):
        target = make_way(root, path)
        if os.path.isdir(path):
            _copy_folder(path, target)
        else:
            _copy_file(path, target)
    for path, numbers in DEVICES.items():
        os.mknod(make_way(root, path), stat.S_IFCHR, os.makedev(*numbers))
        os.chmod(f"{root}{path}", 0o666)  # noqa: S103  # as everywhere
    link(root, links)


def _copy_folder(source: str, target: str) -> None:
    os.mkdir(target)
    os.chmod(target, 0o755)  # noqa: S103  # its content may be read
    with os.scandir(source) as entries:
        for entry in entries:
            path = f"{target}/{entry.name}"
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), path)
            elif entry.is_dir():
                _copy_folder(entry.path, path)
            elif entry.is_file():
                _copy_file(entry.path, path)


def _copy_file(source: str, target: str) -> None:
    source = os.path.realpath(source)
    mode = os.stat(source).st_mode
    wanted = 0o555 if mode & 0o100 else 0o444
    if mode & wanted == wanted and not mode & stat.S_IWOTH:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)
    os.chmod(target, wanted)
