"""What the program that confines itself does with an order, while nothing is confined."""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sandbox.doubles import System

from autograder.sandbox.confine import landlock, mounts, namespace, program, trees

ORDER = {
    "command": ["/bin/python", "-c", "x"],
    "folder": "/run/1",
    "environment": {"HOME": "/run/1"},
    "mount": "size=1M",
    "owner": 0,
    "files": {"a": "b"},
}
NEEDED = {"readable": ["/usr"], "links": [["/lib", "usr/lib"]], "root": "/root", "abi": 3}


class EndedError(BaseException):
    """What ends a process."""


class Notes(list):
    """What is done, with a function ``note`` that has something more noted instead of done."""


@pytest.fixture
def done(monkeypatch):
    """What is done, in order. The calls of the system that would change this process are noted alone."""
    said = Notes()

    def note(where, name, answer=None, error=None):
        def call(*given):
            said.append((name, *given))
            if error:
                raise error
            return answer

        monkeypatch.setattr(where, name, call, raising=False)

    monkeypatch.setattr(program, "os", System())
    for name in ("chdir", "chroot", "setresuid", "chown", "umask"):
        note(program.os, name)
    note(program.os, "dup", 9)
    note(program.os, "execve", error=EndedError)
    note(landlock, "confine")
    note(namespace, "enter", 7)
    note(mounts, "own_namespace")
    note(mounts, "in_memory")
    note(program, "keep_privileges")
    note(trees, "build")
    note(trees, "make_way")
    said.note = note
    return said


@pytest.fixture
def ordered(done, monkeypatch):
    """Carry out an order in a way of isolating."""
    for name, answer in {"mounted": 8, "put": None, "make_sure": None, "lift_limits": None}.items():
        done.note(program, name, answer)

    class Socket:
        def __init__(self, fileno):
            assert fileno == 9

        __enter__ = lambda self: self  # noqa: E731

        def __exit__(self, *_):
            pass

    sent = lambda sock, data, descriptors: done.append(("sent", b"".join(data), descriptors))  # noqa: E731
    monkeypatch.setattr(program, "socket", SimpleNamespace(socket=Socket, send_fds=sent))

    def run(way, **changes):
        order = ORDER | {"confinement": {"isolation": way, **NEEDED} if way else None} | changes
        text = json.dumps(order).encode()
        left = [len(text).to_bytes(4, "big"), text]
        monkeypatch.setattr(program, "read", lambda size: left.pop(0) if len(left[0]) == size else b"")
        with pytest.raises(EndedError):
            program.main()
        return done

    return run


ENDS = [("execve", "/bin/python", ORDER["command"], ORDER["environment"])]
PUT = [("put", {"a": "b"}, Path("/run/1"), 0), ("chdir", "/run/1")]


def test_landlock_is_entered_last_in_a_folder_that_is_mounted_and_filled_before(ordered):
    assert ordered("landlock") == [
        *[("lift_limits",), ("mounted", "/run/1", "size=1M"), ("dup", 0), ("sent", b"\0", [8]), *PUT],
        ("confine", ["/usr"], ["/run/1", os.devnull], 3),
        *[("make_sure",), *ENDS],
    ]


def test_a_namespace_is_entered_first_and_its_folder_s_descriptor_is_sent(ordered):
    assert ordered("namespace") == [
        *[("lift_limits",), ("keep_privileges",)],
        ("enter", "/run/1", "size=1M", ["/usr"], [["/lib", "usr/lib"]]),
        *[("dup", 0), ("sent", b"\0", [7]), *PUT, ("make_sure",), *ENDS],
    ]


def test_another_root_is_entered_first_and_has_no_descriptor(ordered):
    assert ordered("chroot") == [
        *[("lift_limits",), ("keep_privileges",), ("chroot", "/root"), ("chdir", "/")],
        *[("dup", 0), ("sent", b"\0", []), *PUT, ("make_sure",), *ENDS],
    ]


def test_what_is_not_confined_is_not_tried(ordered):
    names = [name for name, *_ in ordered(None)]
    assert names == ["lift_limits", "mounted", "dup", "sent", "put", "chdir", "execve"]


def test_exactly_what_was_asked_for_is_read_and_an_end_before_that_ends_the_process(done, monkeypatch):
    data = io.BytesIO(b"0123456789")
    monkeypatch.setattr(program.os, "read", lambda fd, size: data.read(min(size, 3)), raising=False)
    assert [program.read(size) for size in (0, 2, 7)] == [b"", b"01", b"2345678"]
    with pytest.raises(SystemExit) as ended:
        program.read(2)
    assert ended.value.code is None


