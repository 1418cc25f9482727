"""What crosses between the two sides: nothing is lost on the way, and nothing but data gets through."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sandbox.replies import through

from autograder.judging.calls import Call, Callback
from autograder.judging.sizes import size_of
from autograder.sandbox import protocol
from autograder.sandbox.channel import HEADER
from autograder.sandbox.inside import values
from autograder.sandbox.inside.frames import encode as values_as_json

NUMERIC = ("?", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16", "g", "G")
ROOM = {"room": 1 << 20, "extra": 0, "spare": 0, "asked": 0}
NUMERIC += (">i2", ">i4", ">f4", ">f8", ">c16")


def same(a, b):
    """Whether two values are of one type and equal bit for bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return (a.dtype.str, a.shape, a.tobytes()) == (b.dtype.str, b.shape, b.tobytes())
    if isinstance(a, float):
        return (a != a and b != b) or struct.pack("d", a) == struct.pack("d", b)  # noqa: PLR0124  # nan
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


# --- back from the student's process ---------------------------------------------------------------------

arrays = st.sampled_from(NUMERIC).flatmap(
    lambda dtype: hnp.arrays(np.dtype(dtype), hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | st.integers(-(2**1024) + 1, 2**1024 - 1) | st.floats() | text
anything = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(scalars | st.tuples(scalars, scalars), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(anything)
def test_what_the_worker_encodes_is_read_back_the_same(value):
    """Every type of data survives, with every bit of a float and every dtype, order and shape of an array."""
    assert same(through(value), value)


@given(anything)
def test_both_sides_count_a_value_alike_and_as_more_than_its_bytes(value):
    """So an honest process, which stays within what it may send, is never taken for another."""
    encoder = values.Encoder(1 << 30)
    sent = len(values_as_json(encoder.encode(value))) + sum(map(len, encoder.blobs))
    assert encoder.used == size_of(value) >= sent


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), -0.0, 5e-324, 1.7976931348623157e308]
)
def test_odd_floats_survive(value):
    assert same(through(value), value)


@pytest.mark.parametrize("dtype", NUMERIC)
def test_a_numpy_scalar_comes_back_as_an_array_without_axes(dtype):
    scalar = np.dtype(dtype).type(1)
    came = through(scalar)
    assert (came.shape, came.dtype, came[()]) == ((), scalar.dtype, scalar)


@pytest.mark.parametrize(
    ("value", "came"),
    [
        (np.str_("c"), "c"),
        (np.array("c"), "c"),
        (np.array(["D", "B"]), ["D", "B"]),
        (np.array(["D", "B"], dtype=object), ["D", "B"]),
        ([np.array([["D"]])], [[["D"]]]),
    ],
)
def test_an_array_of_text_comes_back_as_a_list(value, came):
    encoder = values.Encoder(1 << 30)
    encoder.encode(value)
    assert same(through(value), came)
    assert encoder.used == size_of(came)


