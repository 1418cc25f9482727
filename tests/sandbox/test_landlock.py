"""Landlock as each kernel has it: the best rights there are, found by asking for them."""

from __future__ import annotations

import errno
import os
import struct
import sys

import pytest

from autograder.sandbox.confine import landlock, program

pytestmark = pytest.mark.sandbox
ABIS = range(1, landlock.NEWEST + 1)


def in_child(run):
    """What a function says in a process of its own, which it may confine."""
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            said = run()
        except BaseException as error:  # noqa: BLE001  # nothing may leave the child but its answer
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as file:
        return file.read()


def outcome(path, flags=os.O_RDONLY):
    try:
        os.close(os.open(path, flags))
    except OSError as error:
        return errno.errorcode[error.errno]
    return "open"


@pytest.mark.parametrize("abi", [abi for abi in ABIS if abi <= landlock.best_abi()])
def test_with_each_abi_only_what_is_named_can_be_read_or_changed(abi, tmp_path):
    readable, writable, other = (tmp_path / name for name in ("readable", "writable", "other"))
    for folder in (readable, writable, other):
        folder.mkdir()
        (folder / "file").touch()

    def run():
        landlock.confine([str(readable), "/nonexistent", "/dev/urandom"], [str(writable), os.devnull], abi)
        said = [
            outcome(f / "file", way) for f in (readable, writable, other) for way in (os.O_RDONLY, os.O_WRONLY)
        ]
        return " ".join([*said, outcome("/dev/urandom"), outcome(os.devnull, os.O_WRONLY), outcome(other)])

    assert in_child(run) == "open EACCES open open EACCES EACCES open open EACCES"


class Kernel:
    """A kernel that restricts the rights of one ABI, whatever it says about itself."""

    def __init__(self, abi):
        self.known = [
            sum(rights for since, rights in added.items() if since <= abi)
            for added in (landlock.FILES, landlock.NETWORK, landlock.SCOPES)
        ]

    def call(self, _, number, attributes, size, flags):
        assert (number, size, flags) == (landlock.CREATE_RULESET, 24, 0)
        for asked, known in zip(struct.unpack("QQQ", attributes), self.known, strict=True):
            if asked & ~known:
                raise OSError(errno.EINVAL, "landlock_create_ruleset")
        return os.open(os.devnull, os.O_RDONLY)


@pytest.mark.parametrize("abi", [0, *ABIS])
def test_the_best_abi_is_found_by_asking_from_the_newest_downwards(abi, monkeypatch):
    """RHEL 9.7 names ABI 6, and refuses the rights that came with 5 and 6."""
    monkeypatch.setattr(landlock, "call", Kernel(abi).call)
    assert landlock.best_abi() == abi


def test_a_kernel_without_landlock_has_none(monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSYS, "landlock_create_ruleset")

    monkeypatch.setattr(landlock, "call", refuse)
    assert landlock.best_abi() == 0


def test_a_process_that_is_not_confined_does_not_become_the_command(tmp_path):
    """Whatever the kernel answered: the program tries."""

    def run():
        landlock.confine([str(tmp_path), sys.prefix], [], 1)
        program.make_sure()
        return "confined"

    assert "does not hold it" in in_child(lambda: program.make_sure() or "went on")
    assert in_child(run) == "confined"
