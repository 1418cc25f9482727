"""What might explain wrong answers: a function with mistakes in it, whose answers are kept and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Call
from autograder.judging.model import Check, Exercise, Misconception
from autograder.judging.slips import Slip

Function = Callable[..., Any]


@dataclass(frozen=True)
class AskedCall:
    """A call, the answer to it, and the truth."""

    call: Call
    answer: Answer
    truth: Answer
    clause: str | None
    """What is wrong with the answer, or None."""


@dataclass(frozen=True)
class TriedCheck:
    """A check whose calls have been asked, the public example first."""

    check: Check
    asked: tuple[AskedCall, ...]

    @property
    def passed(self) -> bool:
        return all(entry.clause is None for entry in self.asked)


@dataclass(frozen=True)
class Inside:
    """Changes inside a formula, by the number of the operation. ``changed`` makes a function with any of them."""

    changed: Callable[[Mapping[int, Function]], Function]
    changes: Mapping[int, Function]


@dataclass(frozen=True)
class Candidate:
    """A function with mistakes in it: those inside ``function``, then ``slips`` on what it returns."""

    parts: tuple[Misconception | Slip, ...]
    function: Function
    slips: tuple[Slip, ...] = ()
    constant: float = 0.0
    """The small constant that is added somewhere, if one is."""
    at: Callable[[float], Function] | None = None
    """The same function with another constant."""
    place: tuple[int, int] | None = None
    """Which operation of which formula goes wrong, if a single one does."""
    over: Callable[[Function], Function | None] | None = None
    """Returns the same mistake made in another function than the reference; None if it can't be made there."""
    inside: Inside | None = None
    """Which operations of which formula are changed, if it is a formula with changes."""
    made_of: tuple[Candidate, ...] = ()
    """The mistakes that it is made of, each alone, if there are two."""

    @property
    def names(self) -> frozenset[str]:
        """The mistakes, whatever their order."""
        return frozenset(part.name for part in self.parts)

    def with_slip(self, slip: Slip) -> Candidate:
        """Return the same with a slip on top."""
        return Candidate(
            (*self.parts, slip), self.function, (*self.slips, slip), made_of=(self,) if self.parts else ()
        )


def known(exercise: Exercise) -> list[Candidate]:
    """Return the known mistakes."""

    def over(mistake: Misconception) -> Callable[[Function], Function | None]:
        return lambda function: _rebased(mistake.function, exercise.reference, function)

    return [Candidate((entry,), entry.function, over=over(entry)) for entry in exercise.misconceptions]


def composed(one: Candidate, other: Candidate, reference: Function) -> Iterator[Candidate]:
    """Yield each way to make two mistakes at once: the one in the function with the other, or the reverse.

    Slips on the answer come after what is inside, in either order; two changes of a formula are made in it.
    """
    parts = (*one.parts, *other.parts)
    orders = [(*one.slips, *other.slips)]
    if one.slips and other.slips:
        orders.append((*other.slips, *one.slips))
    made_of = tuple(entry for entry in (one, other) if entry.parts)
    for function, inside in _functions(one, other, reference):
        for slips in orders:
            yield Candidate(parts, function, slips, inside=inside, made_of=made_of)


def _functions(one: Candidate, other: Candidate, reference: Function) -> Iterator[tuple[Function, Inside | None]]:
    for upper, lower in ((one, other), (other, one)):
        if upper.function is reference:  # all that goes wrong there is on the answer
            yield lower.function, lower.inside
            return
    a, b = one.inside, other.inside
    if a and b:
        if a.changed == b.changed and not a.changes.keys() & b.changes.keys():
            both = {**a.changes, **b.changes}
            yield a.changed(both), Inside(a.changed, both)
        return
    for upper, lower in ((one, other), (other, one)):
        function = upper.over(lower.function) if upper.over else None
        if function:
            yield function, None


def on_top(one: Candidate, other: Candidate) -> Candidate | None:
    """Return one mistake on top of another function, in place of the reference that it is written with.

    A mistake that reads ``right.variance(values, probs) * n`` can be made of any other variance as well. None if
    it is not written with the reference.
    """
    changed = one.over(other.function) if one.over else None
    return Candidate((*one.parts, *other.parts), changed) if changed else None


def converting(function: Function) -> Function:
    """Return a function that makes its arrays float64 or int64 first: known mistakes work in whatever they get."""

    def wide(value: Any) -> Any:
        kind = value.dtype.kind if isinstance(value, np.ndarray) else ""
        return value.astype(np.float64 if kind == "f" else np.int64) if kind and kind in "fiu" else value

    def converts(*args: Any, **kwargs: Any) -> Any:
        return function(*map(wide, args), **{name: wide(value) for name, value in kwargs.items()})

    return converts


class _Instead:
    """A module with another function in place of one of its own."""

    def __init__(self, module: ModuleType, name: str, function: Function) -> None:
        self._module = module
        setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _rebased(function: Function, reference: Function, replacement: Function) -> Function | None:
    if not isinstance(function, FunctionType):
        return None
    name, places = _places(function, reference)
    if not places:
        return None
    swapped = {
        used: replacement if value is reference else _Instead(value, name, replacement)
        for used, value in places.items()
    }
    space = {**function.__globals__, **swapped}
    copy = FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


@cache
def _places(function: FunctionType, reference: Function) -> tuple[str, dict[str, Any]]:
    """Return the reference's name, and what a function calls it by: its own name, or a module that holds it."""
    names, name = set(_names(function.__code__)), getattr(reference, "__name__", "")
    known = {used: function.__globals__[used] for used in names if used in function.__globals__}
    return name, {
        used: value
        for used, value in known.items()
        if value is reference
        or (isinstance(value, ModuleType) and name in names and getattr(value, name, None) is reference)
    }


def _names(code: Any) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _names(constant)