@pytest.mark.parametrize(("status", "root"), [(0, 8), (256, None), (9, None)])
def test_a_folder_is_mounted_only_if_a_child_could(done, monkeypatch, status, root):
    for name, answer in {"fork": 5, "waitpid": (5, status), "open": 8}.items():
        done.note(program.os, name, answer)
    assert program.mounted("/run/1", None) is None
    assert done == []
    assert program.mounted("/run/1", "size=1M") == root
    mount = [
        ("own_namespace",),
        ("in_memory", "/run/1", "size=1M"),
        ("open", "/run/1", os.O_RDONLY | os.O_DIRECTORY),
    ]
    assert done == [("fork",), ("waitpid", 5, 0), *(mount if root else [])]


@pytest.mark.parametrize("fails", [True, False])
def test_the_child_that_tries_to_mount_says_whether_it_could(done, fails):
    done.note(program.os, "fork", 0)
    done.note(program.os, "_exit", error=EndedError)
    if fails:
        done.note(mounts, "in_memory", error=OSError())
    with pytest.raises(EndedError):
        program.mounted("/run/1", "size=1M")
    assert done[-1] == ("_exit", fails)


def test_a_process_that_can_read_its_program_ends(done, monkeypatch):
    with pytest.raises(SystemExit, match="does not hold it"):
        program.make_sure()

    def refuse(path, flags):
        assert path == program.__file__
        raise PermissionError

    monkeypatch.setattr(program.os, "open", refuse, raising=False)
    program.make_sure()


def test_the_limits_that_are_lifted_are_those_of_memory_and_processor_time_to_what_is_hard(monkeypatch):
    made = []
    hard = {resource.RLIMIT_AS: 100, resource.RLIMIT_CPU: resource.RLIM_INFINITY}
    monkeypatch.setattr(resource, "getrlimit", lambda which: (1, hard[which]))
    monkeypatch.setattr(resource, "setrlimit", lambda *given: made.append(given))
    program.lift_limits()
    assert made == [(which, (most, most)) for which, most in hard.items()]


def test_a_tree_is_built_for_everybody_with_a_way_to_the_folder(done, monkeypatch):
    order = {"root": "/root", "readable": ["/usr"], "links": [], "folder": "/run"}
    stdin = SimpleNamespace(buffer=io.BytesIO(json.dumps(order).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    done.note(program, "lift_limits")
    program.build()
    assert done == [
        *[("lift_limits",), ("umask", 0o022), ("build", "/root", ["/usr"], [])],
        ("make_way", "/root", "/run/file"),
    ]


@pytest.fixture
def tried(done, monkeypatch):
    """Try a way out in the child, and return how it ends."""
    monkeypatch.setattr(program, "tempfile", SimpleNamespace(TemporaryDirectory=Temporary))
    done.note(program.os, "fork", 0)
    done.note(program.os, "_exit", error=EndedError)
    done.note(program, "make_sure")

    def run(way):
        monkeypatch.setattr(sys, "argv", ["-c", "/folder", way])
        with pytest.raises(EndedError):
            program.try_out()
        return done[1:]

    return run


class Temporary:
    def __enter__(self):
        return "/tmp/tried"

    def __exit__(self, *_):
        pass


def test_each_way_is_tried_with_nothing_to_read(tried):
    enter = ("enter", "/tmp/tried", "mode=700", [], [])
    assert tried("namespace") == [enter, ("make_sure",), ("_exit", 0)]


def test_another_root_is_tried_as_a_stranger(tried):
    assert tried("chroot") == [
        *[("build", "/tmp/tried", [], []), ("chroot", "/tmp/tried"), ("setresuid", 65534, 65534, 65534)],
        *[("make_sure",), ("_exit", 0)],
    ]


@pytest.mark.parametrize(("error", "said"), [(OSError(1, "refused"), "refused\n"), (OSError("odd"), "odd\n")])
def test_a_way_that_fails_says_why(tried, done, capsys, error, said):
    done.note(namespace, "enter", error=error)
    assert tried("namespace")[1:] == [("_exit", 1)]
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(("status", "code"), [(0, 0), (256, 1), (9, -9)])
def test_who_waits_for_the_trial_ends_as_it_ended(tried, done, status, code):
    done.note(program.os, "fork", 5)
    done.note(program.os, "waitpid", (5, status))
    with pytest.raises(SystemExit) as ended:
        program.try_out()
    assert ended.value.code == code
