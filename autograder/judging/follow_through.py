"""What a slip costs: checks whose answers are right but for one named slip give a part of their marks.

A slip is charged in full under the first check that it fails. What else it fails is judged against the right
function with this slip in it. A mistake that comes from an earlier function was charged there. A small constant is
charged where it does harm however small it is.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from autograder.judging.calls import Answer, Returned
from autograder.judging.candidates import Candidate, TriedCheck
from autograder.judging.comparison import Comparison
from autograder.judging.earlier import INHERITED
from autograder.judging.findings import Finding
from autograder.judging.model import Exercise, Misconception
from autograder.judging.numbers import numbers_of
from autograder.judging.stopwatch import Stopwatch

LARGEST = 1e-6
"""The largest constant that is taken for a guard against zeros."""
SMALLEST = (1e-300, 1e-15, 1e-12)
"""Constants that do harm only where it can't be helped: the first of them that does any is the measure."""
WRITTEN = 1e-4
"""How far a constant may lie from one of three digits, relatively, to be taken for it."""
SHAPES = ("transposed", "axis-kept", "column", "values-swapped", "values-reordered")
POWERS = ("result-squared", "result-root", "result-logarithm", "result-exponential")
"""The slips on an answer, beside a factor, that leave a function right but for its last step."""
INSIDE = ("sign-inside", "axis-inside", "n-minus-1-inside", "log-base-inside", "exp-base-inside")
"""Those inside a formula that leave it the same formula."""


@dataclass(frozen=True)
class Share:
    """The part of its marks that a failed check gives, and a sentence that says so."""

    part: float
    why: str


def slip_in(finding: Finding | None) -> Candidate | None:
    """Return the function with the mistake that a finding names, if this is a single slip.

    A known mistake is one if it declares so. Of the others, it is a factor, the sign, a power or logarithm as the
    last step, a transposed result or one with another axis, arguments that have changed places, a small constant,
    and inside the formula a sign, an axis, a base, or n - 1 for n.
    """
    candidate = finding.single if finding else None
    if candidate is None:
        return None
    part = candidate.parts[0]
    if isinstance(part, Misconception):
        return candidate if part.slip else None
    if part.kind == INHERITED:
        return candidate
    swapped = not candidate.slips and part.name.endswith("-swapped")
    on_answer = bool(candidate.slips) and (part.kind == "scale" or part.name in SHAPES + POWERS)
    inside = len(candidate.parts) == 1 and part.name in INSIDE
    return candidate if swapped or on_answer or inside or _is_guard(candidate) else None


def _is_guard(candidate: Candidate) -> bool:
    return candidate.at is not None and candidate.constant <= LARGEST


def shares_of(
    exercise: Exercise, tried: list[TriedCheck], found: Mapping[str, Finding], part: float, watch: Stopwatch
) -> dict[str, Share]:
    """Return what failed checks give nevertheless, by name.

    Parameters
    ----------
    exercise
        The exercise.
    tried
        All checks that have been asked. Where the first check fails, the slip that explains it is held against
        the others; where it passes, each check's own.
    found
        What is known about each failed check.
    part
        The part of its marks that a check gives, from 0 to 1.
    watch
        The processor time that judging may take; once it is over, no check gives anything.
    """
    slips = {entry.check.name: slip_in(found.get(entry.check.name)) for entry in tried}
    first, gated = slips[tried[0].check.name], not tried[0].passed
    if part <= 0 or watch.is_over or (gated and first is None):
        return {}
    comparison, shares = Comparison(exercise, watch), dict[str, Share]()
    charged: dict[frozenset[str], str] = {}
    with watch, np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        constant = next((slip for slip in slips.values() if slip and slip.at), None)
        if constant:
            return _of_constant(comparison, tried, constant, part)
        for entry in tried:
            slip = first if gated else slips[entry.check.name]
            if slip is None:
                continue
            is_inherited = getattr(slip.parts[0], "kind", "") == INHERITED
            before = charged.setdefault(slip.names, "" if is_inherited else entry.check.name)
            numbers = gated or not is_inherited
            if before != entry.check.name and right_but_for(comparison, entry, slip, numbers=numbers):
                where = "in the earlier function" if is_inherited else "named above"
                why = f"{_in_words(part)} of the marks: right but for the mistake {where}."
                shares[entry.check.name] = Share(part, why)
    return shares


def right_but_for(comparison: Comparison, entry: TriedCheck, slip: Candidate, *, numbers: bool = True) -> bool:
    """Whether a check's answers are right if the right function had this slip.

    ``numbers`` asks, too, that the slip gives a number wherever the right function does.
    """
    for asked in entry.asked:
        wrong = comparison.answer(slip, asked.call)
        if not isinstance(wrong, Returned) or (numbers and _loses_numbers(wrong, asked.truth)):
            return False
        if entry.check.judge(comparison.exercise, asked.call, asked.answer, wrong) is not None:
            return False
    return True


def _of_constant(
    comparison: Comparison, tried: list[TriedCheck], slip: Candidate, part: float
) -> dict[str, Share]:
    """Return what the checks give that a small constant fails for its size alone.

    The smallest constants fail only where the true numbers are as small. A larger one fails more, for the same
    reason, and costs no more than they.
    """
    slip = _as_written(slip)
    gated = not tried[0].passed
    lost = [entry for entry in tried if gated or not entry.passed]
    explained = [entry for entry in lost if right_but_for(comparison, entry, slip)]
    if gated and tried[0] not in explained:
        return {}
    by_size = explained
    for eps in SMALLEST:
        smaller = replace(slip, function=slip.at(eps) if slip.at else slip.function)
        by_size = [entry for entry in explained if _passes(comparison, entry, smaller)]
        if len(by_size) < len(explained):
            break
    if len(by_size) < len(lost):
        why = "All of the marks: the constant is charged where it fails however small it is."
        charged = "None of the marks: it is here that the constant is charged."
        none = {entry.check.name: Share(0.0, charged) for entry in explained[1:] if gated}
        return none | {entry.check.name: Share(1.0, why) for entry in by_size}
    why = f"{_in_words(part)} of the marks: right but for the mistake named above."
    return {entry.check.name: Share(part, why) for entry in by_size[1:]}


def _as_written(slip: Candidate) -> Candidate:
    """Return a slip with its constant as it was probably written: an ordinary check gives it to a few digits."""
    written = float(f"{slip.constant:.3g}")
    near = slip.constant and math.isclose(written, slip.constant, rel_tol=WRITTEN)
    return replace(slip, constant=written, function=slip.at(written)) if near and slip.at else slip


def _passes(comparison: Comparison, entry: TriedCheck, candidate: Candidate) -> bool:
    return all(
        entry.check.judge(comparison.exercise, asked.call, comparison.answer(candidate, asked.call), asked.truth)
        is None
        for asked in entry.asked
    )


def _loses_numbers(wrong: Returned, truth: Answer) -> bool:
    """Whether an answer has more that is no finite number than the truth."""
    given, right = numbers_of(wrong), numbers_of(truth)
    return not given.size or np.sum(~np.isfinite(given)) > np.sum(~np.isfinite(right))


def _in_words(part: float) -> str:
    return {0.5: "Half", 1.0: "All"}.get(part, f"{part:.0%}".replace("%", " %"))
