"""Which fork server a submission is given, and what one is ordered, without starting any."""

from __future__ import annotations

import contextlib
import json
import signal
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sandbox.doubles import System

from autograder.sandbox import bounds, fonts, fork_server, policy, pool, session
from autograder.sandbox.channel import GoneError, OverdueError, TooMuchError, frame
from autograder.sandbox.fork_server import ForkServer, ForkServerError, _Forked, _Learned, _Reaped, _Started
from autograder.sandbox.policy import Limits, Runtime
from autograder.sandbox.pool import Pool

# --- the pool --------------------------------------------------------------------------------------------


class Server:
    """A fork server that was started with some arguments, or that is idle."""

    def __init__(self, *given):
        self.given, self.done = given, []
        self.broken, self.forks = False, 1
        self.scratch = SimpleNamespace(clear=lambda: self.done.append("clear"))
        self.runtime, _, self.warm, *_ = given

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda: self.done.append(name)


@pytest.fixture
def made(monkeypatch):
    """Every server, session and runtime that a pool makes; with the servers in ``made.fails`` no session opens."""
    found = SimpleNamespace(servers=[], sessions=[], runtimes=[], fails=[])

    def server(*given):
        found.servers.append(Server(*given))
        return found.servers[-1]

    def opened(*given):
        found.sessions.append(given)
        if given[0] in found.fails:
            raise ForkServerError("killed while it was idle")
        return given

    @contextlib.contextmanager
    def runtime(allow, way):
        found.runtimes.append((allow, way))
        yield f"runtime {len(found.runtimes)}"
        found.runtimes.append("removed")

    monkeypatch.setattr(pool, "ForkServer", server)
    monkeypatch.setattr(session, "Session", opened)
    monkeypatch.setattr(policy, "runtime", runtime)
    return found


def test_a_submission_has_a_server_with_what_it_may_import_and_its_warm_imports(made):
    some, warm = Pool(Limits(), way="landlock"), frozenset({"matplotlib"})
    some.session(["b", "a"], {"x": b"1"}, warm, ("check",), "budget")
    (server,) = made.servers
    assert server.given == ("runtime 1", some.limits, warm)
    assert made.sessions == [(server, some.limits, {"x": b"1"}, ("check",), some._take_back, "budget")]
    assert made.runtimes == [(frozenset({"a", "b"}), "landlock")]
    some.session((), {})
    assert made.servers[1].given[2] == frozenset()
    assert made.sessions[1][2:] == ({}, (), some._take_back, None)
    assert made.runtimes[1] == (frozenset(), "landlock")


def test_an_idle_server_with_the_same_imports_serves_the_next_on_its_thread_s_cores(made):
    some, warm = Pool(Limits(), isolated=False), frozenset({"ipywidgets"})
    some.session(("a",), {}, warm)
    (first,) = made.servers
    some._take_back(first)
    some.session(("a",), {}, frozenset())
    some.session((), {}, warm)
    assert len(made.servers) == 3, "others import something else"
    some.session(("a",), {"y": b""}, warm, ("check",), "budget")
    assert made.sessions[-1] == (first, some.limits, {"y": b""}, ("check",), some._take_back, "budget")
    assert first.done == ["clear", "use_callers_cores"]
    some.session(("a",), {}, warm)
    assert len(made.servers) == 4, "one serves one at a time"
    assert made.runtimes == [(frozenset({"a"}), "none"), (frozenset(), "none")]


def test_an_idle_server_that_was_killed_is_replaced_and_a_new_one_that_fails_is_an_error(made):
    some = Pool(Limits(), isolated=False)
    some.session((), {})
    (first,) = made.fails = list(made.servers)
    some._take_back(first)
    assert some.session((), {})[0] is made.servers[1] is not first
    some._take_back(made.servers[1])
    made.fails = made.servers
    with pytest.raises(ForkServerError):
        some.session((), {})
    assert len(made.servers) == 3


