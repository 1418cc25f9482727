"""The frames of the program inside the sandbox: complete, in order and in UTF-8, however the pipe cuts them."""

from __future__ import annotations

import math
import os
import socket

import pytest

from autograder.sandbox.inside import frames


@pytest.fixture
def pipe():
    """A channel that reads what it sends."""
    incoming, outgoing = os.pipe()
    os.set_blocking(incoming, False)  # what was not sent whole is an error, not a wait
    yield frames.Channel(incoming, outgoing)
    os.close(incoming)
    os.close(outgoing)


def test_a_frame_arrives_whole_however_few_bytes_pass_at_a_time(pipe, monkeypatch):
    monkeypatch.setattr(frames, "write", lambda fd, data: os.write(fd, data[:7]))
    monkeypatch.setattr(frames, "read", lambda fd, size: os.read(fd, min(size, 5)))
    pipe.send({"t": "first", "text": "naïve \U0001f600"}, [b"abc", b"", b"d" * 20])
    pipe.send({"t": "second"})
    assert pipe.receive() == ({"t": "first", "text": "naïve \U0001f600"}, b"abc" + b"d" * 20)
    assert pipe.receive() == ({"t": "second"}, b"")


def test_half_a_character_is_sent_as_a_question_mark(pipe):
    pipe.send({"text": "a\ud800b"})
    assert pipe.receive() == ({"text": "a?b"}, b"")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_json_is_never_sent(value):
    with pytest.raises(ValueError, match="JSON"):
        frames.encode({"value": value})


def test_an_object_in_a_message_is_an_error_that_names_its_type():
    with pytest.raises(TypeError, match="an object of type set"):
        frames.encode({"value": {1}})


class EndedError(Exception):
    """What ends the process."""


def end(status):
    raise EndedError(status)


def test_the_process_ends_when_the_trusted_side_is_gone(monkeypatch):
    monkeypatch.setattr(frames, "_exit", end)
    incoming, outgoing = os.pipe()
    os.write(outgoing, b"\0\0\0\x05")
    os.close(outgoing)
    with pytest.raises(EndedError, match="0"):
        frames.Channel(incoming, -1).receive()
    os.close(incoming)


def test_descriptors_arrive_in_order_and_too_few_end_the_process(monkeypatch):
    monkeypatch.setattr(frames, "_exit", end)
    ours, theirs = socket.socketpair()
    first, second = os.pipe()
    with ours, theirs:
        channel = frames.Channel(theirs.fileno(), -1)
        socket.send_fds(ours, [b"\0"], [first, second])
        reading, writing = channel.receive_descriptors(2)
        os.write(writing, b"x")
        assert os.read(first, 1) == b"x"
        for descriptor in (first, second, reading, writing):
            os.close(descriptor)
        ours.send(b"\0")
        with pytest.raises(EndedError):
            channel.receive_descriptors(2)
