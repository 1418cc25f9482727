"""Which system calls a student's process may make, as seccomp programs in the kernel's filter language.

Landlock decides which files can be opened. It does not cover a file's mode, owner, times and attributes, nor all
kinds of sockets, the priorities of other processes, namespaces or keys; older ones cover neither signals nor the
truncation of files. So every system call is refused except those that Python, NumPy, matplotlib and IPython are
known to need, and with them what the oldest Landlock, or none at all, leaves open.

The language is described in https://www.kernel.org/doc/Documentation/networking/filter.txt, section "BPF engine".
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Collection

from autograder.sandbox.system_calls import ALLOWED, ANSWERED, CONFINES, MACHINES

OTHER_NUMBERS = 0x4000_0000
"""From this number on, x86-64 has the same calls again, for the x32 interface."""

ARCHITECTURE, NUMBER, FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT = 4, 0, 16, 24, 32
"""Offsets in struct seccomp_data."""
LOAD, EQUAL, AT_LEAST, HAS_BITS, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, REFUSE = 0x7FFF_0000, 0x0005_0000
"""SECCOMP_RET_ALLOW, and SECCOMP_RET_ERRNO, to which the error number is added."""

CLONE_OF_A_THREAD = 0x0001_0F00
"""CLONE_THREAD with CLONE_VM, FS, FILES and SIGHAND: what a thread shares, its open files above all."""
CLONE_NAMESPACES = 0x7E02_0000
CLOSE_RANGE_UNSHARE = 2
TERMINAL_REQUESTS, REQUEST_GROUP = 0x5400, 0xFF00
"""Requests of ioctl that ask about terminals, pipes and descriptors. Those of file systems take space, too."""
ASYNCHRONOUS = 0x5452
"""FIOASYNC: signals for what can be read. The ioctls that choose who receives them are of another group."""
OWNERS_AND_NOTICES = {"F_SETOWN": 8, "F_SETSIG": 10, "F_SETOWN_EX": 15, "F_SETLEASE": 1024, "F_NOTIFY": 1026}
"""Requests of fcntl with which the kernel signals a process that one chooses, or holds up others at a file."""
ACCESS_MODE, READ_ONLY, NO_ACCESS, O_TRUNC = 3, 0, 3, 0o1000
AF_UNIX, SOCK_STREAM, SOCKET_TYPE = 1, 1, 0xF
HARMLESS_PRCTL = {"PR_SET_NAME": 15, "PR_GET_NAME": 16, "PR_CAPBSET_READ": 23, "PR_SET_VMA": 0x5356_4D41}

Step = tuple[int, int, int, int | None]
"""An instruction: its code, the steps to skip if its comparison holds, those to skip if not, and its operand.

