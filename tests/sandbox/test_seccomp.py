"""What the kernel is told to refuse, run here by a reading of its machine language of a dozen lines."""

from __future__ import annotations

import errno
import os
import re
import struct
import sys
from pathlib import Path

import pytest

from autograder.sandbox import seccomp
from autograder.sandbox.seccomp import ALLOWED, MACHINES, for_everything

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
EPERM, ALLOW = 0x50000 | errno.EPERM, seccomp.ALLOW
EOPNOTSUPP = 0x50000 | errno.EOPNOTSUPP
OWN = 4711
"""The id of the process that installs the program."""


def for_submission(machine):
    return OWN.to_bytes(4, sys.byteorder).join(seccomp.for_submission(machine))


def verdict(program, number, first=0, second=0, third=0, *, architecture):
    """What a program says to a system call."""
    data = struct.pack("iIQ6Q", number, architecture, 0, first, second, third, 0, 0, 0)
    steps = list(struct.iter_unpack("HBBI", program))
    at = accumulator = 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("I", data, operand)
            case 0x54:
                accumulator &= operand
            case 0x06:
                return operand
            case 0x15 | 0x35 | 0x45:
                holds = {
                    0x15: accumulator == operand,
                    0x35: accumulator >= operand,
                    0x45: bool(accumulator & operand),
                }[code]
                at += if_true if holds else if_false


def numbers(machine):
    place = list(MACHINES).index(machine)
    return {name: both[place] for name, both in ALLOWED.items() if both[place] is not None}


@pytest.mark.parametrize("machine", MACHINES)
def test_of_all_calls_those_named_are_allowed_and_no_other(machine):
    program, architecture = for_everything(machine), MACHINES[machine]
    allowed = {n for n in range(1000) if verdict(program, n, architecture=architecture) == ALLOW}
    assert allowed == set(numbers(machine).values())
    place = list(MACHINES).index(machine)
    answered = {both[place]: error for both, error in seccomp.ANSWERED.values()}
    assert {n: verdict(program, n, architecture=architecture) & 0xFFFF for n in answered} == answered
    refused = set(range(1000)) - allowed - set(answered)
    assert {verdict(program, n, architecture=architecture) for n in refused} == {EPERM}


@pytest.mark.parametrize("make", [for_everything, for_submission])
@pytest.mark.parametrize("machine", MACHINES)
def test_other_ways_to_call_the_kernel_are_refused(make, machine):
    """The 32-bit calls have other numbers; x32 has the same ones in another place."""
    read = numbers(machine)["read"]
    assert verdict(make(machine), read, architecture=MACHINES[machine]) == ALLOW
    assert verdict(make(machine), read, architecture=0x40000003) == EPERM
    assert verdict(make(machine), 0x40000000 | read, architecture=MACHINES[machine]) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "first", "second", "allowed"),
    [
        ("clone", 0x3D0F00, 0, True),  # as the C library starts a thread
        ("clone", 17, 0, False),
        ("clone", 0x4000 | 0x100 | 17, 0, False),  # vfork
        ("clone", 0x3D0F00 | 0x10000000, 0, False),
        ("clone", 0x3D0F00 & ~0x400, 0, False),  # a thread with a table of descriptors of its own
        ("seccomp", 1, 0, False),
        ("landlock_create_ruleset", 0, 0, False),
        ("landlock_add_rule", 0, 0, False),
        ("landlock_restrict_self", 0, 0, False),
        ("prctl", 15, 0, True),
        ("prctl", 16, 0, True),
        ("prctl", 1, 0, False),
        ("prctl", 4, 1, False),
        ("prctl", 38, 1, False),
        ("prlimit64", 0, 7, True),
        ("prlimit64", 1, 7, False),
        ("socketpair", 1, 1, True),
        ("socketpair", 1, 1 | 0o2000000, True),
        ("socketpair", 1, 2, False),
        ("socketpair", 1, 5, False),
        ("socketpair", 2, 1, False),
        ("kill", OWN, 9, True),
        ("kill", OWN + 1, 9, False),
        ("kill", 1, 9, False),
        ("kill", 0, 9, False),
        ("kill", 2**64 - 1, 9, False),
        ("tgkill", OWN, 99, True),
        ("tgkill", 99, OWN, False),
        ("fcntl", 3, 1, True),  # F_GETFD
        ("fcntl", 3, 4, True),  # F_SETFL
        ("fcntl", 3, 1030, True),  # F_DUPFD_CLOEXEC
        *(("fcntl", 3, request, False) for request in (8, 10, 15, 1024, 1026)),
        ("read", 99, 99, True),
    ],
)
def test_a_submission_s_arguments_are_looked_at(machine, name, first, second, allowed):
    found = verdict(for_submission(machine), numbers(machine)[name], first, second, architecture=MACHINES[machine])
    assert found == (ALLOW if allowed else EPERM)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("flags", "allowed"),
    [
        (os.O_RDONLY, True),
        (os.O_WRONLY | os.O_CREAT | os.O_TRUNC, True),
        (os.O_RDWR | os.O_TRUNC, True),
        (os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY, True),
        (os.O_RDONLY | os.O_TRUNC, False),
        (os.O_RDONLY | os.O_TRUNC | os.O_CLOEXEC, False),
        (3, False),
        (3 | os.O_TRUNC, False),
        (2**32 + 3, False),  # the kernel reads the lower half
    ],
)
def test_a_file_is_opened_to_read_or_write_and_emptied_only_by_who_writes(machine, flags, allowed):
    says, program = (ALLOW if allowed else EPERM), for_submission(machine)
    architecture = MACHINES[machine]
    assert verdict(program, numbers(machine)["openat"], 0, 0, flags, architecture=architecture) == says
    if "open" in numbers(machine):
        assert verdict(program, numbers(machine)["open"], 0, flags, architecture=architecture) == says


