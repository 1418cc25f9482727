"""What an exercise is: a function, its reference, weighted checks and known misconceptions, all as data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from autograder.judging.calls import Answer, Call, Raised, Returned, clause_of, copied
from autograder.judging.compare import Mismatch, Tolerance, compare, identical
from autograder.judging.default_tolerance import default_tolerance
from autograder.judging.patience import called

F = TypeVar("F", bound=Callable[..., Any])
MOST_CALLS = 10_000
"""Hidden calls that a check may draw: a generator without an end would fill the memory."""
CHANGED = "a value, but an argument was changed on the way"
"""What is wrong with a call that changes an argument."""
Judge = Callable[["Exercise", Call, Answer, Answer], Mismatch | None]


@dataclass(frozen=True)
class Misconception:
    """A known mistake: the wrong formula as a function, and the message for a student who makes it.

    ``message`` names the cause and hints at the remedy without giving the answer away. ``slip`` says that the
    function is right but for one small thing, so that its other checks may give a part of their marks.
    """

    name: str
    function: Callable[..., Any]
    message: str
    slip: bool = False


class Misconceptions(list[Misconception]):
    """The known mistakes of one exercise, each registered by decorating the wrong formula.

    The docstring of the function is the message.
    """

    def __call__(self, name: str, *, slip: bool = False) -> Callable[[F], F]:
        """Register the decorated function as the mistake ``name``, which may be a slip in a right function."""

        def register(function: F) -> F:
            self.append(Misconception(name, function, " ".join((function.__doc__ or "").split()), slip))
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
    """Return a judge that refuses a call that changes an argument, and otherwise judges as ``judge`` does."""

    def both(exercise: Exercise, call: Call, answer: Answer, truth: Answer) -> Mismatch | None:
        if isinstance(answer, Returned) and answer.changed:
            return Mismatch(CHANGED)
        return judge(exercise, call, answer, truth)

    return both


@dataclass(frozen=True)
class Hint:
    """A sentence for a check that fails, and the kinds of failure that it explains.

    Parameters
    ----------
    text
        What the student reads.
    when
        Kinds of failure, as ``autograder.judging.failures.kind_of`` returns them. By default the hint is
        about the mathematics: it explains a wrong value or shape and an exception that a value causes, but neither
        an unknown name nor a wrong dtype nor a changed argument.
    """

    text: str
    when: tuple[str, ...] = ("value", "infinite", "shape", "raised")


@dataclass(frozen=True)
class Check:
    """A sentence that must hold for the function, its weight, and the inputs that test it.

    Parameters
    ----------
    name
        The sentence the student reads: "stays finite for large logits".
    example
        A public call that shows the sentence. It is asked like a hidden one and shown as evidence.
    inputs
        Draws the hidden calls from a seeded generator.
    weight
        Share of the exercise's points.
    judge
        Compares an answer with the reference's; by value by default.
    hint
        Shown if the check fails and no mistake is named: a text about the mathematics, or hints for several kinds
        of failure.
    """

    name: str
    example: Call
    inputs: Callable[[np.random.Generator], Iterable[Call]]
    weight: float = 1.0
    judge: Judge = by_value
    hint: str | tuple[Hint, ...] = ""

    def drawn(self, generator: np.random.Generator) -> list[Call]:
        """Return the hidden calls for a seeded generator.

        Raises
        ------
        ValueError
            If there are more than :data:`MOST_CALLS`.
        """
        calls: list[Call] = called(lambda: list(islice(self.inputs(generator), MOST_CALLS + 1)))
        if len(calls) > MOST_CALLS:
            raise ValueError(f"more than {MOST_CALLS} hidden inputs: does its generator never end?")
        return calls

    @property
    def hints(self) -> tuple[Hint, ...]:
        """Every hint with the kinds of failure that it explains."""
        return (Hint(self.hint),) if isinstance(self.hint, str) else self.hint

    def forbids_changes(self, exercise: Exercise) -> bool:
        """Whether a right value counts for nothing if an argument was changed on the way."""
        truth = exercise.truths[self.name]
        if not isinstance(truth, Returned):
            return False
        return self.judge(exercise, self.example, replace(truth, changed=True), truth) is not None


@dataclass(frozen=True)
class Sweep:
    """Public calls with one argument that runs over a range, so that the answers can be plotted.

    Each point is a call of its own. An array of all points would be another question: a function that takes its
    maximum over the whole array fails at points that it answers rightly one by one.

    Parameters
    ----------
    at
        Returns the call for a value of the argument.
    x
        The values of the argument, in ascending order.
    label
        What is plotted, as a student writes it, e.g. ``"z in softmax([z, 0])[0]"``.
    pick
        Returns the number to plot from the array that one call returned.
    """

    at: Callable[[float], Call]
    x: np.ndarray
    label: str
    pick: Callable[[np.ndarray], Any] = lambda value: value

    def __post_init__(self) -> None:
        if not callable(self.at):
            raise TypeError("Sweep needs a function that returns the call for one value of its argument.")

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """A call for each ``x``; they are asked after the public examples, if one of those is wrong."""
        return tuple(self.at(float(x)) for x in self.x)


@dataclass(frozen=True)
class Use:
    """An earlier function of the assignment that this one may be written with.

    Parameters
    ----------
    name
        The exercise that the earlier function answers.
    build
        Returns this exercise's function from one for the earlier exercise.
    """

    name: str
    build: Callable[[Callable[..., Any]], Callable[..., Any]]


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
        Returns how far rounding may carry a stable textbook implementation. It takes the call, and whether only
        float32 accuracy is required. By default it follows from dtype, size and number of the arguments; derive
        one where an intermediate value of the formula is much larger than they are.
    checks, misconceptions
        In the order in which feedback lists them.
    sweep
        The calls that a picture of a wrong function is drawn from, if a picture says more than the examples.
    textbook
        The formula as a student may well write it, where the reference is written otherwise. Nothing is judged by
        it; slips are looked for in it as in the reference.
    uses
        Earlier functions that this one may call: a mistake in one of them is charged there, and not in full again.
    """

    name: str
    topic: str
    reference: Callable[..., Any]
    tolerance: Callable[[Call, bool], Tolerance] = default_tolerance
    checks: tuple[Check, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    sweep: Sweep | None = None
    textbook: tuple[Callable[..., Any], ...] = ()
    uses: tuple[Use, ...] = ()

    def __post_init__(self) -> None:
        if not self.checks:
            raise ValueError(f"the exercise “{self.name}” has no check")

    @property
    def points(self) -> float:
        """The sum of the checks' weights, which is the maximum unless an assignment sets another."""
        return sum(check.weight for check in self.checks)

    @cached_property
    def truths(self) -> dict[str, Answer]:
        """The reference's answer to each check's public example, which every submission is asked."""
        truths = truths_of(self, [check.example for check in self.checks])
        return dict(zip((check.name for check in self.checks), truths, strict=True))

    @cached_property
    def sweep_truths(self) -> tuple[Answer, ...]:
        """The reference's answers to the calls that a picture is drawn from."""
        return tuple(truths_of(self, self.sweep.calls)) if self.sweep else ()


def truth_of(exercise: Exercise, call: Call) -> Answer:
    """Call the reference on a copy of the arguments. Its warnings and changes are ignored."""
    return truths_of(exercise, [call])[0]


def truths_of(exercise: Exercise, calls: Iterable[Call]) -> list[Answer]:
    """Return the reference's answer to each call, as :func:`truth_of`."""
    with np.errstate(all="ignore"):
        return [_truth_of(exercise, call) for call in calls]


def _truth_of(exercise: Exercise, call: Call) -> Answer:
    arguments = [copied(value, []) for value in call.values()]
    named = dict(zip(call.kwargs, arguments[len(call.args) :], strict=True))
    try:
        return Returned(called(exercise.reference, *arguments[: len(call.args)], **named))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a refused input may be right
        return Raised(type(error).__name__, str(error))


def seconds_of(exercise: Exercise, call: Call) -> float:
    """Return how long the reference takes for a call, in seconds of processor time."""
    started = time.thread_time()
    truth_of(exercise, call)
    return time.thread_time() - started
