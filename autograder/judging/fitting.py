"""Which explanations give a student's answers: to the calls of some checks, the most telling first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from autograder.judging.calls import Call
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck, converting
from autograder.judging.comparison import Comparison
from autograder.judging.model import Check, Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.slips import Slip, bound, parameters_of

LONG = 16
"""How many times as much work as the shortest call one is that is looked at last."""
Evidence = list[tuple[Check, AskedCall]]
IN_SINGLE = Slip(
    "",
    "",
    "end",
    lambda value, _: (
        tuple(np.float32(item) for item in value) if isinstance(value, tuple) else np.asarray(value, np.float32)
    ),
)
"""What a function returns that keeps the float32 of its arguments."""


def evidence_of(exercise: Exercise, entries: Iterable[TriedCheck]) -> Evidence:
    """Return the calls of checks, once each: wrong finite answers and short calls first, which rule out most."""
    checks = {entry.check.name: entry for entry in entries}.values()
    found = [(entry.check, asked) for entry in checks for asked in entry.asked]
    work = {id(asked): _work(exercise, asked.call) for _, asked in found}
    lightest = min(work.values(), default=0)

    def cost(pair: tuple[Check, AskedCall]) -> tuple[bool, bool, bool, int]:
        _, asked = pair
        finite = bool(np.isfinite(numbers_of(asked.answer)).any())
        long = work[id(asked)] > LONG * lightest  # each of a hundred mistakes is computed for the first call
        return long, asked.clause is None, not finite, work[id(asked)]

    return sorted(found, key=cost)


def _work(exercise: Exercise, call: Call) -> int:
    """Return how much there is to do in a call: the entries of its arrays, times its number of steps."""
    defaults = {entry.name: entry.default for entry in parameters_of(exercise.reference)}
    given = defaults | bound(exercise.reference, call)
    sizes = sum(value.size for value in given.values() if isinstance(value, np.ndarray))
    return (sizes + 1) * max((value for value in given.values() if type(value) is int), default=1)


def fitting(candidates: Iterable[Candidate], evidence: Evidence, comparison: Comparison) -> list[Candidate]:
    """Return the candidates that give every answer; what is right also if they convert, or keep float32."""
    return [
        candidate
        for candidate in candidates
        if all(_gives(comparison, candidate, check, asked) for check, asked in evidence)
    ]


def is_narrow(call: Call) -> bool:
    """Whether an argument is an array of other numbers than float64."""
    kinds = [value.dtype for value in call.values() if isinstance(value, np.ndarray)]
    return any(kind != np.float64 for kind in kinds)


def _gives(comparison: Comparison, candidate: Candidate, check: Check, asked: AskedCall) -> bool:
    if comparison.agree(candidate, check, asked):
        return True
    if asked.clause is None and is_narrow(asked.call):
        return any(comparison.agree(way, check, asked) for way in ways_of(candidate, asked.call)[1:])
    return asked.call.single and comparison.agree(candidate.with_slip(IN_SINGLE), check, asked)


def ways_of(candidate: Candidate, call: Call) -> list[Candidate]:
    """Return a candidate as it is, converting its arguments, and either returning the float32 that it is given."""
    ways = [candidate, replace(candidate, function=converting(candidate.function))]
    return ways + [way.with_slip(IN_SINGLE) for way in ways if call.single]


def tells_enough(entry: TriedCheck) -> bool:
    """Whether the wrong answers of a check are numbers that vary: constants and infinities fit too much."""
    wrong = [asked for asked in entry.asked if asked.clause is not None]
    if all(_flat_where_truth_is_not(asked, numbers_of(asked.answer)) for asked in wrong) or _part_is_constant(
        wrong
    ):
        return False
    finite = np.concatenate([row[np.isfinite(row)] for row in map(numbers_of, (a.answer for a in entry.asked))])
    told = any(np.isfinite(numbers_of(asked.answer)).any() for asked in wrong)
    right = np.concatenate([row[np.isfinite(row)] for row in map(numbers_of, (a.truth for a in entry.asked))])
    spread = np.ptp(finite) if finite.size else 0.0
    return told and bool(spread > 1e-9 * max(np.abs(finite).max(), np.abs(right).max(initial=0.0)))


def tells_of_two(entry: TriedCheck) -> bool:
    """Whether a wrong answer of a check has a finite number that is wrong: two mistakes make nan in many ways."""
    return any(_has_wrong_number(asked) for asked in entry.asked if asked.clause is not None)


def _has_wrong_number(asked: AskedCall) -> bool:
    given, right = numbers_of(asked.answer), numbers_of(asked.truth)
    finite = np.isfinite(given)
    if given.shape != right.shape:
        return bool(finite.any())
    return bool((finite & ~np.isclose(given, right, rtol=1e-9, atol=0.0)).any())


def _part_is_constant(wrong: list[AskedCall]) -> bool:
    """Whether one of several numbers is the same in every wrong answer, though the right ones differ."""
    given, right = [numbers_of(a.answer) for a in wrong], [numbers_of(a.truth) for a in wrong]
    if len({row.shape for row in (*given, *right)}) > 1 or len(given) < 2:
        return False
    same, differ = np.ptp(np.array(given), axis=0) == 0, np.ptp(np.array(right), axis=0) > 0
    return bool((same & differ).any())


def _flat_where_truth_is_not(asked: AskedCall, given: np.ndarray) -> bool:
    """Whether an answer is one number throughout: so is that of many a wrong function."""
    return np.unique(given).size < 2 and numbers_of(asked.truth).size > 1