def test_subclasses_come_back_as_what_they_extend():
    """No class of a student's crosses: a lying float is the float it is made of, a named tuple a tuple."""

    class Lying(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

        def hex(self):
            return "0x1p0"

    assert same(through(Lying(2.5)), 2.5)
    assert same(through(np.ma.masked_array([1.0, 2.0], [True, False])), np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "an object of type object"),
        ((i for i in ()), "an object of type generator"),
        (b"\x80\x04.", "an object of type bytes"),
        (np.array([None, object()]), "an array of dtype object"),
        (np.zeros(2, "V8"), "an array of dtype void"),
        (np.zeros(2, "i4,f8"), "an array of dtype void"),
        (np.array(["2020-01-01"], "M8[D]"), "an array of dtype datetime64"),
        (2**1024, "an integer of more than 1024 bits"),
        (np.zeros((33 << 20) // 8), r"an array of shape \(4325376,\), too large to be an answer,"),
        ([0] * 100_001, "a list of 100001 items, too large to be an answer,"),
        ({1: {2: set()}}, "an object of type set"),
    ],
)
def test_what_is_no_data_is_named_and_does_not_cross(value, said):
    with pytest.raises(values.NotDataError, match=said):
        values.Encoder(1 << 23).encode(value)


def test_a_structure_that_contains_itself_does_not_cross():
    loop = []
    loop.append(loop)
    with pytest.raises(values.NotDataError, match="nested too deeply"):
        values.Encoder(1 << 23).encode(loop)


# --- to the student's process ----------------------------------------------------------------------------


def given_to_student(call):
    """What a student's function is given for a call: packed by the trusted side, unpacked by the worker."""
    data, (callbacks,) = protocol.frame_calls("f", [call], **ROOM)
    text_size, blob_size = HEADER.unpack(data[: HEADER.size])
    (message,) = json.loads(data[HEADER.size :][:text_size])["calls"]
    assert len(data) == HEADER.size + text_size + blob_size
    asked = []
    decoder = values.Decoder(data[HEADER.size + text_size :], lambda *what: asked.append(what))
    args = [decoder.decode(node) for node in message["args"]]
    kwargs = {name: decoder.decode(node) for name, node in message["kwargs"].items()}
    assert decoder.used == blob_size
    return args, kwargs, callbacks, asked


@st.composite
def layouts(draw):
    """An array with gaps, reversed or transposed axes, Fortran order, perhaps read-only."""
    base = draw(arrays)
    if base.ndim:
        base = base[draw(hnp.basic_indices(base.shape, allow_newaxis=True, allow_ellipsis=False))]
    array = np.asarray(base)
    array = np.asfortranarray(array) if draw(st.booleans()) and array.ndim else array
    array = array.transpose(draw(st.permutations(range(array.ndim))))
    if draw(st.booleans()):
        array = array.view()
        array.flags.writeable = False
    return array


@given(layouts())
def test_an_array_arrives_with_its_dtype_strides_values_and_writeable_flag(array):
    """Nothing of the layout is lost; of an empty array only the strides, which nobody can see."""
    (came,), _, _, _ = given_to_student(Call((array,)))
    assert same(came, np.asarray(array))
    assert came.flags.writeable == array.flags.writeable
    assert not array.size or came.strides == array.strides


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(12).reshape(3, 4)),
        np.arange(40.0)[::-3],
        np.arange(48.0, dtype=np.float32).reshape(6, 8)[::2, ::-2],
        np.broadcast_to(np.arange(3.0), (4, 3)),
        np.array(5.0),
        np.zeros((0, 3)),
    ],
    ids=["C", "Fortran", "backwards", "gaps", "broadcast", "0-d", "empty"],
)
@pytest.mark.parametrize("writeable", [True, False])
def test_named_layouts_arrive_as_they_left(array, writeable):
    """The layouts that hidden checks use; writing into what arrives never reaches the one that was sent."""
    view = array if array.flags.writeable == writeable else array.view() if not writeable else array.copy()
    view.flags.writeable = writeable
    (came,), _, _, _ = given_to_student(Call((view,)))
    assert same(came, np.asarray(view))
    assert came.flags.writeable is writeable
    assert not view.size or came.strides == view.strides
    assert not np.shares_memory(came, view)


def test_several_arguments_keep_their_places_and_names():
    first, second = np.arange(3), np.arange(4.0)[::-1]
    args, kwargs, _, _ = given_to_student(Call((first, [1, 2.5, (True, None)], "x"), {"axis": -1, "y": second}))
    assert same(args, [first, [1, 2.5, (True, None)], "x"])
    assert same(kwargs, {"axis": -1, "y": second})


def test_a_callback_stays_on_the_trusted_side_and_only_its_number_crosses():
    squares = Callback(np.sum, "np.sum")
    args, _, callbacks, asked = given_to_student(Call((np.zeros(1), squares)))
    args[1](7.0)
    assert callbacks == [squares]
    assert asked == [(0, 7.0)]


def test_an_argument_that_is_no_data_is_the_grader_s_mistake_and_said_so():
    with pytest.raises(TypeError, match="a check can't pass set"):
        protocol.frame_calls("f", [Call(({1},))], **ROOM)
