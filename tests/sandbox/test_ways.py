"""Each way of isolating on its own: what can be read in it, that nothing can be changed, and when it is chosen."""

from __future__ import annotations

import dataclasses
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import CHECKOUT, GENEROUS

from autograder.sandbox import libraries, policy, seccomp, ways
from autograder.sandbox.confine import landlock, trees
from autograder.sandbox.fork_server import ForkServer, ForkServerError
from autograder.sandbox.inside import seal
from autograder.sandbox.pool import Pool
from autograder.sandbox.session import Session
from autograder.sandbox.users import User

pytestmark = pytest.mark.sandbox
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may chroot")
PERFECT = CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py"


@pytest.fixture(
    params=[pytest.param(way, marks=pytest.mark.slow) if way == "chroot" else way for way in ways.WAYS]
)
def way(request):
    if why := ways.obstacle(request.param):
        pytest.skip(f"{request.param}: {why}")
    return request.param


def printed(session, code):
    done, late = session.run_cell(code)
    assert (done.error, late) == (None, None), done.outputs
    return "".join(getattr(output, "text", "") for output in done.outputs)


# --- what a process sees and changes ---------------------------------------------------------------------

TRIES = """
import os
def tried(path, flags):
    try:
        os.close(os.open(path, flags))
    except OSError:
        return "refused"
    return "open"
print(open({shown!r}).read(), *(tried({shown!r}, flags) for flags in (1, 2, 1 | 0o1000)), tried({other!r}, 0))
open(os.devnull, "w").write("x")
open("own", "w").write("own")
print(open("own").read(), len(os.urandom(4)), len(open("/dev/urandom", "rb").read(4)))
"""


def test_what_is_shown_can_be_read_and_not_changed_even_if_everybody_may_write_it(way):
    with policy.runtime(way=way) as runtime:
        folder = runtime.folder / "shown"
        folder.mkdir()
        shown, other = folder / "file", runtime.folder / "other"
        for path in (shown, other):
            path.write_text("kept")
            path.chmod(0o666)
        folder.chmod(0o777)
        shows = dataclasses.replace(runtime, readable=(*runtime.readable, str(folder)))
        if way == "chroot":  # its tree is built already
            trees._copy_folder(str(folder), f"{runtime.root}{folder}")
        server = ForkServer(shows, GENEROUS, frozenset())
        try:
            with Session(server, GENEROUS, {}, (), lambda _: None) as session:
                said = printed(session, TRIES.format(shown=str(shown), other=str(other)))
        finally:
            server.close()
        assert said == "kept refused refused refused refused\nown 4 4\n"
        assert shown.read_text() == other.read_text() == "kept"


def test_a_process_of_each_way_finds_the_same_time_zone_libraries_and_modules(way):
    code = """
import ctypes, sys, time, numpy.linalg, sqlite3, ssl, zoneinfo
import numpy as np
print(time.strftime("%Z", time.localtime(0)), time.timezone, ctypes.CDLL("libc.so.6").getpid() > 0)
print(sys.version, np.__version__, zoneinfo.ZoneInfo("Europe/Berlin"), np.linalg.det(np.eye(2)))
"""
    pool, usual = Pool(GENEROUS, way=way), Pool(GENEROUS, isolated=False)
    try:
        with pool.session((), {}) as session, usual.session((), {}) as other:
            assert printed(session, code) == printed(other, code)
    finally:
        pool.close()
        usual.close()


@pytest.mark.skipif(landlock.best_abi() < 6, reason="Landlock holds signals from ABI 6 on")
@pytest.mark.parametrize("nested", [True, False])
def test_with_landlock_a_submission_is_confined_apart_from_its_fork_server(nested, monkeypatch):
    """Even if the filter lets it, it signals nobody else: not with a domain of its own, only without."""
    allows = seccomp._assemble(platform.machine(), [seccomp.ALLOWS])
    monkeypatch.setattr(seccomp, "for_submission", lambda machine: allows)
    if not nested:
        monkeypatch.setattr(landlock, "domain", lambda abi: b"")
    pool = Pool(GENEROUS, way="landlock")
    with pool.session((), {}) as session:
        done, _ = session.run_cell("import os\nos.kill(os.getppid(), 0)")
    pool.close()
    assert done.error == ("PermissionError" if nested else None)


def test_nothing_is_left_mounted_or_lying_about(way):
    mounted = Path("/proc/self/mountinfo").read_text()
    pool = Pool(GENEROUS, way=way)
    with pool.session((), {"data.csv": b"1,2"}) as session:
        assert printed(session, "print(open('data.csv').read())") == "1,2\n"
        folder = session.server.runtime.folder
    pool.close()
    assert not folder.exists()
    assert Path("/proc/self/mountinfo").read_text() == mounted
    assert Path(os.__file__).is_file()


# --- the tree of a chroot --------------------------------------------------------------------------------


