"""What the fork server does with an order, and what its forks do before they serve, without any process."""

from __future__ import annotations

import gc
import linecache
import os
import signal
import sys
from types import SimpleNamespace

import pytest
from IPython.core import pylabtools
from sandbox.doubles import noting

from autograder.sandbox.inside import rehearsal, seal, serve

SETTINGS = {
    "uid": None,
    "keep_reading": False,
    "isolated": True,
    "filter": "0102",
    "submission_filter": ["03", "04"],
    "domain": "05",
    "output_bytes": 1000,
    "site": "/opt/site",
    "warm": ["numpy"],
}
ORDER = {"folder": "/run/1", "environment": {"HOME": "/run/1"}, "rlimits": {"RLIMIT_CORE": 0}, "parent": 4711}


class GoneError(Exception):
    """No order comes any more."""


@pytest.fixture
def done(monkeypatch):
    """What is done, in order; none of it happens to the test's own process."""
    said = []

    def note(name, answer=None):
        return lambda *given, **named: said.append((name, *given, *named.items())) or answer

    system = noting(
        said, setsid=0, umask=0, dup=50, open=9, dup2=0, closerange=None, chdir=None, close=None, _exit=None
    )
    system.environ, system.fork = {"HOME": "/root", "LANG": "C"}, iter(range(101, 200)).__next__
    monkeypatch.setattr(serve, "os", system)
    for name in ("become", "keep_capabilities", "close_to_others", "install", "ignore_metadata_errors"):
        monkeypatch.setattr(seal, name, note(name))
    for name in ("die_with", "limit", "isolate_from_parent"):
        monkeypatch.setattr(seal, name, note(name))
    monkeypatch.setattr(seal, "allow_signals_to_itself", lambda parts: " ".join(parts).encode())
    monkeypatch.setattr(sys, "path", ["usual"])
    for name in ("freeze", "disable", "enable", "set_threshold"):
        monkeypatch.setattr(gc, name, note(name))
    monkeypatch.setattr(signal, "signal", note("signal"))
    monkeypatch.setattr(rehearsal, "set_up", note("set_up"))
    monkeypatch.setattr(rehearsal, "rehearse", note("rehearse"))
    for name in ("draw_on_request", "warm"):
        monkeypatch.setattr(serve, name, note(name))
    return said


class Control:
    """The orders that come, and the answers."""

    incoming = 50

    def __init__(self, orders):
        self.orders, self.sent = list(orders), []

    def receive(self):
        if not self.orders:
            raise GoneError
        return self.orders.pop(0), b""

    def receive_descriptors(self, count):
        return [60 + number for number in range(count)]

    def send(self, message):
        self.sent.append(message)


class Disk:
    def __init__(self, done, *given):
        self.done, self.filled = done, None
        done.append(("Disk", *given))

    def watch_until_readable(self, descriptor):
        self.done.append(("watch", descriptor))
        self.filled = True


@pytest.fixture
def served(done, monkeypatch):
    """The answers to orders, by a server with some settings."""
    monkeypatch.setattr(serve, "Disk", lambda *given: Disk(done, *given))
    monkeypatch.setattr(serve, "reap", lambda *given: done.append(("reap", *given[:2])) or 9)
    made = []
    monkeypatch.setattr(serve, "Worker", lambda size: made.append(size) or SimpleNamespace(interrupt=len(made)))

    def run(*orders, **settings):
        control = Control(orders)
        monkeypatch.setattr(serve, "Channel", lambda *_: control)
        with pytest.raises(GoneError):
            serve.serve(SETTINGS | settings)
        assert made == [1000, 1000], "one that rehearses, and one that is forked"
        return control.sent

    return run


def names(done):
    return [name for name, *_ in done]


def test_a_server_gives_up_its_rights_before_it_imports_anything(served, done):
    assert served() == [{"t": "ready"}]
    order = ["keep_capabilities", "close_to_others", "install", "ignore_metadata_errors", "set_up", "warm"]
    assert [name for name in names(done) if name in order] == order
    assert ("install", b"\1\2") in done
    assert ("umask", 0o077) in done
    assert ("open", os.devnull, os.O_RDWR) in done
    assert [entry[1:] for entry in done if entry[0] == "dup2"] == [(9, 0), (9, 1), (9, 2)]
    assert ("signal", signal.SIGINT, 2) in done, "of the worker that is forked"
    assert ("warm", ["numpy"]) in done
    assert sys.path == ["usual", "/opt/site"], "the student's modules come after Python's own"
    assert names(done).index("warm") < names(done).index("freeze")


def test_a_user_is_become_where_there_is_one_and_nothing_is_filtered_where_nothing_is_isolated(served, done):
    served(uid=0, keep_reading=True)
    assert ("become", 0, ("keep_reading", True)) in done
    assert "keep_capabilities" not in names(done)


