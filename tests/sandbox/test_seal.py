"""What a process gives up, and what it is forgiven."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import struct
import sys

import pytest
from sandbox.doubles import noting

from autograder.sandbox.inside import seal, serve

NAMES = ("chmod", "utime", "setxattr", "listxattr")


@pytest.fixture
def forgiving(monkeypatch, tmp_path):
    """A process that may change nobody's metadata, in a notebook's folder."""

    def refuse(path=".", *_, **__):
        raise PermissionError(1, "refused", path)

    home = tmp_path / "run-1"
    home.mkdir()
    monkeypatch.chdir(home)
    for name in NAMES:
        monkeypatch.setattr(os, name, refuse)
    seal.ignore_metadata_errors()
    return home


def test_metadata_in_the_notebook_s_own_folder_are_kept_as_they_are_without_an_error(forgiving):
    assert os.chmod(forgiving / "file", 0o600) is None
    assert os.utime("file") is None
    assert os.setxattr("data/file", "user.a", b"") is None
    assert os.listxattr(str(forgiving / "file")) == []


@pytest.mark.parametrize("path", ["/etc/passwd", "../run-10/file", "../other", 3])
def test_elsewhere_a_refused_change_is_an_error(forgiving, path):
    for name in NAMES:
        with pytest.raises(PermissionError):
            getattr(os, name)(path)


def test_a_change_that_is_not_refused_is_made_and_another_error_is_one(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.setattr(os, name, getattr(os, name))
    seal.ignore_metadata_errors()
    (tmp_path / "file").touch()
    os.chmod("file", 0o640)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
    with pytest.raises(FileNotFoundError):
        os.chmod("missing", 0o640)


@pytest.mark.parametrize(
    ("hard", "wanted", "least"),
    [(resource.RLIM_INFINITY, 100, 100), (50, 100, 50), (200, 100, 100), (50, 0, 0)],
)
def test_a_limit_is_set_for_good_and_never_above_one_that_is_stricter(monkeypatch, hard, wanted, least):
    made = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (10, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, value: made.append((which, value)))
    seal.limit({"RLIMIT_CORE": wanted, "RLIMIT_NOFILE": wanted})
    assert made == [(resource.RLIMIT_CORE, (least, least)), (resource.RLIMIT_NOFILE, (least, least))]


def test_the_parts_of_a_program_are_joined_by_the_id_of_this_process():
    own = os.getpid().to_bytes(4, sys.byteorder)
    assert seal.allow_signals_to_itself(["0102", "ff", ""]) == b"\1\2" + own + b"\xff" + own


def test_the_c_library_says_why_a_call_failed():
    assert seal.libc().chdir(b"/no/such/folder") == -1
    assert ctypes.get_errno() == errno.ENOENT


class Library:
    """A C library that notes what is called, and answers as it is told."""

    def __init__(self, **answers):
        self.answers, self.called = answers, []

    def __getattr__(self, name):
        def call(*arguments):
            self.called.append((name, *(list(a) if isinstance(a, ctypes.Array) else a for a in arguments)))
            return self.answers.get(name, lambda *_: 0)(*arguments)

        return call


@pytest.fixture
def library(monkeypatch):
    """What is called of the C library and of the system, in order, in a process that gives nothing up."""
    made = Library()
    monkeypatch.setattr(seal, "libc", lambda: made)
    nothing = dict.fromkeys(("setgroups", "setresgid", "setresuid", "_exit", "close"))
    monkeypatch.setattr(seal, "os", noting(made.called, **nothing))
    return made


VERSION_3 = 0x20080522
"""Of capabilities, from the kernel's ``linux/capability.h``, as the other numbers here."""
DAC_READ_SEARCH, SET_DUMPABLE, SET_PDEATHSIG, SET_KEEPCAPS, SET_SECCOMP, SET_NO_NEW_PRIVS = 2, 4, 1, 8, 22, 38


@pytest.mark.parametrize(("keep_reading", "kept"), [(True, 1 << DAC_READ_SEARCH), (False, 0)])
def test_who_becomes_another_user_drops_groups_then_ids_then_all_capabilities_but_that_to_read(
    library, keep_reading, kept
):
    seal.become(4711, keep_reading=keep_reading)
    assert library.called == [
        ("prctl", SET_KEEPCAPS, 1, 0, 0, 0),
        ("setgroups", []),
        ("setresgid", 4711, 4711, 4711),
        ("setresuid", 4711, 4711, 4711),
        ("capset", [VERSION_3, 0], [kept, kept, 0, 0, 0, 0]),
    ]


def test_a_root_that_stays_root_keeps_no_capability_and_a_refusal_is_an_error(library):
    seal.keep_capabilities()
    assert library.called == [("capset", [VERSION_3, 0], [0] * 6)]
    library.answers["capset"] = lambda *_: -1
    with pytest.raises(OSError, match="capset failed"):
        seal.keep_capabilities()


