"""Frames cross whole and in order, and every wait ends: in time, with the other side, or at too large a frame."""

from __future__ import annotations

import math
import os
import time

import pytest

from autograder.sandbox import channel
from autograder.sandbox.channel import HEADER, Channel, GoneError, OverdueError, TooMuchError, frame

PAST = -math.inf


class Looked(Exception):
    pass


@pytest.fixture
def ends():
    """A channel, what the other side writes to, and what it reads from."""
    (incoming, write), (read, outgoing) = os.pipe(), os.pipe()
    opened = Channel(incoming, outgoing)
    left = {"write": write, "read": read}
    yield opened, left
    opened.close()
    for descriptor in left.values():
        os.close(descriptor)


def soon():
    return time.monotonic() + 60


def test_a_frame_is_a_header_a_text_and_bytes():
    assert frame({"a": "ü"}, b"xy") == HEADER.pack(10, 2) + '{"a":"ü"}'.encode() + b"xy"
    assert frame({})[HEADER.size :] == b"{}"


def test_frames_that_come_together_are_read_one_by_one_and_in_order(ends):
    opened, other = ends
    assert not opened.holds_frame
    os.write(other["write"], frame({"a": 1}, b"one") + frame({}, b"") + frame({"c": 3}, b"three")[:-1])
    assert opened.receive(100, soon()) == (b'{"a":1}', b"one")
    assert opened.holds_frame
    assert opened.receive(100, PAST) == (b"{}", b""), "it is here already"
    assert not opened.holds_frame, "a byte is missing"
    with pytest.raises(OverdueError):
        opened.receive(100, PAST)
    os.write(other["write"], b"e")
    assert opened.receive(100, soon()) == (b'{"c":3}', b"three")


@pytest.mark.parametrize("cut", [0, 1, HEADER.size - 1, HEADER.size, HEADER.size + 1])
def test_part_of_a_frame_is_kept_beyond_a_deadline(ends, cut):
    opened, other = ends
    whole = frame({"a": 1}, b"b")
    os.write(other["write"], whole[:cut])
    with pytest.raises(OverdueError):
        opened.receive(100, time.monotonic() + 0.01)
    assert not opened.holds_frame
    os.write(other["write"], whole[cut:])
    assert opened.receive(100, soon()) == (b'{"a":1}', b"b")


def test_a_frame_may_be_as_large_as_allowed_with_its_bytes_and_no_larger(ends):
    opened, other = ends
    os.write(other["write"], frame({}, b"xyz") + HEADER.pack(2, 4))
    assert opened.receive(5, soon()) == (b"{}", b"xyz")
    with pytest.raises(TooMuchError):
        opened.receive(5, soon())


def test_who_has_closed_its_end_is_gone(ends):
    opened, other = ends
    os.write(other["write"], frame({}, b"")[:-1])
    os.close(other.pop("write"))
    with pytest.raises(GoneError):
        opened.receive(100, soon())
    os.close(other.pop("read"))
    with pytest.raises(GoneError):
        opened.send(b"x", soon())


def test_what_the_pipe_does_not_take_waits_for_the_deadline(ends):
    opened, other = ends
    with pytest.raises(OverdueError):
        opened.send(bytes(1 << 20), PAST)
    assert os.read(other["read"], 10) == bytes(10)


def test_it_is_looked_around_in_a_wait_and_not_again_at_once_nor_where_nothing_is_waited_for(ends):
    opened, other = ends
    seen = []
    opened.look = lambda: seen.append(1)
    for _ in range(2):
        os.write(other["write"], frame({}))
        opened.receive(100, soon())
    assert seen == [1]
    opened._looked -= channel.LOOK_EVERY
    os.write(other["write"], frame({}) * 2)
    opened.receive(100, soon())
    opened.receive(100, soon())
    assert seen == [1, 1]


def test_what_is_raised_on_looking_ends_the_wait(ends):
    opened, _ = ends

    def look():
        raise Looked

    opened.look = look
    with pytest.raises(Looked):
        opened.receive(100, soon())