def test_a_prepared_server_is_started_with_its_launcher_and_left_to_another_process(made):
    some, warm = Pool(Limits(), isolated=False), frozenset()
    some.prepare(["a"], warm, "launcher")
    (first,) = made.servers
    assert first.given == ("runtime 1", some.limits, warm, "launcher")
    some.leave_prepared()
    assert first.done == ["leave"]
    some.session(("a",), {}, warm)
    assert made.sessions[-1][0] is made.servers[1], "it is the other process's now"
    some._take_back(made.servers[1])
    some.close()
    assert first.done == ["leave", "reap_left"]
    assert made.servers[1].done == ["clear", "close"]
    assert made.runtimes[-1] == "removed"
    some.close()
    assert first.done == ["leave", "reap_left"]


# --- the orders of a fork server -------------------------------------------------------------------------


@pytest.fixture
def server():
    """A fork server that answers each order as it is told."""
    made = ForkServer.__new__(ForkServer)
    made.limits, made.forks, made.orders, made.answers = Limits(), 0, [], []
    made._learned, made._ready, made.broken = set(), False, False
    made.scratch = SimpleNamespace(mounted=True, over_limit=lambda limits: None)
    made.user, made._rlimits = None, {"RLIMIT_CORE": 0}
    made.runtime = SimpleNamespace(environment=lambda home: {"HOME": home, "LANG": "C"}, isolated=True)
    made._environment = {"HOME": "/home", "LANG": "C"}
    made._order = lambda *given: made.orders.append(given) or made.answers.pop(0)
    return made


def test_each_cell_is_learned_once_and_a_failure_is_an_error(server):
    server.answers = [_Learned(), _Learned(), _Forked(1)]
    server.learn(["a", "b"])
    server.learn(["b", "c", "a"])
    server.learn(["c"])
    server.learn([])
    assert [order for order, _ in server.orders] == [
        {"op": "learn", "cells": cells} for cells in (["a", "b"], ["c"])
    ]
    with pytest.raises(ForkServerError, match="did not compile"):
        server.learn(["d"])


@pytest.mark.parametrize("mounted", [True, False])
def test_a_fork_is_ordered_with_what_differs_in_its_environment_and_counted(server, mounted):
    server.answers, server.scratch.mounted = [_Forked(4711), _Learned()], mounted
    assert server.fork("/run/1", (7, 8)) == 4711
    ((order, seconds, ends),) = server.orders
    disk = None if mounted else [server.limits.scratch_size, server.limits.files]
    assert order == {
        "op": "fork",
        "folder": "/run/1",
        "environment": {"HOME": "/run/1"},
        "rlimits": {"RLIMIT_CORE": 0},
        "disk": disk,
    }
    assert (seconds, ends) == (10.0, (7, 8))
    with pytest.raises(ForkServerError, match="did not fork"):
        server.fork("/run/2", ())
    assert server.forks == 2


def test_a_child_has_its_grace_before_the_server_is_late(server):
    server.answers = [_Reaped(9, None), _Forked(1)]
    assert server.reap(4711, 2.5) == 9
    assert server.orders == [({"op": "reap", "pid": 4711, "grace": 2.5}, 12.5)]
    with pytest.raises(ForkServerError, match="did not reap"):
        server.reap(4711, 2.5)


@pytest.mark.parametrize(
    ("disk", "counts", "threads", "said"),
    [
        (None, False, 8, None),
        (None, False, 9, "it started more than 8 threads."),
        (None, True, 9, None),
        ("it is full.", False, 9, "it is full."),
    ],
)
def test_threads_are_counted_from_outside_only_where_the_kernel_does_not(
    server, monkeypatch, disk, counts, threads, said
):
    server.scratch.over_limit = lambda limits: disk
    server.user = "user" if counts else None
    server.scratch.mounted = False
    monkeypatch.setattr(bounds, "threads_of", lambda pid: {4711: threads}[pid])
    assert server.over_limit(4711, replace(Limits(), threads=8)) == said


@pytest.mark.parametrize(
    ("user", "mounted", "uid", "counts"),
    [("user", False, 0, True), (None, True, 1000, True), (None, True, 0, False), (None, False, 1000, False)],
)
def test_the_kernel_counts_threads_of_a_user_or_a_user_namespace_of_its_own(
    server, monkeypatch, user, mounted, uid, counts
):
    server.user, server.scratch.mounted = user, mounted
    monkeypatch.setattr(fork_server, "os", System(geteuid=lambda: uid))
    assert server.counts_threads is counts


