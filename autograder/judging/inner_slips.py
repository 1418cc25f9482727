"""Slips inside a formula: the reference's own source with one thing in it changed, as mutation testing does it.

What a student wrote is never read. Their answers are held against those of the changed formula, and the message says
what kind of change gives them, not where in the source it was made.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.judging.inner_changes import changes_of, guards_of
from autograder.judging.slips import Slip

Function = Callable[..., Any]
Node = Any

MESSAGES = MappingProxyType(
    {
        "sign-inside": "one sign inside is flipped: a plus where a minus belongs, or the reverse",
        "term-missing": "one term is left out",
        "factor-missing": "one factor or divisor is left out",
        "product-for-quotient": "something is multiplied where it should divide, or the reverse",
        "square-missing": "a square is left out",
        "wrong-power": "a power inside is another one",
        "root-missing": "a square root is left out",
        "log-missing": "a logarithm inside is left out",
        "exp-missing": "an exponential inside is left out",
        "log-base-inside": "a logarithm inside has another base than e",
        "mean-for-sum-inside": "something is averaged that should be added up",
        "sum-for-mean-inside": "something is added up that should be averaged",
        "n-minus-1-inside": "a mean inside divides by n - 1 in place of n",
        "median-for-mean": "a median is taken for a mean",
        "extreme-inside": "a minimum is taken for a maximum, or the reverse",
        "axis-inside": "an operation inside runs along another axis",
        "transpose-inside": "a matrix inside is transposed, or should be",
        "number-inside": "one number inside is twice or half as large",
        "one-more-or-less": "one count or position inside is off by one",
        "comparison-inside": "a comparison inside is the other way round",
        "elementwise-product": "a product of matrices is taken entry by entry",
    }
)
VAGUE = ("one-more-or-less", "number-inside", "comparison-inside", "axis-inside")
"""Kinds that are looked for after the others: what they change may be said better."""
EPSILONS = MappingProxyType(
    {
        "epsilon-in-log": "inside a logarithm",
        "epsilon-in-denominator": "to what divides",
        "epsilon-in-root": "under a square root",
    }
)


@dataclass(frozen=True)
class Changed:
    """A formula with one change, made when it is first called."""

    slip: Slip
    function: Function


@dataclass(frozen=True)
class Family:
    """Formulas with a small constant somewhere in them: ``at(eps)`` is the one with this constant."""

    name: str
    place: str
    at: Callable[[float], Function]


@cache
def inner_slips(function: Function) -> tuple[Changed, ...]:
    """Return the function with each change of one kind; nothing if its source can't be had."""
    found = []
    for kind, changed in _compiled(function, changes_of):
        found.append(
            Changed(
                Slip(kind, f"The answers are those of the right formula, but {MESSAGES[kind]}.", kind), changed
            )
        )
    return tuple(found)


@cache
def inner_families(function: Function) -> tuple[Family, ...]:
    """Return the function with a constant added in each place where one is often added."""

    def family(kind: str, changed: Function) -> Family:
        def at(eps: float) -> Function:
            def with_constant(*args: Any, **kwargs: Any) -> Any:
                changed.__globals__["_eps"] = eps
                return changed(*args, **kwargs)

            return with_constant

        return Family(kind, EPSILONS[kind], at)

    return tuple(family(kind, changed) for kind, changed in _compiled(function, guards_of))


def _compiled(
    function: Function, changes: Callable[[Node], Iterator[tuple[str, Node]]]
) -> Iterator[tuple[str, Function]]:
    """Compile the function, and those of its module that it calls, once for each change of one node."""
    try:
        definitions = _definitions(function)
    except (OSError, TypeError, SyntaxError):
        return
    tree = ast.Module(body=list(definitions.values()), type_ignores=[])
    for parent, field, index, node in list(_places(tree)):
        for kind, other in changes(node):
            _put(parent, field, index, other)
            space = {**function.__globals__, "_eps": 0.0, "_less_one": _less_one}
            try:
                exec(compile(ast.fix_missing_locations(tree), "<slip>", "exec"), space)  # noqa: S102  # our own source
            except (SyntaxError, ValueError, TypeError):
                continue
            finally:
                _put(parent, field, index, node)
            yield kind, space[function.__name__]


def _definitions(function: Function) -> dict[str, ast.FunctionDef]:
    """Return the bare definitions of a function and of the functions of its module that it calls."""
    found: dict[str, ast.FunctionDef] = {}
    waiting = [function]
    while waiting:
        entry = waiting.pop()
        if entry.__name__ in found:
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(entry))).body
        if not isinstance(definition, ast.FunctionDef):
            raise TypeError(entry)
        _strip(definition)
        found[entry.__name__] = definition
        for node in ast.walk(definition):
            called = entry.__globals__.get(node.id) if isinstance(node, ast.Name) else None
            if inspect.isfunction(called) and called.__globals__ is function.__globals__:
                waiting.append(called)
    return found


def _strip(definition: ast.FunctionDef) -> None:
    definition.decorator_list, definition.returns = [], None
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    for argument in (*definition.args.args, *definition.args.kwonlyargs):
        argument.annotation = None
    for node in ast.walk(definition):
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(node, field, [_bare(item) for item in value])


def _bare(node: Node) -> Node:
    """Return an annotated assignment without its annotation."""
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)
    return node


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield (parent, field, index, child) of each expression that may be changed."""
    for field, value in ast.iter_fields(node):
        if (isinstance(node, ast.While) and field == "test") or _is_changed_with_its_parent(node, field):
            continue  # a loop might have no end
        children = [(None, value)] if isinstance(value, ast.AST) else []
        children = list(enumerate(value)) if isinstance(value, list) else children  # type: ignore[assignment]
        for index, child in children:
            if isinstance(child, ast.expr | ast.AugAssign):
                yield node, field, index, child
            if isinstance(child, ast.AST):
                yield from _places(child)


def _is_changed_with_its_parent(node: ast.AST, field: str) -> bool:
    """Whether a child is an exponent or an axis."""
    exponent = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and field == "right"
    return exponent or (isinstance(node, ast.keyword) and node.arg in {"axis", "keepdims", "ddof"})


def _put(parent: ast.AST, field: str, index: int | None, node: Node) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _less_one(values: Any, axis: int | None = None, **_: Any) -> Any:
    values = np.asarray(values)
    size = values.size if axis is None else values.shape[axis]
    return np.sum(values, axis=axis) / (size - 1) if size > 1 else np.sum(values, axis=axis) * np.nan
