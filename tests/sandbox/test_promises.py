"""What is told and asked before a submission runs: limits, ways of isolating, libraries, the launch."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pytest
from sandbox.doubles import System

from autograder.sandbox import bounds, launcher, libraries, users, ways
from autograder.sandbox.confine import landlock
from autograder.sandbox.policy import Limits, TooLittleError

LIMITS = replace(
    Limits(), memory=1 << 31, submission_seconds=180.5, file_size=1 << 20, open_files=500, threads=256
)

# --- limits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("counted_alone", "tasks"), [(True, 257), (False, 345 + 2048)])
def test_each_limit_of_the_kernel_follows_from_what_a_submission_may_use(monkeypatch, counted_alone, tasks):
    monkeypatch.setattr(Path, "read_text", lambda path, **_: {"/proc/loadavg": "0 1 2 3/345 67\n"}[str(path)])
    assert bounds.resource_limits(LIMITS, counted_alone=counted_alone) == {
        "RLIMIT_AS": 1 << 31,
        "RLIMIT_CPU": 722 + 10,
        "RLIMIT_FSIZE": 1 << 20,
        "RLIMIT_NOFILE": 500,
        "RLIMIT_NPROC": tasks,
        "RLIMIT_SIGPENDING": 256,
        "RLIMIT_MEMLOCK": 65536,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_CORE": 0,
    }


PROMISED = {
    resource.RLIMIT_NOFILE: (500, "open files here (ulimit -Hn)"),
    resource.RLIMIT_FSIZE: (1 << 20, "bytes in a file here (ulimit -Hf)"),
    resource.RLIMIT_AS: (1 << 31, "bytes of memory here (ulimit -Hv)"),
}


@pytest.mark.parametrize("which", PROMISED)
def test_a_machine_that_gives_less_than_is_promised_is_refused_with_both_numbers(monkeypatch, which):
    wanted, what = PROMISED[which]
    hard = {other: most for other, (most, _) in PROMISED.items()}
    monkeypatch.setattr(resource, "getrlimit", lambda asked: (0, hard[asked]))
    bounds.refuse_less(LIMITS)
    hard[which] = wanted - 1
    with pytest.raises(TooLittleError) as refused:
        bounds.refuse_less(LIMITS)
    assert str(refused.value) == (
        f"A process may have {wanted - 1} {what}, and a submission is promised {wanted}: right answers would lose "
        "marks. Raise that limit, or start in a shell without it."
    )
    hard[which] = 0
    with pytest.raises(TooLittleError):
        bounds.refuse_less(LIMITS)
    hard[which] = resource.RLIM_INFINITY
    bounds.refuse_less(LIMITS)


def test_threads_are_counted_of_the_process_that_is_named(monkeypatch):
    said = {"/proc/7/status": "Name:\tThreads: 9\nThreads:\t12\nSigQ:\t0/5\n", "/proc/8/status": "Name:\tx\n"}

    def read_text(path):
        if str(path) not in said:
            raise FileNotFoundError(path)
        return said[str(path)]

    monkeypatch.setattr(Path, "read_text", read_text)
    assert [bounds.threads_of(pid) for pid in (7, 8, 9)] == [12, 0, 0]


# --- ways of isolating -----------------------------------------------------------------------------------


@pytest.fixture
def obstacle(monkeypatch):
    """Why a way is not possible, on a machine that is described; what was tried is in ``obstacle.tried``."""

    def asked(way, *, abi=6, may=True, uid=0, code=0, said=""):
        def run(command, **options):
            asked.tried.append(command)
            return SimpleNamespace(returncode=code, stderr=said)

        monkeypatch.setattr(landlock, "best_abi", lambda: abi)
        monkeypatch.setattr(users, "may_change_users", lambda: may)
        monkeypatch.setattr(ways, "os", System(geteuid=lambda: uid))
        monkeypatch.setattr(ways, "subprocess", SimpleNamespace(run=run))
        return ways.obstacle.__wrapped__(way)

    asked.tried = []
    return asked


def test_landlock_is_asked_and_not_tried(obstacle):
    assert obstacle("landlock", abi=1) == ""
    assert obstacle("landlock", abi=0) == "it is switched off or missing in the kernel"
    assert obstacle.tried == []


def test_only_a_root_with_its_usual_rights_tries_a_chroot(obstacle):
    assert obstacle("chroot", may=False, uid=1000) == "only root may"
    assert obstacle("chroot", may=False, uid=0) == "only root may, and with the rights that root usually has"
    assert obstacle.tried == []
    assert obstacle("chroot") == ""
    assert obstacle("namespace", may=False, uid=1000) == ""
    assert obstacle.tried == [[*launcher.command("try_out"), way] for way in ("chroot", "namespace")]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Operation not permitted\n", "Operation not permitted"),
        ("Traceback\n  File\nOSError: no\n\n", "OSError: no"),
        ("", "it was tried and failed"),
        (" \n", "it was tried and failed"),
    ],
)
def test_what_a_failed_trial_said_last_is_the_obstacle(obstacle, said, why):
    assert obstacle("namespace", code=1, said=said) == why
    assert obstacle("namespace", code=-9, said=said) == why
    assert obstacle("namespace", code=0, said=said) == "", "a warning is none"


def test_a_way_that_does_not_exist_is_an_error_that_names_those_that_do(obstacle):
    with pytest.raises(ValueError, match="called “jail”; there are: landlock, namespace, chroot"):
        obstacle("jail")


# --- libraries -------------------------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with few files, of which Python lies in ``/prefix``."""
    base = Path(os.path.realpath(tmp_path))
    monkeypatch.setattr(sys, "executable", f"{base}/bin/python")
    monkeypatch.setattr(sys, "base_prefix", f"{base}/prefix")
    for name in ("bin/python3.12", "prefix/lib/libpython3.12.so.1", "prefix/lib/libz.so.1", "prefix/lib/z.so"):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).touch()
    (base / "bin/python").symlink_to("python3.12")
    return base


