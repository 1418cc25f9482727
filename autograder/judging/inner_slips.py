"""Slips inside a formula: the reference with one of its operations gone wrong, as mutation testing does it.

The author's source of a formula is compiled once, with each operation as a call of what a list holds at its
number. A change takes its place there while the formula is called. What a student wrote is never read: their
answers are held against those of the changed formula. The message says what kind of change gives them, not where.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import CodeType, FunctionType, MappingProxyType
from typing import Any

import numpy as np

from autograder.judging.candidates import Inside
from autograder.judging.inner_changes import GUARDS, changes_of, guards_of
from autograder.judging.sites import Sites, definitions_of, guarded, plain
from autograder.judging.slips import Slip

Function = Callable[..., Any]

MESSAGES = MappingProxyType(
    {
        "sign-inside": "one sign inside is flipped: a plus for a minus, or a difference taken the other way round",
        "part-missing": "one term or factor is left out",
        "product-for-quotient": "something is multiplied where it should divide, or the reverse",
        "square-missing": "a square is left out",
        "twice-for-square": "something is doubled where it should be squared",
        "wrong-power": "a power inside is another one",
        "root-missing": "a square root is left out",
        "log-missing": "a logarithm inside is left out",
        "exp-missing": "an exponential inside is left out",
        "exp-base-inside": "an exponential inside has another base than e",
        "one-added-inside": "1 is added or subtracted inside where it isn't asked for",
        "function-missing": "a function inside is left out",
        "square-for-absolute": "something is squared whose absolute value belongs there",
        "quotient-inverted": "a quotient inside is upside down",
        "sum-for-product": "something is added that should be multiplied",
        "unweighted-inside": "a weighted sum inside is a plain mean",
        "factor-squared": "one factor inside is squared",
        "product-for-sum": "something is multiplied up that should be added up",
        "loop-off-by-one": "a loop inside makes one turn too many or too few",
        "axis-lost-inside": "an operation inside loses an axis that should be kept",
        "arguments-swapped-inside": "a function inside gets its arguments in the wrong order",
        "log-base-inside": "a logarithm inside has another base than e",
        "mean-for-sum-inside": "something is averaged that should be added up",
        "sum-for-mean-inside": "something is added up that should be averaged",
        "n-minus-1-inside": "a division inside is by one less than it should be, as by n - 1 in place of n",
        "other-length-inside": "a division inside is by the length of another axis",
        "median-for-mean": "a median is taken for a mean",
        "extreme-inside": "a minimum is taken for a maximum, or the reverse",
        "axis-inside": "an operation inside runs along another axis",
        "transpose-inside": "a matrix inside is transposed, or should be",
        "number-inside": "one number or term inside is twice or half as large",
        "one-more-or-less": "one whole number inside is off by one",
        "float32-in-one-place": "one number inside is turned into float32, which keeps 7 digits",
        "variable-inside": "one argument inside is taken for another",
        "comparison-inside": "a comparison inside is the other way round",
        "inverse-missing": "a matrix multiplies inside where its inverse belongs",
        "every-entry-inside": "a number is added to every entry of a matrix where only its diagonal is meant",
        "first-left-out-inside": "the first entry of a diagonal inside is left out",
        "elementwise-product": "a product of matrices is taken entry by entry",
    }
)
BUT = "The answers are those of the right formula, but "
"""How the message of a slip inside begins."""
SCALED = (
    "Add",
    "Sub",
    "Mult",
    "SumMult",
    "Div",
    "DivBy",
    "Pow",
    "MatMult",
    "number",
    "sum",
    "mean",
    "log",
    "exp",
    "sqrt",
    "square",
)
"""Operations whose result may be too large by a factor."""
MAX_PLAIN = 64
"""Numbers in the arguments of a call of which no formula makes a huge table, whatever goes wrong in it."""
VAGUE = (
    "variable-inside",
    "one-more-or-less",
    "number-inside",
    "comparison-inside",
    "axis-inside",
    "one-added-inside",
    "quotient-inverted",
    "float32-in-one-place",
)
"""Kinds that are looked for after the others: what they change may be said better."""


@dataclass(frozen=True)
class Inner:
    """One change of an operation of a formula, or of several that are alike."""

    slip: Slip
    changes: Mapping[int, Function]


@dataclass(frozen=True)
class Family:
    """Formulas with a small constant somewhere in them: ``at(eps)`` is the one with this constant."""

    name: str
    place: str
    at: Callable[[float], Function]
    inside: Callable[[float], Inside] | None = None
    """What is changed in a formula for it, if anything is."""
    over: Callable[[float], Callable[[Function], Function]] | None = None
    """Returns what puts the constant into an argument of another function, if it is in one."""


@dataclass
class Formula:
    """A function whose operations can go wrong: any of them, and several at once."""

    function: Function
    sites: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Each operation, and the keywords it is called with."""
    written: list[str] = field(default_factory=list)
    """How each operation is written, whatever its variables are called: equal texts are alike."""
    plain: list[Function] = field(default_factory=list)
    """What carries out each operation."""
    operators: list[Function] = field(default_factory=list)
    """The same, with the changes of the call that is running."""

    def changed(self, changes: Mapping[int, Function]) -> Function:
        """Return the function with changes, by the number of the operation."""
        operators, plain, formula = self.operators, self.plain, self.function

        def wrong(*args: Any, **kwargs: Any) -> Any:
            if changes and _may_grow(*args, *kwargs.values()):
                operators[:] = [
                    guarded(operation, changes.get(site, plain[site]))
                    for site, (operation, _) in enumerate(self.sites)
                ]
            else:
                for site, change in changes.items():
                    operators[site] = change
            try:
                return formula(*args, **kwargs)
            finally:
                operators[:] = plain

        return wrong

    def operations_in(self, run: Callable[[Function], Any]) -> int:
        """Return how many operations are carried out while something is done with the function."""
        carried_out = 0

        def counted(plain: Function) -> Function:
            def one(*operands: Any, **keywords: Any) -> Any:
                nonlocal carried_out
                carried_out += 1
                return plain(*operands, **keywords)

            return one

        self.operators[:] = map(counted, self.plain)
        try:
            run(self.function)
        finally:
            self.operators[:] = self.plain
        return carried_out

    def slips(self) -> Iterator[Inner]:
        """Yield each change of each operation, then of all that are alike: the same is forgotten in x and in y."""
        alike = [self._alike(site) for site in range(len(self.sites))]
        one_each = [[site] for site in range(len(self.sites))]
        together = [sites for site, sites in enumerate(alike) if len(sites) > 1 and sites[0] == site]
        for sites in (*one_each, *together):
            for kind, change in changes_of(*self.sites[sites[0]]):
                message = f"{BUT}{MESSAGES[kind]}."
                if len(sites) == 1 or kind not in VAGUE:
                    yield Inner(Slip(kind, message, kind), dict.fromkeys(sites, change))

    def _alike(self, site: int) -> list[int]:
        return [other for other, text in enumerate(self.written) if text == self.written[site]]

    def families(self) -> Iterator[Family]:
        """Yield the formula with a constant added in each place where one is often added."""
        sites = sorted(enumerate(self.sites), key=lambda entry: entry[1][0] == "exp")  # rarely, and like in a log
        for site, (operation, _) in sites:
            for name, place, kept in guards_of(operation):
                yield self._family(name, place, [site], kept)
        for guards in GUARDS.values():
            alike = [site for site, (other, _) in enumerate(self.sites) if guards_of(other) is guards]
            if len(alike) > 1:
                for name, place, kept in guards:
                    yield self._family(name, place, alike, kept)

    def scaled(self) -> Iterator[Callable[[float], Function]]:
        """Yield, for each operation that gives a number, the formula with this number times a factor."""
        for site, (operation, _) in enumerate(self.sites):
            if operation in SCALED:

                def times(by: float, plain: Function, *operands: Any, **keywords: Any) -> Any:
                    return by * plain(*operands, **keywords)

                yield cache(lambda by, site=site: self.changed({site: partial(times, by, self.plain[site])}))

    def _family(self, name: str, place: str, sites: list[int], kept: Function) -> Family:
        def inside(eps: float) -> Inside:
            return Inside(self.changed, dict.fromkeys(sites, lambda *operands: kept(eps, *operands)))

        return Family(name, place, cache(lambda eps: self.changed(inside(eps).changes)), inside)