@pytest.mark.parametrize("machine", MACHINES)
def test_a_thread_takes_no_descriptors_of_its_own_by_closing_a_range(machine):
    program, number = for_submission(machine), numbers(machine)["close_range"]
    for flags, says in ((0, ALLOW), (4, ALLOW), (2, EPERM), (6, EPERM)):
        assert verdict(program, number, 3, 99, flags, architecture=MACHINES[machine]) == says


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("request_number", "says"),
    [
        (0x5401, ALLOW),  # is it a terminal?
        (0x541B, ALLOW),  # how much can be read?
        (0x5452, EOPNOTSUPP),  # FIOASYNC
        (0x8901, EOPNOTSUPP),  # FIOSETOWN
        (0x8902, EOPNOTSUPP),  # SIOCSPGRP
        (0x40305828, EOPNOTSUPP),  # FS_IOC_RESVSP, fallocate by another name
        (0x40049409, EOPNOTSUPP),  # FICLONE
        (0x40086602, EOPNOTSUPP),  # FS_IOC_SETFLAGS
    ],
)
def test_an_ioctl_asks_about_terminals_and_pipes_and_changes_no_file(machine, request_number, says):
    number = numbers(machine)["ioctl"]
    assert verdict(for_submission(machine), number, 3, request_number, architecture=MACHINES[machine]) == says


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_the_kernel_s(machine):
    if not HEADERS[machine].exists():
        pytest.skip(f"{HEADERS[machine]} is not installed (linux-libc-dev)")
    text = HEADERS[machine].read_text()
    defined = dict(re.findall(r"#define (__NR\w+)\s+(\w+)", text))
    place = list(MACHINES).index(machine)
    answered = {name: both[place] for name, (both, _) in seccomp.ANSWERED.items()}
    for name, number in (numbers(machine) | answered).items():
        found = defined.get(f"__NR_{name}") or defined[f"__NR3264_{name}"]
        assert int(defined.get(found, found)) == number, name


def test_nothing_dangerous_is_allowed():
    """What could start programs, reach the network or other processes, or change what Landlock doesn't govern."""
    dangerous = """
    execve execveat fork vfork clone3 ptrace process_vm_readv process_vm_writev pidfd_open pidfd_getfd
    kcmp socket connect bind listen accept accept4 memfd_create memfd_secret userfaultfd bpf
    perf_event_open io_uring_setup chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime
    utimes utimensat futimesat chroot pivot_root setxattr getxattr listxattr removexattr setxattrat
    fallocate sendfile splice tee vmsplice inotify_init inotify_init1 inotify_add_watch fanotify_init
    mknod mknodat link linkat mount unshare setns setuid setresuid capset
    setpriority sched_setaffinity sched_setscheduler add_key keyctl request_key name_to_handle_at
    truncate tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal
    open_by_handle_at openat2 shmget msgget semget mq_open personality reboot init_module
    """
    assert not set(dangerous.split()) & set(ALLOWED)
