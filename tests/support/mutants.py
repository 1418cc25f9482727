"""Mechanical mutants of a reference: the same function with one operator, constant, axis or name changed."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect

SWAPS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div],
    ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.And: [ast.Or],
    ast.Or: [ast.And],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
NAMES = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "exp": "expm1",
    "expm1": "exp",
    "log": "log2",
    "log1p": "log",
    "sqrt": "abs",
    "abs": "positive",
    "ones": "zeros",
    "zeros": "ones",
    "ones_like": "zeros_like",
    "zeros_like": "ones_like",
    "argmax": "argmin",
    "argmin": "argmax",
    "dot": "multiply",
}

UNSEEN = {"dtype", "copy", "strict", "divide", "invalid", "over", "under", "all"}
"""Keywords that decide about float32 accuracy, warnings and errors: the contract leaves them free."""


def mutants(topic, function):
    """Yield (what was changed, the changed function), each change once."""
    module = importlib.import_module(f"autograder.solutions.{topic}")
    tree = ast.parse(inspect.getsource(module))
    functions = {node.name: i for i, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef)}
    own = functions[function]
    called = {node.id for node in ast.walk(tree.body[own]) if isinstance(node, ast.Name)}
    alone = not any(_changes(tree.body[own]))  # then what it hands its work to is what counts
    helpers = (i for name, i in functions.items() if name in called and (alone or name.startswith("_")))
    wanted = [own, *helpers]
    said = {}
    for index in wanted:
        for path, change in _changes(tree.body[index]):
            changed = copy.deepcopy(tree)
            node = _follow(changed.body[index], path)
            before = ast.unparse(node)
            change(node)
            what = f"{before} → {ast.unparse(node)}"
            said[what] = said.get(what, 0) + 1
            if said[what] > 1:
                what = f"{what} ({said[what]})"
            space = {"__name__": "mutant"}
            exec(compile(ast.fix_missing_locations(changed), "<mutant>", "exec"), space)
            yield what, space[function]


def _follow(node, path):
    for field, index in path:
        node = getattr(node, field) if index is None else getattr(node, field)[index]
    return node


def _changes(function):
    """Yield the path to an expression and a change of it; docstrings, defaults and annotations are left alone."""
    for number, statement in enumerate(function.body):
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            yield from _within(statement, [("body", number)])


def _within(node, path):
    yield from ((path, change) for change in _of(node))
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "func", "msg"} and not isinstance(value, ast.Attribute):
            continue
        if isinstance(value, ast.AST):
            yield from _within(value, [*path, (field, None)])
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _within(item, [*path, (field, index)])


def _of(node):
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op):
            yield from (_setter("op", other()) for other in SWAPS.get(type(op), []))
        case ast.Compare(ops=[op]):
            yield from (_setter("ops", [other()]) for other in SWAPS.get(type(op), []))
        case ast.UnaryOp(op=ast.USub()):
            yield _setter("op", ast.UAdd())
        case ast.Constant(value=bool(value)):
            yield _setter("value", not value)
        case ast.Constant(value=int(value)):
            yield from (_setter("value", other) for other in (value + 1, value - 1))
        case ast.Constant(value=float(value)) if abs(value) < 1e300:
            yield _setter("value", value * 1.5 if value else 1.0)
        case ast.Attribute(attr=name) if name in NAMES:
            yield _setter("attr", NAMES[name])
        case ast.IfExp():
            yield _swap_branches
        case ast.Call(keywords=[_, *_] as keywords):
            for left_out in keywords:
                if left_out.arg not in UNSEEN:
                    yield _setter("keywords", [keyword for keyword in keywords if keyword is not left_out])


def _setter(field, value):
    return lambda node: setattr(node, field, value)


def _swap_branches(node):
    node.body, node.orelse = node.orelse, node.body
