"""Mistakes in how a function ends: named where every wrong answer ends in that way."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import Call, Noise, Raised, Returned, Stopped
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck
from autograder.judging.comparison import Comparison
from autograder.judging.ends import end_of, is_written_into
from autograder.judging.model import Check, Exercise
from autograder.judging.stopwatch import Stopwatch

CHECK = Check("holds", Call((1.0,)), lambda rng: [])
PRINTED, SPACE, SILENT = (Returned(None, noise=Noise(text)) for text in ("1.04\n", " \n", ""))


def name_of(*wrong):
    right = AskedCall(Call((1.0,)), Returned(1.0), Returned(1.0), None)
    slip = end_of(TriedCheck(CHECK, (right, *(AskedCall(Call((1.0,)), a, Returned(1.0), "wrong") for a in wrong))))
    return slip.name if slip else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("only length-1 arrays can be converted to Python scalars", "math-on-arrays"),
        ("only 0-dimensional arrays can be converted to Python scalars", "math-on-arrays"),
        ("assignment destination is read-only", "input-mutated"),
        ("operands could not be broadcast together with shapes (2,) (3,)", "shapes-do-not-fit"),
        ("matmul: Input operand 1 has a mismatch in its core dimension 0", "shapes-do-not-fit"),
        ("shapes (2,3) and (2,) not aligned: 3 (dim 1) != 2 (dim 0)", "shapes-do-not-fit"),
        ("shape mismatch: indexing arrays could not be used", "shapes-do-not-fit"),
        ("axis 2 is out of bounds for array of dimension 1", "axis-out-of-bounds"),
        ("index 3 is out of bounds for axis 0 with size 3", "index-out-of-bounds"),
        ("list index out of range", "index-out-of-bounds"),
        ("too many indices for array: array is 1-dimensional", "index-out-of-bounds"),
        ("'list' object has no attribute 'shape'", "no-such-attribute"),
        ("name 'np' is not defined", "name-not-defined"),
        ("something else", None),
    ],
)
def test_an_exception_is_named_by_what_it_says(text, name):
    assert name_of(Raised("Error", text), Raised("Other", text)) == name
    assert name_of(Raised("Error", text), Returned(2.0)) is None
    assert name_of(Returned(text)) is None


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ([PRINTED, SILENT], "printed-not-returned"),
        ([SILENT, PRINTED], "nothing-returned"),
        ([SPACE], "nothing-returned"),
        ([SILENT, Returned(0.0)], None),
        ([Returned(0.0)], None),
        ([Stopped("It ended.")], None),
    ],
    ids=repr,
)
def test_nothing_returned_is_told_from_what_was_printed(answers, name):
    assert name_of(*answers) == name


X = np.array([1.0, 2.0])


def written(*answers):
    """Whether the function 3x fails with these answers only because it changes its argument."""
    exercise = Exercise("double", "test", lambda x: 2 * x, checks=(CHECK,))
    base = Candidate((), lambda x: 3 * x)
    entry = TriedCheck(
        CHECK, tuple(AskedCall(Call((X,)), one, Returned(2 * X), clause) for one, clause in answers)
    )
    return is_written_into(Comparison(exercise, Stopwatch()), base, entry)


@pytest.mark.parametrize(
    ("answers", "is_written"),
    [
        ([(Returned(3 * X, changed=True), "changed")], True),
        ([(Returned(3 * X), None), (Returned(3 * X, changed=True), "changed")], True),
        ([(Returned(3 * X), "wrong")], False),
        ([(Returned(3 * X, changed=True), "changed"), (Returned(3 * X), "wrong")], False),
        ([(Returned(2 * X, changed=True), "changed")], False),
        ([(Returned(3 * X, changed=True), "changed"), (Returned(2 * X, changed=True), "changed")], False),
        ([(Raised("KeyError"), "raised")], False),
        ([(Raised("KeyError"), None), (Returned(3 * X, changed=True), "changed")], False),
    ],
)
def test_an_argument_is_written_into_if_each_value_is_right_otherwise_and_each_wrong_call_changes_it(
    answers, is_written
):
    assert written(*answers) is is_written


def test_the_first_wrong_answer_tells_whether_something_was_printed_and_right_ones_do_not_count():
    assert name_of(PRINTED) == "printed-not-returned"
    assert name_of(SILENT, SILENT) == "nothing-returned"
    assert name_of(Raised("Error", "read-only"), SILENT) is None
    assert name_of(Stopped("name 'np' is not defined")) is None
