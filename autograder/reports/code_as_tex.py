"""A short NumPy function as mathematics: its assignments and its result as formulas in LaTeX."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable

_GREEK = re.compile(r"(alpha|beta|gamma|lambda|mu|pi|rho|sigma|tau|theta)s?_?(\d*)")
_NUMBERED = re.compile(r"([A-Za-z])_?(\d+)")
_POWER = re.compile(r"(-?[\d.]+)e([+-]?\d+)")
_LOW, _SUM, _PRODUCT, _ATOM = range(4)
_SAME = {"asarray", "array", "float64", "float", "copy"}
"""Calls that change nothing which mathematics speaks of, unless they round."""
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: r"\le",
    ast.Gt: ">",
    ast.GtE: r"\ge",
    ast.Eq: "=",
    ast.NotEq: r"\ne",
}


class _CannotError(Exception):
    """There is no formula for this code."""


def formulas_in(source: str, name: str) -> list[str]:
    """Return the formulas of a function, a line each; none if some of its code is no formula.

    Shapes are left out. The formula is for people to talk about, and nothing computes by it.

    Parameters
    ----------
    source
        The function's source code, with its decorators.
    name
        What the result is called.
    """
    try:
        (function,) = ast.parse(textwrap.dedent(source)).body
        if not isinstance(function, ast.FunctionDef):
            return []
        lines = [_line(statement, name) for statement in function.body if not _is_text(statement)]
        return [rf"{left} = {right}" for left, right in lines if left != right]
    except (_CannotError, SyntaxError, ValueError):  # two functions are no formula
        return []


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _line(statement: ast.stmt, name: str) -> tuple[str, str]:
    match statement:
        case ast.Return(value=ast.expr() as value):
            return _name(name), _tex(value)
        case ast.Assign(targets=[target], value=value) if isinstance(target, ast.Name | ast.Tuple):
            return _tex(target), _tex(value)
    raise _CannotError


def _tex(node: ast.expr, above: int = _LOW) -> str:
    text, binds = _bound(node)
    return rf"\left({text}\right)" if binds < above else text


def _bound(node: ast.expr) -> tuple[str, int]:
    """Return an expression, and how strongly its parts hold together."""
    match node:
        case ast.Name(id=name):
            return _name(name), _ATOM
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _POWER.sub(lambda found: _power(found[1], found[2]), str(value)), _ATOM
        case ast.BinOp(left=left, op=op, right=right):
            return _operation(left, op, right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_tex(operand, _PRODUCT)}", _SUM
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return r"\left(" + ", ".join(map(_tex, items)) + r"\right)", _ATOM
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return f"{_tex(left)} {_COMPARED[type(op)]} {_tex(right)}", _LOW
        case ast.IfExp(test=test, body=body, orelse=other):
            return _cases(test, body, other), _ATOM
        case ast.Subscript(value=value, slice=place):
            return _indexed(value, place), _ATOM
        case ast.Attribute(value=value, attr="T"):
            return rf"{_tex(value, _ATOM)}^{{\top}}", _ATOM
        case ast.Attribute(value=ast.Name(id="np"), attr="inf" | "pi" as name):
            return {"inf": r"\infty", "pi": r"\pi"}[name], _ATOM
        case ast.Attribute(value=value, attr="size"):
            return rf"\mathrm{{size}}\left({_tex(value)}\right)", _PRODUCT
        case ast.Call():
            return _call(node)
    raise _CannotError


def _power(number: str, exponent: str) -> str:
    factor = "" if number == "1" else rf"{number} \cdot "
    return f"{factor}10^{{{int(exponent)}}}"


def _name(name: str) -> str:
    if name.startswith("_"):  # a helper, or what is thrown away
        raise _CannotError
    if greek := _GREEK.fullmatch(name):
        return rf"\{greek[1]}" + (f"_{{{greek[2]}}}" if greek[2] else "")
    if numbered := _NUMBERED.fullmatch(name):
        return f"{numbered[1]}_{{{numbered[2]}}}"
    return name if len(name) == 1 else rf"\mathrm{{{name.strip('_')}}}".replace("_", r"\_")


def _operation(left: ast.expr, op: ast.operator, right: ast.expr) -> tuple[str, int]:
    match op:
        case ast.Add():
            return f"{_tex(left, _SUM)} + {_tex(right, _SUM)}", _SUM
        case ast.Sub():
            return f"{_tex(left, _SUM)} - {_tex(right, _PRODUCT)}", _SUM
        case ast.Mult():
            return rf"{_tex(left, _PRODUCT)} \, {_tex(right, _PRODUCT)}", _PRODUCT
        case ast.MatMult():
            return f"{_tex(left, _PRODUCT)} {_tex(right, _PRODUCT)}", _PRODUCT
        case ast.Div():
            return rf"\frac{{{_tex(left)}}}{{{_tex(right)}}}", _PRODUCT
        case ast.Pow():
            return f"{_tex(left, _ATOM)}^{{{_tex(right)}}}", _PRODUCT
    raise _CannotError


def _cases(test: ast.expr, body: ast.expr, other: ast.expr) -> str:
    return rf"\begin{{cases}} {_tex(body)} & {_tex(test)} \\ {_tex(other)} & \text{{otherwise}} \end{{cases}}"


def _indexed(value: ast.expr, place: ast.expr) -> str:
    """Return an indexed array; an index that only shapes it is left out."""
    match place:
        case ast.Tuple(elts=items) if all(_shapes_only(item) for item in items):
            return _tex(value, _ATOM)
        case ast.Name() | ast.Constant(value=int()):
            return f"{_tex(value, _ATOM)}_{{{_tex(place)}}}"
        case _ if _shapes_only(place):
            return _tex(value, _ATOM)
    raise _CannotError


def _shapes_only(node: ast.expr) -> bool:
    """Whether an index only adds an axis, or takes all of one."""
    if isinstance(node, ast.Constant):
        return node.value is None or node.value is ...
    return ast.unparse(node) in ("np.newaxis", ":")


def _call(node: ast.Call) -> tuple[str, int]:
    """Return a call; a method is a function of its object."""
    arguments, trusted = list(node.args), False
    match node.func:
        case ast.Name(id=name):
            pass
        case ast.Attribute(value=ast.Name(id="np" | "right" as owner), attr=name):
            trusted = owner == "right"
        case ast.Attribute(value=value, attr=name):
            arguments.insert(0, value)
        case _:
            raise _CannotError
    if not arguments or name.startswith("_"):
        raise _CannotError
    if name == "astype" or (name in _SAME and _rounds(node)):
        raise _CannotError
    if name in _REDUCED and not trusted:
        return _reduced(name, arguments, node.keywords)
    if name in _FORMS and not trusted:
        return _FORMS[name](arguments)
    return rf"\mathrm{{{name}}}".replace("_", r"\_") + _among(arguments), _PRODUCT


def _rounds(node: ast.Call) -> bool:
    """Whether a call asks for another type than float64."""
    types = [*node.args[1:], *(each.value for each in node.keywords if each.arg == "dtype")]
    return any(ast.unparse(each) not in ("float", "np.float64") for each in types)


def _among(arguments: list[ast.expr]) -> str:
    return rf"\left({', '.join(map(_tex, arguments))}\right)"


def _reduced(name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> tuple[str, int]:
    """Return a sum or the like; the axis stands below it, if the code names one."""
    axis = next((each.value for each in keywords if each.arg == "axis"), None)
    axis = arguments[1] if axis is None and len(arguments) > 1 else axis
    sign = _REDUCED[name] + (f"_{{{_axis(axis)}}}" if axis is not None else "")
    if name in ("sum", "prod"):
        return f"{sign} {_tex(arguments[0], _PRODUCT)}", _SUM
    return f"{sign}{_among(arguments[:1])}", _PRODUCT


def _axis(axis: ast.expr) -> str:
    return _name(axis.id) if isinstance(axis, ast.Name) else rf"\mathrm{{axis}}\ {_tex(axis)}"


def _chosen(arguments: list[ast.expr]) -> tuple[str, int]:
    if len(arguments) != 3:
        raise _CannotError
    return _cases(*arguments), _ATOM


_REDUCED = {
    "sum": r"\sum",
    "prod": r"\prod",
    "max": r"\max",
    "min": r"\min",
    **{name: rf"\mathrm{{{name}}}" for name in ("mean", "var", "std", "median")},
}
_FORMS: dict[str, Callable[[list[ast.expr]], tuple[str, int]]] = {
    **dict.fromkeys(_SAME, lambda arguments: _bound(arguments[0])),
    "exp": lambda arguments: (rf"\exp{_among(arguments[:1])}", _PRODUCT),
    "log": lambda arguments: (rf"\log{_among(arguments[:1])}", _PRODUCT),
    "maximum": lambda arguments: (rf"\max{_among(arguments)}", _PRODUCT),
    "minimum": lambda arguments: (rf"\min{_among(arguments)}", _PRODUCT),
    "sqrt": lambda arguments: (rf"\sqrt{{{_tex(arguments[0])}}}", _ATOM),
    "abs": lambda arguments: (rf"\left|{_tex(arguments[0])}\right|", _ATOM),
    "square": lambda arguments: (rf"{_tex(arguments[0], _ATOM)}^{{2}}", _PRODUCT),
    "log1p": lambda arguments: (rf"\log\left(1 + {_tex(arguments[0], _SUM)}\right)", _PRODUCT),
    "where": _chosen,
}
