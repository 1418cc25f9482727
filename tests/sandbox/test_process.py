"""The trusted side of one submission, against a fork server whose process sends what a test says."""

from __future__ import annotations

import json
import os
import signal
import struct
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sandbox.doubles import System

from autograder.judging.calls import Call, Raised, Returned, Stopped
from autograder.judging.stopwatch import Stopwatch
from autograder.sandbox import process
from autograder.sandbox.answers import TooManyPointsError
from autograder.sandbox.budget import ENVELOPE_BYTES, Budget, reply_of_cell
from autograder.sandbox.channel import HEADER, OverdueError, frame
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.policy import Limits
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.protocol import read_reply
from autograder.sandbox.session import Session
from autograder.sandbox.timing import TimeLeft, Timer
from autograder.sandbox.values import GarbledError

READY = {"t": "ready"}
DONE = {"t": "done"}
NOBODY = (1 << 22) + 1
"""No process has this id."""
RETURNED = {"t": "returned", "value": True, "changed": False, "printed": "", "warnings": []}
CELL = {"t": "cell", "outputs": [], "error": None}


class Folder:
    def __init__(self, error=None):
        self.error = error

    def lay_out(self, files):
        if self.error:
            raise self.error
        return Path("/run-of-it")


class Server:
    """A fork server whose forks have sent some replies before they are asked, and then wait or have ended."""

    def __init__(self, *replies, first=READY, ended_by=None, over=None, error=None):
        self.scratch = Folder(error)
        self.replies = [first, *replies] if first else list(replies)
        self.ended_by, self.over = ended_by, over
        self.learned, self.reaped, self.ends, self.done = [], [], [], []

    def wait_until_ready(self):
        pass

    def learn(self, cells):
        self.learned += cells

    def fork(self, folder, ends):
        self.ends = [os.dup(end) for end in ends]
        os.write(
            self.ends[1], b"".join(reply if isinstance(reply, bytes) else frame(reply) for reply in self.replies)
        )
        if self.ended_by is not None:
            self.hang_up()
        return NOBODY

    def hang_up(self):
        while self.ends:
            os.close(self.ends.pop())

    def reap(self, pid, grace):
        self.reaped.append((pid, grace))
        if isinstance(self.ended_by, Exception):
            raise self.ended_by
        return self.ended_by or 0

    def kill(self):
        pass

    def over_limit(self, pid, limits):
        return self.over

    def asked(self):
        """The requests that were sent so far."""
        data, found = os.read(self.ends[0], 1 << 20), []
        while data:
            text, blob = HEADER.unpack_from(data)
            found.append(json.loads(data[HEADER.size : HEADER.size + text]))
            data = data[HEADER.size + text + blob :]
        return found

    def session(self, limits=None, budget=None, fixed=()):
        return Session(self, limits or Limits(), {}, fixed, self.done.append, budget)


@pytest.fixture
def serve():
    servers = []

    def made(*replies, **options):
        servers.append(Server(*replies, **options))
        return servers[-1]

    yield made
    for server in servers:
        server.hang_up()


# --- how it ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "it ended its own process (os._exit, perhaps)."),
        (signal.SIGSEGV, "its process crashed (segmentation fault)."),
        (signal.SIGABRT, "its process aborted."),
        (signal.SIGXCPU, "it used more processor time than a submission may."),
        (signal.SIGKILL, "its process was killed, perhaps for want of memory."),
        (signal.SIGXFSZ, "it filled the disk with more, or more files, than a submission may write."),
        (signal.SIGTERM, "its process was ended by signal 15."),
    ],
)
def test_each_way_in_which_a_process_ends_has_its_sentence(serve, number, sentence):
    server = serve(ended_by=int(number))
    session = server.session(replace(Limits(), grace_seconds=0.25))
    with pytest.raises(SessionEndedError) as caught:
        session.run_cell("1")
    assert str(caught.value) == session.ended == sentence
    assert server.reaped == [(NOBODY, 0.25)], "it is reaped once, and has its grace"
    assert server.done == [server]


def test_a_process_is_closed_once_and_says_why_it_ended_first(serve):
    server = serve()
    session = server.session()
    assert session.ended is None
    session.close()
    session.close()
    assert session.ended == "its process was closed"
    assert server.done == [server]
    assert server.reaped == [(NOBODY, 0.0)]
    with pytest.raises(SessionEndedError, match="its process was closed"):
        session.ask_all("f", [Call((1,))], [64])
    with pytest.raises(SessionEndedError):
        session.run_cell("1")


def test_the_folder_is_given_back_if_files_can_not_be_laid_out(serve):
    server = serve(error=OSError(36, "File name too long"))
    with pytest.raises(SessionEndedError, match=r"files beside it .* laid out: File name too long\.$"):
        server.session()
    assert server.done == [server]


