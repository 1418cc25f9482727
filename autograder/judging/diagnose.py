"""Name the mistakes behind wrong answers, where one explanation alone fits them all.

Explanations are tried from the shortest: a known mistake, a slip, a slip inside the formula, a slip with a fitted
constant, then two of them together. Where those that fit say different things, nothing is named.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from autograder.judging.candidates import AskedCall, Candidate, TriedCheck, known
from autograder.judging.comparison import Comparison, Limit, LimitError, OverError
from autograder.judging.compositions import formulas_of
from autograder.judging.constants import with_epsilon
from autograder.judging.describe import described
from autograder.judging.ends import end_of
from autograder.judging.findings import Finding, agreed, finding_of, likeliest
from autograder.judging.fitted import cuts_of, families_of
from autograder.judging.fitting import evidence_of, fitting, tells_enough, tells_of_two
from autograder.judging.items import Item
from autograder.judging.model import Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.stages import CANNOT_BE_COMPUTED, stages
from autograder.judging.stopwatch import Stopwatch

SEARCH_SECONDS = 0.5
"""Processor time after which the search for more than a single known mistake ends: a safety net."""
GUARD = ("epsilon-", "added-1e-", "jitter-")
"""How known mistakes with a small constant are called: whatever it is, it costs the same."""
MAX_WORK = 300_000
"""The work that it may do, as :class:`Comparison` counts it. This ends it, at the same place on every machine."""


def diagnose(
    exercise: Exercise,
    tried: list[TriedCheck],
    watch: Stopwatch,
    brought: Sequence[Candidate] = (),
    examples: Sequence[AskedCall] = (),
) -> dict[str, Finding]:
    """Explain each failed check by known mistakes and slips, or say what is known about it.

    What is ``brought`` from an earlier function goes before all else. ``examples`` are the answers to the public
    calls of all checks, tried or not.

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
            if entry.check.name not in found and (other := _otherwise(exercise, tried, entry, watch, examples)):
                found[entry.check.name] = other
    return {} if watch.is_over else found


def _otherwise(
    exercise: Exercise,
    tried: list[TriedCheck],
    entry: TriedCheck,
    watch: Stopwatch,
    examples: Sequence[AskedCall],
) -> Finding | None:
    """Return what is known about a check that no formula explains."""
    end = end_of(entry)
    if end:
        known_as = next((m for m in exercise.misconceptions if m.name == end.name), end)
        return Finding((known_as.name,), known_as.message)
    words = ""
    with suppress(MemoryError, *CANNOT_BE_COMPUTED), watch:  # a student's value may be anything
        words = described(exercise, tried, entry, examples)
    return Finding((), words) if words else None


def _explained(
    exercise: Exercise,
    tried: list[TriedCheck],
    failed: list[TriedCheck],
    comparison: Comparison,
    brought: Sequence[Candidate],
) -> dict[str, Finding]:
    limit = Limit(MAX_WORK, Stopwatch(SEARCH_SECONDS))
    with limit.watch:
        found = _known(exercise, tried, failed, comparison)
        with suppress(*CANNOT_BE_COMPUTED):
            found |= _constants_in(exercise, tried, found, comparison)
        for entry in failed if brought else ():
            fits = fitting(brought, evidence_of(exercise, [tried[0], entry]), comparison)
            if fits:
                found[entry.check.name] = _or(finding_of(fits[0]), found.get(entry.check.name))
        left = [entry for entry in failed if entry.check.name not in found]
        with suppress(*CANNOT_BE_COMPUTED):  # and so explains nothing
            found |= _searched(exercise, tried, left, comparison, limit)
            return _unified(exercise, tried, found, comparison)
    return found


def _unified(
    exercise: Exercise, tried: list[TriedCheck], found: dict[str, Finding], comparison: Comparison
) -> dict[str, Finding]:
    """Return the findings, those of one check in place of another one's that they explain as well."""
    entries = {entry.check.name: entry for entry in tried}
    unified = dict(found)
    for name, finding in found.items():
        for other, single in ((key, entry.single) for key, entry in found.items() if key != name):
            if single is None or not single.at or single.names == frozenset(finding.names):
                continue
            if fitting([single], evidence_of(exercise, [tried[0], entries[name]]), comparison):
                unified[name] = found[other]
    return unified


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
    whole = fitting(mistakes, evidence_of(exercise, tried), comparison)
    if len(whole) == 1:
        return {entry.check.name: finding_of(whole[0]) for entry in failed}
    found: dict[str, Finding] = {}
    for entry in failed:
        fits = fitting(mistakes, evidence_of(exercise, [tried[0], entry]), comparison)
        if fits:
            found[entry.check.name] = finding_of(fits[0]) if len(fits) == 1 else Finding((), "")
    return found


def _constants_in(
    exercise: Exercise, tried: list[TriedCheck], found: dict[str, Finding], comparison: Comparison
) -> dict[str, Finding]:
    """Return the findings of a known mistake with a constant, with the slip that has any constant in its place.

    One slip explains all of them or none: what it costs must not depend on what a student happens to be asked.
    Of several that fit, it is one that gives the known mistake's answers to all public calls, if any does.
    """
    small = {
        name: finding for name, finding in found.items() if any(each.startswith(GUARD) for each in finding.names)
    }
    if not small:
        return {}
    evidence = evidence_of(exercise, [tried[0], *(entry for entry in tried if entry.check.name in small)])
    families = families_of(formulas_of(exercise), exercise.reference, [asked.call for _, asked in evidence])
    right = Candidate((), exercise.reference)
    fits = fitting(with_epsilon(list(families), evidence, comparison, right), evidence, comparison)
    calls = [check.example for check in exercise.checks]
    singles = [finding.single for finding in small.values() if finding.single]
    alike = [fit for fit in fits if any(comparison.same(fit, single, calls) for single in singles)]
    one = likeliest(alike or fits) if fits else None
    return {name: replace(finding, single=one) for name, finding in small.items()} if one else {}


def _searched(
    exercise: Exercise, tried: list[TriedCheck], open_: list[TriedCheck], comparison: Comparison, limit: Limit
) -> dict[str, Finding]:
    """Return the shortest explanation of each check that has no single known mistake."""
    found = _cut_off(exercise, tried, open_, comparison)
    open_ = [entry for entry in open_ if entry.check.name not in found and tells_enough(entry)]
    if not open_:
        return found

    passed = [entry for entry in tried if entry.passed]
    targets = {entry.check.name: evidence_of(exercise, [tried[0], entry, *passed]) for entry in open_}
    reached = 0
    for length, stage in stages(exercise, evidence_of(exercise, tried), comparison):
        if length > reached:  # what several short explanations fit needs no longer one
            left = {entry.check.name for entry in open_ if length == 1 or tells_of_two(entry)} - found.keys()
            targets = {name: evidence for name, evidence in targets.items() if name in left}
            reached = length
        for name, evidence in targets.items():
            if name in found and found[name].names:
                continue
            comparison.limit = limit
            try:
                fits = fitting(stage(evidence), evidence, comparison)
            except LimitError:
                return found
            finally:
                comparison.limit = None
            if fits:
                found[name] = agreed(
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
        evidence = evidence_of(exercise, [tried[0], entry, *(other for other in tried if other.passed)])
        rows = [(numbers_of(asked.answer), numbers_of(asked.truth)) for _, asked in evidence]
        fits = fitting([right.with_slip(slip) for slip in cuts_of(rows)], evidence, comparison)
        if len(fits) == 1:
            found[entry.check.name] = finding_of(fits[0])
    return found
