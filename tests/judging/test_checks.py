"""The checks that suit nearly every exercise: each one is lost for its own reason alone."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import (
    Call,
    Check,
    Exercise,
    layouts_of,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.judging.prove import marked

ORDER = "matches the definition"
LAYOUT = "takes integers, float32 and any memory layout"
UNCHANGED = "leaves its argument unchanged"


def centred(x):
    x = np.asarray(x, dtype=np.float64)
    return x - x.mean()


def ordinary(rng):
    yield Call((rng.normal(0, 2, 5),))
    yield Call((rng.normal(0, 2, (2, 3)),))


def kinds_and_layouts(rng):
    yield Call((rng.integers(-9, 10, 6),))
    yield Call((rng.normal(0, 2, 6).astype(np.float32),))
    yield from layouts_of(Call((rng.normal(0, 2, (3, 4)),)))


EXAMPLE = Call((np.array([1.0, 2.0, 6.0]),))
EXERCISE = Exercise(
    name="centred",
    topic="own",
    reference=centred,
    tolerance=lambda call, single: tolerance_for(float(np.abs(call.args[0]).max()), single=single),
    misconceptions=(),
    checks=(
        Check(ORDER, EXAMPLE, ordinary),
        takes_any_layout(Call((np.array([1, 2, 6]),)), kinds_and_layouts),
        leaves_arguments_unchanged(EXAMPLE, ordinary),
    ),
)


def lost(function, exercise=EXERCISE):
    return {
        check.name
        for number in range(3)
        for check in marked(exercise, function, number).checks
        if not check.passed
    }


def test_a_right_function_loses_neither():
    assert lost(centred) == set()


def in_place(x):
    """Copies what it can't write into, and changes the rest."""
    x = np.require(x, np.float64, "W")
    x -= x.mean()
    return x


def test_a_function_that_changes_its_argument_loses_that_check_alone():
    assert lost(in_place) == {UNCHANGED}


def of_the_same_dtype(x):
    result = np.empty_like(x)
    result[...] = x - x.mean()
    return result


def of_eight_bytes(x):
    return centred(x) if x.dtype.itemsize == 8 else centred(np.frombuffer(x.tobytes()))


def contiguous(x):
    return centred(np.frombuffer(x, x.dtype).reshape(x.shape))


def in_memory_order(x):
    return centred(x.ravel("K").reshape(x.shape))


def writes_the_same(x):
    x[...] = x.copy()
    return centred(x)


@pytest.mark.parametrize(
    "function", [of_the_same_dtype, of_eight_bytes, contiguous, in_memory_order, writes_the_same]
)
def test_a_function_that_fails_for_one_dtype_or_layout_loses_that_check_alone(function):
    assert lost(function) == {LAYOUT}


def test_a_changed_argument_is_a_mistake_however_the_value_is_judged():
    check = leaves_arguments_unchanged(EXAMPLE, ordinary, judge=lambda *_: None)
    lenient = Exercise("centred", "own", centred, EXERCISE.tolerance, (EXERCISE.checks[0], check), ())
    assert lost(in_place, lenient) == {UNCHANGED}
    assert check.judge(lenient, EXAMPLE, *[lenient.truths[UNCHANGED]] * 2) is None


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((np.ones(2),), "argument"),
        ((np.ones(2), 0.5, 2), "argument"),
        ((np.ones(2), np.ones(2)), "arguments"),
        (([1.0], [2.0]), "arguments"),
    ],
)
def test_the_name_counts_the_arrays_of_the_example(values, word):
    assert leaves_arguments_unchanged(Call(values), ordinary).name == f"leaves its {word} unchanged"


def test_name_weight_and_hint_can_be_chosen():
    check = takes_any_layout(EXAMPLE, ordinary, kinds="lists, integers", weight=0.25, hint="Why?")
    assert (check.name, check.weight, check.hint) == ("takes lists, integers and any memory layout", 0.25, "Why?")
    check = leaves_arguments_unchanged(EXAMPLE, ordinary, weight=0.25, hint="Why?")
    assert (check.name, check.weight, check.hint) == (UNCHANGED, 0.25, "Why?")


@pytest.mark.parametrize("shape", [(6,), (3, 4), (2, 3, 4), (1, 1), (0,), (0, 3)])
def test_three_layouts_of_a_call_hold_the_same_values(shape):
    whole = np.arange(np.prod(shape), dtype=np.int8).reshape(shape)
    calls = list(layouts_of(Call((whole, 0.5), {"y": whole.astype(np.float32)})))
    assert len(calls) == 3
    for call in calls:
        np.testing.assert_array_equal(call.args[0], whole, strict=True)
        np.testing.assert_array_equal(call.kwargs["y"], whole.astype(np.float32), strict=True)
        assert call.args[1] == 0.5


def test_the_layouts_are_fortran_order_gaps_and_read_only():
    fortran, gaps, read_only = (call.args[0] for call in layouts_of(Call((np.ones((3, 4)),))))
    assert fortran.flags.f_contiguous
    assert not fortran.flags.c_contiguous
    assert gaps.strides == (64, -8)
    assert not read_only.flags.writeable
    assert [array.flags.writeable for array in (fortran, gaps)] == [True, True]
    assert next(layouts_of(Call((np.float64(2.0), np.array(3.0))))).args == (2.0, np.array(3.0))


def test_a_layout_is_that_of_a_copy_and_what_has_no_axes_stays_as_it_is():
    whole, number, text = np.arange(6.0).reshape(2, 3), np.array(5.0), "sum"
    calls = list(layouts_of(Call((whole, number), {"how": text, "more": whole})))
    assert whole.flags.writeable
    for call in calls:
        assert call.args[1] is number
        assert list(call.kwargs) == ["how", "more"]
        assert call.kwargs["how"] == text
        assert not np.shares_memory(call.args[0], whole)
    _, gaps, read_only = calls
    assert gaps.args[0].strides == (48, -8), "every other row, the last axis backwards"
    assert not read_only.kwargs["more"].flags.writeable
    assert gaps.args[0].flags.writeable
    row = next(iter(list(layouts_of(Call((np.arange(3.0),))))[1].args))
    assert row.strides == (-16,)
