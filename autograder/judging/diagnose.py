"""Name the mistakes behind wrong answers, where one explanation alone fits them all.

Explanations are tried from the shortest: a known mistake, a slip, a slip inside the formula, a slip with a constant that
is fitted, then two of them together. Where the shortest that fits is not the only one of its length, nothing is named.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from autograder.judging.candidates import AskedCall, Candidate, Comparison, OverError, TriedCheck, known
from autograder.judging.describe import described
from autograder.judging.ends import end_of
from autograder.judging.model import Check, Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.stages import stages
from autograder.judging.stopwatch import Stopwatch

SEARCH_SECONDS = 0.3
"""Processor time that the search for more than a single known mistake may take."""
MAX_COMPARED = 30_000
"""Answers that it may compare."""
Evidence = list[tuple[Check, AskedCall]]


@dataclass(frozen=True)
class Finding:
    """What is known about a failed check: the mistakes by name, or a description with none."""

    names: tuple[str, ...]
    message: str


def diagnose(exercise: Exercise, tried: list[TriedCheck], watch: Stopwatch) -> dict[str, Finding]:
    """Explain each failed check by known mistakes and slips, or say what is known about it.

    An explanation that agrees with every answer explains the whole submission. Otherwise each failed check is explained
    on its own, and only by what also agrees with the answers to the first check. Nothing is named once the time to
    compare is over.
    """
    failed = [entry for entry in tried if not entry.passed]
    if watch.is_over or not failed:
        return {}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitting = _explained(exercise, tried, failed, Comparison(exercise, watch))
        except OverError:
            return {}
    found = {name: _finding(candidate) for name, candidate in fitting.items() if candidate}
    for entry in failed:
        if entry.check.name not in found and (other := _otherwise(exercise, tried, entry)):
            found[entry.check.name] = other
    return {} if watch.is_over else found


def _otherwise(exercise: Exercise, tried: list[TriedCheck], entry: TriedCheck) -> Finding | None:
    """Return what is known about a check that no formula explains."""
    end = end_of(entry)
    if end:
        return Finding((end.name,), end.message)
    words = described(exercise, tried, entry)
    return Finding((), words) if words else None


def _explained(
    exercise: Exercise, tried: list[TriedCheck], failed: list[TriedCheck], comparison: Comparison
) -> dict[str, Candidate | None]:
    found = _known(exercise, tried, failed, comparison)
    limit = Stopwatch(SEARCH_SECONDS)
    with limit:
        left = [entry for entry in failed if entry.check.name not in found]
        return found | _searched(exercise, tried, left, comparison, limit)


def _known(
    exercise: Exercise, tried: list[TriedCheck], failed: list[TriedCheck], comparison: Comparison
) -> dict[str, Candidate | None]:
    """Return the single known mistake of each check that one explains; None where several do."""
    mistakes = known(exercise)
    whole = _fitting(mistakes, _evidence(tried), comparison)
    if len(whole) == 1:
        return {entry.check.name: whole[0] for entry in failed}
    found: dict[str, Candidate | None] = {}
    for entry in failed:
        fits = _fitting(mistakes, _evidence([tried[0], entry]), comparison)
        if fits:
            found[entry.check.name] = fits[0] if len(fits) == 1 else None
    return found


def _searched(
    exercise: Exercise, tried: list[TriedCheck], open_: list[TriedCheck], comparison: Comparison, limit: Stopwatch
) -> dict[str, Candidate | None]:
    """Return the shortest explanation of each check that has no single known mistake; None where several fit."""
    open_ = [entry for entry in open_ if _tells_enough(entry)]
    found: dict[str, Candidate | None] = {}
    if not open_:
        return found

    def over() -> bool:
        return comparison.tried > MAX_COMPARED or (comparison.tried % 16 == 0 and limit.is_over)

    passed = [entry for entry in tried if entry.passed]
    targets = [_evidence([tried[0], entry, *passed]) for entry in open_]
    whole = _evidence(tried)
    for stage in stages(exercise, whole, comparison):
        candidates = stage if isinstance(stage, list) else None
        for entry, evidence in zip(open_, targets, strict=True):
            if entry.check.name in found:
                continue
            pool = candidates if candidates is not None else stage(evidence)
            try:
                fits = _fitting(pool, evidence, comparison, over)
            except _LimitError:
                return found
            if fits:
                found[entry.check.name] = _agreed(fits, exercise, evidence, comparison)
        if len(found) == len(open_):
            break
    return found


class _LimitError(Exception):
    """The search has taken as long as it may."""


def _evidence(entries: Iterable[TriedCheck]) -> Evidence:
    """Return the calls of checks, once each: wrong finite answers and small calls first, for they rule out most."""
    checks = {entry.check.name: entry for entry in entries}.values()
    found = [(entry.check, asked) for entry in checks for asked in entry.asked]

    def cost(pair: tuple[Check, AskedCall]) -> tuple[bool, bool, int]:
        _, asked = pair
        finite = bool(np.isfinite(numbers_of(asked.answer)).any())
        return (
            asked.clause is None,
            not finite,
            sum(v.size for v in asked.call.values() if isinstance(v, np.ndarray)),
        )

    return sorted(found, key=cost)


def _fitting(
    candidates: Iterable[Candidate],
    evidence: Evidence,
    comparison: Comparison,
    over: object = None,
) -> list[Candidate]:
    fits = []
    for candidate in candidates:
        if callable(over) and over():
            raise _LimitError
        if all(comparison.agree(candidate, check, asked) for check, asked in evidence):
            fits.append(candidate)
    return fits


def _agreed(
    fits: list[Candidate], exercise: Exercise, evidence: Evidence, comparison: Comparison
) -> Candidate | None:
    """Return the one explanation, if those that fit say the same; a slip that equals a known mistake is that mistake."""
    if len({fit.names for fit in fits}) == 1:
        return fits[0]
    kinds = {getattr(part, "kind", "") for fit in fits for part in fit.parts[-1:]}
    if kinds == {"epsilon"} and len({fit.names for fit in fits}) > 1 and all(len(fit.parts) == 1 for fit in fits):
        return fits[0]
    return None


def _tells_enough(entry: TriedCheck) -> bool:
    """Whether the wrong answers of a check are numbers that vary: constants and infinities fit too much."""
    rows = [numbers_of(asked.answer) for asked in entry.asked]
    wrong = [row for row, asked in zip(rows, entry.asked, strict=True) if asked.clause is not None]
    if all(_flat_where_truth_is_not(asked, row) for asked, row in zip(entry.asked, rows, strict=True)):
        return False
    vary = any(not np.array_equal(row, rows[0], equal_nan=True) for row in rows)
    finite = np.concatenate(rows)
    return (
        vary and any(np.isfinite(row).any() for row in wrong) and np.unique(finite[np.isfinite(finite)]).size > 1
    )


def _flat_where_truth_is_not(asked: AskedCall, given: np.ndarray) -> bool:
    """Whether an answer is one number throughout: so is that of many a wrong function."""
    return np.unique(given).size < 2 and numbers_of(asked.truth).size > 1


def _finding(candidate: Candidate) -> Finding:
    """Return the names and messages of an explanation; no name if a part of it has none."""
    messages = [part.message for part in candidate.parts]
    names = tuple(part.name for part in candidate.parts)
    text = (
        messages[0]
        if len(messages) == 1
        else f"Two mistakes together give these answers. {' And: '.join(messages)}"
    )
    return Finding(names if all(names) else (), text)