@pytest.mark.parametrize("first", [DONE, b"\0\0\0\2\0\0\0\0no"])
def test_a_process_that_begins_with_anything_else_is_stopped(serve, first):
    server = serve(first=first)
    with pytest.raises(SessionEndedError, match="wrote to the grader's own channel"):
        server.session()
    assert server.done == [server]


def test_a_process_that_does_not_begin_is_late(serve):
    with pytest.raises(SessionEndedError, match="did not start in time"):
        serve(first=None).session(replace(Limits(), start_seconds=0.01))


def test_a_first_reply_has_the_room_of_an_envelope(serve):
    huge = struct.pack(">II", ENVELOPE_BYTES, 1)
    with pytest.raises(SessionEndedError, match="it sent more than can be an answer"):
        serve(first=huge).session()


def test_the_instructor_s_cells_are_learned_before_it_starts(serve):
    server = serve()
    server.session(fixed=["a", "b"]).close()
    assert server.learned == ["a", "b"]


def test_what_it_has_written_and_what_it_cost_the_grader_end_it(serve):
    server = serve(CELL)
    session = server.session()
    server.over, session._checked = "it made more than 3 files.", 0.0
    with pytest.raises(SessionEndedError, match="it made more than 3 files"):
        session.run_cell("1")
    budget = Budget(Limits())
    session = serve(CELL).session(budget=budget)
    budget.watch = Stopwatch(-1.0)
    with pytest.raises(SessionEndedError, match="the grader took more than -1 seconds"):
        session.run_cell("1")


# --- cells -----------------------------------------------------------------------------------------------


def test_a_cell_is_sent_with_what_is_kept_of_it_and_its_outputs_are_taken_from_what_all_have(serve):
    server = serve(CELL, CELL)
    limits = replace(Limits(), output_bytes=700, submission_output_bytes=1000)
    with server.session(limits) as session:
        assert session.run_cell("x = 1")[1] is None
        taken = len(json.dumps(CELL, separators=(",", ":")))
        assert session.budget.outputs == 1000 - taken
        session.run_cell("y", figures=False, kept=False)
        assert session.budget.outputs == 1000 - taken, "what is of no interest takes nothing"
        assert server.asked() == [
            {"op": "cell", "source": "x = 1", "figures": True, "output_bytes": 700},
            {"op": "cell", "source": "y", "figures": False, "output_bytes": 0},
        ]


def test_each_output_of_a_cell_counts_for_something(serve):
    """Else there could be as many as fit into its bytes."""
    output = {"output_type": "stream", "name": "stdout", "text": ""}
    most = reply_of_cell(0) // (512 + len(json.dumps(output, separators=(",", ":"))))
    limits = replace(Limits(), output_bytes=1)
    with serve(CELL | {"outputs": [output] * (most - 1)}).session(limits) as session:
        assert len(session.run_cell("1", kept=False)[0].outputs) == most - 1
    session = serve(CELL | {"outputs": [output] * (most + 1)}).session(limits)
    with pytest.raises(SessionEndedError, match="wrote to the grader's own channel"):
        session.run_cell("1", kept=False)


@pytest.mark.parametrize("reply", [READY, DONE, RETURNED, {"t": "names", "names": []}])
def test_a_cell_has_no_other_reply_than_its_own(serve, reply):
    with pytest.raises(SessionEndedError, match="wrote to the grader's own channel"):
        serve(reply).session().run_cell("1")


def test_the_time_that_cells_share_is_used_up_by_each(serve):
    shared = TimeLeft(100.0, "over.")
    with serve(CELL, CELL).session() as session:
        session.run_cell("1", time_left=shared)
        left = shared.seconds
        assert left == 100.0 - session.took
        session.run_cell("1", time_left=shared)
        assert shared.seconds < left < 100.0


def test_names_are_asked_for_in_order_and_come_back_as_a_set(serve):
    server = serve({"t": "names", "names": ["b", "a", "b"]})
    with server.session() as session:
        assert session.names_read(("x", "y"), {"b", "a"}) == {"a", "b"}
        assert server.asked() == [{"op": "names", "cells": ["x", "y"], "among": ["a", "b"]}]
    with pytest.raises(SessionEndedError, match="wrote to the grader's own channel"):
        serve(CELL).session().names_read([], [])


# --- calls -----------------------------------------------------------------------------------------------


def test_answers_come_in_the_order_of_the_calls_and_then_done(serve):
    raised = {"t": "raised", "type": "ValueError", "text": "why", "printed": "", "warnings": []}
    server = serve(RETURNED, raised, {"t": "absent", "what": None}, DONE, CELL)
    with server.session() as session:
        answers = list(session.ask_all("f", [Call((n,)) for n in range(3)], [64] * 3))
        expected = [Returned(True), Raised("ValueError", "why"), Stopped("f is not defined.", final=True)]
        assert answers == expected
        assert session.run_cell("1")[1] is None