@cache
def formula_of(function: Function) -> Formula | None:
    """Return a function as a formula; None if its source can't be had."""
    try:
        originals, definitions = definitions_of(function)
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    formula = Formula(function)
    sites = Sites(formula.sites, frozenset(originals), formula.written)
    tree = ast.Module([sites.visit(entry) for entry in definitions], [])
    formula.plain = [plain(operation) for operation, _ in formula.sites]
    formula.operators = list(formula.plain)
    module = compile(ast.fix_missing_locations(tree), "<formula>", "exec")
    space: dict[str, Any] = {}
    for entry in (*originals.values(), function):  # this one's own names count, if two modules share one
        space |= entry.__globals__
    space |= {"_operators": formula.operators, "_np": np}
    for code in module.co_consts:
        # A lambda in a default is no definition, nor is what Python 3.14 compiles of the annotations.
        if isinstance(code, CodeType) and code.co_name in originals and not code.co_freevars:
            original = originals[code.co_name]
            space[code.co_name] = FunctionType(code, space, code.co_name, original.__defaults__)
            space[code.co_name].__kwdefaults__ = original.__kwdefaults__
    formula.function = space[function.__name__]
    return formula


def _may_grow(*arguments: Any) -> bool:
    """Whether the arguments are long enough for a changed formula to make a huge table of them."""
    size = 0
    for value in arguments:  # a generator takes longer than many a formula
        size += abs(value) if type(value) is int else getattr(value, "size", 1)
    return size > MAX_PLAIN
