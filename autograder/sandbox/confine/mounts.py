"""Mount namespaces: file systems that only this process and those that it starts see."""

from __future__ import annotations

import os
from pathlib import Path

from .system import call

CLONE_NEWNS, CLONE_NEWUSER = 0x0002_0000, 0x1000_0000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_SLAVE = 0x1000, 0x4000, 0x8_0000


def own_namespace() -> None:
    """Enter a new mount namespace, in which this process may mount.

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
    call("mount", None, b"/", None, MS_REC | MS_SLAVE, None)  # so that nobody else sees the next mounts


def in_memory(folder: str, options: str) -> None:
    """Mount a file system in memory on a folder."""
    call("mount", b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options.encode())


def bind(source: str, target: str) -> None:
    """Show a file or folder in another place, with what is mounted below it."""
    call("mount", os.fsencode(source), os.fsencode(target), None, MS_BIND | MS_REC, None)


def make_read_only(root: str, *, but: str, devices: str) -> None:
    """Make everything that is mounted on a folder and below it read-only, but one mount.

    Device files work below the folder ``devices`` alone. A flag that a mount has already stays: in a user
    namespace it can't be taken away.
    """
    flags_of = {"nosuid": MS_NOSUID, "nodev": MS_NODEV, "noexec": MS_NOEXEC}
    for line in Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines():
        place, options = line.split(" ")[4:6]
        place = os.fsdecode(os.fsencode(place).decode("unicode_escape").encode("latin-1"))  # "\\040" is a space
        if place == but or not f"{place}/".startswith(f"{root}/"):
            continue
        flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID
        flags |= 0 if place.startswith(f"{devices}/") else MS_NODEV
        for option in options.split(","):
            flags |= flags_of.get(option, 0)
        call("mount", None, os.fsencode(place), None, flags, None)


def enter_root(root: str) -> None:
    """Make a mounted folder this process's root, and take everything else out of its sight."""
    os.chdir(root)
    call("pivot_root", b".", b".")
    call("umount2", b".", 2)  # MNT_DETACH; what "." is now is the old root, on top of the new one
    os.chdir("/")
