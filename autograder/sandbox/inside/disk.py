"""Watches the disk while a submission runs whose files lie on it.

Nobody but the kernel can count a file that has no name any more and is only mapped. So the free space of the whole
file system is watched. Others use it, too: where much of it goes, the submission is ended, and then shows whether
it had taken the space: by what its end brings back, or by what it wrote altogether. Files have names when they are
many, so they are counted where many are new.
"""

from __future__ import annotations

import os
import select
import signal
import time

EVERY = 50
"""Milliseconds between two looks."""
SUBMISSIONS = 3
"""How many times a submission's space may go meanwhile."""
LEAST = 160 << 20
"""Bytes that a submission's space counts for at least: anybody may write less without being noticed."""


class Disk:
    """The file system of the current folder, which holds a submission's files.

    Parameters
    ----------
    pid
        The child that serves the submission.
    most, files
        The bytes, and the number of files, that it may have.
    """

    def __init__(self, pid, most, files):
        self.pid, self.most, self.files = pid, max(most, LEAST), files
        self.space, self.inodes = free()
        self.filled = None
        """Whether the submission had filled the disk, if it was killed because somebody had."""

    def watch_until_readable(self, descriptor):
        """Look again and again, until something can be read or the child was killed."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while self.filled is None and not poll.poll(EVERY):
            self.look()

    def look(self):
        """Kill the child if much space has gone, or if it has made more files than it may."""
        space, inodes = free()
        if self.is_much(self.space - space):
            self.kill()
            self.filled = comes_back(space, self.most)
        elif self.inodes - inodes > self.files:
            if holds_more_than(self.files):
                self.kill()
                self.filled = True
            self.inodes = inodes  # they are others'

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)  # its id is its own until it is reaped

    def is_much(self, size):
        """Whether so many bytes are more than ordinary submissions use."""
        return size > SUBMISSIONS * self.most


def free():
    """Return the bytes and the inodes that are free."""
    found = os.statvfs(".")
    return found.f_bfree * found.f_frsize, found.f_ffree


def comes_back(space, most):
    """Whether more than ``most`` bytes become free within a second: the kernel closes files by and by."""
    until = time.monotonic() + 1
    while free()[0] - space <= most:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def holds_more_than(files):
    """Whether the current folder holds more files, or folders that nobody can count."""
    waiting = ["."]
    while waiting and files >= 0:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files -= 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except (FileNotFoundError, NotADirectoryError):  # removed or replaced meanwhile
            continue
        except OSError:
            return True
    return files < 0
