"""Landlock: a process restricts itself, for good, to the files below some paths.

Kernels know more rights from one version of the interface (its ABI) to the next, 1 to 6. A right that a kernel
doesn't know can't be restricted; the filter of system calls then refuses what it would have (see ``seccomp``).
What a kernel knows is found out by asking for it: some name an ABI and refuse its rights.

The three system calls are described in https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from collections.abc import Iterable

from .system import call, keep_privileges

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
NEWEST = 6
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in range(13, 16))
FILES = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
"""The rights to files that each ABI added."""
NETWORK = {4: 0b11}
"""To bind and to connect TCP sockets."""
SCOPES = {6: 0b11}
"""To reach abstract Unix sockets and to signal processes outside."""
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
"""The rights that a rule for something else than a folder may give."""
READABLE = EXECUTE | READ_FILE | READ_DIR
_CHANGE = WRITE_FILE | TRUNCATE | REFER | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM
WRITABLE = READ_FILE | READ_DIR | _CHANGE


def best_abi() -> int:
    """Return the newest ABI whose rights this kernel restricts; 0 if there is none."""
    for abi in range(NEWEST, 0, -1):
        with contextlib.suppress(OSError):
            os.close(_create(_attributes(abi, _up_to(abi, FILES))))
            return abi
    return 0


def confine(readable: Iterable[str], writable: Iterable[str], abi: int) -> None:
    """Restrict this process to reading below some paths, and to changing files below others.

    Parameters
    ----------
    readable, writable
        Files and folders. What does not exist is left out.
    abi
        The newest ABI whose rights are asked for, 1 to 6.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    handled = _up_to(abi, FILES)
    ruleset = _create(_attributes(abi, handled))
    for paths, rights in ((readable, READABLE), (writable, WRITABLE)):
        for path in paths:
            _allow(ruleset, path, rights & handled)
    keep_privileges()
    call("syscall", RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def domain(abi: int) -> bytes:
    """Return the attributes of a ruleset with which a fork enters a domain of its own, apart from its parent's.

    From there the parent can't be traced and, where the kernel knows scopes, not be signalled.
    """
    return _attributes(abi, MAKE_CHAR | MAKE_BLOCK)


def _up_to(abi: int, added: dict[int, int]) -> int:
    return sum(rights for since, rights in added.items() if since <= abi)


def _attributes(abi: int, files: int) -> bytes:
    """Return a struct landlock_ruleset_attr; older kernels accept its newer fields if they are 0."""
    return struct.pack("QQQ", files, _up_to(abi, NETWORK), _up_to(abi, SCOPES))


def _create(attributes: bytes) -> int:
    return call("syscall", CREATE_RULESET, attributes, len(attributes), 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return
        raise
    try:
        rights &= -1 if os.path.isdir(path) else OF_A_FILE
        call("syscall", ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)
