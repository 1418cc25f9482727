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

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The kernel's AUDIT_ARCH numbers of the machines whose system calls are known."""

ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # Reading and writing what Landlock allows to open.
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "lseek": (8, 62),
    "close": (3, 57),
    "close_range": (436, 436),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "pipe": (22, None),
    "pipe2": (293, 59),
    "open": (2, None),
    "openat": (257, 56),
    "creat": (85, None),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "stat": (4, None),
    "lstat": (6, None),
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "getdents": (78, None),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "fchdir": (81, 50),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "ftruncate": (77, 46),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "flock": (73, 32),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "umask": (95, 166),
    "copy_file_range": (326, 285),
    "fadvise64": (221, 223),
    # Memory and threads.
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "msync": (26, 227),
    "mincore": (27, 232),
    "brk": (12, 214),
    "mlock": (149, 228),
    "munlock": (150, 229),
    "futex": (202, 98),
    "futex_waitv": (449, 449),
    "set_robust_list": (273, 99),
    "get_robust_list": (274, 100),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    "membarrier": (324, 283),
    "sched_yield": (24, 124),
    "clone": (56, 220),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "wait4": (61, 260),
    "waitid": (247, 95),
    "arch_prctl": (158, None),
    # Signals, only to itself.
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136),
    "rt_sigsuspend": (130, 133),
    "rt_sigtimedwait": (128, 137),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "pause": (34, None),
    "alarm": (37, None),
    # Waiting, and asyncio's way of waking its loop.
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "epoll_create": (213, None),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_wait": (232, None),
    "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441),
    "eventfd": (284, None),
    "eventfd2": (290, 19),
    "timerfd_create": (283, 85),
    "timerfd_settime": (286, 86),
    "timerfd_gettime": (287, 87),
    "socketpair": (53, 199),
    "shutdown": (48, 210),
    "recvfrom": (45, 207),
    "sendto": (44, 206),
    "recvmsg": (47, 212),
    "sendmsg": (46, 211),
    "getsockopt": (55, 209),
    "setsockopt": (54, 208),
    "getsockname": (51, 204),
    "getpeername": (52, 205),
    # Time.
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getitimer": (36, 102),
    "setitimer": (38, 103),
    "timer_create": (222, 107),
    "timer_settime": (223, 110),
    "timer_gettime": (224, 108),
    "timer_delete": (226, 111),
    "timer_getoverrun": (225, 109),
    # Identity and limits.
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getpgid": (121, 155),
    "getpgrp": (111, None),
    "getsid": (124, 156),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getgroups": (115, 158),
    "capget": (125, 90),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    "getpriority": (140, 141),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "getcpu": (309, 168),
    # Giving up further rights; a submission's process may not (see CONFINES).
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    "setsid": (112, 157),
}
"""The number of each allowed call on x86-64 and on 64-bit ARM, from the kernel's unistd.h."""

ANSWERED: dict[str, tuple[tuple[int | None, int | None], int]] = {
    # The C library then uses clone, whose flags a program can read.
    "clone3": ((435, 435), errno.ENOSYS),
    # It takes gigabytes at once, past the limit on a file's size. The C library then writes the bytes.
    "fallocate": ((285, 47), errno.EOPNOTSUPP),
    # In a pipe it holds a file's pages, whatever becomes of the file. Python then reads and writes.
    "sendfile": ((40, 71), errno.ENOTSOCK),
}
"""Calls that are refused with an error on which programs use other calls: their numbers, and the error."""
CONFINES = ("seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
"""Calls with which a fork confines itself. Each takes memory of the kernel that no limit counts."""

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
