"""The operations of a formula, each made a call by its number, so that any of them can be changed when it runs."""

from __future__ import annotations

import ast
import contextlib
import inspect
import math
import operator
import textwrap
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from autograder.judging.inner_changes import CALLS, OPERATIONS

Function = Callable[..., Any]

OPERATORS: Mapping[str, Function] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "SumMult": operator.mul,
    "Div": operator.truediv,
    "DivBy": operator.truediv,
    "Pow": operator.pow,
    "MatMult": operator.matmul,
    "USub": operator.neg,
    "T": lambda a: a,
    "Gt": operator.gt,
    "Lt": operator.lt,
    "GtE": operator.ge,
    "LtE": operator.le,
    "Eq": operator.eq,
    "NotEq": operator.ne,
}
VALUES = ("number", "count", "variable", "AugAssign", "AugScale")
"""Operations whose first operand is their value."""
METHODS = ("sum", "mean", "max", "min", "std", "var")
"""Methods of arrays that are functions of NumPy, too."""


MAX_SIZE = 1 << 20
"""Elements of a result. A formula that is changed in one place may make a huge table in another one."""


def grows(operation: str, operands: Sequence[Any]) -> bool:
    """Whether the result of an operator on two operands is far larger than any that the formula has."""
    if getattr(operands[0], "size", 1) * getattr(operands[1], "size", 1) <= MAX_SIZE:
        return False
    shapes = [np.shape(operand) for operand in operands]
    if operation == "MatMult":
        shapes = [(*shapes[0][:-1], *shapes[1][-1:])]
    with contextlib.suppress(ValueError):  # shapes that don't fit: the operation says so itself
        return math.prod(np.broadcast_shapes(*shapes)) > MAX_SIZE
    return False


def plain(operation: str) -> Function:
    """Return what carries out an operation as it stands."""
    if operation in VALUES:
        return lambda value, *_: value
    return OPERATORS.get(operation, operator.call)


def guarded(operation: str, function: Function) -> Function:
    """Return what carries out an operation with a function unless its result :func:`grows`."""
    if OPERATORS.get(operation) is None:
        return function

    def one(*operands: Any) -> Any:
        if len(operands) == 2 and grows(operation, operands):
            raise ValueError("a table where the formula has a row")
        return function(*operands)

    return one


def definitions_of(function: Function) -> tuple[dict[str, Function], list[ast.FunctionDef]]:
    """Return a function and those of its module that it calls, by name, and their definitions."""
    found: dict[str, Function] = {}
    definitions = []
    waiting = [function]
    while waiting:
        entry = waiting.pop()
        if not inspect.isfunction(entry):  # NumPy's own, such as np.sum, have a source, but no names
            raise TypeError(entry)
        if entry.__name__ in found:
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(entry))).body
        if not isinstance(definition, ast.FunctionDef):
            raise TypeError(entry)
        found[entry.__name__] = entry
        definitions.append(definition)
        for node in ast.walk(definition):
            called = entry.__globals__.get(node.id) if isinstance(node, ast.Name) else None
            if inspect.isfunction(called) and _is_near(called, function):
                waiting.append(called)
    return found, definitions


def _is_near(called: Function, function: Function) -> bool:
    """Whether a function is of the same module as another, or of one beside it."""
    package = function.__module__.rpartition(".")[0]
    beside = bool(package) and called.__module__.rpartition(".")[0] == package
    return called.__globals__ is function.__globals__ or beside


