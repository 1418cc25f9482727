"""The kernel's limits on a submission's process, and what is counted from outside where the kernel can't."""

from __future__ import annotations

import contextlib
import re
import resource
from pathlib import Path

from autograder.sandbox.policy import Limits, TooLittleError

SIGNALS = 256
"""Signals that may wait for a submission; each of its timers counts as one."""
PROCESSOR = 4
"""How many times the seconds that cells without marks share a process may compute for everything."""
LOCKED_MEMORY = 1 << 16
OTHER_TASKS = 2048
"""Threads by which all of a user may grow where the kernel can't count a submission's alone."""


def resource_limits(limits: Limits, *, counted_alone: bool) -> dict[str, int]:
    """Return a value for each resource limit of the kernel.

    Parameters
    ----------
    limits
        What the submission may use.
    counted_alone
        Whether the kernel counts the threads of the fork server and its forks apart from all others.
    """
    tasks = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])  # of all users
    return {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_CPU": int(PROCESSOR * limits.submission_seconds) + 10,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_NPROC": limits.threads + 1 if counted_alone else tasks + OTHER_TASKS,  # 1 is the fork server
        "RLIMIT_SIGPENDING": SIGNALS,
        "RLIMIT_MEMLOCK": LOCKED_MEMORY,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_CORE": 0,
    }


def refuse_less(limits: Limits) -> None:
    """Refuse to grade where a submission would have less than it is promised: right answers would lose marks.

    Raises
    ------
    TooLittleError
        If this process has a lower limit, which its children inherit.
    """
    for name, wanted, what, letter in (
        ("RLIMIT_NOFILE", limits.open_files, "open files", "n"),
        ("RLIMIT_FSIZE", limits.file_size, "bytes in a file", "f"),
        ("RLIMIT_AS", limits.memory, "bytes of memory", "v"),
    ):
        hard = resource.getrlimit(getattr(resource, name))[1]
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise TooLittleError(
                f"A process may have {hard} {what} here (ulimit -H{letter}), and a submission is promised "
                f"{wanted}: right answers would lose marks. Raise that limit, or start in a shell without it."
            )


def threads_of(pid: int) -> int:
    """Return the number of a process's threads; 0 if it has ended."""
    with contextlib.suppress(OSError):
        found = re.search(r"^Threads:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0
