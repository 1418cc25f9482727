"""The second of two mistakes: what the checks that wait for the first one show beside its mistake."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import numpy as np

from autograder.judging import diagnose
from autograder.judging.calls import Answer, Returned
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck, known
from autograder.judging.comparison import Comparison, Limit, LimitError, OverError
from autograder.judging.compositions import answers_changed, arguments_changed, formulas_of, inner, pairs
from autograder.judging.constants import with_epsilon
from autograder.judging.ends import WRITES, end_of, is_written_into
from autograder.judging.findings import Finding, agreed, finding_of
from autograder.judging.fitted import cuts_of, families_of, own_families
from autograder.judging.fitting import Evidence, evidence_of, fitting, tells_enough, ways_of
from autograder.judging.model import Check, Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.stages import CANNOT_BE_COMPUTED
from autograder.judging.stopwatch import Stopwatch

SECOND = "This check fails in another way, too."


def known_first(tried: list[TriedCheck], found: Mapping[str, Finding]) -> Candidate | None:
    """Return the function with the one mistake that explains the first check, if that fails."""
    finding = found.get(tried[0].check.name)
    return finding.single if finding and not tried[0].passed else None


def shows_more(exercise: Exercise, first: Candidate, examples: list[tuple[Check, AskedCall]]) -> bool:
    """Whether a function answers a public example otherwise than its first mistake alone would make it."""
    comparison = Comparison(exercise, Stopwatch())
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return not all(_is_explained(comparison, first, check, (asked,)) for check, asked in examples)


def second_mistakes(
    exercise: Exercise, first: Candidate, tried: list[TriedCheck], watch: Stopwatch
) -> dict[str, Finding]:
    """Name what goes wrong in each failed check beside the mistake that the first one shows.

    Parameters
    ----------
    exercise
        The exercise.
    first
        The function with the one mistake that explains the answers to the first check.
    tried
        All checks that have been asked, the first one first.
    watch
        The processor time that judging may take; once it is over, nothing is named.

    Returns
    -------
    dict
        By the name of the check, what makes the first mistake explain its answers, too. Nothing for a check that
        the first mistake explains alone, and where two things would do.
    """
    comparison, found = Comparison(exercise, watch), dict[str, Finding]()
    with watch, np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(OverError, MemoryError, *CANNOT_BE_COMPUTED):
            alone = [entry for entry in tried[1:] if _is_explained(comparison, first, entry.check, entry.asked)]
            comparison.limit = Limit(
                comparison.work + diagnose.MAX_WORK // 4, Stopwatch(diagnose.SEARCH_SECONDS / 4)
            )
            with comparison.limit.watch, suppress(LimitError):
                for entry in tried[1:]:
                    if entry.passed or entry in alone:
                        continue
                    finding = _of_its_end(comparison, first, entry)
                    if finding is None:
                        finding = _searched(comparison, first, entry, [tried[0], *alone])
                    if finding and finding.names:
                        found[entry.check.name] = finding
    return {} if watch.is_over else found


def _is_explained(comparison: Comparison, first: Candidate, check: Check, asked: Iterable[AskedCall]) -> bool:
    """Whether a mistake gives every answer to a check, be it in a function that converts its arguments or not."""
    return all(any(_gives(comparison, way, check, entry) for way in ways_of(first, entry.call)) for entry in asked)


def _gives(comparison: Comparison, way: Candidate, check: Check, asked: AskedCall) -> bool:
    if not comparison.agree(way, check, asked):
        return False
    alike = _changes(asked.answer) == _changes(comparison.answer(way, asked.call))
    return alike or not check.forbids_changes(comparison.exercise)


def _changes(answer: Answer) -> bool:
    return isinstance(answer, Returned) and answer.changed


def _of_its_end(comparison: Comparison, first: Candidate, entry: TriedCheck) -> Finding | None:
    """Return what shows whatever the formula is: an argument that is written into, or why no value comes back."""
    exercise = comparison.exercise
    if is_written_into(comparison, first, entry):
        right = Candidate((), exercise.reference)
        alike = [other for other in known(exercise) if _only_writes(comparison, right, other, entry)]
        part = alike[0].parts[0] if len(alike) == 1 else WRITES
    else:
        end = end_of(entry)
        if end is None:
            return None
        part = end
    part = next((mistake for mistake in exercise.misconceptions if mistake.name == part.name), part)
    return Finding((part.name,), part.message)


def _only_writes(comparison: Comparison, right: Candidate, other: Candidate, entry: TriedCheck) -> bool:
    """Whether a known mistake gives the right values in a check and changes an argument in each of its calls."""
    for asked in entry.asked:
        answer = comparison.answer(other, asked.call)
        if not (isinstance(answer, Returned) and answer.changed):
            return False
    return comparison.same(right, other, [asked.call for asked in entry.asked])


def _searched(
    comparison: Comparison, first: Candidate, entry: TriedCheck, explained: list[TriedCheck]
) -> Finding | None:
    """Return the known mistake, or else the slip, that explains a check together with the first mistake."""
    exercise, first_check = comparison.exercise, explained[0]
    evidence = _telling(comparison, first, [first_check, entry])
    whole = _telling(comparison, first, [entry, *explained])
    stages = (
        (_with_known(first, exercise), evidence),  # other dtypes than it is written for may give others there
        (_with_slips(comparison, first, evidence) if tells_enough(entry) else (), whole),
    )
    if finding := _not_finite(comparison, first, entry):
        return finding
    for candidates, asked in stages:
        fits = [pair for pair in fitting(candidates, asked, comparison) if pair.names > first.names]
        if fits:
            seconds = [replace(pair, parts=pair.parts[len(first.parts) :]) for pair in fits]
            return agreed(seconds, None, exercise, comparison, [asked.call for _, asked in evidence])
    return None


def _not_finite(comparison: Comparison, first: Candidate, entry: TriedCheck) -> Finding | None:
    """Return the one known mistake that gives no finite number exactly where the answers have none.

    Nothing if the first mistake is that of an earlier function: so may this one be.
    """
    mistakes = known(comparison.exercise)
    if not any(first.names == mistake.names for mistake in mistakes):
        return None
    theirs = [(asked.call, np.isfinite(numbers_of(asked.answer))) for asked in entry.asked]
    if all(finite.all() for _, finite in theirs):
        return None

    def gives(candidate: Candidate) -> bool:
        finite = ((np.isfinite(numbers_of(comparison.answer(candidate, call))), seen) for call, seen in theirs)
        return all(np.array_equal(ours, seen) for ours, seen in finite)

    alike = [other for other in mistakes if gives(other)]
    return finding_of(alike[0]) if len(alike) == 1 and not gives(first) else None


def _telling(comparison: Comparison, first: Candidate, entries: list[TriedCheck]) -> Evidence:
    """Return the calls of some checks, those before that the first mistake doesn't explain."""
    found = evidence_of(comparison.exercise, entries)
    return sorted(found, key=lambda pair: comparison.agree(first, *pair))


def _with_known(first: Candidate, exercise: Exercise) -> Iterator[Candidate]:
    return pairs([first], known(exercise), exercise.reference)


def _with_slips(comparison: Comparison, first: Candidate, evidence: Evidence) -> Iterator[Candidate]:
    exercise = comparison.exercise
    reference, call = exercise.reference, evidence[0][1].call
    formulas = formulas_of(exercise)
    on_answer = answers_changed(exercise, call, comparison)
    yield from pairs([first], [*on_answer, *arguments_changed(reference, call), *inner(formulas)], reference)
    rows = [(numbers_of(asked.answer), numbers_of(comparison.answer(first, asked.call))) for _, asked in evidence]
    yield from (first.with_slip(cut) for cut in cuts_of(rows))
    yield from with_epsilon(own_families(first, exercise), evidence, comparison, first, own=True)
    yield from with_epsilon(
        list(families_of(formulas, reference, [asked.call for _, asked in evidence])), evidence, comparison, first
    )
