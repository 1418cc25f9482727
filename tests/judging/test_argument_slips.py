"""Slips on the arguments: what each makes of the arguments of a small call, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.argument_slips import argument_slips, long_parameters, only, with_changed_arguments
from autograder.judging.calls import Call, Callback

ROW = np.array([1.0, 3.0, 5.0])


def of(function, call):
    """The first slip of each name, and what it makes of the arguments."""
    found = {}
    for slip, change in argument_slips(function, call):
        found.setdefault(slip.name, (slip, change))
    return found


def scaled(values, factor, max_steps=3, rate=0.1, names=None):
    raise NotImplementedError


SLIPS = of(scaled, Call((ROW, 4.0)))


@pytest.mark.parametrize(
    ("ending", "changed"),
    [
        ("negated", -4.0),
        ("squared", 16.0),
        ("root", 2.0),
        ("inverted", 0.25),
        ("doubled", 8.0),
        ("halved", 2.0),
        ("exponential", np.exp(4)),
        ("logarithm", np.log(4)),
        ("complement", -3.0),
        ("absolute", 4.0),
        ("plus-one", 5.0),
        ("minus-one", 3.0),
    ],
)
def test_a_number_is_taken_for_another_and_the_other_arguments_stay(ending, changed):
    _, change = SLIPS[f"factor-{ending}"]
    given = {"values": ROW, "factor": 4.0}
    assert change(given) == {"values": ROW, "factor": pytest.approx(changed)}
    assert given["factor"] == 4.0
    assert SLIPS["factor-absolute"][1]({"factor": -4.0}) == {"factor": 4.0}


@pytest.mark.parametrize(
    ("ending", "changed"),
    [
        ("reversed", [5, 3, 1]),
        ("transposed", [1, 3, 5]),
        ("centred", [-2, 0, 2]),
        ("normalised", ROW / 9),
        ("standardised", np.array([-1, 0, 1]) * np.sqrt(1.5)),
        ("first-row-only", [1]),
        ("last-left-out", [1, 3]),
        ("first-left-out", [3, 5]),
        ("float32", ROW),
    ],
)
def test_an_array_is_taken_for_another(ending, changed):
    assert np.allclose(SLIPS[f"values-{ending}"][1]({"values": ROW})["values"], changed)
    assert f"factor-{ending}" not in SLIPS


def test_a_table_is_centred_column_by_column():
    table = np.array([[1.0, 10.0], [3.0, 30.0]])
    assert SLIPS["values-centred"][1]({"values": table})["values"].tolist() == [[-1, -10], [1, 10]]
    assert SLIPS["values-standardised"][1]({"values": table})["values"].tolist() == [[-1, -1], [1, 1]]


def test_what_has_a_default_may_have_no_effect_or_another_default():
    slip, change = SLIPS["max-steps-ignored"]
    assert slip.message == "`max_steps` has no effect: the answer is that for max_steps=3."
    assert change({"factor": 2.0, "max_steps": 9}) == {"factor": 2.0}
    _, change = SLIPS["max-steps-default"]
    assert change({"max_steps": 9}) == {"max_steps": 9}, "it is given"
    assert change({}) == {"max_steps": 1}
    assert "factor-ignored" not in SLIPS
    assert "names-ignored" in SLIPS
    assert "names-default" not in SLIPS


@pytest.mark.parametrize(
    ("default", "taken"),
    [
        (1, {2, 3}),
        (3, {1, 2, 4, 5, 6}),
        (8, {6, 7, 9, 10, 16, 4}),
        (20, {18, 19, 21, 22, 40, 10}),
        (21, set()),
        (0, set()),
        (-1, set()),
        (True, set()),
        (None, set()),
        (0.1, {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1.0, 0.2, 0.05, 0.0, 0.5, 2.0}),
        (1.0, {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 2.0, 0.5, 0.0}),
    ],
)
def test_other_defaults_are_whole_numbers_beside_a_small_one_and_round_ones_for_a_float(default, taken):
    def function(x, a=default):
        raise NotImplementedError

    made = [change({})["a"] for slip, change in argument_slips(function, Call((1.0,))) if slip.name == "a-default"]
    assert len(made) == len(taken), "each of them once"
    assert set(made) == taken


def test_a_whole_number_that_is_left_out_is_changed_and_no_other_default_is():
    assert SLIPS["max-steps-doubled"][1]({}) == {"max_steps": 6}
    assert SLIPS["rate-doubled"][1]({}) == {}
    assert SLIPS["rate-doubled"][1]({"rate": 0.5}) == {"rate": 1.0}


def test_a_list_is_changed_as_the_array_that_it_stands_for():
    assert SLIPS["values-doubled"][1]({"values": [1, 2]})["values"].tolist() == [2, 4]


def test_two_arguments_change_places_if_both_are_given():
    assert SLIPS["values-and-factor-swapped"][1]({"values": 1, "factor": 2, "rate": 3}) == {
        "values": 2,
        "factor": 1,
        "rate": 3,
    }
    assert [name for name in SLIPS if name.endswith("-swapped")] == ["values-and-factor-swapped"]


def test_every_array_is_cut_where_there_are_several():
    slips = of(scaled, Call((ROW, ROW), {"rate": np.array(2.0)}))
    given = {"values": [1, 2, 3], "factor": [4, 5, 6], "rate": 7}
    assert slips["last-entry-left-out"][1](given) == {"values": [1, 2], "factor": [4, 5], "rate": 7}
    assert slips["first-entry-left-out"][1](given) == {"values": [2, 3], "factor": [5, 6], "rate": 7}
    assert "values-first-row-only" not in slips
    assert "last-entry-left-out" not in SLIPS


def test_the_work_is_done_along_every_other_axis():
    def summed(x, axis):
        raise NotImplementedError

    call = Call((ROW, 0), {})
    slips = argument_slips(summed, call)
    axes = [change({"x": ROW, "axis": 5})["axis"] for slip, change in slips if slip.name == "other-axis"]
    assert axes == [0, 1, -1]
    assert "other-axis" not in SLIPS


def test_a_callback_is_never_changed():
    def descended(f, start):
        raise NotImplementedError

    slips = of(descended, Call((Callback(np.sum, "sum"), ROW)))
    assert "start-negated" in slips
    assert not [name for name in slips if name.startswith("f-") or "-f-" in name]


def test_a_function_is_called_with_its_changed_arguments_by_name():
    def reference(a, b=2):
        raise NotImplementedError

    called = with_changed_arguments(lambda **given: given, reference, lambda given: given | {"a": 0})
    assert called(1, 5) == {"a": 0, "b": 5}
    assert called(1, b=7) == {"a": 0, "b": 7}
    assert called(1) == {"a": 0}
    assert only("b")({"a": 1, "b": 2}) == {"given": 2}


def test_a_parameter_is_long_whose_default_is_a_whole_number_above_20():
    def function(a, b=20, c=21, d=100.0, e=True, f=None):
        raise NotImplementedError

    assert long_parameters(function) == ["c"]