@as_root
def test_a_tree_holds_links_and_copies_of_what_a_stranger_may_not_read_or_may_write(tmp_path):
    source, root = tmp_path / "source", tmp_path / "root"
    (source / "package").mkdir(parents=True)
    root.mkdir()
    modes = {"usual": 0o644, "secret": 0o600, "open": 0o666, "program": 0o755}
    for name, mode in modes.items():
        (source / "package" / name).write_text(name)
        (source / "package" / name).chmod(mode)
    (source / "package" / "link").symlink_to("usual")
    (source / "beside").write_text("beside")
    trees.build(str(root), [str(source / "package")], [["/lib", "usr/lib"]])
    there = Path(f"{root}{source}")
    assert {path.name for path in there.iterdir()} == {"package"}
    for name, mode in modes.items():
        found, original = there / "package" / name, source / "package" / name
        assert found.read_text() == name
        assert found.samefile(original) == (name in ("usual", "program"))
        assert not found.stat().st_mode & 0o002
        assert found.stat().st_mode & 0o004
        assert original.stat().st_mode & 0o777 == mode
    assert os.readlink(there / "package" / "link") == "usual"
    assert os.readlink(root / "lib") == "usr/lib"
    assert there.stat().st_mode & 0o777 == trees.PASSED_THROUGH, "nobody sees who else is there"


def test_links_on_the_way_to_a_path_are_found_in_turn(tmp_path):
    real = Path(os.path.realpath(tmp_path))
    (real / "usr" / "lib" / "multi").mkdir(parents=True)
    (real / "lib").symlink_to("usr/lib")
    (real / "usr" / "lib" / "loader").symlink_to(f"{real}/lib/multi/../multi/loader-2")
    (real / "loop").symlink_to("loop")
    found = list(libraries._links_on(f"{real}/lib/loader"))
    loader = (f"{real}/usr/lib/loader", f"{real}/lib/multi/../multi/loader-2")
    assert found == [(f"{real}/lib", "usr/lib"), loader, (f"{real}/lib", "usr/lib")]
    assert set(libraries._links_on(f"{real}/loop")) == {(f"{real}/loop", "loop")}


def test_where_files_are_kept_apart_by_users_alone_no_user_serves_two(monkeypatch):
    own = -os.getpid()  # no other test that runs now claims it
    monkeypatch.setattr("autograder.sandbox.users.IDS", [own])
    first = User()
    second = User()
    assert first.uid == second.uid
    with pytest.raises(OSError, match="all user ids for submissions are taken"):
        User(shared=False)
    first.close()
    second.close()
    User(shared=False).close()


# --- which way is taken ----------------------------------------------------------------------------------

UNSHARE, CHROOT, LANDLOCK = 272, 161, 444


def on_a_machine_without(calls, *words, script="from autograder.cli import main; main()"):
    """A command whose kernel refuses some system calls, as that of a container or an old one does."""
    steps = [(seccomp.LOAD, 0, 0, seccomp.NUMBER)]
    for number in calls:
        steps += [(seccomp.EQUAL, 0, 1, number), seccomp.REFUSES]
    (program,) = seccomp._assemble(platform.machine(), [*steps, seccomp.ALLOWS])
    environment = {name: value for name, value in os.environ.items() if name != ways.CHOICE}
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        preexec_fn=lambda: seal.install(program),
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls are numbered for x86-64")
@pytest.mark.parametrize(
    ("calls", "taken"),
    [
        pytest.param((), "landlock", marks=pytest.mark.slow),
        ((LANDLOCK,), "namespace"),
        pytest.param((LANDLOCK, UNSHARE), "chroot", marks=[as_root, pytest.mark.slow]),
        ((LANDLOCK, UNSHARE, CHROOT), None),
    ],
)
def test_the_best_way_that_the_kernel_lets_is_taken_and_none_where_it_lets_none(calls, taken):
    """As in a container: system calls are refused, and nothing says so beforehand."""
    done = on_a_machine_without(calls, "check", "softmax", str(PERFECT), "--json")
    if taken is None:
        assert done.returncode == 2
        assert "namespace: unshare: Operation not permitted; chroot: " in done.stderr
        assert done.stdout == ""
    else:
        assert done.returncode == 0, done.stderr
        assert f'"isolation":"{taken}"' in done.stdout
        assert '"passed":true' in done.stdout


def test_a_way_that_the_machine_lacks_is_refused_and_not_replaced_by_another():
    done = on_a_machine_without([UNSHARE], "check", "softmax", str(PERFECT), "--isolation", "namespace")
    assert done.returncode == 2
    assert "namespace: unshare: Operation not permitted" in done.stderr


def test_an_unknown_way_in_the_environment_is_refused(monkeypatch):
    monkeypatch.setenv(ways.CHOICE, "bubblewrap")
    with pytest.raises(policy.CannotIsolateError, match="no way of isolating called “bubblewrap”"):
        policy.isolation()


def test_a_process_that_takes_longer_to_start_than_it_may_is_the_grader_s_fault(way):
    hurried = dataclasses.replace(GENEROUS, start_seconds=0.01)
    pool = Pool(hurried, way=way)
    started = time.monotonic()
    try:
        with pytest.raises(ForkServerError, match="OverdueError"), pool.session((), {}):
            pass
    finally:
        pool.close()
    assert time.monotonic() - started < 60


BUILD_UNDER_A_LIMIT = """
import resource
from autograder.sandbox.confine import program, trees

_, hard = resource.getrlimit(resource.RLIMIT_CPU)
resource.setrlimit(resource.RLIMIT_CPU, (1000, hard))
trees.build = lambda *_: print(resource.getrlimit(resource.RLIMIT_CPU) == (hard, hard))
trees.make_way = lambda *_: None
program.build()
"""


def test_a_root_is_built_however_little_time_a_submission_has():
    """A worker's limit is inherited; where files are copied, on a slow disk perhaps, the tree takes longer."""
    order = '{"root": "", "readable": [], "links": [], "folder": ""}'
    done = subprocess.run(
        [sys.executable, "-c", BUILD_UNDER_A_LIMIT], input=order, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