class Sites(ast.NodeTransformer):
    """Makes each operation of a function a call of ``_operators[number]`` with its operands.

    ``helpers`` are the functions that the formula is made of. ``written`` takes how each operation is written.
    """

    def __init__(
        self,
        sites: list[tuple[str, tuple[str, ...]]],
        helpers: AbstractSet[str] = frozenset(),
        written: list[str] | None = None,
    ) -> None:
        self.sites, self.helpers = sites, helpers
        self.written = [] if written is None else written
        self.names: list[str] = []
        self._texts: list[str] = []
        self._summed: ast.expr | None = None  # what the sum that is visited adds up

    def visit(self, node: ast.AST) -> Any:
        self._texts.append(_text_of(node) if isinstance(node, ast.expr) else "")
        try:
            return super().visit(node)
        finally:
            self._texts.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.decorator_list, node.returns = [], None
        self.names = [argument.arg for argument in node.args.args]
        node.body = [self.visit(entry) for entry in node.body]  # and neither defaults nor annotations
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], self.visit(node.value)), node)

    def visit_While(self, node: ast.While) -> ast.While:
        return node  # a changed loop might have no end

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        node.value = self.visit(node.value)
        if isinstance(node.slice, ast.Compare):  # a mask; another index gone wrong is an exception most often
            node.slice = self.visit(node.slice)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign:
        node.value = self.visit(node.value)
        if isinstance(node.op, ast.Add | ast.Sub):
            node.value = self._site("AugAssign", node.value)
        elif isinstance(node.op, ast.Mult | ast.Div):
            node.value = self._site("AugScale", node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        name = type(node.op).__name__
        if name == "Mult" and node is self._summed:
            name = "SumMult"
        if name == "Div" and isinstance(node.right, ast.Name | ast.Call | ast.Subscript):
            name = "DivBy"
        left, right = self.visit(node.left), node.right if name == "Pow" else self.visit(node.right)
        if name not in OPERATIONS:
            return ast.copy_location(ast.BinOp(left, node.op, right), node)
        return self._site(name, left, right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        node.operand = self.visit(node.operand)
        return self._site("USub", node.operand) if isinstance(node.op, ast.USub) else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        name = type(node.ops[0]).__name__
        return (
            self._site(name, node.left, *node.comparators) if len(node.ops) == 1 and name in OPERATIONS else node
        )

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.value = self.visit(node.value)
        return self._site("T", node) if node.attr == "T" else node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if type(node.value) is float and 0 < abs(node.value) < 1e300:
            return self._site("number", node)
        return self._site("count", node) if type(node.value) is int else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or node.id not in self.names or len(self.names) < 2:
            return node
        others = [ast.Name(name, ast.Load()) for name in self.names if name != node.id]
        return self._site("variable", node, *others[:3])

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "sum" and len(node.args) == 1 and not node.keywords:
            self._summed = node.args[0]
        node.args = [self.visit(argument) for argument in node.args]
        if name in self.helpers and len(node.args) > 1:
            return self._site("call", node.func, *node.args, keywords=node.keywords)
        if name in METHODS and isinstance(node.func, ast.Attribute) and not _is_numpy(node.func.value):
            node.args.insert(0, self.visit(node.func.value))
            node.func = ast.Attribute(ast.Name("_np", ast.Load()), name, ast.Load())
        keywords = tuple(keyword.arg or "" for keyword in node.keywords)
        if name in CALLS or ("axis" in keywords and isinstance(node.func, ast.Attribute)):
            return self._site(name, node.func, *node.args, keywords=node.keywords)
        if isinstance(node.func, ast.Attribute) and _is_of_numpy(node.func.value):  # it counts as work
            return self._site("function", node.func, *node.args, keywords=node.keywords)
        return node

    def _site(self, operation: str, *operands: Any, keywords: Any = ()) -> ast.Call:
        self.written.append(f"{operation} {self._texts[-1] or len(self.sites)}")
        self.sites.append((operation, tuple(keyword.arg or "" for keyword in keywords)))
        number = ast.Constant(len(self.sites) - 1)
        called = ast.Subscript(ast.Name("_operators", ast.Load()), number, ast.Load())
        return ast.Call(called, list(operands), list(keywords))


def _text_of(node: ast.expr) -> str:
    """Return an expression as text with its variables numbered as they come."""
    names: dict[str, str] = {}
    called = {id(entry.func) for entry in ast.walk(node) if isinstance(entry, ast.Call)}
    parts = []
    for entry in ast.walk(node):
        if isinstance(entry, ast.Name) and id(entry) not in called and not _is_numpy(entry):
            parts.append(names.setdefault(entry.id, f"v{len(names)}"))
        elif isinstance(entry, ast.Name | ast.Attribute):
            parts.append(getattr(entry, "attr", getattr(entry, "id", "")))
        else:
            parts.append(repr(entry.value) if isinstance(entry, ast.Constant) else type(entry).__name__)
    return " ".join(parts)


def _is_of_numpy(node: ast.expr) -> bool:
    """Whether an expression is NumPy or a module of it."""
    return _is_numpy(node.value if isinstance(node, ast.Attribute) else node)


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")
