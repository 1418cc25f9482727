"""What a student's process may send is bounded on the trusted side, whatever its program has become.

An honest process knows the bounds and stays below them: what is larger is described or cut.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from conftest import GENEROUS
from sandbox.replies import reply

from autograder.judging.calls import Call, Callback, Raised, Returned, Stopped, Unreadable
from autograder.judging.sizes import size_of
from autograder.sandbox.budget import ROOM_BYTES, Budget
from autograder.sandbox.inside import values
from autograder.sandbox.inside.display import CUT
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.protocol import read_reply
from autograder.sandbox.values import GarbledError

NOTHING = Call(())


@contextmanager
def limited(pool, **limits):
    """A session of a shared pool with limits of its own, of those that the trusted side alone knows."""
    with pool.session((), {}) as session:
        session.limits = replace(GENEROUS, **limits)
        session.budget = Budget(session.limits)
        yield session


# --- each part of a reply --------------------------------------------------------------------------------


def cell(*outputs, error=None):
    return json.dumps({"t": "cell", "outputs": outputs, "error": error}).encode()


def error(**changes):
    return {"output_type": "error", "ename": "E", "evalue": "", "traceback": []} | changes


def result(count=1, **data):
    return {"output_type": "execute_result", "data": data, "execution_count": count}


RAISED = {"t": "raised", "type": "E", "text": "", "printed": "", "warnings": []}
AT_MOST = {
    "printed text": lambda n: reply(printed="x" * (500 + n)),
    "wide letters": lambda n: reply(printed="\U0001f600" * (500 + n)),
    "a warning": lambda n: reply(warnings=["x" * (500 + n)]),
    "warnings": lambda n: reply(warnings=["x"] * (10 + n)),
    "the text of an exception": lambda n: json.dumps(RAISED | {"text": "x" * (500 + n)}).encode(),
    "the name of an exception": lambda n: json.dumps(RAISED | {"type": "x" * (80 + n)}).encode(),
    "a description": lambda n: json.dumps({"t": "unreadable", "what": "x" * (500 + n)}).encode(),
    "the name of a type": lambda n: json.dumps({"t": "absent", "what": "x" * (80 + n)}).encode(),
    "the number of a callback": lambda n: json.dumps({"t": "asked", "id": 2**31 - 1 + n, "point": None}).encode(),
    "the name of a cell's error": lambda n: cell(error="x" * (80 + n)),
    "the name of an error": lambda n: cell(error(ename="x" * (80 + n))),
    "the text of an error": lambda n: cell(error(evalue="x" * (4000 + n))),
    "a line of a traceback": lambda n: cell(error(traceback=["x" * (4000 + n)])),
    "lines of a traceback": lambda n: cell(error(traceback=["x"] * (500 + n))),
    "an execution count": lambda n: cell(result(2**31 - 1 + n)),
    "a negative execution count": lambda n: cell(result(0 - n)),
    "types of an output": lambda n: cell(result(**{f"a{i}": "" for i in range(32 + n)})),
    "the name of a type of output": lambda n: cell(result(**{"x" * (100 + n): ""})),
    "a text": lambda n: reply(value={"t": "str", "v": "x" * (4000 + n)}),
    "items": lambda n: reply(value={"t": "list", "items": [None] * (100_000 + n)}),
    "items of a tuple": lambda n: reply(value={"t": "tuple", "items": [None] * (100_000 + n)}),
    "pairs": lambda n: reply(value={"t": "dict", "items": [[None, None]] * (1000 + n)}),
    "digits": lambda n: reply(value={"t": "int", "v": "9" * (400 + n)}),
    "axes": lambda n: reply(value={"t": "array", "dtype": "|b1", "shape": [1] * (64 + n)}),
}


@pytest.mark.parametrize("what", AT_MOST)
def test_a_reply_holds_no_more_of_anything_than_an_honest_process_sends(what):
    read_reply(AT_MOST[what](0))
    with pytest.raises(GarbledError):
        read_reply(AT_MOST[what](1))


@pytest.mark.sandbox
def test_an_honest_process_cuts_what_a_call_says(pool):
    with limited(pool) as session:
        session.run_cell(
            "import warnings\nlong = type('x' * 5000, (Exception,), {})\ndef f(fails):\n"
            "    print('\\U0001f600' * 9000)\n    for _ in range(99): warnings.warn('w' * 9000)\n"
            "    if fails: raise long('t' * 9000)"
        )
        returned, raised = (session.ask("f", Call((fails,))) for fails in (False, True))
        assert isinstance(returned, Returned)
        assert isinstance(raised, Raised)
        assert raised.text == "t" * 500
        for answer in (returned, raised):
            assert answer.noise.printed == "\U0001f600" * 500
            assert [len(text) for text in answer.noise.warnings] == [500] * 10


@pytest.mark.sandbox
def test_an_honest_process_cuts_what_a_cell_shows(pool):
    names = (
        "get_ipython().execution_count = 10**30\n" + "class Long(Exception): pass\nLong.__name__ = 'x' * 5000\n"
    )
    many = "from IPython.display import display\ndisplay({f'{i}' + 'x' * 200: '' for i in range(99)}, raw=True)\n"
    with limited(pool) as session:
        for code in (names + "2.5", names + "raise Long('\\U0001f600' * 9000)", many):
            done, _ = session.run_cell(code)
            assert done.outputs
        assert session.ended is None


# --- the size of an answer -------------------------------------------------------------------------------

LARGE = {
    "np.zeros((300, 40))": "an array of shape (300, 40), too large to be an answer,",
    "np.broadcast_to(1j, (1 << 20,) * 2)": "an array of shape (1048576, 1048576), too large to be an answer,",
    "np.zeros((1,) * 9 + (90_000,))": "an array of 10 axes, too large to be an answer,",
    "[0.5] * 5000": "a list of 5000 items, too large to be an answer,",
    "(0.5, [[]] * 5000)": "a tuple of 2 items, too large to be an answer,",
    "{i: None for i in range(1001)}": "a dictionary of 1001 items, too large to be an answer,",
    "'x' * 4000": "a string of 4000 characters, too large to be an answer,",
}


@pytest.mark.sandbox
@pytest.mark.parametrize("value", LARGE)
def test_what_is_too_large_is_described_and_the_process_lives_on(pool, value):
    with limited(pool, reply_bytes=4096) as session:
        session.run_cell(f"import numpy as np\ndef f():\n    return {value}\ndef g():\n    return 1.0")
        assert session.ask("f", NOTHING) == Unreadable(LARGE[value])
        assert session.ask("g", NOTHING) == Returned(1.0)


@pytest.mark.sandbox
@pytest.mark.parametrize("size", [10, 1000, 100_000])
def test_the_right_answer_arrives_however_it_is_written_and_whatever_came_before(pool, size):
    """As nested lists and as the widest numbers; with nothing to spare."""
    truth = np.linspace(0, 1, size).reshape(-1, 2)
    with limited(pool, reply_bytes=1, submission_reply_bytes=1) as session:
        session.run_cell(
            "import numpy as np\ndef f(size, how):\n    x = np.linspace(0, 1, size).reshape(-1, 2)\n"
            "    return x.tolist() if how == 'list' else x.astype('G') if how == 'wide' else x"
        )
        ways = ("array", "wide", "list") if size < 100_000 else ("array", "wide")
        calls = [Call((size, how)) for how in ways]
        for answer in session.ask_all("f", calls, [size_of(truth)] * len(calls)):
            assert np.array_equal(np.asarray(answer.value), truth)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (20_000, None),
        (30_000, "wrote to the grader's own channel"),
        (90_000, "it sent more than can be an answer"),
    ],
)
def test_a_process_that_sends_more_than_it_may_is_ended(pool, size, sentence):
    """The room that each answer has, and 8 KB more."""
    patched = f"""