def test_the_loader_is_shown_its_folders_once_and_no_folder_that_holds_python_s_modules(machine, monkeypatch):
    for name in ("own/libc.so", "usual/libm.so", "usual/python3/site-packages/ours.py", "usual/python3.12/x.py"):
        (machine / name).parent.mkdir(parents=True, exist_ok=True)
        (machine / name).touch()
    (machine / "linked").symlink_to("own")
    (machine / "zone").touch()
    (machine / "localtime").symlink_to("zone")
    folders = ("own", "linked", "usual", "missing", "zone")
    monkeypatch.setattr(libraries, "FOLDERS", ("/lib", "/usr/lib", *(f"{machine}/{name}" for name in folders)))
    monkeypatch.setattr(libraries, "OTHERS", (f"{machine}/gone", f"{machine}/localtime"))
    found = [str(path.relative_to(machine)) for path in libraries.shared()]
    assert found[0] == "bin/python3.12"
    assert found[-1] == "zone"
    own = ["own", "usual/libm.so", "prefix/lib/libpython3.12.so.1"]
    assert sorted(set(found)) == sorted(["bin/python3.12", "prefix/lib/libz.so.1", "zone", *own])
    assert [found.count(name) for name in own[:2]] == [1, 1]


def test_links_on_the_way_to_each_library_are_told_once_in_order(machine, monkeypatch):
    (machine / "usr").mkdir()
    for name, says in {"lib64": "usr", "lib": "usr", "time": f"{machine}/usr/zone"}.items():
        (machine / name).symlink_to(says)
    monkeypatch.setattr(libraries, "FOLDERS", (f"{machine}/lib64", f"{machine}/lib64/x", f"{machine}/lib"))
    monkeypatch.setattr(libraries, "OTHERS", (f"{machine}/time",))
    (machine / "base").symlink_to("prefix")
    monkeypatch.setattr(sys, "base_prefix", f"{machine}/base")
    links = libraries.links()
    found = [(Path(at).name, says) for at, says in links if Path(at).parent == machine]
    assert found == [("lib64", "usr"), ("lib", "usr"), ("time", f"{machine}/usr/zone"), ("base", "prefix")]
    assert len(links) == len(set(links))


