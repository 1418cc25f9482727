"""Mistakes in how a function ends: named where every wrong answer ends in that way."""

from __future__ import annotations

import pytest

from autograder.judging.calls import Call, Noise, Raised, Returned, Stopped
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.ends import end_of
from autograder.judging.model import Check

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
