"""What a worker replies is a result, an error of the request or none: told apart without any process."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
from pathlib import Path

import msgspec
import pytest

from autograder.envelope import fork, nursery, worker
from autograder.envelope.nursery import Nursery, NurseryError
from autograder.envelope.worker import (
    DiedError,
    Envelope,
    ExhaustedError,
    RequestError,
    Worker,
    answer_of,
    result_of,
    why_exhausted,
)

ENVELOPE = Envelope(seconds=2.5, processor_seconds=1.0, memory=3 << 20)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("seconds", "took more than 2.5 seconds as a whole"),
        ("processor_seconds", "took more than 1 seconds of the grader's own time"),
        ("memory", "took more than 3 MB of the grader's own memory"),
    ],
)
def test_the_sentence_names_what_was_not_enough(what, sentence):
    assert str(why_exhausted(ENVELOPE, what)) == sentence


@pytest.mark.parametrize("result", [None, 0, False, "", [], {}, [1, {"a": None}], 0.5])
def test_every_result_comes_back_even_one_that_is_nothing(result):
    assert msgspec.json.decode(result_of(answer_of(lambda x: x, (result,)), ENVELOPE)) == result


def test_arguments_keep_their_order():
    assert result_of(answer_of(lambda a, b: [a, b], (1, 2)), ENVELOPE) == b"[1,2]"


def test_a_name_that_is_no_utf_8_does_not_lose_the_result():
    assert result_of(answer_of(lambda: {"ä": "a\udcff.ipynb"}, ()), ENVELOPE) == '{"ä": "a?.ipynb"}'.encode()


def raising(error):
    def raises():
        raise error

    return answer_of(raises, ())


def test_an_error_comes_back_with_its_type_and_text_and_want_of_memory_with_a_sentence():
    with pytest.raises(RequestError, match="why") as caught:
        result_of(raising(LookupError("why")), ENVELOPE)
    assert caught.value.kind == "LookupError"
    with pytest.raises(ExhaustedError, match="3 MB"):
        result_of(raising(MemoryError()), ENVELOPE)


@pytest.mark.parametrize("content", [b"", b"{}", b"no", b"[]", b'{"kind":3}', b'{"kind":null}', b'{"kind":""}'])
def test_what_is_no_reply_came_from_a_worker_that_died(content):
    with pytest.raises(DiedError):
        result_of(content, ENVELOPE)


class Connection:
    def __init__(self, content=b'{"result":1}', polls=True):
        self.content, self.polls, self.sent, self.closed = content, polls, [], False

    def send(self, message):
        self.sent.append(message)

    def poll(self, seconds):
        assert seconds == ENVELOPE.seconds
        return self.polls

    def recv_bytes(self, most):
        assert most == worker.MAX_REPLY
        if isinstance(self.content, Exception):
            raise self.content
        return self.content

    def close(self):
        self.closed = True


class Forks:
    """A nursery with one worker, which ends by a signal."""

    def __init__(self, connection, signal_=0):
        self.connection, self.signal, self.ended = connection, signal_, []

    def fork(self):
        return 7, self.connection

    def end(self, pid):
        self.ended.append(pid)
        if isinstance(self.signal, Exception):
            raise self.signal
        return self.signal


@pytest.mark.parametrize(
    ("connection", "signal_", "error"),
    [
        (Connection(polls=False), 0, ExhaustedError("took more than 2.5 seconds as a whole")),
        (
            Connection(EOFError()),
            signal.SIGXCPU,
            ExhaustedError("took more than 1 seconds of the grader's own time"),
        ),
        (Connection(EOFError()), signal.SIGKILL, DiedError()),
        (Connection(OSError()), 0, DiedError()),
        (Connection(EOFError()), NurseryError(), DiedError()),
        (Connection(b"no"), 0, DiedError()),
        (Connection(raising(MemoryError())), 0, ExhaustedError("took more than 3 MB of the grader's own memory")),
    ],
)
def test_a_worker_that_can_not_be_used_again_is_ended_at_once(connection, signal_, error):
    forks = Forks(connection, signal_)
    with pytest.raises(type(error)) as caught:
        Worker(forks, ENVELOPE).request("name")
    assert str(caught.value) == str(error)
    assert forks.ended == [7]
    assert connection.closed


def test_a_request_names_the_folder_the_method_and_all_arguments_and_an_error_of_its_own_ends_nothing():
    connection = Connection()
    forks = Forks(connection)
    assert Worker(forks, ENVELOPE).request("name", 1, "b") == b"1"
    assert connection.sent == [(str(Path.cwd()), "name", (1, "b"))]
    connection.content = raising(ValueError("why"))
    with pytest.raises(RequestError):
        Worker(forks, ENVELOPE).request("name")
    assert forks.ended == []


def test_a_folder_that_was_removed_is_the_current_one(monkeypatch):
    def removed():
        raise FileNotFoundError

    monkeypatch.setattr(Path, "cwd", removed)
    assert worker._folder() == "."


def test_a_worker_serves_in_the_folder_of_each_request_and_stays_where_a_folder_is_gone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    limits = []
    monkeypatch.setattr(worker, "limit", limits.append)
    monkeypatch.setattr(worker, "_limit_processor", lambda envelope: limits.append("again"))
    monkeypatch.setattr(worker.gc, "freeze", lambda: None)
    monkeypatch.setattr(worker.gc, "set_threshold", lambda *_: None)

    requests = iter([(str(tmp_path / "a"), "cwd", ()), (str(tmp_path / "gone"), "cwd", ())])
    sent = []

    class Parent:
        def recv(self):
            try:
                return next(requests)
            except StopIteration:
                raise EOFError from None

        def send_bytes(self, content):
            sent.append(msgspec.json.decode(result_of(content, ENVELOPE)))

    worker.serve(Parent(), ENVELOPE, lambda: {"cwd": os.getcwd})
    assert sent == [str(tmp_path / "a")] * 2
    assert limits == [ENVELOPE, "again", "again"]


@pytest.mark.parametrize(
    ("hard", "value", "limits"),
    [
        (resource.RLIM_INFINITY, 5, (5, resource.RLIM_INFINITY)),
        (9, 5, (5, 9)),
        (3, 5, (3, 3)),
        (5, 5, (5, 5)),
    ],
)
def test_a_limit_is_soft_and_never_above_the_hard_one(monkeypatch, hard, value, limits):
    made = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: made.append((which, pair)))
    worker._set(resource.RLIMIT_AS, value)
    assert made == [(resource.RLIMIT_AS, limits)]


def test_memory_is_added_to_what_there_is_and_processor_time_to_what_was_used_and_rounded_up(monkeypatch):
    made = {}
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: made.update({which: pair[0]}))
    monkeypatch.setattr(worker, "_address_space", lambda: 1000)
    monkeypatch.setattr(worker.time, "process_time", lambda: 4.25)
    worker.limit(ENVELOPE)
    assert made == {resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: 1000 + (3 << 20), resource.RLIMIT_CPU: 6}


# --- what is read from a fork ----------------------------------------------------------------------------


def test_what_a_fork_sends_is_read_to_its_end_and_no_more_than_a_result_may_be(monkeypatch):
    monkeypatch.setattr(fork, "MAX_REPLY", 4)
    for sent, read in ((b"", b""), (b"1234", b"1234"), (b"12345", b"")):
        incoming, outgoing = os.pipe()
        os.write(outgoing, sent)
        os.close(outgoing)
        assert fork._read(incoming, fork.time.monotonic() + 60) == read
        os.close(incoming)


def test_who_sends_nothing_by_the_deadline_has_taken_too_long():
    incoming, outgoing = os.pipe()
    os.write(outgoing, b"a part")
    assert fork._read(incoming, fork.time.monotonic() + 0.01) is None
    os.close(outgoing)
    assert fork._read(incoming, fork.time.monotonic() - 1) is None, "even if the rest is here"
    os.close(incoming)


# --- a nursery without a process -------------------------------------------------------------------------


@pytest.fixture
def plain():
    """A nursery whose process is this test."""
    made = Nursery.__new__(Nursery)
    made._lock = nursery.threading.Lock()
    made._orders, theirs = socket.socketpair()
    made.pid = 4711
    yield made, theirs
    made._orders.close()
    theirs.close()


def test_a_nursery_is_alive_until_its_process_ends_was_waited_for_or_it_was_closed(plain, monkeypatch):
    made, _ = plain
    asked = []

    def waitid(*arguments):
        asked.append(arguments)
        return found

    monkeypatch.setattr(os, "waitid", waitid)
    found = None
    assert made.is_alive() is True
    assert asked == [(os.P_PID, 4711, os.WEXITED | os.WNOHANG | os.WNOWAIT)], "it is left to be waited for"
    found = "an end"
    assert made.is_alive() is False

    def gone(*_):
        raise ChildProcessError

    monkeypatch.setattr(os, "waitid", gone)
    assert made.is_alive() is False
    monkeypatch.setattr(os, "waitid", lambda *_: None)
    made._orders.close()
    assert made.is_alive() is False


def test_an_order_has_one_answer_and_none_is_the_end_of_the_nursery(plain):
    made, theirs = plain
    theirs.send(b"9")
    assert made.end(5) == 9
    assert msgspec.json.decode(theirs.recv(4096)) == {"op": "end", "pid": 5}
    theirs.send(b"0")
    assert made.end(5) == 0
    theirs.close()
    with pytest.raises(NurseryError, match="has died"):
        made.end(5)
    with pytest.raises(NurseryError, match="has died"):
        made.fork()


def test_a_nursery_is_waited_for_once_however_often_it_is_closed(plain, monkeypatch):
    made, theirs = plain
    waited = []
    monkeypatch.setattr(os, "waitpid", lambda pid, flags: waited.append(pid) or (pid, 0))
    made.close()
    made.close()
    assert waited == [4711]
    assert theirs.recv(10) == b""


@pytest.mark.parametrize(("status", "number"), [(9, 9), (int(signal.SIGXCPU), 24), (0, 0), (3 << 8, 0)])
def test_the_signal_that_ended_a_worker_is_told_and_0_if_it_exited(monkeypatch, status, number):
    done = []
    monkeypatch.setattr(os, "kill", lambda *what: done.append(what))
    monkeypatch.setattr(os, "waitpid", lambda pid, flags: (pid, status))
    assert nursery._end(4711) == number
    assert done == [(4711, signal.SIGKILL)]


@pytest.mark.parametrize(("error", "status"), [(None, 0), (ValueError, 1), (SystemExit, 1)])
def test_a_forked_process_never_goes_on_and_its_status_says_whether_it_succeeded(monkeypatch, error, status):
    ended = []

    def run():
        if error:
            raise error

    monkeypatch.setattr(os, "_exit", ended.append)
    with pytest.raises(error) if error else contextlib.nullcontext():
        nursery.never_return(run)
    assert ended == [status]
