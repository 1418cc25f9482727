"""The explanations to try, from the shortest to the longest; those of one stage are equally short."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.judging.answer_slips import answer_slips
from autograder.judging.argument_slips import Change, Function, argument_slips, with_changed_arguments
from autograder.judging.calls import Answer, Call, Returned
from autograder.judging.candidates import AskedCall, Candidate, Inside, composed, known, on_top
from autograder.judging.comparison import NOTHING, Comparison
from autograder.judging.fitted import constants_for, epsilon, factor, factor_for, families_of, part_scaled, shift
from autograder.judging.inner_slips import VAGUE, Family, Formula, formula_of
from autograder.judging.model import Check, Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.slips import Slip

Evidence = list[tuple[Check, AskedCall]]
ON_EPSILON = ("sign-flipped", "base-2", "twice", "half", "times-n", "divided-by-n")
"""The slips on the answer that are looked for together with a small constant inside."""
CANNOT_BE_COMPUTED = (ArithmeticError, ValueError, TypeError, IndexError)
"""What a candidate, or a value of a student's, may raise where something is computed from its answers."""
Stage = Callable[[Evidence], Iterator[Candidate]]


def stages(
    exercise: Exercise, evidence: Evidence, comparison: Comparison
) -> Iterator[tuple[int, Stage | list[Candidate]]]:
    """Yield (how many mistakes together, candidates) stage after stage.

    Where a constant must be fitted, the candidates are a function of the evidence.
    """
    call, reference = evidence[0][1].call, exercise.reference
    right, mistakes = Candidate((), reference), known(exercise)
    outer = [slip for slip in answer_slips(reference, call) if _applies(slip, comparison, call, right)]
    on_answer = [right.with_slip(slip) for slip in outer]
    on_arguments = arguments_changed(reference, call)
    yield 1, on_answer
    yield 1, on_arguments
    formulas = formulas_of(exercise)
    inside = inner(formulas)
    yield 1, [entry for entry in inside if not entry.names & set(VAGUE)]
    yield 1, [entry for entry in inside if entry.names & set(VAGUE)]
    families = list(families_of(formulas, reference, call))
    yield 1, lambda found: with_epsilon(families, found, comparison, right)
    yield 1, lambda found: _named(_with_constant([right], found, comparison))
    yield 2, lambda found: _named(_with_factor(formulas, found, comparison))
    yield (
        2,
        [pair for one in mistakes for other in mistakes if one is not other for pair in _pair(one, other)],
    )
    yield 2, [mistake.with_slip(slip) for mistake in mistakes for slip in outer]
    yield 2, [pair for formula in formulas for pair in _two_inside(formula)]
    yield 2, [one.with_slip(slip) for one in on_answer for slip in outer if slip.kind != one.slips[0].kind]
    yield 2, lambda found: _named(_with_constant(mistakes, found, comparison))
    yield 2, [one.with_slip(slip) for one in inside for slip in outer]
    yield 2, [pair for one in mistakes for other in inside for pair in _pair(one, other)]
    factors = [slip for slip in outer if slip.name in ON_EPSILON]
    yield (
        2,
        lambda found: (
            pair for slip in factors for pair in with_epsilon(families, found, comparison, right.with_slip(slip))
        ),
    )
    yield 2, [one.with_slip(slip) for one in on_arguments for slip in outer]
    yield (
        2,
        [
            Candidate((*mistake.parts, slip), with_changed_arguments(mistake.function, reference, change))
            for mistake in mistakes
            for slip, change in argument_slips(reference, call)
        ],
    )
    yield 3, lambda found: _with_constant([right], found, comparison)
    yield 3, lambda found: _with_factor(formulas, found, comparison)


def formulas_of(exercise: Exercise) -> list[Formula]:
    """Return the reference and the textbook's ways to write it, as formulas whose operations can go wrong."""
    return [formula for entry in (exercise.reference, *exercise.textbook) if (formula := formula_of(entry))]


def arguments_changed(reference: Function, call: Call) -> list[Candidate]:
    """Return the reference with each slip on its arguments; ``call`` is one that it takes."""

    def over(change: Change) -> Callable[[Function], Function]:
        return lambda function: with_changed_arguments(function, reference, change)

    return [
        Candidate((slip,), over(change)(reference), over=over(change))
        for slip, change in argument_slips(reference, call)
    ]


def inner(formulas: list[Formula]) -> list[Candidate]:
    """Return the formulas with each change of each operation."""
    return [
        Candidate(
            (entry.slip,),
            formula.changed({entry.site: entry.change}),
            place=(number, entry.site),
            inside=Inside(formula.changed, {entry.site: entry.change}),
        )
        for number, formula in enumerate(formulas)
        for entry in formula.slips()
    ]