def test_others_of_the_same_user_can_not_read_the_process_and_it_dies_with_its_parent(library, monkeypatch):
    seal.close_to_others()
    seal.die_with(os.getppid())
    dies = ("prctl", SET_PDEATHSIG, 9, 0, 0, 0)
    assert library.called == [("prctl", SET_DUMPABLE, 0, 0, 0, 0), dies]
    seal.die_with(os.getppid() + 1)
    assert library.called[2:] == [dies, ("_exit", 0)], "its parent died before"
    monkeypatch.setattr(sys, "platform", "darwin")
    library.called.clear()
    seal.close_to_others()
    seal.die_with(os.getppid())
    assert library.called == []


def test_a_program_is_installed_whole_after_new_privileges_are_renounced_and_a_refusal_is_an_error(library):
    program, installed = bytes(range(24)), []

    def prctl(which, mode=0, described=None, *_):
        if which == SET_SECCOMP:
            steps, address = struct.unpack("HxxxxxxP", described.raw)
            installed.append((mode, ctypes.string_at(address, 8 * steps)))
        return 0

    library.answers["prctl"] = prctl
    seal.install(program)
    assert library.called[0] == ("prctl", SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    assert installed == [(2, program)]
    library.answers["prctl"] = lambda which, *_: -(which == SET_SECCOMP)
    with pytest.raises(OSError, match="seccomp failed"):
        seal.install(program)


def test_a_fork_enters_the_domain_that_it_makes_and_closes_its_descriptor(library):
    library.answers["syscall"] = lambda number, *_: 7 if number == 444 else 0
    seal.isolate_from_parent(b"rights")
    create, restrict = ("syscall", 444, b"rights", 6, 0), ("syscall", 446, 7, 0)
    assert library.called == [create, restrict, ("close", 7)]


@pytest.mark.parametrize("refused", [444, 446])
def test_a_domain_that_the_kernel_refuses_is_an_error(library, refused):
    library.answers["syscall"] = lambda number, *_: -1 if number == refused else 0
    with pytest.raises(OSError, match="landlock failed"):
        seal.isolate_from_parent(b"rights")
    assert [number for _, number, *_ in library.called] == ([444] if refused == 444 else [444, 446])


# --- the end of a child ----------------------------------------------------------------------------------


class Space:
    """A disk of which nobody knows who filled it, or that nobody filled."""

    def __init__(self, filled=False):
        self.filled, self.looked = filled, 0

    def is_much(self, size):
        return size > 1000 * 512

    def look(self):
        self.looked += 1
        self.filled = True


class Used:
    def __init__(self, blocks):
        self.ru_oublock = blocks


def ended(monkeypatch, status, blocks=0):
    monkeypatch.setattr(os, "wait4", lambda pid, flags: (pid, status, Used(blocks)))


@pytest.mark.parametrize(("status", "number"), [(9, 9), (11, 11), (0, 0), (3 << 8, 0)])
def test_the_signal_that_ended_a_child_is_told_and_0_if_it_exited(monkeypatch, status, number):
    ended(monkeypatch, status)
    assert serve.reap(4711, 0.0, None) == number


@pytest.mark.parametrize(
    ("filled", "blocks", "said"), [(False, 1000, False), (False, 1001, True), (True, 0, True), (None, 1001, None)]
)
def test_who_wrote_much_had_filled_the_disk_if_somebody_had(monkeypatch, filled, blocks, said):
    ended(monkeypatch, 9, blocks)
    space = Space(filled)
    assert serve.reap(4711, 0.0, space) == 9
    assert space.filled is said


def test_a_child_that_outlives_its_grace_is_killed_and_waited_for_and_that_is_no_signal_of_its_own(monkeypatch):
    done = []
    monkeypatch.setattr(os, "wait4", lambda pid, flags: (0, 0, None))
    monkeypatch.setattr(os, "kill", lambda *what: done.append(what))
    monkeypatch.setattr(os, "waitpid", lambda *what: done.append(what))
    assert serve.reap(4711, 0.0, None) == 0
    assert done == [(4711, 9), (4711, 0)]


def test_the_disk_is_looked_at_until_it_is_known_to_be_full(monkeypatch):
    answers = iter([(0, 0, None)] * 3 + [(4711, 9, Used(0))])
    monkeypatch.setattr(os, "wait4", lambda pid, flags: next(answers))
    space = Space(None)
    assert serve.reap(4711, 60.0, space) == 9
    assert space.looked == 1
    answers = iter([(0, 0, None)] * 3 + [(4711, 9, Used(0))])
    known = Space(False)
    serve.reap(4711, 60.0, known)
    assert known.looked == 0