def test_no_more_links_are_followed_than_the_kernel_follows(machine):
    for number in range(45):
        (machine / f"l{number}").symlink_to(f"l{number + 1}")
    assert len(list(libraries._links_on(f"{machine}/l0"))) == 40
    assert len(list(libraries._links_on(f"{machine}/prefix/.././l10"))) == 35


def test_a_link_behind_a_step_upwards_is_told_by_its_own_path(machine):
    (machine / "c").symlink_to("prefix")
    (machine / "up").symlink_to("prefix/../c")
    assert list(libraries._links_on(f"{machine}/up")) == [
        (f"{machine}/up", "prefix/../c"),
        (f"{machine}/c", "prefix"),
    ]


def test_the_loader_and_the_alternatives_may_be_links_too(machine, monkeypatch):
    there = {
        ("/lib", "ld-*.so*"): ["/lib/ld-linux.so.2"],
        ("/lib64", "ld-*.so*"): ["/lib64/ld-a.so.1", "/lib64/ld-b.so.1"],
        ("/etc/alternatives", "lib*.so*"): ["/etc/alternatives/libblas.so.3"],
    }
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: map(Path, there.get((str(folder), pattern), [])))
    monkeypatch.setattr(libraries, "_links_on", lambda name: [(name, "says")])
    found = [at for at, _ in libraries.links()]
    expected = [*libraries.FOLDERS, *libraries.OTHERS, f"{machine}/prefix/lib", *chain(*there.values())]
    assert found == list(dict.fromkeys(expected))


# --- the launch ------------------------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch):
    """What would be started: the command, its options, and what becomes of it."""
    made = SimpleNamespace(given=[], done=[])

    def popen(command, **options):
        made.given.append((command, options))
        made.orders = socket.socket(fileno=os.dup(options["stdin"]))
        return SimpleNamespace(
            kill=lambda: made.done.append("kill"), communicate=lambda: made.done.append("communicate")
        )

    names = {"Popen": popen, "PIPE": subprocess.PIPE, "DEVNULL": subprocess.DEVNULL}
    monkeypatch.setattr(launcher, "subprocess", SimpleNamespace(**names))
    yield made
    made.orders.close()


def test_python_starts_isolated_and_without_its_site_from_our_folder_alone():
    first, *options, program, folder = launcher.command("try_out")
    assert (first, options) == (sys.executable, ["-I", "-S", "-c"])
    assert program.endswith("from confine.program import try_out; try_out()")
    assert (Path(folder) / "confine" / "program.py").is_file()


def test_an_order_is_its_length_and_all_that_the_process_needs(started):
    with launcher.Launcher() as waiting:
        process, orders = waiting.launch(
            *(["/bin/python", "-c"], "/run/1", {"HOME": "/run/1"}, {"isolation": "landlock"}),
            mount="size=1M",
            owner=0,
            files={"a/b.py": "ü".encode(), "odd": b"\xff"},
        )
    ((command, options),) = started.given
    assert command == launcher.command("main")
    assert options["env"] == {"LANG": "C.UTF-8"}, "nothing of the grader's own"
    assert (process, orders) == (waiting._process, waiting._orders)
    assert started.done == [], "it runs on"
    data = started.orders.recv(1 << 16)
    orders.close()
    assert int.from_bytes(data[:4], "big") == len(data) - 4
    assert json.loads(data[4:]) == {
        "command": ["/bin/python", "-c"],
        "folder": "/run/1",
        "environment": {"HOME": "/run/1"},
        "confinement": {"isolation": "landlock"},
        "mount": "size=1M",
        "owner": 0,
        "files": {"a/b.py": "ü", "odd": "�"},
    }


def test_a_process_that_was_given_nothing_ends_and_one_that_died_is_found_out_later(started):
    with launcher.Launcher() as waiting:
        pass
    assert started.done == ["kill", "communicate"]
    assert waiting._orders.fileno() == -1
    started.orders.close()
    with launcher.Launcher() as waiting:
        started.orders.close()
        waiting.launch([], "", {}, None, mount=None, owner=None, files={"large": b"x" * (1 << 20)})
    waiting._orders.close()
    assert len(started.done) == 2