@pytest.mark.parametrize("isolated", [True, False])
def test_a_server_is_waited_for_once_then_its_files_are_cleared(server, monkeypatch, isolated):
    done, answers = [], [_Started()]
    server._answer = lambda deadline: answers.pop(0)
    server._descriptors = lambda: [5]
    server.runtime.isolated, server.user = isolated, "user"
    scratch = {"path": "/scratch", "mounted": False}
    for name in ("reach_through", "clear"):
        scratch[name] = lambda *given, name=name: done.append((name, *given))
    server.scratch = SimpleNamespace(**scratch)
    monkeypatch.setattr(fonts, "keep", lambda path: done.append(("fonts", path)))
    monkeypatch.setattr(bounds, "resource_limits", lambda limits, *, counted_alone: (limits, counted_alone))
    server.wait_until_ready()
    server.wait_until_ready()
    assert done == [("reach_through", 5), *([("fonts", "/scratch")] if isolated else []), ("clear",)]
    assert server._rlimits == (server.limits, True)


def test_a_server_that_does_not_start_is_an_error_and_is_not_taken_for_ready(server):
    server._answer = lambda deadline: _Learned()
    for _ in range(2):
        with pytest.raises(ForkServerError, match="did not start"):
            server.wait_until_ready()


def test_the_cores_are_those_of_this_thread_and_none_where_the_system_does_not_say(monkeypatch):
    monkeypatch.setattr(fork_server, "os", System(sched_getaffinity=lambda process: {3, 5 + process}))
    monkeypatch.setattr(fork_server, "sys", SimpleNamespace(platform="linux"))
    assert fork_server.cores() == frozenset({3, 5})
    monkeypatch.setattr(fork_server, "sys", SimpleNamespace(platform="darwin"))
    assert fork_server.cores() == frozenset()


def test_a_server_moves_when_its_caller_is_on_other_cores_and_one_that_is_gone_does_not(server, monkeypatch):
    moved, here = [], [frozenset({1})]
    monkeypatch.setattr(fork_server, "cores", lambda: here[0])
    monkeypatch.setattr(fork_server, "os", System(sched_setaffinity=lambda *given: moved.append(given)))
    server._cores, server._process = frozenset({1}), SimpleNamespace(pid=7)
    server.use_callers_cores()
    assert moved == []
    here[0] = frozenset({2})
    server.use_callers_cores()
    server.use_callers_cores()
    assert moved == [(7, frozenset({2}))]

    def gone(*_):
        raise ProcessLookupError

    here[0] = frozenset({3})
    monkeypatch.setattr(fork_server, "os", System(sched_setaffinity=gone))
    server.use_callers_cores()


def test_who_is_killed_is_broken_and_who_is_closed_is_reaped_and_removed(server, monkeypatch):
    done = []

    def note(name):
        return lambda *given: done.append((name, *given))

    monkeypatch.setattr(fork_server, "os", System(kill=note("kill")))
    stdout = SimpleNamespace(close=note("stdout"))
    process = {name: note(name) for name in ("communicate", "kill", "wait")}
    server._process = SimpleNamespace(pid=7, stdout=stdout, **process)
    server._control, server._orders = SimpleNamespace(close=note("control")), SimpleNamespace(close=note("orders"))
    server.scratch, server.user = SimpleNamespace(remove=note("scratch")), SimpleNamespace(close=note("user"))
    server.kill()
    assert (server.broken, done) == (True, [("kill", 7, signal.SIGKILL)])
    done.clear()
    server.close()
    names = ["communicate", "control", "orders", "scratch", "user"]
    assert done == [("kill", 7, signal.SIGKILL), *((name,) for name in names)]
    done.clear()
    server.leave()
    assert done == [("control",), ("orders",), ("stdout",)]
    done.clear()
    server.reap_left()
    assert done == [("kill",), ("wait",), ("user",)]
    server.user = None
    server.reap_left()
    server._remove()
    assert done[3:] == [("kill",), ("wait",), ("scratch",)]