import sys
channel = sys.stdout.worker.channel
send, large = channel.send, {{"value": {{"t": "array", "dtype": "|b1", "shape": [{size}]}}}}
channel.send = lambda reply, blobs=(): send(reply | large if blobs else reply, blobs and [bytes({size})])
import numpy as np
def f():
    return np.zeros(1)
"""
    with limited(pool, reply_bytes=8 << 10) as session:
        session.run_cell(patched)
        if sentence:
            with pytest.raises(SessionEndedError, match=sentence):
                session.ask("f", NOTHING)
        else:
            assert session.ask("f", NOTHING).value.size == size


@pytest.mark.sandbox
def test_all_answers_together_have_a_limit_and_then_only_what_is_needed_comes(pool):
    """Two of 40 KB fit into 100 KB beyond the room that each has; after them, larger ones are described."""
    with limited(pool, reply_bytes=64 << 10, submission_reply_bytes=100 << 10) as session:
        session.run_cell("import numpy as np\ndef f(n):\n    return np.zeros(n, np.int8)")
        large = [Call((ROOM_BYTES + (40 << 10),))] * 3
        answers = [*session.ask_all("f", large, [8] * 3), *session.ask_all("f", large[:1], [8])]
        assert [type(answer) for answer in answers] == [Returned, Returned, Unreadable, Unreadable]
        assert session.ask("f", Call((ROOM_BYTES - 100,))).value.size == ROOM_BYTES - 100
        assert session.ended is None
        assert 0 <= session.budget.answers < 40 << 10


@pytest.mark.sandbox
def test_the_sizes_that_a_process_is_told_say_little_about_the_right_answers(pool, monkeypatch):
    """A power of two for all calls of a request."""
    sent = []
    with limited(pool) as session:
        session.run_cell("def f(n):\n    return n")
        send = session._send
        monkeypatch.setattr(session, "_send", lambda data, deadline: (sent.append(data), send(data, deadline))[1])
        for sizes in ([64, 100], [100, 300], [64, 50_000], [60_000, 64]):
            list(session.ask_all("f", [Call((1,))] * 2, sizes))
    rooms = [json.loads(data[8 : 8 + int.from_bytes(data[:4])])["room"] for data in sent]
    assert rooms == [ROOM_BYTES, ROOM_BYTES, 1 << 20, 1 << 20]


@pytest.mark.sandbox
def test_answers_that_nobody_waits_for_do_not_reach_the_next_request(pool):
    with limited(pool) as session:
        session.run_cell("def f(n):\n    return n")
        for calls in (9, 5):
            assert next(session.ask_all("f", [Call((i,)) for i in range(calls)], [64] * calls)) == Returned(0)
        assert session.ask("f", Call((7,))) == Returned(7)
        next(session.ask_all("f", [Call((i,)) for i in range(3)], [64] * 3))
        assert session.run_cell("print('next')")[0].outputs[0].text == "next\n"


@pytest.mark.sandbox
def test_a_point_of_any_numbers_counts_as_the_floats_it_becomes(pool):
    with limited(pool, point_bytes=64 << 10) as session:
        session.run_cell("import numpy as np\ndef f(g, n):\n    return g(np.zeros(n, bool))")
        sums = Callback(np.sum, "sum")
        (point,) = session.ask("f", Call((sums, 7000))).points
        assert (point.size, point.dtype) == (7000, np.float64)
        assert "too large" in session.ask("f", Call((sums, 70_000))).text
        with pytest.raises(SessionEndedError, match="more points than any method needs"):
            session.ask("f", Call((sums, 9000)))


# --- outputs ---------------------------------------------------------------------------------------------


def shown(outputs):
    return "".join(output.text for output in outputs if hasattr(output, "text"))


@pytest.mark.sandbox
def test_all_cells_together_have_a_limit_of_output_and_what_decides_is_kept(pool):
    with limited(pool, output_bytes=20_000, submission_output_bytes=50_000) as session:
        lengths = [len(shown(session.run_cell("print('x' * 15_000)")[0].outputs)) for _ in range(6)]
        assert lengths[:3] == [15_001] * 3
        assert 0 < lengths[3] < 6000
        assert lengths[4:] == [len(CUT)] * 2
        done, _ = session.run_cell("print('x' * 9000)\n2.5")
        assert (shown(done.outputs), done.outputs[-1].data) == (CUT, {"text/plain": "2.5"})
        done, _ = session.run_cell("raise ValueError('\\U0001f600' * 9000)")
        last = done.outputs[-1]
        assert (last.ename, last.evalue[:9]) == ("ValueError", "\U0001f600" * 9)
        assert session.ended is None
        assert sum(len(str(session.run_cell("1 / 0\n2.5")[0].outputs)) for _ in range(20)) < 100_000


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "code", ["import sys\nfor i in range(400): sys.displayhook('x' * 9000 + f'{i}')", "print('x')\n" * 9 + "2.5"]
)
def test_the_last_of_many_results_is_kept(pool, code):
    with limited(pool, output_bytes=50_000) as session:
        done, _ = session.run_cell(code)
        last = done.outputs[-1].data["text/plain"]
        assert last == "2.5" or last.endswith("399'")
        assert len(str(done.outputs)) < 150_000


@pytest.mark.sandbox
def test_small_outputs_have_a_number(pool):
    with limited(pool, output_bytes=100_000) as session:
        done, _ = session.run_cell("import sys\nfor _ in range(9999): print(1); print(2, file=sys.stderr)")
        assert len(done.outputs) < 200
        assert done.outputs[-1].text == CUT


@pytest.mark.sandbox
def test_small_outputs_without_number_are_no_honest_reply(pool):
    """Their bytes would be few enough."""
    forged = """
