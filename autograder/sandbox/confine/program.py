"""The program: wait for one order on standard input, carry it out and become the command.

It mounts a file system in memory on the command's folder, where that is possible, and restricts itself with
Landlock.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
from collections.abc import Mapping
from pathlib import Path

from . import landlock
from .system import call

CLONE_NEWNS, CLONE_NEWUSER = 0x0002_0000, 0x1000_0000
MS_NOSUID, MS_NODEV, MS_REC, MS_SLAVE = 2, 4, 0x4000, 0x8_0000


def main() -> None:
    """Wait for the order, confine this process, and become the command."""
    lift_limits()
    order = json.loads(read(int.from_bytes(read(4))))
    folder, owner = order["folder"], order["owner"]
    root = mounted(folder, order["mount"]) if order["mount"] else None
    with socket.socket(fileno=os.dup(0)) as grader:
        socket.send_fds(grader, [b"\0"], [] if root is None else [root])
    put(order["files"], Path(folder), owner)
    os.chdir(folder)
    if order["readable"] is not None:
        landlock.confine(order["readable"], [folder, os.devnull], order["abi"])
        make_sure()
    os.execve(order["command"][0], order["command"], order["environment"])  # noqa: S606  # no shell is involved


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


def mounted(folder: str, options: str) -> int | None:
    """Mount a file system in memory on a folder, in a mount namespace of this process's own.

    Returns
    -------
    int or None
        A descriptor of its root; None if this machine doesn't allow it. Nothing has changed then.
    """
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
    """Enter a new mount namespace, and mount a file system in memory there.

    Root may do so; another user, in a user namespace of this process's own, where the machine lets everybody make
    one. The command has no rights in it: it loses them when it starts.
    """
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        call("unshare", CLONE_NEWNS)
    else:
        call("unshare", CLONE_NEWNS | CLONE_NEWUSER)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            Path("/proc/self", name).write_text(text)
    call("mount", None, b"/", None, MS_REC | MS_SLAVE, None)  # so that nobody else sees the next mount
    call("mount", b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options.encode())


def put(files: Mapping[str, str], folder: Path, owner: int | None) -> None:
    """Write files into a folder, each by its path below it, for an owner; None keeps the current user."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if owner is not None:
            for path in (file, file.parent):
                os.chown(path, owner, owner)
