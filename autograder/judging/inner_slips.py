"""Slips inside a formula: the reference with one of its operations gone wrong, as mutation testing does it.

The source of a formula is compiled once, with each operation as a call of ``_site``; a change is switched on when the
formula is called. What a student wrote is never read. Their answers are held against those of the changed formula, and
the message says what kind of change gives them, not where it was made.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from autograder.judging.inner_changes import CALLS, GUARDS, OPERATIONS, changes_of
from autograder.judging.slips import Slip

Function = Callable[..., Any]

MESSAGES = MappingProxyType(
    {
        "sign-inside": "one sign inside is flipped: a plus where a minus belongs, or the reverse",
        "part-missing": "one term or factor is left out",
        "product-for-quotient": "something is multiplied where it should divide, or the reverse",
        "square-missing": "a square is left out",
        "twice-for-square": "something is doubled where it should be squared",
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
        "number-inside": "one number or term inside is twice or half as large",
        "one-more-or-less": "one whole number inside is off by one",
        "variable-inside": "one argument inside is taken for another",
        "comparison-inside": "a comparison inside is the other way round",
        "elementwise-product": "a product of matrices is taken entry by entry",
    }
)
VAGUE = ("variable-inside", "one-more-or-less", "number-inside", "comparison-inside", "axis-inside")
"""Kinds that are looked for after the others: what they change may be said better."""


@dataclass(frozen=True)
class Inner:
    """One change of one operation of a formula."""

    slip: Slip
    site: int
    change: Function


@dataclass(frozen=True)
class Family:
    """Formulas with a small constant somewhere in them: ``at(eps)`` is the one with this constant."""

    name: str
    place: str
    at: Callable[[float], Function]


@dataclass
class Formula:
    """A function whose operations can go wrong: any of them, and several at once."""

    function: Function
    sites: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Each operation, and the keywords it is called with."""
    active: dict[int, Function] = field(default_factory=dict)

    def changed(self, changes: Mapping[int, Function]) -> Function:
        """Return the function with changes, by the number of the operation."""

        def wrong(*args: Any, **kwargs: Any) -> Any:
            self.active.update(changes)
            try:
                return self.function(*args, **kwargs)
            finally:
                self.active.clear()

        return wrong

    def slips(self) -> Iterator[Inner]:
        """Yield each change of each operation."""
        for site, (operation, keywords) in enumerate(self.sites):
            for kind, change in changes_of(operation, keywords):
                message = f"The answers are those of the right formula, but {MESSAGES[kind]}."
                yield Inner(Slip(kind, message, kind), site, change)

    def families(self) -> Iterator[Family]:
        """Yield the formula with a constant added in each place where one is often added."""
        for site, (operation, _) in enumerate(self.sites):
            for name, place, guarded in GUARDS.get(operation, ()):
                yield Family(name, place, self._at([site], guarded))
        for operation, guards in GUARDS.items():
            alike = [site for site, (other, _) in enumerate(self.sites) if other == operation]
            if len(alike) > 1:
                for name, place, guarded in guards:
                    yield Family(name, place, self._at(alike, guarded))

    def _at(self, sites: list[int], guarded: Function) -> Callable[[float], Function]:
        return cache(lambda eps: self.changed(dict.fromkeys(sites, lambda *operands: guarded(eps, *operands))))


@cache
def formula_of(function: Function) -> Formula | None:
    """Return a function as a formula; None if its source can't be had."""
    try:
        definitions = list(_definitions(function).values())
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    formula = Formula(function)
    tree = ast.Module([_Sites(formula.sites).visit(entry) for entry in definitions], [])
    active, plain = formula.active, _plain

    def site(number: int, *operands: Any, **keywords: Any) -> Any:
        change = active.get(number)
        return change(*operands, **keywords) if change else plain(formula.sites[number][0], *operands, **keywords)

    space = {**function.__globals__, "_site": site}
    exec(compile(ast.fix_missing_locations(tree), "<formula>", "exec"), space)  # noqa: S102  # the author's own source
    formula.function = space[function.__name__]
    return formula


_OPERATORS: Mapping[str, Function] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mult": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Pow": lambda a, b: a**b,
    "MatMult": lambda a, b: a @ b,
    "USub": lambda a: -a,
    "T": lambda a: a,
    "Gt": lambda a, b: a > b,
    "Lt": lambda a, b: a < b,
    "GtE": lambda a, b: a >= b,
    "LtE": lambda a, b: a <= b,
}


def _plain(operation: str, *operands: Any, **keywords: Any) -> Any:
    """Carry out an operation as it stands."""
    if operation in _OPERATORS:
        return _OPERATORS[operation](*operands)
    first, *rest = operands
    return first(*rest, **keywords) if callable(first) else first


def _definitions(function: Function) -> dict[str, ast.FunctionDef]:
    """Return the definitions of a function and of the functions of its module that it calls."""
    found: dict[str, ast.FunctionDef] = {}
    waiting = [function]
    while waiting:
        entry = waiting.pop()
        if entry.__name__ in found:
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(entry))).body
        if not isinstance(definition, ast.FunctionDef):
            raise TypeError(entry)
        found[entry.__name__] = definition
        for node in ast.walk(definition):
            called = entry.__globals__.get(node.id) if isinstance(node, ast.Name) else None
            if inspect.isfunction(called) and called.__globals__ is function.__globals__:
                waiting.append(called)
    return found


class _Sites(ast.NodeTransformer):
    """Makes each operation of a function a call of ``_site`` with its number and operands."""

    def __init__(self, sites: list[tuple[str, tuple[str, ...]]]) -> None:
        self.sites = sites
        self.names: list[str] = []

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
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign:
        node.value = self.visit(node.value)
        if isinstance(node.op, ast.Add | ast.Sub):
            node.value = self._site("AugAssign", node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        name = type(node.op).__name__
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
        node.args = [self.visit(argument) for argument in node.args]
        keywords = tuple(keyword.arg or "" for keyword in node.keywords)
        if name in CALLS or ("axis" in keywords and isinstance(node.func, ast.Attribute)):
            return self._site(name, node.func, *node.args, keywords=node.keywords)
        return node

    def _site(self, operation: str, *operands: Any, keywords: Any = ()) -> ast.Call:
        self.sites.append((operation, tuple(keyword.arg or "" for keyword in keywords)))
        number = ast.Constant(len(self.sites) - 1)
        return ast.Call(ast.Name("_site", ast.Load()), [number, *operands], list(keywords))