def _named(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """Leave out what has a part without a name: a number that may be anything."""
    return (candidate for candidate in candidates if all(candidate.names))


def _applies(slip: Slip, comparison: Comparison, call: Call, right: Candidate) -> bool:
    return comparison.answer(right.with_slip(slip), call) is not NOTHING


def _two_inside(formula: Formula) -> Iterator[Candidate]:
    """Yield the formula with two of its operations gone wrong."""
    telling = [entry for entry in formula.slips() if entry.slip.name not in VAGUE]
    for i, one in enumerate(telling):
        for other in telling[i + 1 :]:
            if one.site != other.site:
                changes = {one.site: one.change, other.site: other.change}
                inside = Inside(formula.changed, changes)
                yield Candidate((one.slip, other.slip), formula.changed(changes), inside=inside)


def _pair(one: Candidate, other: Candidate) -> Iterator[Candidate]:
    pair = on_top(one, other)
    if pair:
        yield pair


def _with_constant(bases: list[Candidate], evidence: Evidence, comparison: Comparison) -> Iterator[Candidate]:
    """Yield each base with the number that the first answer is off by, added or multiplied."""
    asked = next((asked for _, asked in evidence if asked.clause is not None), None)
    theirs = numbers_of(asked.answer) if asked else np.zeros(0)
    if asked is None or not theirs.size:
        return
    for base in bases:
        values = numbers_of(comparison.answer(base, asked.call))
        if values.shape != theirs.shape:
            continue
        with np.errstate(all="ignore"):
            for made, quotients in ((shift, theirs - values), (factor, theirs / values)):
                good = quotients[np.isfinite(quotients)]
                if good.size and np.ptp(good) <= 1e-6 * abs(good[0]) and abs(good[0]) > 1e-12:
                    yield base.with_slip(made(float(np.median(good))))


def with_epsilon(
    families: list[Family], evidence: Evidence, comparison: Comparison, base: Candidate
) -> Iterator[Candidate]:
    """Yield each family with a base on top, at the constants that give the answer where it is furthest from it.

    The base is the right function, or one with a mistake that can be made in another function, too.
    """
    found = _most_wrong([(asked, comparison.answer(base, asked.call)) for _, asked in evidence])
    if found is None:
        return
    asked, place, theirs = found
    for family in families:

        def at(eps: float, family: Family = family) -> Candidate | None:
            return next(composed(Candidate((), family.at(eps)), base, comparison.exercise.reference), None)

        def error(eps: float, at: Callable[[float], Candidate | None] = at) -> float:
            candidate = at(eps)
            values = numbers_of(comparison.answer(candidate, asked.call)) if candidate else np.zeros(0)
            return float(values[place]) - theirs if place < values.size else np.nan

        for eps in constants_for(error):
            pair = at(eps)
            if pair:
                parts = (*base.parts, epsilon(family, eps))
                yield replace(pair, parts=parts, constant=eps, at=None if base.parts else family.at)


def _with_factor(formulas: list[Formula], evidence: Evidence, comparison: Comparison) -> Iterator[Candidate]:
    """Yield each formula with one of its parts times the factor that gives the student's number."""
    found = _most_wrong([(asked, asked.truth) for _, asked in evidence])
    if found is None:
        return
    asked, place, theirs = found
    for at in (at for formula in formulas for at in formula.scaled()):

        def error(by: float, at: Callable[[float], Any] = at) -> float:
            values = numbers_of(comparison.answer(Candidate((), at(by)), asked.call))
            return float(values[place]) - theirs if place < values.size else np.nan

        by = factor_for(error)
        if by is not None and not math.isclose(by, 1.0, rel_tol=1e-6):
            yield Candidate((part_scaled(by),), at(by))


def _most_wrong(answers: list[tuple[AskedCall, Answer]]) -> tuple[AskedCall, int, float] | None:
    """Return the call and the place in its answer where a finite number is furthest from what is expected."""
    best: tuple[float, AskedCall, int, float] | None = None
    for asked, expected in answers:
        if asked.clause is None or not isinstance(asked.answer, Returned):
            continue
        theirs, there = numbers_of(asked.answer), numbers_of(expected)
        if theirs.shape != there.shape or not theirs.size:
            continue
        with np.errstate(all="ignore"):
            off = np.abs(theirs - there) / (np.abs(there) + 1e-300)
        off = np.where(np.isfinite(theirs), np.nan_to_num(off, nan=0.0, posinf=1e9), -1.0)
        place = int(np.argmax(off))
        if off[place] > 0 and (best is None or off[place] > best[0]):
            best = float(off[place]), asked, place, float(theirs[place])
    return best[1:] if best else None
