"""What is said of the explanations that fit: the one that they agree on, by name, or what they have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from autograder.judging.calls import Call, Returned
from autograder.judging.candidates import Candidate, converting
from autograder.judging.comparison import Comparison, renamed
from autograder.judging.inner_slips import BUT
from autograder.judging.model import Exercise
from autograder.judging.numbers import numbers_of

INSIDE = "In the formula, "
"""How the message of a slip inside begins beside another mistake, which the right formula would not have."""
AS_NEAR = 0.02
"""How far apart two powers of ten are equally round: the answers give a constant to two digits, at times."""


@dataclass(frozen=True)
class Finding:
    """What is known about a failed check: the mistakes by name, or a description with none."""

    names: tuple[str, ...]
    message: str
    single: Candidate | None = None
    """The function with the mistake, if it is a single one that is named."""


def agreed(
    fits: list[Candidate], before: Finding | None, exercise: Exercise, comparison: Comparison, calls: list[Call]
) -> Finding:
    """Return the one explanation, or what those that fit have in common, without a name."""
    fits = [_without_idle(fit, comparison, calls) for fit in fits]
    if len({fit.names for fit in fits}) > 1:
        fits = _one_a_place([renamed(fit, fits, exercise, comparison, calls) for fit in fits])
        fits = _in_one_formula(fits, comparison, calls)
    if len({fit.names for fit in fits}) == 1 or {getattr(fit.parts[-1], "kind", "") for fit in fits} == {
        "epsilon"
    }:
        return finding_of(likeliest(fits))
    if before:
        return before
    messages = list(dict.fromkeys(finding_of(fit).message for fit in fits))
    if len(messages) == 2 and all(len(fit.parts) == 1 for fit in fits):
        return Finding((), f"One of two things gives these answers. Either: {messages[0]} Or: {messages[1]}")
    return Finding((), "")


def _without_idle(fit: Candidate, comparison: Comparison, calls: list[Call]) -> Candidate:
    """Return the one of two mistakes that gives the same numbers alone, if one does."""
    for alone in fit.made_of:
        wide = replace(alone, function=converting(alone.function))
        if any(_same_numbers(comparison, fit, one, calls) for one in (alone, wide)):
            return alone
    return fit


def _same_numbers(comparison: Comparison, fit: Candidate, alone: Candidate, calls: list[Call]) -> bool:
    for call in calls:
        one, other = comparison.answer(fit, call), comparison.answer(alone, call)
        if not (isinstance(one, Returned) and isinstance(other, Returned)):
            return False
        if isinstance(one.value, tuple) != isinstance(other.value, tuple):
            return False
        if not isinstance(one.value, tuple) and np.shape(one.value) != np.shape(other.value):
            return False
        if not np.array_equal(numbers_of(one), numbers_of(other), equal_nan=True):
            return False
    return True


def _one_a_place(fits: list[Candidate]) -> list[Candidate]:
    """Return the first of those that change the same operation to the same value: each says what happens there."""
    first: dict[object, Candidate] = {}
    for fit in fits:
        first.setdefault(fit.place if fit.place and not fit.slips else id(fit), fit)
    return list(first.values())


def _in_one_formula(fits: list[Candidate], comparison: Comparison, calls: list[Call]) -> list[Candidate]:
    """Return those in the first formula, if all of them are one function that is written differently."""
    first = fits[0]
    if not all(fit.inside and not fit.slips and comparison.same(first, fit, calls) for fit in fits):
        return fits
    return [fit for fit in fits if first.inside and fit.inside and fit.inside.changed == first.inside.changed]


def likeliest(fits: list[Candidate]) -> Candidate:
    """Return the first of those whose constant is nearest to a power of ten: most that students take are one."""
    off = [_off_a_power(fit) for fit in fits]
    return next(fit for fit, by in zip(fits, off, strict=True) if by <= min(off) + AS_NEAR)


def _off_a_power(candidate: Candidate) -> float:
    power = math.log10(candidate.constant) if candidate.constant else 0.0
    return abs(power - round(power))


def finding_of(candidate: Candidate) -> Finding:
    """Return the names and messages of an explanation; no name if a part of it has none."""
    messages = list(dict.fromkeys(part.message for part in candidate.parts))
    names = tuple(dict.fromkeys(part.name for part in candidate.parts))
    text = (
        messages[0]
        if len(candidate.parts) == 1
        else f"Two mistakes together give these answers. {_joined(messages)}"
    )
    if len(names) < len(candidate.parts):
        text = f"The same thing goes wrong in two places. {messages[0]}"
    alone = len(candidate.parts) == 1 and all(names)
    return Finding(names if all(names) else (), text, candidate if alone else None)


def _joined(messages: list[str]) -> str:
    """Return the messages of two mistakes as one text; both may be about the same formula."""
    if len(messages) > 1 and all(message.startswith(BUT) for message in messages):
        rest = [message.removeprefix(BUT).removesuffix(".") for message in messages]
        return f"They are those of the right formula, but {', and '.join(rest)}."
    return " And: ".join(message.replace(BUT, INSIDE) for message in messages)
