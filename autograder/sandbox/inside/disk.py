"""Watches the disk while a submission runs whose files lie on it.

Nobody but the kernel can count a file that has no name any more and is only mapped. So the free space of the
whole file system is watched. Others use it, too: where much of it goes, the submission is ended, and then shows
whether it had taken the space: by what its end brings back, or by what it wrote altogether.
"""

from __future__ import annotations

import os
import select
import signal
import time

EVERY = 50
"""Milliseconds between two looks."""
ENTRY = 4096
"""Bytes that a file counts for at least."""
SUBMISSIONS = 3
"""How many times a submission's space may go meanwhile."""
LEAST = 160 << 20
"""Bytes that a submission's space counts for at least: anybody may write less without being noticed."""


class Disk:
    """The file system of the current folder.

    Parameters
    ----------
    pid
        The child that serves a submission.
    most
        Bytes that a submission may use.
    """

    def __init__(self, pid, most):
        self.pid, self.most = pid, max(most, LEAST)
        self.before = free()
        self.filled = None
        """Whether the submission had filled the disk, if it was killed because somebody had."""

    def watch_until_readable(self, descriptor):
        """Look again and again, until something can be read or the child was killed."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while self.filled is None and not poll.poll(EVERY):
            self.look()

    def look(self):
        """Kill the child if much space has gone, and see whether its end brings back more than it may use."""
        now = free()
        if self.is_much(gone(self.before, now)):
            os.kill(self.pid, signal.SIGKILL)
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)  # its id is its own until it is reaped
            self.filled = comes_back(now, self.most)

    def is_much(self, size):
        """Whether so many bytes are more than ordinary submissions use."""
        return size > SUBMISSIONS * self.most


def comes_back(before, most):
    """Whether more than ``most`` bytes become free within a second: the kernel closes files by and by."""
    until = time.monotonic() + 1
    while gone(free(), before) <= most:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def free():
    """Return the bytes that are free, and the inodes, as bytes, too."""
    found = os.statvfs(".")
    return found.f_bfree * found.f_frsize, found.f_ffree * ENTRY


def gone(before, after):
    """Return by how much the bytes or the inodes became fewer, whichever is more."""
    return max(before[0] - after[0], before[1] - after[1])