def test_without_isolation_no_right_is_given_up(served, done):
    served(isolated=False)
    assert not {"become", "keep_capabilities", "install"} & set(names(done))
    assert "close_to_others" in names(done)


FORK = {"op": "fork", "disk": None}


def test_each_fork_is_told_with_its_number_and_its_ends_are_closed(served, done):
    sent = served(FORK, FORK)
    assert sent[1:] == [{"t": "forked", "pid": 101}, {"t": "forked", "pid": 102}]
    assert [entry[1] for entry in done if entry[0] == "close"] == [60, 61] * 2


def test_a_child_serves_with_the_order_and_the_id_of_the_server(served, monkeypatch):
    ran = []

    def run(worker, settings, order, *ends):
        ran.append((worker.interrupt, settings, order, ends))
        raise GoneError

    monkeypatch.setattr(serve, "run", run)
    serve.os.fork = lambda: 0
    assert served(FORK) == [{"t": "ready"}]
    assert ran == [(2, SETTINGS, FORK | {"parent": os.getpid()}, (60, 61))]


def test_the_rehearsals_begin_with_the_second_fork_and_end_when_they_gain_no_more(served, done):
    served(*[FORK] * 20)
    assert names(done).count("rehearse") == rehearsal.TIMES


def test_one_fork_alone_waits_for_no_rehearsal(served, done):
    served(FORK)
    assert "rehearse" not in names(done)


def test_the_disk_of_a_child_is_watched_until_it_is_reaped_and_said_to_be_full_or_unknown(served, done):
    reap = {"op": "reap", "pid": 101, "grace": 2.5}
    sent = served(FORK | {"disk": ["/run/1", 7]}, reap, FORK, reap)
    said = {"t": "reaped", "signal": 9}
    assert [message for message in sent if message["t"] == "reaped"] == [
        said | {"filled": True},
        said | {"filled": None},
    ]
    assert [entry for entry in done if entry[0] in ("Disk", "watch", "reap")] == [
        ("Disk", 101, "/run/1", 7),
        ("watch", 50),
        ("reap", 101, 2.5),
        ("reap", 101, 2.5),
    ]


def test_cells_are_learned_all_but_those_with_an_error_and_kept_out_of_the_garbage_collection(monkeypatch):
    learned, frozen = [], []

    def learn(cell):
        learned.append(cell)
        if cell == "odd":
            raise SyntaxError(cell)

    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(len(learned)))
    worker = SimpleNamespace(shell=SimpleNamespace(input_transformer_manager=SimpleNamespace(learn=learn)))
    serve.learn(worker, ["first", "odd", "last"])
    assert (learned, frozen) == (["first", "odd", "last"], [3])


def test_an_order_to_learn_is_answered(served, monkeypatch):
    learned = []
    monkeypatch.setattr(serve, "learn", lambda worker, cells: learned.append((worker.interrupt, cells)))
    assert served({"op": "learn", "cells": ["x = 1"]})[1:] == [{"t": "learned"}]
    assert learned == [(2, ["x = 1"])]


@pytest.mark.parametrize("isolated", [True, False])
def test_a_fork_gives_up_its_rights_in_its_own_folder_before_it_serves(done, monkeypatch, isolated):
    monkeypatch.setattr(serve, "Channel", lambda *ends: ends)
    worker = SimpleNamespace(serve=lambda channel: done.append(("serve", *channel)))
    serve.run(worker, SETTINGS | {"isolated": isolated}, ORDER, 20, 21)
    confined = [("isolate_from_parent", b"\5"), ("install", b"03 04")]
    assert done == [
        *[("dup2", 20, 62), ("dup2", 21, 63), ("dup2", 62, 3), ("dup2", 63, 4), ("closerange", 5, 1 << 16)],
        *[("die_with", 4711), ("chdir", "/run/1")],
        *(confined if isolated else []),
        *[("limit", {"RLIMIT_CORE": 0}), ("serve", 3, 4), ("_exit", 0)],
    ]
    assert serve.os.environ == {"HOME": "/run/1", "LANG": "C"}
    assert sys.path == ["", "usual"]


@pytest.mark.parametrize("error", [BrokenPipeError, KeyboardInterrupt, ValueError])
def test_a_fork_ends_whatever_happens_in_it(done, error):
    def fail(_):
        raise error

    try:
        serve.run(SimpleNamespace(serve=fail), SETTINGS | {"domain": ""}, ORDER, 20, 21)
    except (KeyboardInterrupt, ValueError):
        assert error is not BrokenPipeError
    assert done[-1] == ("_exit", 0)
    assert "isolate_from_parent" not in names(done), "the kernel has no domains"