def test_answers_that_nobody_took_are_read_before_the_next_request(serve):
    server = serve(RETURNED, RETURNED, DONE, CELL)
    with server.session() as session:
        next(session.ask_all("f", [Call((n,)) for n in range(2)], [64] * 2))
        assert session.run_cell("1")[0].outputs == []
        assert [request["op"] for request in server.asked()] == ["calls", "cell"]


def test_what_is_not_done_after_the_last_answer_is_no_honest_reply(serve):
    session = serve(RETURNED, RETURNED).session()
    assert list(session.ask_all("f", [Call((1,))], [64])) == [Returned(True)]
    assert session.ended == "its process wrote to the grader's own channel, and was stopped."


def test_a_process_that_is_done_before_the_first_answer_is_not_honest(serve):
    session = serve(DONE).session()
    with pytest.raises(SessionEndedError, match="wrote to the grader's own channel"):
        session.ask("f", Call((1,)))
    session = serve(RETURNED, DONE).session()
    assert list(session.ask_all("f", [Call((n,)) for n in range(2)], [64] * 2)) == [Returned(True)]
    assert session.ended is None, "it interrupted itself"
    session.close()


def test_only_what_an_answer_has_beyond_its_room_is_taken_from_what_all_have(serve):
    large = RETURNED | {"value": {"t": "array", "dtype": "<f8", "shape": [5000]}}
    with serve(RETURNED, frame(large, bytes(40_000)), DONE).session() as session:
        before = session.budget.answers
        list(session.ask_all("f", [Call((n,)) for n in range(2)], [64] * 2))
        assert session.budget.answers == before - (64 + 24 + 40_000 - (16 << 10))


def test_a_call_is_told_the_bytes_that_it_has(serve):
    limits = replace(Limits(), reply_bytes=100, submission_reply_bytes=250, point_bytes=1 << 30)
    server = serve(RETURNED, DONE, RETURNED, DONE)
    with server.session(limits) as session:
        list(session.ask_all("f", [Call((1,))], [64]))
        session.limits = replace(limits, point_bytes=50)
        session.ask("g", Call((1,)))
        first, second = server.asked()
    sizes = {"room": 16 << 10, "extra": 100, "spare": 250}
    assert {name: first[name] for name in sizes} == sizes
    assert (first["asked"], second["asked"]) == ((16 << 10) + 100, 50)
    assert (first["function"], second["function"]) == ("f", "g")


def test_a_function_is_given_up_after_the_answers_before_it(serve):
    server = serve(RETURNED, DONE)
    with server.session() as session:
        session.ask_all("f", [Call((1,))], [64])
        session.give_up("g", "why")
        assert [request["op"] for request in server.asked()] == ["calls", "give_up"]
    with pytest.raises(SessionEndedError):
        session.give_up("g", "why")


def test_where_the_fork_server_dies_it_is_not_the_submission_s_end(serve):
    server = serve(ended_by=ForkServerError("dead"))
    session = server.session(replace(Limits(), grace_seconds=0.0))
    with pytest.raises(ForkServerError):
        session.run_cell("1")
    assert server.done == [server]


# --- time that is up -------------------------------------------------------------------------------------

LATE = object()


@pytest.fixture
def late(serve, monkeypatch):
    """A session whose process answers as it is told, or lets its time pass; ``late.killed`` holds its signals."""
    killed = []
    monkeypatch.setattr(process, "os", System(kill=lambda *given: killed.append(given)))
    monkeypatch.setattr(Timer, "spent", property(lambda timer: 0.25))

    def opened(*replies, limits=None):
        session, left = serve().session(limits or Limits()), list(replies)

        def receive(evaluation, timer):
            session.timers.append((timer.seconds, evaluation is not None))
            reply = left.pop(0)
            if reply is LATE:
                raise OverdueError
            return read_reply(json.dumps(reply).encode()), b""

        session.timers = []
        monkeypatch.setattr(session, "_receive_answering", receive)
        return session

    opened.killed = killed
    return opened


LIMITS = replace(Limits(), cell_seconds=4.0, call_seconds=2.5, grace_seconds=0.5)
INTERRUPT = (NOBODY, signal.SIGINT)
INTERRUPTED = {"t": "raised", "type": "KeyboardInterrupt", "text": "", "printed": "", "warnings": []}


