"""Name the mistakes behind wrong answers, where one explanation alone fits them all.

Explanations are tried from the shortest: a known mistake, a slip, a slip inside the formula, a slip with a fitted
constant, then two of them together. Where those that fit say different things, nothing is named.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from autograder.judging.calls import Call
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck, known
from autograder.judging.comparison import Comparison, OverError, renamed
from autograder.judging.describe import described
from autograder.judging.ends import end_of
from autograder.judging.fitted import cuts_of
from autograder.judging.items import Item
from autograder.judging.model import Check, Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.slips import bound, parameters_of
from autograder.judging.stages import stages
from autograder.judging.stopwatch import Stopwatch

SEARCH_SECONDS = 0.45
"""Processor time after which the search for more than a single known mistake ends: a safety net."""
MAX_COMPARED = 10_000
"""Answers that it may compare. This ends it, at the same place on every machine, but for slow references."""
LONG = 16
"""How many times as much work as the shortest call one is that is looked at last."""
CANNOT_BE_COMPUTED = (ArithmeticError, ValueError, TypeError, IndexError)
Evidence = list[tuple[Check, AskedCall]]


@dataclass(frozen=True)
class Finding:
    """What is known about a failed check: the mistakes by name, or a description with none."""

    names: tuple[str, ...]
    message: str
    single: Candidate | None = None
    """The function with the mistake, if it is a single one that is named."""


def diagnose(
    exercise: Exercise, tried: list[TriedCheck], watch: Stopwatch, brought: Sequence[Candidate] = ()
) -> dict[str, Finding]:
    """Explain each failed check by known mistakes and slips, or say what is known about it.

    What is ``brought`` from an earlier function goes before all else.

    A known mistake that agrees with every answer explains the whole submission. Otherwise each failed check is
    explained on its own, and only by what also agrees with the answers to the first check. Nothing is named once
    the time to compare is over.
    """
    failed = [entry for entry in tried if not entry.passed]
    if isinstance(exercise, Item):
        seen = {entry.check.name: exercise.found(entry.asked[0].answer) for entry in failed}
        return {name: Finding((mistake.name,), mistake.message) for name, mistake in seen.items() if mistake}
    if watch.is_over or not failed:
        return {}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitting = _explained(exercise, tried, failed, Comparison(exercise, watch), brought)
        except (OverError, MemoryError):
            return {}
        found = {name: finding for name, finding in fitting.items() if finding.message}
        for entry in failed:
            if entry.check.name not in found and (other := _otherwise(exercise, tried, entry, watch)):
                found[entry.check.name] = other
    return {} if watch.is_over else found


def _otherwise(exercise: Exercise, tried: list[TriedCheck], entry: TriedCheck, watch: Stopwatch) -> Finding | None:
    """Return what is known about a check that no formula explains."""
    end = end_of(entry)
    if end:
        known_as = next((m for m in exercise.misconceptions if m.name == end.name), end)
        return Finding((known_as.name,), known_as.message)
    words = ""
    with suppress(MemoryError, *CANNOT_BE_COMPUTED), watch:  # a student's value may be anything
        words = described(exercise, tried, entry)
    return Finding((), words) if words else None


def _explained(
    exercise: Exercise,
    tried: list[TriedCheck],
    failed: list[TriedCheck],
    comparison: Comparison,
    brought: Sequence[Candidate],
) -> dict[str, Finding]:
    limit = Stopwatch(SEARCH_SECONDS)
    with limit:
        found = _known(exercise, tried, failed, comparison)
        for entry in failed if brought else ():
            fits = _fitting(brought, _evidence(exercise, [tried[0], entry]), comparison)
            if fits:
                found[entry.check.name] = _or(_finding(fits[0]), found.get(entry.check.name))
        left = [entry for entry in failed if entry.check.name not in found]
        with suppress(*CANNOT_BE_COMPUTED):  # and so explains nothing
            found |= _searched(exercise, tried, left, comparison, limit)
    return found


def _or(brought: Finding, own: Finding | None) -> Finding:
    """Return what an earlier function brings in, with the known mistake that gives the same answers alone."""
    if not own or not own.message:
        return brought
    return replace(brought, message=f"{brought.message} If yours does not call it: {own.message}")


def _known(
    exercise: Exercise, tried: list[TriedCheck], failed: list[TriedCheck], comparison: Comparison
) -> dict[str, Finding]:
    """Return the single known mistake of each check that one explains; an empty finding where several do."""
    mistakes = known(exercise)
    whole = _fitting(mistakes, _evidence(exercise, tried), comparison)
    if len(whole) == 1:
        return {entry.check.name: _finding(whole[0]) for entry in failed}
    found: dict[str, Finding] = {}
    for entry in failed:
        fits = _fitting(mistakes, _evidence(exercise, [tried[0], entry]), comparison)
        if fits:
            found[entry.check.name] = _finding(fits[0]) if len(fits) == 1 else Finding((), "")
    return found


def _searched(
    exercise: Exercise, tried: list[TriedCheck], open_: list[TriedCheck], comparison: Comparison, limit: Stopwatch
) -> dict[str, Finding]:
    """Return the shortest explanation of each check that has no single known mistake."""
    found = _cut_off(exercise, tried, open_, comparison)
    open_ = [entry for entry in open_ if entry.check.name not in found and _tells_enough(entry)]
    if not open_:
        return found

    def over() -> bool:
        return comparison.tried > MAX_COMPARED or (comparison.tried % 16 == 0 and limit.is_over)

    passed = [entry for entry in tried if entry.passed]
    targets = {entry.check.name: _evidence(exercise, [tried[0], entry, *passed]) for entry in open_}
    reached = 0
    for length, stage in stages(exercise, _evidence(exercise, tried), comparison):
        if length > reached:  # what several short explanations fit needs no longer one
            targets = {name: evidence for name, evidence in targets.items() if name not in found}
            reached = length
        for name, evidence in targets.items():
            if name in found and found[name].names:
                continue
            try:
                fits = _fitting(stage if isinstance(stage, list) else stage(evidence), evidence, comparison, over)
            except _LimitError:
                return found
            if fits:
                found[name] = _agreed(
                    fits, found.get(name), exercise, comparison, [asked.call for _, asked in evidence]
                )
    return found


def _cut_off(
    exercise: Exercise, tried: list[TriedCheck], open_: list[TriedCheck], comparison: Comparison
) -> dict[str, Finding]:
    """Return the checks that a result explains which is cut off: its answers may be one number always."""
    found: dict[str, Finding] = {}
    right = Candidate((), exercise.reference)
    for entry in open_:
        evidence = _evidence(exercise, [tried[0], entry, *(other for other in tried if other.passed)])
        rows = [(numbers_of(asked.answer), numbers_of(asked.truth)) for _, asked in evidence]
        fits = _fitting([right.with_slip(slip) for slip in cuts_of(rows)], evidence, comparison)
        if len(fits) == 1:
            found[entry.check.name] = _finding(fits[0])
    return found


class _LimitError(Exception):
    """The search has taken as long as it may."""


def _evidence(exercise: Exercise, entries: Iterable[TriedCheck]) -> Evidence:
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


def _fitting(
    candidates: Iterable[Candidate],
    evidence: Evidence,
    comparison: Comparison,
    over: Callable[[], bool] = lambda: False,
) -> list[Candidate]:
    fits = []
    for candidate in candidates:
        if over():
            raise _LimitError
        if all(comparison.agree(candidate, check, asked) for check, asked in evidence):
            fits.append(candidate)
    return fits


def _agreed(
    fits: list[Candidate], before: Finding | None, exercise: Exercise, comparison: Comparison, calls: list[Call]
) -> Finding:
    """Return the one explanation, or what those that fit have in common, without a name."""
    if len({fit.names for fit in fits}) > 1:
        fits = _one_a_place([renamed(fit, fits, exercise, comparison, calls) for fit in fits])
    if len({fit.names for fit in fits}) == 1 or {getattr(fit.parts[-1], "kind", "") for fit in fits} == {
        "epsilon"
    }:
        return _finding(min(fits, key=_unlikely))
    if before:
        return before
    messages = list(dict.fromkeys(_finding(fit).message for fit in fits))
    if len(messages) == 2 and all(len(fit.parts) == 1 for fit in fits):
        return Finding((), f"One of two things gives these answers. Either: {messages[0]} Or: {messages[1]}")
    return Finding((), "")


def _one_a_place(fits: list[Candidate]) -> list[Candidate]:
    """Return the first of those that change the same operation to the same value: each says what happens there."""
    first: dict[object, Candidate] = {}
    for fit in fits:
        first.setdefault(fit.place if fit.place and not fit.slips else id(fit), fit)
    return list(first.values())


def _unlikely(candidate: Candidate) -> float:
    """Return how far the small constant is from a power of ten: most that students take are one."""
    power = math.log10(candidate.constant) if candidate.constant else 0.0
    return round(abs(power - round(power)), 3)


def _tells_enough(entry: TriedCheck) -> bool:
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


def _finding(candidate: Candidate) -> Finding:
    """Return the names and messages of an explanation; no name if a part of it has none."""
    messages = list(dict.fromkeys(part.message for part in candidate.parts))
    names = tuple(dict.fromkeys(part.name for part in candidate.parts))
    text = (
        messages[0]
        if len(candidate.parts) == 1
        else f"Two mistakes together give these answers. {' And: '.join(messages)}"
    )
    if len(names) < len(candidate.parts):
        text = f"The same thing goes wrong in two places. {messages[0]}"
    alone = len(candidate.parts) == 1 and all(names)
    return Finding(names if all(names) else (), text, candidate if alone else None)
