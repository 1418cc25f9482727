"""The ways of isolating that this machine has, found out by trying."""

from __future__ import annotations

import os
import subprocess
from functools import cache

from autograder.results import Isolation
from autograder.sandbox import users
from autograder.sandbox.confine import landlock
from autograder.sandbox.launcher import command

WAYS: tuple[Isolation, ...] = ("landlock", "namespace", "chroot")
"""All ways, the best first."""
CHOICE = "AUTOGRADER_ISOLATION"
"""The environment variable that chooses a way where nothing else does. For tests."""


@cache
def obstacle(way: Isolation) -> str:
    """Return why this machine can't isolate in a way, as a phrase; the empty string if it can.

    Raises
    ------
    ValueError
        If there is no such way.
    """
    if way not in WAYS:
        raise ValueError(f"there is no way of isolating called “{way}”; there are: {', '.join(WAYS)}")
    if way == "landlock":
        return "" if landlock.best_abi() else "it is switched off or missing in the kernel"
    if way == "chroot" and not users.may_change_users():
        return "only root may, and with the rights that root usually has" if os.geteuid() == 0 else "only root may"
    tried = subprocess.run([*command("try_out"), way], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.strip().rpartition("\n")[2] or "it was tried and failed"
