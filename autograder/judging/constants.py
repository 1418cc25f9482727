"""Explanations with a constant in them: candidates at the constants that give the student's number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Returned
from autograder.judging.candidates import AskedCall, Candidate, composed
from autograder.judging.comparison import Comparison
from autograder.judging.fitted import constants_for, epsilon, factor, factor_for, part_scaled, shift
from autograder.judging.fitting import Evidence
from autograder.judging.inner_slips import Family, Formula
from autograder.judging.numbers import numbers_of

FIRST = 3
"""Wrong answers that are looked at before a constant is fitted."""
ENDS = (1e-308, 1e-12, 1e-6, 1e-1)
"""Where an error is looked at before all else: as a constant grows, it does most often, too."""
ENOUGH = 1e-3
"""How far off, relatively, a number is from which a constant can be told."""


def with_constant(bases: list[Candidate], evidence: Evidence, comparison: Comparison) -> Iterator[Candidate]:
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
    families: Iterable[Family], evidence: Evidence, comparison: Comparison, base: Candidate, *, own: bool = False
) -> Iterator[Candidate]:
    """Yield each family with a base on top, at the constants that give the answer where it is furthest from it.

    The base is the right function, or one with a mistake that can be made in another function, too; or the
    families are of its ``own`` formula.
    """
    found = _most_wrong([(asked, comparison.answer(base, asked.call)) for _, asked in evidence])
    if found is None:
        return
    asked, place, theirs = found
    for family in families:

        def at(eps: float, family: Family = family) -> Candidate | None:
            if own:
                return Candidate(base.parts, family.at(eps))
            inside = family.inside(eps) if family.inside else None
            over = family.over(eps) if family.over else None
            guarded = Candidate((), family.at(eps), inside=inside, over=over)
            return next(composed(guarded, base, comparison.exercise.reference), None)

        def error(eps: float, at: Callable[[float], Candidate | None] = at) -> float:
            candidate = at(eps)
            values = numbers_of(comparison.answer(candidate, asked.call)) if candidate else np.zeros(0)
            return float(values[place]) - theirs if place < values.size else np.nan

        if base.parts and not _passes_zero(error):
            continue
        for eps in constants_for(error):
            pair = at(eps)
            if pair:
                alone = Candidate((epsilon(family, eps),), family.at(eps), constant=eps, at=family.at)
                if base.parts:
                    made_of = (base,) if own else (base, alone)
                    yield replace(pair, parts=(*base.parts, *alone.parts), constant=eps, made_of=made_of)
                else:
                    yield replace(pair, parts=alone.parts, constant=eps, at=family.at)


def _passes_zero(error: Callable[[float], float]) -> bool:
    """Whether an error is zero, changes its sign or is none that can be computed between the ends of its range."""
    errors = [error(eps) for eps in ENDS]
    return not all(value > 0 for value in errors) and not all(value < 0 for value in errors)


def with_factor(formulas: list[Formula], evidence: Evidence, comparison: Comparison) -> Iterator[Candidate]:
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
    wrong = [entry for entry in answers if entry[0].clause is not None and isinstance(entry[0].answer, Returned)]
    for number, (asked, expected) in enumerate(wrong):
        if best and best[0] > ENOUGH and number >= FIRST:  # those that follow take longer to compute
            break
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
