"""What hostile students try, as data: each attack is a few lines, and says by itself whether it worked.

``peek`` and ``escape`` attacks run as a cell after :data:`PREAMBLE`; what they may aim at is in ``T``. A line
that begins with ``?`` is an attempt: it must be refused, and prints BREACH where it is not. ``forge`` attacks are
filled into a notebook and earn nothing; ``exhaust`` attacks are ``.py`` files that use up something.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from hostile.escape import ESCAPE, REPLACE
from hostile.exhaust import EXHAUST
from hostile.forge import FORGE
from hostile.peek import PEEK


@dataclass(frozen=True)
class Attack:
    kind: str
    name: str
    code: str
    success: str
    """What would prove that it worked."""
    control: bool = False
    """Whether it works without the sandbox: then that is tested, too."""
    says: str = ""
    """A pattern that the report must match."""

    def __str__(self):
        return self.name.replace(" ", "-")

    @property
    def cell(self):
        """The code with each attempt wrapped, so that a refusal lets the next one be tried."""
        return re.sub(r"^( *)\? (.*)$", r"\1attempt(lambda: \2)", self.code, flags=re.MULTILINE)


PREAMBLE = r"""
import contextlib, ctypes, fcntl, gc, glob, importlib, importlib.util, inspect, io, os, resource, runpy, signal
import socket, sqlite3, struct, subprocess, sys, time
import numpy as np
from multiprocessing import shared_memory

NUMBERS = dict(
    open=2, shmget=29, clone=56, fork=57, vfork=58, semget=64, msgget=68, truncate=76, link=86, unlink=87,
    symlink=88, chmod=90, lchown=94, ptrace=101, syslog=103, capset=126, rt_sigqueueinfo=129, utime=132,
    pivot_root=155, chroot=161, acct=163, settimeofday=164, mount=165, umount2=166, swapon=167, sethostname=170,
    iopl=172, init_module=175, setxattr=188, lsetxattr=189, removexattr=197, tgkill=234, utimes=235, mq_open=240,
    kexec_load=246, add_key=248, request_key=249, keyctl=250, openat=257, mknodat=259, fchownat=260,
    futimesat=261, fchmodat=268, unshare=272, utimensat=280, perf_event_open=298, prlimit64=302,
    name_to_handle_at=303, open_by_handle_at=304, setns=308, process_vm_readv=310, kcmp=312, renameat2=316,
    bpf=321, userfaultfd=323, pidfd_send_signal=424, io_uring_setup=425, open_tree=428, fsopen=430,
    pidfd_open=434, clone3=435, openat2=437, pidfd_getfd=438, fchmodat2=452
)
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.fopen.restype = ctypes.c_void_p
buffer = ctypes.create_string_buffer(4096)

def call(name, *arguments):
    "A system call by number, so that no wrapper of Python's stands in between."
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *given)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def attempt(do):
    with contextlib.suppress(OSError, ImportError, ValueError, sqlite3.Error):
        print("BREACH", do())

def memory_of(pid, address, size=64):
    here = ctypes.create_string_buffer(size)
    local, remote = (ctypes.c_uint64 * 2)(ctypes.addressof(here), size), (ctypes.c_uint64 * 2)(address, size)
    call("process_vm_readv", pid, local, 1, remote, 1, 0)
    return here.raw

def child(pid):
    "Let a child that should not exist leave at once."
    return pid or libc._exit(0)

def load(path):
    spec = importlib.util.spec_from_file_location("stolen", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
"""

# Without the sandbox there is nothing for them to succeed with, or it may not be tried for the sake of a test.
UNCONTROLLED = """
imports the grader and the solutions; traces the grader and another session; signals everybody at once;
searches for inherited descriptors; walks frames and objects for tests and references; searches the disk;
reads the program it runs in; asks a name server; asks the kernel for the network; becomes root; mounts;
leaves for a namespace or a root of its own; reaches for the kernel; raises its limits; leaves a daemon;
has the kernel signal another session; rewrites the Python that others will get; makes devices;
looks through its environment; runs the shell in its own place; starts processes by system call;
asks for keys of the kernel; signals the grader, another session and init; writes into another session's folder;
looks at shared memory and message queues; replaces itself by a new interpreter;
runs a program that lies in memory;
changes attributes of a file by the newest calls
"""

LIVE = [
    Attack(kind, name, code, "it prints BREACH", control=name not in UNCONTROLLED.replace("\n", " "))
    for kind, group in (("peek", PEEK), ("escape", ESCAPE), ("escape", REPLACE))
    for name, code in group.items()
]
FORGED = [Attack("forge", name, code, "a mark above 0") for name, code in FORGE.items()]
EXHAUSTING = [
    Attack("exhaust", name, code, "a grader that hangs, dies or grows", says=words)
    for name, (code, words) in EXHAUST.items()
]
ATTACKS = LIVE + FORGED + EXHAUSTING


def processes_in(folder):
    """The living processes that work in a folder or have it in their environment."""
    mark = str(folder).encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            where, environment = os.readlink(entry / "cwd"), (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder) in where or mark in environment:  # its root may lie deeper than the grader's
            found.append(int(entry.name))
    return found