The operand None stands for the id of the process that installs the program."""
ALLOWS: Step = (RETURN, 0, 0, ALLOW)
REFUSES: Step = (RETURN, 0, 0, REFUSE | errno.EPERM)


def for_everything(machine: str) -> bytes:
    """Return the program for a fork server and its forks: every call that is not in :data:`ALLOWED` is refused."""
    numbers = _numbers(machine).values()
    place = list(MACHINES).index(machine)
    refusals: list[Step] = []
    for both, error in ANSWERED.values():
        if (answered := both[place]) is not None:
            refusals += [(EQUAL, 0, 1, answered), (RETURN, 0, 0, REFUSE | error)]
    refusals.append(REFUSES)
    steps: list[Step] = [(LOAD, 0, 0, NUMBER)]
    for left, number in zip(range(len(numbers) - 1, -1, -1), numbers, strict=True):
        steps.append((EQUAL, left + len(refusals), 0, number))
    return b"".join(_assemble(machine, [*steps, *refusals, ALLOWS]))


def for_submission(machine: str) -> list[bytes]:
    """Return the second program for the process of one submission, which looks at arguments.

    The process may start threads, which share its open files, but no processes. It may signal itself alone, make
    only pairs of connected sockets, and change only its own limits. It can't cancel the signal that it receives
    when its parent dies. The kernel applies the stricter verdict of the two programs.

    Returns
    -------
    list
        The parts of the program, to be joined by the id of the process: four bytes in the machine's order.
    """
    numbers = _numbers(machine)
    steps: list[Step] = [(LOAD, 0, 0, NUMBER)]
    for name, rule in rules().items():
        if name in numbers:
            steps += [(EQUAL, 0, len(rule), numbers[name]), *rule]
    return _assemble(machine, [*steps, ALLOWS])


def rules() -> dict[str, list[Step]]:
    """Return what a submission's process may do with each call of which it may not do everything."""
    first: Step = (LOAD, 0, 0, FIRST_ARGUMENT)
    second: Step = (LOAD, 0, 0, SECOND_ARGUMENT)
    to_itself = [first, (EQUAL, 1, 0, None), REFUSES, ALLOWS]
    return {
        "clone": [
            first,
            (HAS_BITS, 2, 0, CLONE_NAMESPACES),
            (AND, 0, 0, CLONE_OF_A_THREAD),
            (EQUAL, 1, 0, CLONE_OF_A_THREAD),
            REFUSES,
            ALLOWS,
        ],  # a thread with descriptors of its own would have a limit of its own on them
        "close_range": [(LOAD, 0, 0, THIRD_ARGUMENT), (HAS_BITS, 0, 1, CLOSE_RANGE_UNSHARE), REFUSES, ALLOWS],
        "kill": to_itself,
        "tgkill": to_itself,
        "open": _opening(SECOND_ARGUMENT),
        "openat": _opening(THIRD_ARGUMENT),
        "fcntl": [second, *_one_of(OWNERS_AND_NOTICES.values()), ALLOWS, REFUSES],
        "ioctl": [
            second,
            (EQUAL, 2, 0, ASYNCHRONOUS),
            (AND, 0, 0, REQUEST_GROUP),
            (EQUAL, 1, 0, TERMINAL_REQUESTS),
            (RETURN, 0, 0, REFUSE | errno.EOPNOTSUPP),  # as where the file system does not know the request
            ALLOWS,
        ],
        "prctl": [first, *_one_of(HARMLESS_PRCTL.values()), REFUSES, ALLOWS],
        "prlimit64": [first, (EQUAL, 1, 0, 0), REFUSES, ALLOWS],
        "socketpair": [
            first,
            (EQUAL, 0, 3, AF_UNIX),
            second,
            (AND, 0, 0, SOCKET_TYPE),
            (EQUAL, 1, 0, SOCK_STREAM),
            REFUSES,
            ALLOWS,
        ],  # a connected pair, so that it can't address another process
        **{name: [REFUSES] for name in CONFINES},
    }


def _opening(flags: int) -> list[Step]:
    """Return the rule for a call that opens a file, with flags at an offset.

    The access mode 3, neither to read nor to write, passes Landlock. Older ones let a file be emptied that is
    opened for reading.
    """
    return [
        (LOAD, 0, 0, flags),
        (AND, 0, 0, ACCESS_MODE),
        (EQUAL, 3, 0, NO_ACCESS),
        (EQUAL, 0, 3, READ_ONLY),
        (LOAD, 0, 0, flags),
        (HAS_BITS, 0, 1, O_TRUNC),
        REFUSES,
        ALLOWS,
    ]


def _one_of(values: Collection[int]) -> list[Step]:
    """Return steps that skip the one after them if what was loaded is one of some values."""
    return [(EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]


def is_known(machine: str) -> bool:
    """Whether there are programs for a machine, named as in ``os.uname().machine``."""
    return machine in MACHINES


def _numbers(machine: str) -> dict[str, int]:
    place = list(MACHINES).index(machine)
    return {name: number for name, both in ALLOWED.items() if (number := both[place]) is not None}


def _assemble(machine: str, steps: list[Step]) -> list[bytes]:
    """Return a program, cut where the operand is the process's id."""
    start: list[Step] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, MACHINES[machine]),
        REFUSES,
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, OTHER_NUMBERS),
        REFUSES,
    ]
    parts = [b""]
    for *instruction, operand in (*start, *steps):
        parts[-1] += struct.pack("HBB", *instruction)
        if operand is None:
            parts.append(b"")
        else:
            parts[-1] += struct.pack("I", operand)
    return parts
