"""What the process of a submission does with a request, function by function and without a process."""

from __future__ import annotations

import symtable
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
