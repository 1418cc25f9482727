"""The bounds of a value, exactly, on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from sandbox.replies import read, through

from autograder.judging.calls import Callback
from autograder.sandbox.inside import values
from autograder.sandbox.inside.values import MAX_DEPTH, MAX_ITEMS, MAX_PAIRS, MAX_TEXT, Decoder, Encoder, measured
from autograder.sandbox.values import GarbledError, describe


def nested(depth, kind=list):
    value = 1
    for _ in range(depth):
        value = kind([value]) if kind is not dict else {"k": value}
    return value


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_a_value_may_be_nested_sixteen_deep_and_no_deeper_on_both_sides(kind):
    deep = nested(MAX_DEPTH, kind)
    assert through(deep) == deep
    with pytest.raises(values.NotDataError, match="nested too deeply"):
        Encoder(1 << 30).encode(nested(MAX_DEPTH + 1, kind))
    node = Encoder(1 << 30).encode(deep)
    key = {"t": "str", "v": "k"}
    outer = {"t": "dict", "items": [[key, node]]} if kind is dict else {"t": kind.__name__, "items": [node]}
    with pytest.raises(GarbledError, match="nested too deeply"):
        read(outer)


def test_the_items_of_all_lists_in_a_value_are_counted_together_on_both_sides():
    half = [None] * (MAX_ITEMS // 2 - 1)
    most = [half, half[:-1]]
    assert through(most) == most
    with pytest.raises(values.NotDataError, match="a list of 2 items, too large"):
        Encoder(1 << 30).encode([half, half])
    inner = {"t": "list", "items": half}
    with pytest.raises(GarbledError):
        read({"t": "list", "items": [inner, inner]})


def test_a_dictionary_has_a_thousand_pairs_and_keeps_their_order():
    pairs = {MAX_PAIRS - i: i for i in range(MAX_PAIRS)}
    assert list(through(pairs).items()) == list(pairs.items())


def test_a_long_text_is_cut_and_a_long_integer_refused_whatever_its_sign():
    assert through("a" * MAX_TEXT + "b") == "a" * MAX_TEXT
    for sign in (1, -1):
        assert through(sign * (2**1024 - 1)) == sign * (2**1024 - 1)
        with pytest.raises(values.NotDataError, match="more than 1024 bits"):
            Encoder(1 << 30).encode(sign * 2**1024)


def test_a_boolean_stays_one_and_a_complex_number_is_an_array_without_axes():
    assert through([True, False, 1, 0, None]) == [True, False, 1, 0, None]
    assert [type(value) for value in through([True, 1])] == [bool, int]
    came = through(1 - 2j)
    assert (came.shape, came.dtype, came[()]) == ((), np.complex128, 1 - 2j)


@pytest.mark.parametrize(
    "array",
    [np.array(["a", None], object), np.array([], dtype="U1"), np.array([b"a"]), np.array(["a"] * (MAX_ITEMS + 1))],
    ids=["partly", "empty", "bytes", "large"],
)
def test_an_array_that_is_not_text_throughout_or_holds_too_much_of_it_is_no_data(array):
    with pytest.raises(values.NotDataError, match=r"an array of dtype (object|str|bytes)"):
        Encoder(1 << 30).encode(array)


def test_a_long_name_of_a_type_is_cut():
    with pytest.raises(values.NotDataError) as caught:
        Encoder(1 << 30).encode(type("T" * 500, (), {})())
    assert str(caught.value) == "an object of type " + "T" * 80


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((1, 2, 1, 1, 1, 1, 1, 3)), "an array of shape (1, 2, 1, 1, 1, 1, 1, 3)"),
        (np.zeros((1,) * 9), "an array of 9 axes"),
        (np.float64(1), "an array of shape ()"),
        ([1, 2], "a list of 2 items"),
        ((), "a tuple of 0 items"),
        ({1: 2}, "a dictionary of 1 items"),
        ("abc", "a string of 3 characters"),
        (3, "a number"),
    ],
)
def test_what_is_too_large_is_measured_by_its_kind_and_lengths(value, said):
    assert measured(value) == said


def decoded(value):
    blobs = []
    return Decoder(b"".join(blobs), None).decode(describe(value, blobs, []))


@pytest.mark.parametrize(
    "value",
    [np.bool_(True), np.int8(-3), np.float32(0.5), True, 0, -(10**30), -0.0, float("-inf"), "", [], ((), [()])],
)
def test_an_argument_arrives_as_the_python_value_that_it_is(value):
    came, sent = decoded(value), value.item() if isinstance(value, np.generic) else value
    assert (type(came), repr(came)) == (type(sent), repr(sent))


def test_each_callback_of_a_call_has_the_next_number_wherever_it_stands():
    first, second = Callback(np.sum, "sum"), Callback(np.max, "max")
    kept = []
    node = describe([first, (second, first)], [], kept)
    assert kept == [first, second, first]
    asked = []
    one, (two, three) = Decoder(b"", lambda number, point: asked.append((number, point))).decode(node)
    for function in (three, one, two):
        function(0.5)
    assert asked == [(2, 0.5), (0, 0.5), (1, 0.5)]


def test_a_dictionary_of_arrays_takes_its_bytes_in_their_order():
    first, second = np.arange(3.0), np.arange(2, dtype=np.int8)
    blobs = []
    items = [[describe(key, [], []), describe(array, blobs, [])] for key, array in (("a", first), (2, second))]
    came = Decoder(b"".join(blobs), None).decode({"t": "dict", "items": items})
    assert list(came) == ["a", 2]
    assert np.array_equal(came["a"], first)
    assert np.array_equal(came[2], second)


def test_a_tuple_of_numpy_scalars_is_a_key():
    key = {"t": "array", "dtype": "<i2", "shape": []}
    node = {"t": "dict", "items": [[{"t": "tuple", "items": [key, key]}, None]]}
    assert read(node, b"\1\0\2\0") == {(1, 2): None}
