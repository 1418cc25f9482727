"""What goes wrong in one operation: the values of each change on small operands, by hand."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest

from autograder.judging.inner_changes import changes_of, guards_of


def values(operation, *operands, keywords=(), **named):
    return [
        (kind, np.round(np.asarray(change(*operands, **named), float), 9).tolist())
        for kind, change in changes_of(operation, keywords)
    ]


@pytest.mark.parametrize(
    ("operation", "operands", "found"),
    [
        ("Add", (8.0, 2.0), [6, -6, 8, 2, 12, 9, 18, 6, 16]),
        ("Sub", (8.0, 2.0), [10, -6, 8, -2, 2, 4, 7, 14, 2]),
        ("Mult", (8.0, 2.0), [8, 2, 4, 10]),
        ("SumMult", (8.0, 2.0), [8, 2, 4, 10, 2, 8, 128, 32]),
        ("Div", (8.0, 2.0), [8, 16, 2, 16, 0.25]),
        ("Pow", (-3.0, 2), [-3, 3, -27, 0.125, -6]),
        ("USub", (8.0,), [8]),
        ("AugAssign", (8.0,), [-8, 0]),
        ("AugScale", (8.0,), [0.125, 1]),
        ("Eq", (1, 1), [0]),
        ("NotEq", (1, 1), [1]),
        ("Gt", (2, 1), [0]),
        ("Gt", (1, 1), [0]),
        ("Lt", (2, 1), [1]),
        ("GtE", (1, 1), [1]),
        ("GtE", (2, 1), [0]),
        ("LtE", (2, 1), [1]),
        ("number", (8.0,), [16, 4]),
        ("count", (8,), [9, 7]),
        ("exp", (np.exp, 3.0), [3, 8, 1000, math.exp(-3), math.expm1(3)]),
        ("expm1", (np.expm1, 3.0), [3, math.exp(3)]),
        ("log", (np.log, 100.0), [100, math.log2(100), 2, math.log(101)]),
        ("log1p", (np.log1p, 99.0), [99, math.log(99), math.log2(100), 2]),
        ("sqrt", (np.sqrt, 9.0), [9]),
        ("square", (np.square, 3.0), [3]),
        ("abs", (np.abs, -3.0), [-3, 9]),
        ("where", (np.where, True, 1.0, 2.0), [2]),
        ("len", (len, [1, 2, 3]), [2, 4]),
        ("sum", (np.sum, [1.0, 2.0, 9.0]), [4, 18]),
        ("mean", (np.mean, [1.0, 2.0, 9.0]), [12, 2, 6]),
        ("var", (np.var, [1.0, 3.0]), [2]),
        ("std", (np.std, [1.0, 3.0]), [math.sqrt(2)]),
        ("max", (np.max, [1.0, 3.0]), [1]),
        ("min", (np.min, [1.0, 3.0]), [3]),
        ("maximum", (np.maximum, 1.0, 3.0), [1]),
        ("minimum", (np.minimum, 1.0, 3.0), [3]),
        ("eye", (np.eye, 2), [[[1, 1], [1, 1]], [[0, 0], [0, 1]]]),
        ("inv", (np.linalg.inv, 4.0), [4]),
        ("call", (operator.sub, 8.0, 2.0), [-6]),
        ("T", (np.array([[1, 2], [3, 4]]),), [[[1, 3], [2, 4]]]),
        ("nothing", (), []),
    ],
)
def test_each_change_gives_its_wrong_value(operation, operands, found):
    given = [value for _, value in values(operation, *operands)]
    assert len(given) == len(found)
    for one, other in zip(given, found, strict=True):
        assert np.allclose(one, other)


def test_a_loop_is_one_turn_shorter_or_longer():
    assert [change(range, 4) for _, change in changes_of("range")] == [range(3), range(5)]


def test_a_product_of_matrices_is_elementwise_a_mean_or_of_a_transposed_one():
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [2.0, 0.0]])
    found = [value for _, value in values("MatMult", a, b)]
    assert found == [[[0, 2], [6, 0]], [[2, 0.5], [4, 1.5]], [[6, 1], [8, 2]], [[2, 2], [4, 6]]]


def test_a_division_by_a_name_may_be_by_one_less_or_by_the_other_length():
    table = np.full((2, 3), 12.0)
    changes = dict(list(changes_of("DivBy"))[-2:])
    assert [kind for kind, _ in changes_of("DivBy")][:5] == [kind for kind, _ in changes_of("Div")]
    assert changes["n-minus-1-inside"](table, 3)[0, 0] == 6
    assert changes["other-length-inside"](table, 3)[0, 0] == 6
    assert changes["other-length-inside"](table, 2)[0, 0] == 4
    for change in changes.values():
        with pytest.raises(TypeError):
            change(table, 3.0)


def test_a_variable_is_any_of_three_others_or_float32():
    *others, single = [change for _, change in changes_of("variable")]
    assert [change("a", "b", "c", "d") for change in others] == ["b", "c", "d"]
    assert single(np.array([0.1]), "b").dtype == np.float32


def test_an_axis_may_be_another_or_be_lost():
    table = np.array([[1.0, 2.0], [3.0, 4.0]])
    (lost,) = [c for kind, c in changes_of("sum", ("keepdims",)) if kind == "axis-lost-inside"]
    assert lost(np.sum, table, axis=0, keepdims=True).tolist() == [4, 6]
    axes = [c for kind, c in changes_of("sum", ("axis",)) if kind == "axis-inside"]
    assert [np.asarray(c(np.sum, table, axis=5)).tolist() for c in axes] == [10, [4, 6], [3, 7], [3, 7]]
    assert not [kind for kind, _ in changes_of("sum") if kind.startswith("axis")]


def test_a_mean_over_one_less_goes_along_its_axis_and_is_nan_of_one():
    (less,) = [change for kind, change in changes_of("mean") if kind == "n-minus-1-inside"]
    table = np.array([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]])
    assert less(np.mean, table, axis=0).tolist() == [6, 8, 10]
    assert less(np.mean, table, axis=1).tolist() == [3, 9]
    assert less(np.mean, table) == 24 / 5
    assert np.isnan(less(np.mean, [1.0]))


@pytest.mark.parametrize(
    ("operation", "operands", "found"),
    [
        ("log", (lambda x: x, 2.0), [2.5, 2.0]),
        ("log", (lambda x: x, 0.1), [0.6, 0.5]),
        ("exp", (lambda x: 2 * x, 2.0), [4.5]),
        ("sqrt", (lambda x: 2 * x, 2.0), [5.0]),
        ("Div", (3.0, 0.25), [4.0, 6.0]),
        ("DivBy", (3.0, 1.5), [1.5, 2.0]),
        ("Mult", (), []),
    ],
)
def test_a_small_constant_guards_what_may_be_zero(operation, operands, found):
    assert [guard(0.5, *operands) for _, _, guard in guards_of(operation)] == found
