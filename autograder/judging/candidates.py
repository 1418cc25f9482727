"""What might explain wrong answers: a function with mistakes in it, whose answers are kept and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

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

    @property
    def names(self) -> frozenset[str]:
        """The mistakes, whatever their order."""
        return frozenset(part.name for part in self.parts)

    def with_slip(self, slip: Slip) -> Candidate:
        """Return the same with a slip on top."""
        return Candidate((*self.parts, slip), self.function, (*self.slips, slip))


def known(exercise: Exercise) -> list[Candidate]:
    """Return the known mistakes."""
    return [Candidate((mistake,), mistake.function) for mistake in exercise.misconceptions]


def on_top(exercise: Exercise, one: Candidate, other: Candidate) -> Candidate | None:
    """Return one known mistake on top of another function, in place of the reference that it is written with.

    A mistake that reads ``right.variance(values, probs) * n`` can be made of any other variance as well. None if
    it is not written with the reference.
    """
    changed = _rebased(one.function, exercise.reference, other.function)
    return Candidate((*one.parts, *other.parts), changed) if changed else None


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
    names, name = set(_names(function.__code__)), getattr(reference, "__name__", "")
    swapped: dict[str, Any] = {}
    for used in names:
        value = function.__globals__.get(used)
        if value is reference:
            swapped[used] = replacement
        elif isinstance(value, ModuleType) and name in names and getattr(value, name, None) is reference:
            swapped[used] = _Instead(value, name, replacement)
    if not swapped:
        return None
    space = {**function.__globals__, **swapped}
    copy = FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _names(code: Any) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _names(constant)
