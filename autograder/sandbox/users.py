"""User ids for the fork servers of a grader that runs as root.

The kernel counts threads by user. A fork server with a user id of its own has a limit on threads of its own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import socket
from pathlib import Path

IDS = range(60_578, 61_178)
"""From a range that no distribution assigns (https://systemd.io/UIDS-GIDS)."""

NEEDED = {"CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "KILL": 5, "SETGID": 6, "SETUID": 7}
"""The numbers of the capabilities that root needs to run submissions as another user, and to end them."""


def may_change_users() -> bool:
    """Whether this process is root with the rights that root usually has: a container may have dropped them."""
    if os.geteuid() != 0:
        return False
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    held = int(effective[1], 16) if effective else 0
    return all(held >> number & 1 for number in NEEDED.values())


class User:
    """An unprivileged user id that no other fork server on this machine has, until it is closed.

    The claim on an id is an abstract socket with its name: the kernel gives it to one process, and takes it back
    when the process ends. Containers have sockets of their own, so every search begins at random. Where all ids
    are taken, one is shared, unless the user's files are kept apart by nothing else.

    Raises
    ------
    OSError
        If all are taken and none may be shared.
    """

    def __init__(self, *, shared: bool = True) -> None:
        self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for uid in random.sample(IDS, len(IDS)):
            self.uid = uid
            with contextlib.suppress(OSError):
                self._claim.bind(f"\0autograder-user-{uid}")
                return
        if not shared:
            self._claim.close()
            raise OSError(errno.EUSERS, "all user ids for submissions are taken")

    def close(self) -> None:
        """Give the id back."""
        self._claim.close()