@pytest.mark.parametrize(
    ("named", "figures"),
    [((), []), (("figures",), []), (("matplotlib",), [False]), (("matplotlib", "figures"), [True])],
)
def test_matplotlib_is_warmed_where_it_is_named_and_draws_only_where_figures_are(monkeypatch, named, figures):
    made = []
    monkeypatch.setattr(serve, "import_matplotlib", lambda *, figures: made.append(figures))
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # an import of it would fail
    serve.warm(named)
    assert made == figures
    with pytest.raises(ImportError):
        serve.warm([*named, "ipywidgets"])


@pytest.mark.parametrize("figures", [True, False])
def test_a_first_figure_has_a_line_and_a_legend_is_drawn_on_request_and_closed(monkeypatch, figures):
    made = []
    axes = SimpleNamespace(plot=lambda *_, label: made.append(label), legend=lambda: made.append("legend"))
    figure = SimpleNamespace(savefig=lambda path, **how: made.append((path, how)))
    pyplot = SimpleNamespace(subplots=lambda: (figure, axes), close=lambda what: made.append(("close", what)))
    matplotlib = SimpleNamespace(use=made.append, pyplot=pyplot)
    monkeypatch.setitem(sys.modules, "matplotlib", matplotlib)
    monkeypatch.setenv("MPLBACKEND", "module://ours")
    serve.import_matplotlib(figures=figures)
    drawn = [(os.devnull, {"format": "png"})] if figures else []
    assert made == ["module://ours", "$x$", "legend", *drawn, ("close", "all")]


def test_figures_are_drawn_only_in_cells_for_which_the_request_says_so(monkeypatch):
    monkeypatch.setattr(pylabtools, "print_figure", lambda *args, **kwargs: (args, kwargs))
    worker = SimpleNamespace(figures=True)
    serve.draw_on_request(worker)
    assert pylabtools.print_figure("figure", fmt="png") == (("figure",), {"fmt": "png"})
    worker.figures = False
    assert pylabtools.print_figure("figure") is None


# --- the rehearsal ---------------------------------------------------------------------------------------


@pytest.fixture
def rehearsing(monkeypatch):
    """A worker that notes what it is asked to run, and to which channel it would answer."""
    ran = []
    worker = SimpleNamespace(output_bytes=1000, channel=None, ran=ran)
    worker.calls = lambda message, blob: worker.channel.send(message["function"], [blob])
    worker.shell = SimpleNamespace(clear_instance=lambda: ran.append("cleared"))
    monkeypatch.setattr(rehearsal, "run", lambda worker, cells: ran.append((cells, type(sys.stdout).__name__)))
    monkeypatch.setattr(rehearsal, "encode", lambda message: ran.append(("sent", message)))
    monkeypatch.setattr(gc, "freeze", lambda: ran.append("frozen"))
    monkeypatch.setattr(linecache, "cache", {"<cell>": (1, None, ["x\n"], "<cell>")})
    return worker


def test_after_the_set_up_no_shell_and_no_line_of_it_is_left(rehearsing):
    rehearsal.set_up(rehearsing)
    assert [entry if entry == "cleared" else entry[0] for entry in rehearsing.ran] == [rehearsal.SETUP, "cleared"]
    assert linecache.cache == {}


def test_a_rehearsal_runs_cells_and_calls_with_streams_that_are_put_back(rehearsing):
    streams = sys.stdout, sys.stderr
    assert rehearsal.rehearse(rehearsing) == ["total", "slope"]
    assert (sys.stdout, sys.stderr) == streams
    assert rehearsing.ran == [(rehearsal.CELLS, "Stream"), ("sent", "total"), ("sent", "slope"), "frozen"]
    assert linecache.cache == {}


def test_the_streams_are_put_back_after_a_rehearsal_that_failed_too(rehearsing, monkeypatch):
    streams = sys.stdout, sys.stderr
    monkeypatch.setattr(rehearsal, "run", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rehearsal.rehearse(rehearsing)
    assert (sys.stdout, sys.stderr) == streams


def test_cells_run_in_order_in_a_loop_that_is_closed_and_with_outputs_of_their_own():
    ran = []

    async def run_cell(cell):
        ran.append((cell, worker.recorder))

    worker = SimpleNamespace(output_bytes=1000, shell=SimpleNamespace(run_cell_in_loop=run_cell))
    rehearsal.run(worker, ("first", "second"))
    rehearsal.run(worker, ("third",))
    assert [cell for cell, _ in ran] == ["first", "second", "third"]
    assert ran[0][1] is ran[1][1] is not ran[2][1]
    assert worker.loop.is_closed()