# --- what a runtime is -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "isolated", "mounts", "root"),
    [
        ("landlock", True, True, ""),
        ("namespace", True, True, ""),
        ("chroot", True, False, "/run/a/root"),
        ("none", False, False, ""),
    ],
)
def test_what_a_way_of_isolating_means_for_the_process(way, isolated, mounts, root):
    made = Runtime(policy.Path("/run/a"), way, ("/usr",), abi=3, links=(("/lib", "usr/lib"),))
    assert (made.isolated, made.mounts, made.root) == (isolated, mounts, root)
    told = {"isolation": way, "readable": ("/usr",), "abi": 3, "links": (("/lib", "usr/lib"),), "root": root}
    assert made.confinement() == (told if isolated else None)
    assert (str(made.python), str(made.site)) == ("/run/a/python", "/run/a/python/site")


def test_distributions_are_found_with_all_that_they_need_each_once(monkeypatch):
    needs = {"a": ["B_b", "c"], "b-b": ["A", "missing"], "c": ["d"], "d": []}
    metadata = SimpleNamespace(PackageNotFoundError=LookupError)

    def distribution(name):
        if name not in needs:
            raise LookupError(name)
        return name

    metadata.distribution = distribution
    monkeypatch.setattr(policy, "importlib", SimpleNamespace(metadata=metadata))
    monkeypatch.setattr(policy, "_required", lambda name: iter(needs[name]))
    assert sorted(policy._with_requirements(["A"])) == ["a", "b-b", "c", "d"]
    assert list(policy._with_requirements(["missing", "d"])) == ["d"]
    assert list(policy._with_requirements([])) == []


def test_what_is_ours_or_runs_at_the_start_is_never_linked():
    ours = ("autograder", "autograder.libs", "logits_and_likelihoods-1.dist-info", "__editable__.x.py")
    at_start = ("_editable_impl_x.py", "a.pth", "__pycache__", "sitecustomize.py")
    assert not any(map(policy._may_be_linked, (*ours, *at_start)))
    assert all(map(policy._may_be_linked, ("numpy", "six.py", "autograders", "pth", "numpy.libs")))


# --- its start and its answers ---------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch):
    """Start a fork server with a launcher that notes what it is given; return the server and that."""

    def run(way="landlock", *, warm=frozenset(), as_root=False, abi=3, fails=False):
        seen = SimpleNamespace(done=[])

        def user(*, shared):
            seen.shared = shared
            return SimpleNamespace(uid=60_600, close=lambda: seen.done.append("user"))

        def scratch(*given):
            seen.scratch = given
            options = {"mount_options": lambda limits: f"size={limits.scratch_size}", "home": "/run/scratch"}
            return SimpleNamespace(**options, remove=lambda: seen.done.append("scratch"))

        def launch(*given, **named):
            seen.given, seen.named = given, named
            if fails:
                raise KeyboardInterrupt
            output, orders = SimpleNamespace(fileno=lambda: 20), SimpleNamespace(fileno=lambda: 21)
            return SimpleNamespace(stdout=output), orders

        monkeypatch.setattr(fork_server, "User", user)
        monkeypatch.setattr(fork_server, "Scratch", scratch)
        monkeypatch.setattr(fork_server, "Channel", lambda *ends: ends)
        monkeypatch.setattr(fork_server, "os", System(dup=lambda number: number + 100))
        monkeypatch.setattr(fork_server.seccomp, "for_everything", lambda machine: b"\x01\x02")
        monkeypatch.setattr(fork_server.seccomp, "for_submission", lambda machine: [b"\x03", b"\x04"])
        monkeypatch.setattr(fork_server.landlock, "domain", lambda abi: bytes([abi]))
        monkeypatch.setattr(fonts, "known", lambda: {"list": b"fonts"})
        made = Runtime(policy.Path("/run"), way, (), abi=abi, as_root=as_root, keep_reading=as_root)
        limits = replace(Limits(), scratch_size=77, output_bytes=88)
        seen.error = pytest.raises(KeyboardInterrupt) if fails else contextlib.nullcontext()
        with seen.error:
            seen.server = ForkServer(made, limits, warm, SimpleNamespace(launch=launch))
        seen.runtime = made
        return seen

    return run


