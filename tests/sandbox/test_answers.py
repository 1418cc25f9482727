"""A reply becomes an answer that shows no word of the student's; a callback is evaluated within its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from sandbox.replies import read_reply, reply

from autograder.judging.calls import Callback, Noise, Raised, Returned, Stopped, Unreadable
from autograder.judging.sizes import size_of
from autograder.sandbox import protocol
from autograder.sandbox.answers import NO_DATA, POINT_SIZE, Evaluation, TooManyPointsError, read_answer
from autograder.sandbox.values import GarbledError

DOUBLES = Callback(lambda x: 2 * float(x), "lambda x: 2 * x")
NEGATES = Callback(lambda x: -float(x), "lambda x: -x")


def answer(fields, room=1 << 20, points=()):
    return read_answer("f", read_reply(reply(**fields)), b"", points, room)


def without_value(**fields):
    """The answer to a reply that holds no value."""
    empty = dict.fromkeys(("value", "changed", "printed", "warnings"), ...)
    given, size = answer(empty | fields)
    assert size == 0
    return given


def test_a_value_comes_with_its_size_its_points_its_noise_and_whether_it_changed_an_argument():
    fields = {"value": {"t": "int", "v": "7"}, "changed": True, "printed": "p", "warnings": ["w", "v"]}
    expected = Returned(7, changed=True, points=(1.0, 2.0), noise=Noise("p", ("w", "v")))
    assert answer(fields, points=[1.0, 2.0]) == (expected, size_of(7))
    assert answer(fields | {"changed": False})[0].changed is False


def test_a_value_may_fill_its_room_and_not_exceed_it():
    assert answer({"value": True}, room=64)[0] == Returned(True)
    with pytest.raises(GarbledError, match="larger than it may be"):
        answer({"value": True}, room=63)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (None, "f is not defined."),
        ("int", "f is not a function: it is an object of type int."),
        ("ndarray", "f is not a function: it is an object of type ndarray."),
        ("Secret0_1", "f is not a function: it is an object of a type of its own."),
        ("", "f is not a function: it is an object of a type of its own."),
    ],
)
def test_a_missing_function_is_final_and_a_type_of_the_student_s_has_no_name(what, sentence):
    assert without_value(t="absent", what=what) == Stopped(sentence, final=True)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("ValueError", "ValueError"),
        ("LinAlgError", "LinAlgError"),
        ("print", "an exception of its own"),
        ("Secret", "an exception of its own"),
    ],
)
def test_an_exception_is_named_if_everybody_knows_it_and_keeps_its_text_and_noise(kind, shown):
    fields = {"t": "raised", "type": kind, "text": "why", "printed": "p", "warnings": ["w"]}
    assert without_value(**fields) == Raised(shown, "why", Noise("p", ("w",)))


@pytest.mark.parametrize(
    "what",
    [
        "an object of type generator",
        "an object of type set",
        "an array of dtype object",
        "an array of dtype str128",
        "an array of dtype str",
        "an integer of more than 1024 bits",
        "a structure nested too deeply",
        "an array of shape (1000, 1000), too large to be an answer,",
        "an array of shape (), too large to be an answer,",
        "an array of 33 axes, too large to be an answer,",
        "a list of 5000 items, too large to be an answer,",
        "a dictionary of 5 items, too large to be an answer,",
        "a string of 9999 characters, too large to be an answer,",
        "a number, too large to be an answer,",
    ],
)
def test_what_describes_a_value_in_the_grader_s_own_words_is_shown(what):
    assert without_value(t="unreadable", what=what) == Unreadable(what)


@pytest.mark.parametrize(
    "what",
    [
        "",
        "an object of type Secret",
        "an array of dtype x0_5",
        "an array of dtype strx",
        "the hidden input is 3",
        "a structure nested too deeply: 3",
        "x a structure nested too deeply",
        "a list of x items, too large to be an answer,",
        "an array of shape (1; 2), too large to be an answer,",
        "a set of 3 items, too large to be an answer,",
    ],
)
def test_whatever_else_a_process_says_about_a_value_is_not_shown(what):
    assert without_value(t="unreadable", what=what) == Unreadable(NO_DATA)


@pytest.mark.parametrize("fields", [{"t": "ready"}, {"t": "done"}])
def test_what_is_no_reply_to_a_call_is_refused(fields):
    with pytest.raises(GarbledError, match="no reply to a call"):
        without_value(**fields)


# --- callbacks -------------------------------------------------------------------------------------------


def asked(number, point=1.5):
    return protocol.Asked(number, read_reply(reply(value=point)).value)


def test_each_callback_has_its_number_and_the_points_of_all_are_kept_in_order():
    evaluation = Evaluation([DOUBLES, NEGATES], 1 << 20)
    assert evaluation.value(asked(1, True), b"") == (-1.0).hex()
    assert evaluation.value(asked(0, False), b"") == (0.0).hex()
    assert evaluation.points == [1.0, 0.0]


def test_a_callback_that_there_is_not_is_no_honest_question():
    with pytest.raises(GarbledError, match="no such callback"):
        Evaluation([DOUBLES], 1 << 20).value(asked(1, True), b"")
    with pytest.raises(GarbledError, match="no such callback"):
        Evaluation([], 1 << 20).value(asked(0, True), b"")


def test_the_points_of_a_call_share_its_limit_and_may_use_it_up():
    each = POINT_SIZE + size_of(True)
    evaluation = Evaluation([DOUBLES], 2 * each)
    for _ in range(2):
        evaluation.value(asked(0, True), b"")
    with pytest.raises(TooManyPointsError):
        evaluation.value(asked(0, True), b"")
    assert len(evaluation.points) == 2


def test_the_numbers_of_a_point_count_as_floats_whatever_their_dtype():
    array = {"t": "array", "dtype": "|i1", "shape": [1000]}
    sums = Callback(np.sum, "sum")
    size = POINT_SIZE + 64 + 24 + 8 * 1000
    assert Evaluation([sums], size).value(asked(0, array), bytes(1000)) == (0.0).hex()
    with pytest.raises(TooManyPointsError):
        Evaluation([sums], size - 1).value(asked(0, array), bytes(1000))


def test_bytes_that_are_more_than_is_left_are_not_even_read():
    with pytest.raises(TooManyPointsError):
        Evaluation([DOUBLES], POINT_SIZE + 10).value(asked(0, True), bytes(11))
    with pytest.raises(GarbledError, match="left over"):
        Evaluation([DOUBLES], POINT_SIZE + 11).value(asked(0, True), bytes(11))