import json, os, struct
outputs = [{"output_type": "stream", "name": "stdout", "text": ""}] * 1500
text = json.dumps({"t": "cell", "outputs": outputs, "error": None}).encode()
data = struct.pack(">II", len(text), 0) + text
while data: data = data[os.write(4, data):]
os.read(3, 1 << 20)
"""
    found_out = pytest.raises(SessionEndedError, match="wrote to the grader's own channel")
    with limited(pool, output_bytes=200_000) as session, found_out:
        session.run_cell(forged)


@pytest.mark.sandbox
def test_outputs_that_are_of_no_interest_are_not_sent(pool):
    with limited(pool) as session:
        done, _ = session.run_cell("print('x' * 9000)\nkept = 3", kept=False)
        assert shown(done.outputs) == CUT
        assert session.budget.outputs == GENEROUS.submission_output_bytes
        assert session.ask("f", NOTHING) == Stopped("f is not defined.", final=True)
        assert session.run_cell("print(kept)")[0].outputs[0].text == "3\n"


# --- time ------------------------------------------------------------------------------------------------

ASKS_ON = "def f(g):\n    while True: g(1.0)\ndef h():\n    return 1.0"


@pytest.mark.sandbox
def test_the_grader_s_own_time_has_a_limit_and_the_process_is_ended_with_a_sentence(pool):
    with limited(pool, judging_seconds=0.02, point_bytes=1 << 40) as session:
        session.run_cell(ASKS_ON)
        why = "the grader took more than 0.02 seconds to read and compare what came from it."
        with pytest.raises(SessionEndedError, match=why), session.budget.watch:
            session.ask("f", Call((Callback(np.sum, "sum"),)))
        assert session.budget.watch.spent < 2.0


@pytest.mark.sandbox
def test_bytes_that_trickle_in_do_not_keep_the_session_from_looking(pool):
    """Neither at the time that they take nor at the files that are written meanwhile."""
    drips = """
import os, time
def f():
    open("large", "wb").write(bytes(2 << 20))
    os.write(4, b"\\0\\1\\0\\0" * 2)
    while True:
        os.write(4, bytes(1))
        time.sleep(0.01)
"""
    with limited(pool, scratch_size=1 << 20) as session:
        session.run_cell(drips)
        with pytest.raises(SessionEndedError, match="MB of files"):
            session.ask("f", NOTHING)


# --- the same on both sides ------------------------------------------------------------------------------


VALUES = [
    None,
    True,
    7,
    -(2**900),
    0.5,
    "\0" * 9,
    [1, (2.0, "a")],
    {"a": [], 2: np.zeros(3)},
    np.zeros((2, 3), "i1"),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_the_room_that_a_value_takes_is_counted_alike_on_both_sides(value):
    """Whatever fits on one side fits on the other, and takes no more bytes on the way."""
    encoder = values.Encoder(size_of(value))
    node = encoder.encode(value)
    assert encoder.used == size_of(value) >= len(json.dumps(node)) + sum(map(len, encoder.blobs))
    with pytest.raises(values.NotDataError, match="too large to be an answer"):
        values.Encoder(size_of(value) - 1).encode(value)