@pytest.mark.parametrize("reply", [CELL, INTERRUPTED])
def test_a_cell_whose_time_is_up_is_interrupted_and_the_process_goes_on(late, reply):
    with late(LATE, reply, CELL, limits=LIMITS) as session:
        done, why = session.run_cell("1")
        assert why == "the cell did not end within 4 s and was stopped."
        assert done.error == (None if reply is CELL else "KeyboardInterrupt")
        assert (late.killed, session.ended, session.took) == ([INTERRUPT], None, 0.25)
        assert session.timers == [(4.0, False), (0.5, False)]
        assert session.run_cell("2")[1] is None
    assert late.killed == [INTERRUPT]


@pytest.mark.parametrize(
    ("left", "why"),
    [(3.0, "it is over."), (4.0, "it is over."), (5.0, "the cell did not end within 4 s and was stopped.")],
)
def test_the_end_of_shared_time_is_told_as_such_and_what_was_taken_is_taken_off(late, left, why):
    shared = TimeLeft(left, "it is over.")
    with late(LATE, CELL, limits=LIMITS) as session:
        assert session.run_cell("1", time_left=shared)[1] == why
        assert session.timers[0] == (min(left, 4.0), False)
    assert shared.seconds == left - 0.25


def test_a_process_that_resists_an_interrupt_is_ended_with_the_first_reason(late):
    session = late(LATE, LATE, limits=LIMITS)
    with pytest.raises(SessionEndedError, match="the cell did not end within 4 s and was stopped"):
        session.run_cell("1")
    assert session.ended == "the cell did not end within 4 s and was stopped."
    assert late.killed == [INTERRUPT]


def test_an_interrupt_ends_all_calls_and_their_answers_are_read_up_to_the_last(late):
    with late(LATE, INTERRUPTED, RETURNED, DONE, CELL, limits=LIMITS) as session:
        (answer,) = session.ask_all("f", [Call((n,)) for n in range(3)], [64] * 3)
        assert answer == Stopped("f did not end within 2.5 s and was stopped.", seconds=2.5)
        assert session.timers == [(2.5, True), *[(0.5, False)] * 3]
        assert session.run_cell("1")[1] is None


def test_whoever_takes_long_to_read_cells_is_ended(late):
    session = late(LATE, {"t": "names", "names": []}, limits=LIMITS)
    with pytest.raises(SessionEndedError, match="reading its cells did not end within 4 s"):
        session.names_read(["x"], ["x"])
    assert session.ended.startswith("reading its cells")


def test_a_callback_after_its_time_has_no_value_and_an_error_of_the_caller_is_told(serve):
    session = serve().session()
    assert session._evaluate(None, None, b"") == {"value": None, "error": "it was called after its time"}

    def raising(error):
        def value(asked, blob):
            raise error

        return SimpleNamespace(value=value)

    assert session._evaluate(raising(ValueError("not there")), None, b"") == {"value": None, "error": "not there"}
    assert session._evaluate(SimpleNamespace(value=lambda *_: "0x1p0"), 1, b"") == {
        "value": "0x1p0",
        "error": None,
    }
    with pytest.raises(SessionEndedError, match="at more points than any method needs"):
        session._evaluate(raising(TooManyPointsError()), None, b"")
    with pytest.raises(SessionEndedError, match="wrote to the grader's own channel"):
        serve().session()._evaluate(raising(GarbledError()), None, b"")


def test_it_is_looked_now_and_then_what_a_process_has_written(serve, monkeypatch):
    clock = [1000.0]
    with serve().session() as session:
        monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        looked, session._checked = [], 0.0
        monkeypatch.setattr(session.server, "over_limit", lambda *given: looked.append(given))
        session._check_often()
        session._check_often()
        clock[0] += process.CHECK_EVERY * 0.9
        session._check_often()
        assert looked == [(NOBODY, session.limits)]
        clock[0] += process.CHECK_EVERY * 0.2
        session._check_often()
        assert len(looked) == 2
        session.server.over = "it wrote too much."
        monkeypatch.undo()
        with pytest.raises(SessionEndedError, match="it wrote too much"):
            session._check()
    assert session.ended == "it wrote too much."


def test_a_timer_has_the_shared_seconds_if_they_are_fewer_and_none_starts_once_it_ended(serve):
    with serve().session() as session:
        timers = [session._timer(4.0), session._timer(4.0, TimeLeft(3.0)), session._timer(4.0, TimeLeft(5.0))]
        assert [timer.seconds for timer in timers] == [4.0, 3.0, 4.0]
        session._clock.close()
        session._clock, session._ended = None, "it ended."
        with pytest.raises(SessionEndedError, match="it ended"):
            session._timer(4.0)


def test_a_session_that_is_closed_leaves_no_descriptor_open(serve):
    server = serve(CELL)
    before = len(os.listdir("/proc/self/fd"))
    with server.session() as session:
        session.run_cell("1")
        assert len(os.listdir("/proc/self/fd")) > before
    server.hang_up()
    assert len(os.listdir("/proc/self/fd")) == before
