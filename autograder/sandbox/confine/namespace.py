"""A mount namespace: the process sees the named files and folders, read-only, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable

from . import mounts
from .trees import DEVICES, PASSED_THROUGH, Link, link, make_way, outermost

ROOM = "size=16M,nr_inodes=100k,mode=755"
"""For the folders and empty files on which others are shown."""


def enter(folder: str, options: str, paths: Iterable[str], links: Iterable[Link]) -> int:
    """Make a root of some paths for this process, with a file system in memory on a folder.

    Parameters
    ----------
    folder
        The only place that can be written to. It has the same path in the new root.
    options
        Of the file system that is mounted there.
    paths
        Files and folders that can be read.
    links
        Symbolic links by which they are reached, too.

    Returns
    -------
    int
        A descriptor of the folder's new root.

    Raises
    ------
    OSError
        If the machine does not allow it.
    """
    mounts.own_namespace()
    root = folder  # for as long as it takes: nobody else sees it
    mounts.in_memory(root, ROOM)
    for path in outermost({*paths, *DEVICES}):
        target = make_way(root, path)
        if os.path.isdir(path):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o444))
        mounts.bind(path, target)
    link(root, links)
    os.mkdir(own := make_way(root, folder))
    mounts.in_memory(own, options)
    descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY)
    os.chmod(root, PASSED_THROUGH)
    mounts.make_read_only(root, but=own, devices=f"{root}/dev")
    mounts.enter_root(root)
    return descriptor
