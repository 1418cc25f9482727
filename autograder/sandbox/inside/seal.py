"""Rights that a process gives up for good before it runs a student's code."""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import signal
import struct
import sys


@functools.cache
def libc():
    """Return the C library, for the calls that Python does not offer."""
    return ctypes.CDLL(None, use_errno=True)


def close_to_others():
    """Keep other processes of the same user from reading this process and its forks."""
    if sys.platform == "linux":
        libc().prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE; a change of user resets it


def die_with(parent):
    """Have the kernel kill this process when its parent dies; end now if the parent is dead already."""
    if sys.platform == "linux":
        libc().prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(0)


def limit(rlimits):
    """Set resource limits, for good. One that is stricter already stays."""
    for name, value in rlimits.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (least, least))


def become(uid, *, keep_reading):
    """Become an unprivileged user for good.

    ``keep_reading`` keeps CAP_DAC_READ_SEARCH, for an interpreter in a folder that only root may enter. Landlock
    alone then decides what can be read.
    """
    libc().prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    keep_capabilities(1 << 2 if keep_reading else 0)  # CAP_DAC_READ_SEARCH


def keep_capabilities(kept=0):
    """Give up all capabilities but these. A root that can't become another user has some."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    if libc().capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset failed")


def install(program):
    """Install a seccomp program, which checks every system call from now on."""
    buffer = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    libc().prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
    if libc().prctl(22, 2, ctypes.create_string_buffer(described, len(described)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp failed")


def ignore_metadata_errors():
    """Ignore refused changes of metadata in the notebook's own folder, so that shutil.copy works.

    The seccomp program refuses them everywhere, because it can't see paths.
    """
    home = os.path.realpath(os.getcwd()) + os.sep

    def forgiving(function, instead):
        @functools.wraps(function)
        def attempt(path=".", *args, **kwargs):
            try:
                return function(path, *args, **kwargs)
            except PermissionError:
                if isinstance(path, int) or not os.path.realpath(path).startswith(home):
                    raise
                return instead

        return attempt

    for name, instead in {"chmod": None, "utime": None, "setxattr": None, "listxattr": []}.items():
        if hasattr(os, name):
            setattr(os, name, forgiving(getattr(os, name), instead))


def allow_signals_to_itself(parts):
    """Return the seccomp program whose parts are separated by this process's id: none else may be signalled."""
    return os.getpid().to_bytes(4, sys.byteorder).join(map(bytes.fromhex, parts))


def isolate_from_parent(attributes):
    """Enter a new Landlock domain, from which the fork server can't be traced nor, on new kernels, signalled."""
    ruleset = libc().syscall(444, attributes, len(attributes), 0)  # landlock_create_ruleset
    if ruleset < 0 or libc().syscall(446, ruleset, 0) != 0:  # landlock_restrict_self
        raise OSError(ctypes.get_errno(), "landlock failed")
    os.close(ruleset)
