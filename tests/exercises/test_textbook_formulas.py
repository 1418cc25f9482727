"""Formulas beside the reference: textbook ones, and those on an earlier function. All give what it gives."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import exercises
from autograder.exercises._layouts import odd_layouts
from autograder.judging.calls import Callback, Returned, quiet_answer_of

NAMES = [name for _, name in exercises.names()]
WRITTEN_OTHERWISE = {name: exercises.find(name).textbook for name in NAMES if exercises.find(name).textbook}
BUILT = {name: exercises.find(name).uses for name in NAMES if exercises.find(name).uses}


def asked(exercise, number=0):
    """The public example and the hidden inputs of one check."""
    check = exercise.checks[number]
    return [check.example, *check.drawn(np.random.default_rng(7))]


def told(function, call):
    with np.errstate(all="ignore"):
        answer = quiet_answer_of(function, call)
    assert isinstance(answer, Returned), answer
    return [np.asarray(part) for part in (answer.value if isinstance(answer.value, tuple) else [answer.value])]


def assert_same(function, exercise, call):
    for given, right in zip(told(function, call), told(exercise.reference, call), strict=True):
        assert given.shape == right.shape
        np.testing.assert_allclose(given, right, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", WRITTEN_OTHERWISE)
def test_a_textbook_formula_gives_on_ordinary_inputs_what_the_reference_gives(name):
    exercise = exercises.find(name)
    for call in asked(exercise):
        for formula in exercise.textbook:
            assert_same(formula, exercise, call)


@pytest.mark.parametrize("name", BUILT)
def test_a_function_on_an_earlier_one_gives_what_the_reference_gives_and_asks_the_earlier_one(name):
    exercise = exercises.find(name)
    for use in exercise.uses:
        earlier, calls = exercises.find(use.name), []

        def watched(*args, earlier=earlier, calls=calls, **options):
            calls.append(args)
            return earlier.reference(*args, **options)

        for number in range(len(exercise.checks)):
            for call in asked(exercise, number)[:3]:
                if not any(isinstance(value, Callback) for value in call.values()):
                    assert_same(use.build(watched), exercise, call)
        assert calls
        assert use.name != name
        assert earlier.topic == exercise.topic


@pytest.mark.parametrize("shape", [(4,), (3, 2), (2, 3, 4)])
def test_odd_layouts_are_fortran_order_gaps_and_read_only(shape):
    drawn = []

    def draw(wanted):
        drawn.append(np.arange(1.0, 1 + np.prod(wanted)).reshape(wanted))
        return drawn[-1].copy()

    fortran, gaps, read_only = odd_layouts(draw, shape)
    assert {array.shape for array in (fortran, gaps, read_only)} == {shape}
    assert fortran.flags.f_contiguous
    assert len(shape) == 1 or not fortran.flags.c_contiguous
    assert not gaps.flags.c_contiguous
    assert not gaps.flags.f_contiguous
    assert gaps.strides[-1] < 0
    assert abs(gaps.strides[0]) == 2 * abs(fortran.copy(order="C").strides[0])
    assert [array.flags.writeable for array in (fortran, gaps, read_only)] == [True, True, False]
    np.testing.assert_array_equal(fortran, drawn[0])
    np.testing.assert_array_equal(read_only, drawn[2])
    assert len(drawn) == 3
