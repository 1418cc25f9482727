"""What the process of a submission does with a request, function by function and without a process."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import symtable
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.sandbox.inside import values
from autograder.sandbox.inside.display import Recorder
from autograder.sandbox.inside.worker import Worker, differ, names_read, snapshot


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("f(a + b)", {"f", "a", "b"}),
        ("a = 1\nb = a", {"a"}),
        ("import a\nb: int", {"int"}),
        ("def f(x, y=a):\n    z = b\n    return x + y + z", {"a", "b"}),
        ("def f():\n    def g():\n        return a\n    return g", {"a"}),
        ("class C(a):\n    x = b\n    def f(self): return c", {"a", "b", "c"}),
        ("[x * a for x in b]", {"a", "b"}),
        ("g = lambda x: x + a", {"a"}),
        ("", set()),
    ],
)
def test_of_the_names_in_a_block_and_the_blocks_in_it_the_global_ones_that_are_read_are_found(source, names):
    found = names_read(symtable.symtable(source, "<cell>", "exec"))
    assert found - {"x"} == names


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (np.zeros(3), lambda v: v.__setitem__(0, 1.0)),
        (np.zeros((2, 3)), lambda v: v.resize((3, 2), refcheck=False)),
        ([1.0, [2.0, 3.0]], lambda v: v[1].append(4.0)),
        ({"a": [1]}, lambda v: v["a"].clear()),
        ([[1.0, 2.0]], lambda v: v.__setitem__(0, np.array([1.0, 2.0]))),
        ([1], lambda v: v.__setitem__(0, np.array([1, 1]))),
    ],
)
def test_any_change_of_an_argument_is_seen(value, change):
    first = np.ones(2)
    before = [snapshot(first), snapshot(value)]
    assert differ(before, [first, value]) is False
    change(value)
    assert differ(before, [first, value]) is True


def test_not_a_number_in_an_array_is_no_change():
    value = np.array([np.nan, -0.0])
    before = [snapshot(value)]
    assert differ(before, [value]) is False
    value[1] = 0.0
    assert differ(before, [value]) is True, "the sign of zero is a bit of the array"


@pytest.fixture
def worker():
    """A worker without a shell, a channel or streams of its own."""
    made = Worker.__new__(Worker)
    made.output_bytes, made.recorder = 10_000, Recorder(10_000)
    made.busy, made.interrupted, made.caught = False, False, []
    made.room = made.asked = 1 << 14
    made.extra = made.spare = 0
    made.shell = SimpleNamespace(user_ns={})
    made.sent = []
    made.channel = SimpleNamespace(send=lambda reply, blobs=(): made.sent.append((reply, list(blobs))))
    return made


def call(worker, function, *names):
    """The replies to calls, each with one text as its argument."""
    worker.shell.user_ns["f"] = function
    sizes = {"room": worker.room, "extra": worker.extra, "spare": worker.spare, "asked": worker.asked}
    calls = [{"args": [{"t": "str", "v": name}], "kwargs": {}} for name in names]
    worker.context = SimpleNamespace(run=lambda function, *args: function(*args))
    worker.calls({"function": "f", "calls": calls, **sizes}, b"")
    assert worker.sent.pop() == ({"t": "done"}, [])
    return [reply for reply, _ in worker.sent]


def test_what_one_call_printed_and_warned_is_not_the_next_one_s(worker):
    def f(name):
        if name == "first":
            worker.recorder.stream("stdout", "printed")
            warnings.warn("careful", UserWarning, stacklevel=1)
        return name

    first, second = call(worker, f, "first", "second")
    assert (first["printed"], first["warnings"]) == ("printed", ["UserWarning: careful"])
    assert (second["printed"], second["warnings"]) == ("", [])
    assert second["value"] == {"t": "str", "v": "second"}


def test_the_same_warning_is_told_of_each_call(worker):
    def f(_):
        warnings.warn("again", RuntimeWarning, stacklevel=1)

    assert [reply["warnings"] for reply in call(worker, f, "a", "b")] == [["RuntimeWarning: again"]] * 2


def test_an_interrupt_ends_all_calls_of_a_request_and_not_those_of_the_next(worker):
    def f(name):
        if name == "stop":
            worker.interrupt()
        return name

    assert [reply["t"] for reply in call(worker, f, "a", "stop", "b")] == ["returned", "raised"]
    assert worker.sent[-1][0]["type"] == "KeyboardInterrupt"
    worker.sent.clear()
    assert [reply["t"] for reply in call(worker, f, "c", "d")] == ["returned"] * 2


def test_an_interrupt_while_nothing_runs_raises_nothing(worker):
    worker.interrupt()
    assert worker.interrupted


def test_bytes_are_sent_with_a_value_alone(worker):
    """A list with an array and something that is no data: its array is not sent."""
    call(worker, lambda _: [np.zeros(2), object()], "x")
    assert [(reply["t"], blobs) for reply, blobs in worker.sent] == [("unreadable", [])]


def test_values_share_what_is_spare_and_each_has_its_room(worker):
    """Of 1000 bytes of text each, which count 6 a letter: one fits into what is spare, a second does not."""
    worker.room, worker.extra, worker.spare = 1000, 8000, 8000
    replies = call(
        worker, lambda name: "x" * (1000 if name == "large" else 100), "small", "large", "large", "small"
    )
    assert [reply["t"] for reply in replies] == ["returned", "returned", "unreadable", "returned"]


def test_a_missing_function_and_one_that_is_none_are_told_apart(worker):
    assert worker.call("nowhere", {"args": [], "kwargs": {}}, values.Decoder(b"", None), []) == {
        "t": "absent",
        "what": None,
    }
    worker.shell.user_ns["f"] = None
    assert worker.call("f", {"args": [], "kwargs": {}}, values.Decoder(b"", None), [])["what"] == "NoneType"


def test_a_function_that_was_given_up_raises_the_reason_whatever_it_is_given(worker):
    worker.give_up("f", "it does not end")
    for args, kwargs in (((), {}), ((1, 2), {"axis": 0})):
        with pytest.raises(RuntimeError, match="it does not end"):
            worker.shell.user_ns["f"](*args, **kwargs)


def test_a_callback_sends_its_number_and_the_point_and_raises_what_the_trusted_side_says(worker):
    answers = iter([{"value": (0.5).hex(), "error": None}, {"value": None, "error": "not there"}])
    worker.channel.receive = lambda: (next(answers), b"")
    assert worker.ask(3, np.array([1.0])) == 0.5
    (message, blobs) = worker.sent[0]
    assert (message["t"], message["id"], b"".join(blobs)) == ("asked", 3, np.array([1.0]).tobytes())
    with pytest.raises(ValueError, match="not there"):
        worker.ask(0, 1.0)
    worker.asked = 100
    with pytest.raises(
        ValueError, match=r"given an array of shape \(99,\), too large .* where an array was expected"
    ):
        worker.ask(0, np.zeros(99))


# --- requests --------------------------------------------------------------------------------------------


def test_each_request_is_answered_by_its_own_method_until_the_channel_is_closed(worker, monkeypatch):
    done = []
    monkeypatch.setattr(asyncio, "set_event_loop", done.append)
    requests = [
        ({"op": "cell", "n": 1}, b""),
        ({"op": "names", "n": 2}, b""),
        ({"op": "give_up", "function": "f", "why": "late."}, b""),
        ({"op": "calls", "n": 3}, b"blob"),
    ]
    for name in ("cell", "names", "calls", "give_up"):
        setattr(worker, name, lambda *given, name=name: done.append((name, *given)))
    worker.answer = lambda action, message: action(message)
    channel = SimpleNamespace(send=done.append, receive=lambda: requests.pop(0))
    with pytest.raises(IndexError):
        worker.serve(channel)
    loop, ready, *carried_out = done
    assert (loop, ready, worker.channel) == (worker.loop, {"t": "ready"}, channel)
    assert carried_out == [
        ("cell", {"op": "cell", "n": 1}),
        ("names", {"op": "names", "n": 2}),
        ("give_up", "f", "late."),
        ("calls", {"op": "calls", "n": 3}, b"blob"),
    ]
    loop.close()


def test_of_some_names_those_are_told_that_any_cell_reads_and_a_magic_s_words_count(worker):
    worker.shell.transform_cell = lambda source: source.replace("%", "get_ipython().run(") + ")" * ("%" in source)
    cells = ["x = (", "print(b)", "a = 1", "%'time c.d'", "\0", "del e"]
    message = {"cells": cells, "among": ["z", "d", "c", "b", "a", "time"]}
    assert worker.names(message, []) == {"t": "names", "names": ["b", "c", "d", "time"]}
    assert worker.names({"cells": [], "among": ["a"]}, []) == {"t": "names", "names": []}


@pytest.fixture
def running(worker):
    """Run a cell in a worker whose shell does as it is told."""
    worker.loop, worker.context = asyncio.new_event_loop(), contextvars.copy_context()

    def run(action=lambda: None, in_exec=None, before_exec=None, **message):
        async def run_cell(source):
            assert source == "x"
            action()
            return SimpleNamespace(error_in_exec=in_exec, error_before_exec=before_exec)

        worker.shell.run_cell_in_loop = run_cell
        return worker.cell({"source": "x", "figures": False, "output_bytes": 5000} | message, [])

    yield run
    worker.loop.close()


def test_a_cell_has_the_outputs_and_figures_of_its_request_and_tells_its_error(worker, running):
    def prints():
        worker.recorder.stream("stdout", "x" * 100)

    assert [output["text"] for output in running(prints)["outputs"]] == ["x" * 100]
    assert (worker.recorder.limit, worker.figures) == (5000, False)
    assert len(running(prints, output_bytes=20, figures=True)["outputs"][0]["text"]) < 100
    assert worker.figures is True
    odd = type("E" * 1000, (Exception,), {})()
    errors = [running(), running(in_exec=ValueError()), running(before_exec=SyntaxError()), running(in_exec=odd)]
    named = [reply["error"] for reply in errors]
    assert named == [None, "ValueError", "SyntaxError", "E" * values.MAX_NAME]
    assert {reply["t"] for reply in errors} == {"cell"}


@pytest.mark.parametrize("lost", ["stdout", "stderr"])
def test_a_notebook_that_took_a_stream_away_has_it_again_in_the_next_cell(running, monkeypatch, lost):
    monkeypatch.setattr(sys, "__stdout__", "own out")
    monkeypatch.setattr(sys, "__stderr__", "own err")
    monkeypatch.setattr(sys, "stdout", "mine")
    monkeypatch.setattr(sys, "stderr", "mine")
    running()
    assert (sys.stdout, sys.stderr) == ("mine", "mine")
    monkeypatch.setattr(sys, lost, None)
    running()
    assert (sys.stdout, sys.stderr) == ("own out", "own err")


def test_what_a_call_prints_warns_and_raises_is_cut_and_warnings_are_counted(worker):
    long = "x" * (values.MAX_NOISE + 5)
    odd = type("E" * 1000, (Exception,), {})

    def f(name):
        worker.recorder.stream("stdout", long)
        for number in range(values.MAX_WARNINGS + 3):
            warnings.warn(f"{number} {long}", UserWarning, stacklevel=1)
        if name == "raise":
            raise odd(long)

    worker.output_bytes, worker.recorder = 10 * len(long), Recorder(10 * len(long))
    for reply in call(worker, f, "return", "raise"):
        assert reply["printed"] == long[: values.MAX_NOISE]
        assert len(reply["warnings"]) == values.MAX_WARNINGS
        assert {len(text) for text in reply["warnings"]} == {values.MAX_NOISE}
        assert reply["warnings"][1].startswith("UserWarning: 1 x")
    assert (reply["type"], reply["text"]) == ("E" * values.MAX_NAME, long[: values.MAX_NOISE])


def test_arguments_have_their_names_and_a_change_of_any_is_told(worker):
    described = {
        "args": [{"t": "str", "v": "a"}],
        "kwargs": {"axis": {"t": "int", "v": "1"}, "out": {"t": "list", "items": []}},
    }
    given = []

    def f(first, *, axis, out):
        given.append((first, axis, list(out)))
        out += [axis] * change

    worker.shell.user_ns["f"] = f
    for change in (0, 1):
        reply = worker.call("f", described, values.Decoder(b"", None), [])
        assert (reply["t"], reply["changed"]) == ("returned", bool(change))
    assert given == [("a", 1, [])] * 2


def test_a_timer_that_the_notebook_started_is_stopped_before_a_call(worker):
    signal.setitimer(signal.ITIMER_REAL, 1000.0)
    try:
        (reply,) = call(worker, lambda _: signal.getitimer(signal.ITIMER_REAL)[0], "x")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert reply["value"] == {"t": "float", "v": (0.0).hex()}


def test_a_reply_has_a_fresh_record_and_the_worker_is_busy_only_meanwhile(worker):
    first, busy = worker.recorder, []

    def act(_):
        busy.append(worker.busy)
        return {"t": "cell"}

    worker.answer(act)
    assert worker.recorder is first, "it is unused"
    first.stream("stdout", "x")
    worker.answer(act)
    second = worker.recorder
    assert second is not first
    worker.output_bytes += 1
    worker.answer(act)
    assert worker.recorder is not second
    assert worker.recorder.limit == worker.output_bytes
    assert (busy, worker.busy) == ([True] * 3, False)
    with pytest.raises(ZeroDivisionError):
        worker.answer(lambda _: 1 / 0)
    assert not worker.busy
