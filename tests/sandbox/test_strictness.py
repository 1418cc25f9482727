"""What a student's process sends is read as data of the protocol, or refused."""

from __future__ import annotations

import random

import pytest
from sandbox.replies import mutated, read, reply, seeds

from autograder.sandbox.protocol import read_reply
from autograder.sandbox.values import GarbledError, read_point, read_value

# --- strictness ------------------------------------------------------------------------------------------

ARRAY = {"t": "array", "dtype": "<f8", "shape": [1]}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        reply()[:-1],
        reply() + b"x",
        reply(t="return"),
        reply(t=None),
        reply(t=...),
        reply(score=4),
        reply(passed=True),
        reply(changed=1),
        reply(changed="true"),
        reply(changed=None),
        reply(printed=3),
        reply(warnings=...),
        reply(warnings="none"),
        reply(warnings=[None]),
        reply(value=1.5),
        reply(value=7),
        reply(value="text"),
        reply(value=[1]),
        reply(value={"t": "object"}),
        reply(value={"t": "int", "v": 7}),
        reply(value={"t": "int", "v": "7", "w": 1}),
        reply(value={"t": "list", "items": None}),
        reply(value={"t": "dict", "items": [[None]]}),
        reply(value={"t": "dict", "items": [[None, None, None]]}),
        reply(value={**ARRAY, "strides": [8]}),
        reply(value={**ARRAY, "shape": [True]}),
        reply(value={**ARRAY, "shape": [1.5]}),
        reply(value={**ARRAY, "shape": "11"}),
        reply(value={**ARRAY, "dtype": None}),
        reply(value=float("nan")),
        reply(printed="NaN").replace(b'"NaN"', b"NaN"),
        reply(printed="x").replace(b"x", b"\xff"),
        reply(printed="x").replace(b"x", b"\\ud800"),
        b'{"t":"cell","outputs":[{"output_type":"stream","name":"stdin","text":""}],"error":null}',
        b'{"t":"cell","outputs":[{"output_type":"error","ename":"E"}],"error":null}',
        b'{"t":"cell","outputs":[{"output_type":"display_data","data":{"text/plain":["a"]}}],"error":null}',
        b'{"t":"asked","id":true,"point":null}',
        b'{"t":"asked","id":"0","point":null}',
        b'{"t":"ready","now":1}',
    ],
)
def test_what_is_no_reply_of_the_protocol_is_refused(text):
    with pytest.raises(GarbledError):
        read_reply(text)


NO_DTYPES = ["O", "|O8", "<U2", "|S8", "|V8", "<M8[s]", "f8,f8", "<f3", "<f8 ", "<f88", "x", "", "float", "<i32"]


def nested(depth, kind="list"):
    node = None
    for _ in range(depth):
        node = {"t": kind, "items": [node]}
    return node


@pytest.mark.parametrize(
    ("node", "blob"),
    [
        ({**ARRAY}, b""),
        ({**ARRAY}, b"\0" * 7),
        ({**ARRAY}, b"\0" * 9),
        (None, b"left over"),
        ({**ARRAY, "shape": [-1]}, b"\0" * 8),
        ({**ARRAY, "shape": [-1, -1]}, b"\0" * 8),
        ({**ARRAY, "shape": [2**62]}, b"\0" * 8),
        ({**ARRAY, "shape": [2**32, 2**32]}, b""),
        ({**ARRAY, "shape": [10**30]}, b"\0" * 8),
        ({**ARRAY, "shape": [1] * 65}, b"\0" * 8),
        *(({**ARRAY, "dtype": dtype}, b"\0" * 8) for dtype in NO_DTYPES),
        ({"t": "int", "v": "1_0"}, b""),
        ({"t": "int", "v": " 1"}, b""),
        ({"t": "int", "v": "0x10"}, b""),
        ({"t": "int", "v": "٣"}, b""),
        ({"t": "int", "v": ""}, b""),
        ({"t": "int", "v": "9" * 401}, b""),
        ({"t": "float", "v": "one"}, b""),
        ({"t": "float", "v": ""}, b""),
        ({"t": "float", "v": "0x1p99999"}, b""),
        (nested(25), b""),
        (nested(25, "tuple"), b""),
        ({"t": "list", "items": [None] * 200_001}, b""),
        ({"t": "dict", "items": [[nested(1), None]]}, b""),
        ({"t": "dict", "items": [[{"t": "tuple", "items": [nested(1)]}, None]]}, b""),
        ({"t": "dict", "items": [[{"t": "tuple", "items": [{"t": "tuple", "items": [nested(1)]}]}, None]]}, b""),
        ({"t": "dict", "items": [[{"t": "dict", "items": []}, None]]}, b""),
        ({"t": "dict", "items": [[{**ARRAY, "shape": [0]}, None]]}, b""),
    ],
)
def test_a_value_that_does_not_match_its_description_is_refused(node, blob):
    """Sizes, dtypes, depth, digits and keys: each is held against what may be, before anything is built."""
    with pytest.raises(GarbledError):
        read(node, blob)


def test_json_nested_without_end_is_refused():
    """Neither the parser nor the reader can be driven out of its stack."""
    deep = b'{"t":"list","items":[' * 100_000
    with pytest.raises(GarbledError):
        read_reply(reply(value="@").replace(b'"@"', deep + b"null" + b"]}" * 100_000))


def test_a_point_that_holds_text_is_refused_before_numpy_sees_it():
    """One long text among many elements would take gigabytes of the grader; it is no forgery, though."""
    text = {"t": "list", "items": [{"t": "str", "v": "x" * 1000}, None]}
    assert read(text) == ["x" * 1000, None]
    with pytest.raises(ValueError, match="can't be evaluated") as caught:
        read_point(read_reply(reply(value=text)).value, b"")
    assert not isinstance(caught.value, GarbledError)


@pytest.mark.parametrize("key", [{"t": "array", "dtype": "<i8", "shape": []}, {"t": "tuple", "items": [None]}])
def test_a_key_may_be_a_numpy_scalar_or_a_tuple(key):
    blob = b"\0" * 8 if key["t"] == "array" else b""
    assert read({"t": "dict", "items": [[key, None]]}, blob) == {(0 if blob else (None,)): None}


# --- fuzz ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_whatever_bytes_come_they_are_read_or_refused(seed):
    """A thousand and more damaged messages: each gives a value or GarbledError, never another exception."""
    chance = random.Random(seed)
    refused = accepted = 0
    for number in range(250):
        text, blob = seeds()[number % 4]
        blob = mutated(blob, chance) if blob and chance.random() < 0.3 else blob
        try:
            message = read_reply(mutated(text, chance))
            node = getattr(message, "value", getattr(message, "point", None))
            read_value(node, blob)
        except GarbledError:
            refused += 1
        else:
            accepted += 1
    assert refused > 100
    assert accepted > 0


@pytest.mark.parametrize("shape", [[0, 2**63], [0, 2**62, 2**62], [2**63, 0]])
def test_a_shape_that_no_array_can_have_is_refused(shape):
    """Though it is empty, and so needs no bytes."""
    with pytest.raises(GarbledError):
        read({**ARRAY, "shape": shape})