def test_a_fork_server_is_told_all_that_it_needs(started):
    seen = started(as_root=True, warm=frozenset({"matplotlib", "figures"}))
    (command, home, environment, confinement), runtime = seen.given, seen.runtime
    assert command[:-1] == runtime.command()
    assert json.loads(command[-1]) == {
        "uid": 60_600,
        "keep_reading": True,
        "isolated": True,
        "filter": "0102",
        "submission_filter": ["03", "04"],
        "domain": "03",
        "site": "/run/python/site",
        "warm": ["figures", "matplotlib"],
        "output_bytes": 88,
    }
    assert (home, environment) == ("/run/scratch", runtime.environment("/run/scratch"))
    assert confinement == runtime.confinement()
    assert seen.named == {"mount": "size=77", "owner": 60_600, "files": {"list": b"fonts"}}
    assert seen.scratch == (policy.Path("/run"), 60_600, "")
    assert seen.server._control == (120, 121)
    assert (seen.server.forks, seen.server.broken, seen.shared) == (0, False, True)


def test_without_isolation_nothing_is_filtered_mounted_or_kept(started):
    seen = started("none", warm=frozenset({"matplotlib"}), abi=0)
    told = json.loads(seen.given[0][-1])
    filters = [told[name] for name in ("uid", "isolated", "filter", "submission_filter", "domain")]
    assert filters == [None, False, "", [], ""]
    assert seen.given[3] is None
    assert seen.named == {"mount": None, "owner": None, "files": {}}


@pytest.mark.parametrize(("way", "mount", "shared"), [("chroot", None, False), ("namespace", "size=77", True)])
def test_in_another_root_nothing_is_mounted_and_no_user_is_shared(started, way, mount, shared):
    seen = started(way, as_root=True)
    assert (seen.named["mount"], seen.shared, seen.named["files"]) == (mount, shared, {})
    assert seen.scratch[2] == ("/run/root" if way == "chroot" else "")


def test_what_can_not_be_launched_leaves_neither_a_folder_nor_a_claim_on_a_user(started):
    assert started(fails=True, as_root=True).done == ["scratch", "user"]
    assert started(fails=True).done == ["scratch"]


@pytest.fixture
def talking(server, monkeypatch):
    """A fork server with a channel that does as it is told."""
    del server._order
    server.said = []
    server.answer = b'{"t": "learned"}'

    def send(data, deadline):
        server.said.append((data, deadline))
        if isinstance(server.answer, OSError):
            raise server.answer

    def receive(most, deadline):
        server.said.append((most, deadline))
        if isinstance(server.answer, Exception):
            raise server.answer
        return server.answer, b""

    server._control, server._orders = SimpleNamespace(send=send, receive=receive), "orders"
    monkeypatch.setattr(fork_server, "time", SimpleNamespace(monotonic=lambda: 100.0))
    sent = {"send_fds": lambda *given: server.said.append(given)}
    monkeypatch.setattr(fork_server, "socket", SimpleNamespace(**sent))
    return server


def test_an_order_has_one_deadline_with_its_descriptors_and_its_answer(talking):
    order = frame({"op": "x"})
    assert talking._order({"op": "x"}, 2.5, [7, 8]) == _Learned()
    assert talking.said == [(order, 102.5), ("orders", [b"\0"], [7, 8]), (4096, 102.5)]
    talking.said.clear()
    talking._order({"op": "x"}, 2.5)
    assert talking.said == [(order, 102.5), (4096, 102.5)]
    assert not talking.broken


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (OverdueError(), r"gave no answer \(OverdueError\)"),
        (GoneError(), r"gave no answer \(GoneError\)"),
        (TooMuchError(), r"gave no answer \(TooMuchError\)"),
        (b"{", r"gave no answer \(DecodeError\)"),
        (b'{"t": "forked", "pid": 1, "more": 2}', r"gave no answer \(ValidationError\)"),
        (BrokenPipeError(), "does not take orders"),
    ],
)
def test_a_server_that_does_not_answer_as_it_should_is_broken(talking, answer, why):
    talking.answer = answer
    with pytest.raises(ForkServerError, match=why):
        talking._order({"op": "x"}, 1.0)
    assert talking.broken
