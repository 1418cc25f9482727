"""The operations of a formula: each as it stands, and what is refused."""

from __future__ import annotations

import ast
from types import FunctionType

import numpy as np
import pytest

from autograder.judging.sites import Sites, _is_near, definitions_of, grows, guarded, plain


@pytest.mark.parametrize(
    ("operation", "operands", "value"),
    [
        ("Sub", (5, 2), 3),
        ("Div", (6, 3), 2),
        ("DivBy", (6, 3), 2),
        ("SumMult", (6, 3), 18),
        ("Pow", (2, 3), 8),
        ("GtE", (2, 2), True),
        ("Gt", (2, 2), False),
        ("LtE", (2, 2), True),
        ("Lt", (2, 2), False),
        ("USub", (2,), -2),
        ("variable", (2, 3, 4), 2),
        ("number", (2.5,), 2.5),
        ("max", (max, 2, 3), 3),
    ],
)
def test_an_operation_as_it_stands(operation, operands, value):
    assert plain(operation)(*operands) == value


def test_a_table_that_is_too_large_is_refused_of_an_operator_alone():
    row, column = np.broadcast_to(1.0, (1, 1 << 11)), np.broadcast_to(1.0, (1 << 11, 1))
    with pytest.raises(ValueError, match="a table where the formula has a row"):
        guarded("Add", lambda a, b: 0)(row, column)
    assert guarded("Add", lambda a, b: 0)(row, row) == 0
    assert guarded("sum", lambda a, b: 0)(row, column) == 0


def test_only_an_operator_on_two_operands_can_be_refused():
    long = np.broadcast_to(1.0, 1 << 21)
    assert guarded("USub", lambda a: 7)(long) == 7
    assert guarded("variable", abs) is guarded("log", abs) is guarded("call", abs) is abs


@pytest.mark.parametrize(
    ("operation", "shapes", "is_table"),
    [
        ("Add", [(3000,), (4000,)], False),
        ("Add", [(1 << 10, 1), (1, 1 << 10)], False),
        ("Add", [(1 << 10, 1), (1, (1 << 10) + 1)], True),
        ("Add", [(1 << 21,), ()], True),
        ("MatMult", [(2000, 1), (1, 2000)], True),
        ("MatMult", [(3, 2000), (2000, 4)], False),
        ("MatMult", [(2000,), (2000, 2000)], False),
    ],
)
def test_a_result_is_too_large_from_one_number_more_than_a_million(operation, shapes, is_table):
    assert grows(operation, [np.broadcast_to(1.0, shape) for shape in shapes]) == is_table


def test_a_single_number_makes_no_table_of_another_one():
    assert not grows("Mult", (2.0, 3))
    assert not grows("Mult", (2.0, np.ones(3)))


def visited(body, names="x", helpers=("own",)):
    """The operations of a function, and its text with a call for each of them."""
    definition = ast.parse(f"def f({names}):\n " + body).body[0]
    sites = Sites([], frozenset(helpers))
    text = ast.unparse(ast.fix_missing_locations(sites.visit(definition)))
    return sites, text.partition(":\n    ")[2].removeprefix("return ")


@pytest.mark.parametrize(
    ("written", "operations"),
    [
        ("x + 1", "count Add"),
        ("x - 1.5", "number Sub"),
        ("x * x", "Mult"),
        ("x @ x", "MatMult"),
        ("x % 2", "count"),
        ("x ** 2", "Pow"),
        ("x / 2", "count Div"),
        ("x / (x + x)", "Add Div"),
        ("x / x", "DivBy"),
        ("x / x[0]", "DivBy"),
        ("x / len(x)", "len DivBy"),
        ("-x", "USub"),
        ("+x", ""),
        ("not x", ""),
        ("x > 1", "count Gt"),
        ("x != x", "NotEq"),
        ("0 < x < 1", "count count"),
        ("x is x", ""),
        ("x.T", "T"),
        ("x.shape", ""),
        ("(x + x).shape", "Add"),
        ("0.0", ""),
        ("0", "count"),
        ("1e299", "number"),
        ("1e300", ""),
        ("1e-300", "number"),
        ("True", ""),
        ("'text'", ""),
        ("x[1]", ""),
        ("x[x > x]", "Gt"),
        ("x.T[1]", "T"),
        ("np.log(x + x)", "Add log"),
        ("np.sum(x * x)", "SumMult sum"),
        ("sum(x * x)", "SumMult sum"),
        ("np.mean(x * x)", "Mult mean"),
        ("np.sum(x * x, axis=0)", "Mult sum"),
        ("np.sum(x + x * x)", "Mult Add sum"),
        ("np.sum(x, axis=1 + 1)", "sum"),
        ("x.cumsum(axis=0)", "cumsum"),
        ("cumsum(x, axis=0)", ""),
        ("np.cumsum(x)", "function"),
        ("numpy.linalg.det(x)", "function"),
        ("math.floor(x)", "function"),
        ("x.reshape(2)", "count"),
        ("x.linalg.det(x)", ""),
        ("own(x, x)", "call"),
        ("own(x)", ""),
        ("foreign(x, x)", ""),
    ],
)
def test_the_operations_of_an_expression(written, operations):
    sites, _ = visited(f"return {written}")
    assert " ".join(name for name, _ in sites.sites) == operations


