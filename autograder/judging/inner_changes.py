"""Which changes of one expression are tried: each with the kind of slip that it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

Node = Any


def changes_of(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield each change of a node as (kind, the node in its place)."""
    match node:
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.AugAssign(op=ast.Add() | ast.Sub()):
            other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield "sign-inside", ast.AugAssign(node.target, other, node.value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "sign-inside", operand
        case ast.Constant(value=bool()):
            return
        case ast.Constant(value=int(value)):
            yield from (("one-more-or-less", ast.Constant(other)) for other in (value + 1, value - 1))
        case ast.Constant(value=float(value)) if value and abs(value) < 1e300:
            yield from (("number-inside", ast.Constant(value * factor)) for factor in (2.0, 0.5))
        case ast.Attribute(value=value, attr="T"):
            yield "transpose-inside", value
        case ast.Call():
            yield from _of_call(node)
        case ast.Compare(ops=[op]):
            other_op = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE}.get(type(op))
            if other_op:
                yield "comparison-inside", ast.Compare(node.left, [other_op()], node.comparators)


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, Node]]:
    left, right = node.left, node.right
    match node.op:
        case ast.Add() | ast.Sub():
            yield "sign-inside", ast.BinOp(left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), right)
            yield "term-missing", left
            yield "term-missing", right if isinstance(node.op, ast.Add) else ast.UnaryOp(ast.USub(), right)
        case ast.Mult():
            yield "product-for-quotient", ast.BinOp(left, ast.Div(), right)
            yield "factor-missing", left
            yield "factor-missing", right
        case ast.Div():
            yield "product-for-quotient", ast.BinOp(left, ast.Mult(), right)
            yield "factor-missing", left
            yield "wrong-power", ast.BinOp(left, ast.Div(), ast.BinOp(right, ast.Pow(), ast.Constant(2)))
        case ast.Pow():
            yield "square-missing", left
            yield "wrong-power", ast.BinOp(left, ast.Pow(), ast.Constant(3))
            yield "square-missing", _np("abs", left)
        case ast.MatMult():
            yield "elementwise-product", ast.BinOp(left, ast.Mult(), right)


def _of_call(node: ast.Call) -> Iterator[tuple[str, Node]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    argument = node.args[0] if node.args else None

    def renamed(other: str) -> ast.Call:
        return ast.Call(ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords)  # type: ignore[attr-defined]

    if name in {"log", "log1p"} and argument is not None:
        yield "log-missing", argument
        if name == "log":
            yield from (("log-base-inside", renamed(other)) for other in ("log2", "log10"))
    elif name in {"exp", "expm1", "sqrt"} and argument is not None:
        yield ("root-missing" if name == "sqrt" else "exp-missing"), argument
    elif name == "square" and argument is not None:
        yield "square-missing", argument
    elif name == "sum":
        yield "mean-for-sum-inside", renamed("mean")
    elif name == "mean":
        yield "sum-for-mean-inside", renamed("sum")
        yield "median-for-mean", renamed("median")
        yield "n-minus-1-inside", ast.Call(ast.Name("_less_one", ast.Load()), node.args, node.keywords)
    elif name in {"max", "min", "maximum", "minimum", "argmax", "argmin"}:
        other = name.replace("max", "min") if "max" in name else name.replace("min", "max")
        yield "extreme-inside", renamed(other)
    elif isinstance(node.func, ast.Name) and node.func.id == "len":
        for op in (ast.Sub(), ast.Add()):
            kind = "n-minus-1-inside" if isinstance(op, ast.Sub) else "one-more-or-less"
            yield kind, ast.BinOp(node, op, ast.Constant(1))
    yield from _other_axes(node)


def _other_axes(node: ast.Call) -> Iterator[tuple[str, Node]]:
    for place, keyword in enumerate(node.keywords):
        if keyword.arg != "axis":
            continue
        rest = [*node.keywords[:place], *node.keywords[place + 1 :]]
        yield "axis-inside", ast.Call(node.func, node.args, rest)
        for axis in (0, 1):
            keyword_for = ast.keyword("axis", ast.Constant(axis))
            yield "axis-inside", ast.Call(node.func, node.args, [*rest, keyword_for])


def guards_of(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield each place where a small constant ``_eps`` is often added, or put in place of less."""
    match node:
        case ast.Call(func=ast.Attribute(attr="log" | "log2"), args=[argument]):
            kind, value = "epsilon-in-log", argument
        case ast.Call(func=ast.Attribute(attr="sqrt"), args=[argument]):
            kind, value = "epsilon-in-root", argument
        case ast.BinOp(op=ast.Div(), right=right) if not isinstance(right, ast.Constant):
            kind, value = "epsilon-in-denominator", right
        case _:
            return
    for guarded in (ast.BinOp(value, ast.Add(), _eps()), _np("maximum", value, _eps())):
        if isinstance(node, ast.BinOp):
            yield kind, ast.BinOp(node.left, ast.Div(), guarded)
        else:
            yield kind, ast.Call(node.func, [guarded], node.keywords)


def _eps() -> ast.Name:
    return ast.Name("_eps", ast.Load())


def _np(name: str, *arguments: Node) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), list(arguments), [])
