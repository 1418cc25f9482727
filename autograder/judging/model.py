"""What an exercise is: a function, its reference, weighted checks and known misconceptions, all as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from autograder.judging.calls import Answer, Call, Raised, Returned, clause_of, copied
from autograder.judging.compare import Mismatch, Tolerance, compare, identical

F = TypeVar("F", bound=Callable[..., Any])
Judge = Callable[["Exercise", Call, Answer, Answer], Mismatch | None]


@dataclass(frozen=True)
class Misconception:
    """A known mistake: the wrong formula, written down, and what to tell who makes it.

    ``message`` names the cause and nudges towards the mend without giving the answer away.
    """

    name: str
    function: Callable[..., Any]
    message: str


class Misconceptions(list[Misconception]):
    """The known mistakes of one exercise, each registered by decorating the wrong formula.

    The docstring of the function is the message.
    """

    def __call__(self, name: str) -> Callable[[F], F]:
        """Register the decorated function as the mistake ``name``."""

        def register(function: F) -> F:
            self.append(Misconception(name, function, " ".join((function.__doc__ or "").split())))
            return function

        return register


def by_value(exercise: Exercise, call: Call, answer: Answer, truth: Answer) -> Mismatch | None:
    """Judge a call by the value it returned."""
    if isinstance(answer, Returned) and isinstance(truth, Returned):
        if identical(answer.value, truth.value):
            return None
        single = call.single
        return compare(answer.value, truth.value, exercise.tolerance(call, single), single=single)
    return Mismatch(clause_of(answer))


def leaves_unchanged(judge: Judge = by_value) -> Judge:
    """Judge a call as ``judge`` does, and by whether it left its arguments as they were."""

    def both(exercise: Exercise, call: Call, answer: Answer, truth: Answer) -> Mismatch | None:
        if isinstance(answer, Returned) and answer.changed:
            return Mismatch("a value, but an argument was changed on the way")
        return judge(exercise, call, answer, truth)

    return both


@dataclass(frozen=True)
class Check:
    """One sentence that must hold of the function, how much it weighs, and the inputs that show it.

    Parameters
    ----------
    name
        The sentence the student reads: "stays finite for large logits".
    example
        A public call on which the sentence can be seen; asked like any hidden one and shown as evidence.
    inputs
        Draws the hidden calls from a seeded generator.
    weight
        Share of the exercise's points.
    judge
        How an answer is held against the reference's; by value unless said otherwise.
    hint
        Cause and nudge where no misconception was recognised.
    """

    name: str
    example: Call
    inputs: Callable[[np.random.Generator], Iterable[Call]]
    weight: float = 1.0
    judge: Judge = by_value
    hint: str = ""


@dataclass(frozen=True)
class Sweep:
    """A public call in which one argument runs over a range, so that the answer can be drawn.

    Parameters
    ----------
    call
        Asked with the public examples.
    x
        Where the argument is, in ascending order.
    label
        How a student would write what runs, e.g. ``"z in softmax([z, 0])[0]"``.
    pick
        Takes from the returned array the number at each ``x``.
    """

    call: Call
    x: np.ndarray
    label: str
    pick: Callable[[np.ndarray], np.ndarray] = lambda values: values


@dataclass(frozen=True)
class Exercise:
    """A function that students implement, and everything the trusted side knows about it.

    The first check is about ordinary inputs; the others count only once it holds.

    Parameters
    ----------
    name
        The function's name, which is also the ``grade_id`` of its cell.
    topic
        The topic it belongs to.
    reference
        The trusted solution.
    tolerance
        Derives, from a call's arguments and from whether float32 accuracy is all that can be asked, how
        far rounding may carry a textbook-stable implementation.
    checks, misconceptions
        In the order in which feedback lists them.
    sweep
        What a picture of a wrong function is drawn from, where one says more than the examples.
    """

    name: str
    topic: str
    reference: Callable[..., Any]
    tolerance: Callable[[Call, bool], Tolerance]
    checks: tuple[Check, ...]
    misconceptions: tuple[Misconception, ...]
    sweep: Sweep | None = None

    @property
    def points(self) -> float:
        """Sum of the checks' weights: the maximum where an assignment names no other."""
        return sum(check.weight for check in self.checks)

    @cached_property
    def truths(self) -> dict[str, Answer]:
        """The reference's answer to each check's public example, which every submission is asked."""
        return {check.name: truth_of(self, check.example) for check in self.checks}


def truth_of(exercise: Exercise, call: Call) -> Answer:
    """Call the reference on a copy of the arguments; nobody asks what it warns or changes."""
    arguments = [copied(value, []) for value in call.values()]
    named = dict(zip(call.kwargs, arguments[len(call.args) :], strict=True))
    with np.errstate(all="ignore"):
        try:
            return Returned(exercise.reference(*arguments[: len(call.args)], **named))
        except Exception as error:  # noqa: BLE001  # to refuse an input may be right
            return Raised(type(error).__name__, str(error))
