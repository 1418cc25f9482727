"""What becomes of a fork server after a submission, and how a pool and a server tell what they hold."""

from __future__ import annotations

import os
import pickle
import signal
from types import SimpleNamespace

import pytest

from autograder.sandbox import bounds, fonts
from autograder.sandbox.fork_server import ForkServer, ForkServerError, _Forked, _Reaped
from autograder.sandbox.policy import Limits
from autograder.sandbox.pool import MAX_FORKS, Pool


@pytest.mark.parametrize(
    ("broken", "forks", "kept"),
    [(False, 1, True), (False, MAX_FORKS - 1, True), (False, MAX_FORKS, False), (True, 1, False)],
)
def test_a_server_is_kept_with_an_empty_folder_unless_it_is_broken_or_has_forked_enough(broken, forks, kept):
    done = []
    scratch = SimpleNamespace(clear=lambda: done.append("clear"))
    server = ForkServer.__new__(ForkServer)
    server.broken, server.forks, server.scratch = broken, forks, scratch
    server.runtime, server.warm = "runtime", frozenset({"matplotlib"})
    server.close = lambda: done.append("close")
    pool = Pool(Limits(), isolated=False)
    pool._busy.add(server)
    pool._take_back(server)
    assert pool._busy == set()
    assert done == (["clear"] if kept else ["close"])
    assert pool._idle.get(("runtime", frozenset({"matplotlib"})), []) == ([server] if kept else [])


@pytest.mark.parametrize(
    ("options", "way"), [({"isolated": False}, "none"), ({"way": "landlock"}, "landlock"), ({}, None)]
)
def test_a_pool_in_another_process_has_the_same_limits_and_way(options, way):
    limits = Limits(threads=7)
    other = pickle.loads(pickle.dumps(Pool(limits, **options)))
    assert (other.limits, other.way) == (limits, way)


@pytest.mark.parametrize(
    ("answer", "over", "number"),
    [
        (_Reaped(9, None), "much", 9),
        (_Reaped(0, None), None, 0),
        (_Reaped(9, True), None, signal.SIGXFSZ),
        (_Reaped(9, False), "much", signal.SIGXFSZ),
    ],
)
def test_who_filled_the_disk_is_told_so_and_another_end_is_its_own(answer, over, number):
    server = ForkServer.__new__(ForkServer)
    server.limits, server.scratch = Limits(), SimpleNamespace(over_limit=lambda _: over)
    server._order = lambda order, seconds: answer
    assert server.reap(5, 0.5) == number


@pytest.mark.parametrize("answer", [_Reaped(9, False), _Forked(5)])
def test_a_disk_that_others_filled_and_a_wrong_answer_are_the_server_s_fault(answer):
    server = ForkServer.__new__(ForkServer)
    server.limits, server.scratch = Limits(), SimpleNamespace(over_limit=lambda _: None)
    server._order = lambda order, seconds: answer
    with pytest.raises(ForkServerError):
        server.reap(5, 0.5)


def test_the_threads_of_a_process_that_ended_are_none():
    assert bounds.threads_of((1 << 22) + 1) == 0
    assert bounds.threads_of(os.getpid()) >= 1


def test_lists_of_fonts_are_kept_and_known_by_their_names_and_nothing_else_is(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "_kept", lambda: tmp_path / "cache" / "matplotlib")
    assert fonts.known() == {}
    made = tmp_path / ".matplotlib"
    made.mkdir()
    for name in ("fontlist-v1.json", "fontlist-v2.json", "other.json", "fontlist-v1.txt"):
        (made / name).write_bytes(name.encode())
    fonts.keep(tmp_path)
    names = ("fontlist-v1.json", "fontlist-v2.json")
    assert fonts.known() == {f".matplotlib/{name}": name.encode() for name in names}
    (made / "fontlist-v1.json").write_bytes(b"new")
    fonts.keep(tmp_path)
    assert fonts.known()[".matplotlib/fontlist-v1.json"] == b"new"
    assert sorted(path.name for path in (tmp_path / "cache" / "matplotlib").iterdir()) == list(names)