@pytest.mark.parametrize(
    ("written", "operations"),
    [
        ("x += x.T", "T AugAssign"),
        ("x -= x", "AugAssign"),
        ("x *= x", "AugScale"),
        ("x /= x", "AugScale"),
        ("x **= 2", "count"),
        ("x @= x", ""),
        ("y: int = x + x", "Add"),
        ("y: int", ""),
        ("x[0] = x + x", "Add"),
        ("while x > 1: x = x / 2", ""),
        ("for y in range(3): x = x - y", "count range Sub"),
        ("if x > x: x = -x", "Gt USub"),
    ],
)
def test_the_operations_of_a_statement(written, operations):
    sites, _ = visited(written)
    assert " ".join(name for name, _ in sites.sites) == operations


@pytest.mark.parametrize(
    ("names", "written", "called"),
    [
        ("x", "x - 2", "_operators[1](x, _operators[0](2))"),
        ("x", "x.sum(axis=0)", "_operators[0](_np.sum, x, axis=0)"),
        ("x", "np.sum(x, keepdims=True)", "_operators[0](np.sum, x, keepdims=True)"),
        ("x", "own(x, [x], by=x)", "_operators[0](own, x, [x], by=x)"),
        ("x", "x % -x", "x % _operators[0](x)"),
        ("x", "x.T", "_operators[0](x.T)"),
        ("x, y", "y", "_operators[0](y, x)"),
        ("x, y", "z", "z"),
        ("a, b, c, d, e", "b", "_operators[0](b, a, c, d)"),
        ("x", "x <= x", "_operators[0](x, x)"),
    ],
)
def test_an_operation_is_called_with_its_operands_in_their_order(names, written, called):
    assert visited(f"return {written}", names)[1] == called


def test_what_is_assigned_to_is_no_operation_and_nothing_is_added_to_defaults_or_annotations():
    assert visited("x[0] = y", "x, y")[1] == "_operators[0](x, y)[0] = _operators[1](y, x)"
    assert visited("x = y", "x, y")[1] == "x = _operators[0](y, x)"
    assert visited("x += y", "x, y")[1] == "x += _operators[1](_operators[0](y, x))"
    sites, _ = visited("return lambda y=2.5: y", "x: 1 + 1 = 2.5")
    assert sites.sites == []


def test_the_keywords_of_a_call_are_kept_by_name():
    sites, _ = visited("return np.sum(x, axis=0, keepdims=True) + np.max(x, **more)")
    assert sites.sites == [("sum", ("axis", "keepdims")), ("max", ("",)), ("Add", ())]


def test_neither_a_decorator_nor_what_is_returned_by_annotation_is_kept():
    definition = Sites([]).visit(ast.parse("@cache\ndef f(x) -> float:\n return x").body[0])
    assert ast.unparse(ast.fix_missing_locations(definition)) == "def f(x):\n    return x"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("np.log(x)", "np.log(y)", True),
        ("np.log(x)", "np.exp(x)", False),
        ("np.log(x + z)", "np.log(y + x)", True),
        ("np.log(x + z)", "np.log(y + y)", False),
        ("np.log(x + 2)", "np.log(y + 3)", False),
        ("np.log(x + 2)", "np.log(y - 2)", False),
        ("np.log(np.exp(x))", "np.log(np.abs(x))", False),
    ],
)
def test_operations_are_alike_if_they_are_written_alike_but_for_their_variables(one, other, alike):
    sites, _ = visited(f"return [{one}, {other}]", "self")
    logs = [text for (name, _), text in zip(sites.sites, sites.written, strict=True) if name in ("log", "exp")]
    assert (logs[0] == logs[-1]) == alike


def test_no_two_statements_that_add_are_alike():
    sites, _ = visited("x += y; z += y", "self")
    assert len(set(sites.written)) == 2


def helped(x):
    return helper(x) + np.abs(x) + len(x)


def helper(x):
    return apply(deeper, x) if x else helper(x)


def deeper(x):
    return x


def apply(function, x):
    return function(x)


def test_a_function_is_taken_with_all_of_its_module_that_it_is_made_of_once_each():
    found, definitions = definitions_of(helped)
    assert found == {"helped": helped, "helper": helper, "apply": apply, "deeper": deeper}
    assert sorted(entry.name for entry in definitions) == sorted(found)
    assert definitions[0].name == "helped"


async def later(x):
    return x


lambda_of = [lambda x: x]


@pytest.mark.parametrize("function", [len, np.sum, later, lambda_of[0]])
def test_what_is_no_plain_function_has_no_definition(function):
    with pytest.raises(TypeError):
        definitions_of(function)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("a.b", "a.c", True), ("a.b", "c.b", False), ("a.b.c", "a.d", False), ("b", "c", False), ("a", "a.b", False)],
)
def test_a_function_of_another_module_is_near_if_its_module_lies_beside(one, other, near):
    first, second = (FunctionType(deeper.__code__, {"__name__": name}) for name in (one, other))
    assert _is_near(first, second) == _is_near(second, first) == near
    assert _is_near(first, first)
