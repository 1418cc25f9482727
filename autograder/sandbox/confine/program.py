"""The program: wait for one order on standard input, carry it out and become the command.

It confines itself in the way that the order names: with Landlock, after it has mounted a file system in memory on
the command's folder where that is possible; in a mount namespace (see ``namespace``); or in another root, a tree
of files that was built before (see ``trees``).
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import landlock, mounts, namespace, trees
from .system import keep_privileges


def main() -> None:
    """Wait for the order, confine this process, and become the command."""
    lift_limits()
    order = json.loads(read(int.from_bytes(read(4))))
    confinement, folder = order["confinement"], order["folder"]
    way = confinement["isolation"] if confinement else None
    root = enter(order) if way in ("namespace", "chroot") else mounted(folder, order["mount"])
    with socket.socket(fileno=os.dup(0)) as grader:
        socket.send_fds(grader, [b"\0"], [] if root is None else [root])
    put(order["files"], Path(folder), order["owner"])
    os.chdir(folder)
    if way == "landlock":
        landlock.confine(confinement["readable"], [folder, os.devnull], confinement["abi"])
    if way:
        make_sure()
    os.execve(order["command"][0], order["command"], order["environment"])  # noqa: S606  # no shell is involved


def enter(order: Mapping[str, Any]) -> int | None:
    """Enter a root of this process's own; return a descriptor of the file system in its folder, if it has one."""
    confinement = order["confinement"]
    keep_privileges()
    if confinement["isolation"] == "namespace":
        return namespace.enter(order["folder"], order["mount"], confinement["readable"], confinement["links"])
    os.chroot(confinement["root"])
    os.chdir("/")
    return None


def make_sure() -> None:
    """End this process if it can still read its own program: whatever was answered, it is not confined.

    Raises
    ------
    SystemExit
        If so.
    """
    with contextlib.suppress(OSError):
        os.open(__file__, os.O_RDONLY)
        raise SystemExit("The kernel accepted the confinement, and does not hold it.")


def try_out() -> None:
    """Confine this process in the way that the first argument names, with nothing to read.

    Raises
    ------
    SystemExit
        With a sentence that says why that does not work, if it does not.
    """
    with tempfile.TemporaryDirectory() as folder:
        if pid := os.fork():  # who has left for another root can't tidy up
            raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        try:
            if sys.argv[2] == "namespace":
                namespace.enter(folder, "mode=700", [], [])
            else:
                trees.build(folder, [], [])
                os.chroot(folder)
                os.setresuid(*[trees.STRANGER] * 3)
            with open(os.devnull, "r+b") as null:
                null.write(b"1")
            make_sure()
        except OSError as error:
            print(error.strerror or error, file=sys.stderr)
            os._exit(1)
        os._exit(0)


def build() -> None:
    """Build a tree of files as the order on standard input says."""
    lift_limits()
    order = json.loads(sys.stdin.buffer.read())
    os.umask(0o022)
    trees.build(order["root"], order["readable"], order["links"])
    trees.make_way(order["root"], f"{order['folder']}/file")


def lift_limits() -> None:
    """Lift the limits of the grader's own process; a submission has others."""
    for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (hard, hard))


def read(size: int) -> bytes:
    """Read exactly ``size`` bytes: what follows them is for the command."""
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            raise SystemExit  # the grader has closed its end: no order will come
        data += part
    return data


def mounted(folder: str, options: str | None) -> int | None:
    """Mount a file system in memory on a folder, in a mount namespace of this process's own.

    Returns
    -------
    int or None
        A descriptor of its root; None if there are no options, or this machine doesn't allow it. Nothing has
        changed then.
    """
    if options is None:
        return None
    pid = os.fork()  # a namespace can't be left, so a child tries first
    if pid == 0:
        failed = True
        try:
            mount(folder, options)
            failed = False
        finally:
            os._exit(failed)
    if os.waitpid(pid, 0)[1] != 0:
        return None
    mount(folder, options)
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def mount(folder: str, options: str) -> None:
    """Mount a file system in memory on a folder, in a new mount namespace."""
    mounts.own_namespace()
    mounts.in_memory(folder, options)


def put(files: Mapping[str, str], folder: Path, owner: int | None) -> None:
    """Write files into a folder, each by its path below it, for an owner; None keeps the current user."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if owner is not None:
            for path in (file, file.parent):
                os.chown(path, owner, owner)
