"""Which mistakes may be one of two: those whose answers are nearly the student's, or are in part."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograder.judging.calls import Call
from autograder.judging.candidates import AskedCall, Candidate
from autograder.judging.comparison import Comparison
from autograder.judging.fitting import Evidence
from autograder.judging.numbers import numbers_of

NEAR = 0.15
"""How near, relatively, half the numbers of a mistake lie to what a small constant made of them."""
FEW_NEAR, CALLS_NEAR = 6, 3
"""How many such mistakes are tried, and in how many calls they must be near."""
SAME = 1e-9
"""How far apart two wrong numbers may lie, relatively, and be equal."""
FEW_PARTLY, CALLS_PARTLY = 4, 2
"""How many mistakes that give a part of the numbers are tried, and in how many calls they may do so."""


def nearly(bases: Iterable[Candidate], evidence: Evidence, comparison: Comparison) -> list[Candidate]:
    """Return the bases that nearly give most numbers of the first wrong answers, as beside a small constant.

    They are the :data:`FEW_NEAR` nearest.
    """
    wrong = [asked for _, asked in evidence if asked.clause is not None][:CALLS_NEAR]
    theirs = [numbers_of(asked.answer) for asked in wrong]
    found: list[tuple[float, Candidate]] = []
    for base in bases:
        values = [numbers_of(comparison.answer(base, asked.call)) for asked in wrong]
        if all(ours.shape == row.shape for ours, row in zip(values, theirs, strict=True)):
            ours, given = np.concatenate([*values, np.zeros(0)]), np.concatenate([*theirs, np.zeros(0)])
            off = np.median(np.abs(ours - given) / np.abs(given)) if given.size else np.inf
            if off < NEAR:
                found.append((float(off), base))
    return [base for _, base in sorted(found, key=lambda pair: pair[0])[:FEW_NEAR]]


def partly(bases: Iterable[Candidate], evidence: Evidence, comparison: Comparison) -> list[Candidate]:
    """Return the bases that give a part of the wrong numbers, as beside a mistake that touches the others alone.

    They are the :data:`FEW_PARTLY` that give most.
    """
    wrong = [entry for _, entry in evidence if entry.clause is not None][:CALLS_PARTLY]
    sought = [(entry.call, numbers_of(entry.answer), _wrong_numbers(entry)) for entry in wrong]
    found: list[tuple[int, Candidate]] = []
    for base in bases:
        given = sum(_given(comparison, base, *entry) for entry in sought)
        if given:
            found.append((given, base))
    return [base for _, base in sorted(found, key=lambda pair: -pair[0])[:FEW_PARTLY]]


def _wrong_numbers(entry: AskedCall) -> np.ndarray:
    """Return which numbers of an answer are wrong, if it is as long as the right one; 0 is so in many ways."""
    theirs, truth = numbers_of(entry.answer), numbers_of(entry.truth)
    if theirs.shape != truth.shape:
        return np.zeros(0, bool)
    wrong: np.ndarray = np.isfinite(theirs) & (theirs != 0) & (np.abs(theirs - truth) > SAME * np.abs(truth))
    return wrong


def _given(comparison: Comparison, base: Candidate, call: Call, theirs: np.ndarray, places: np.ndarray) -> int:
    """Return how many of the wrong numbers of an answer a base gives."""
    if not places.any():
        return 0
    numbers = numbers_of(comparison.answer(base, call))
    if numbers.shape != theirs.shape:
        return 0
    return int(np.sum(np.abs(numbers - theirs)[places] <= SAME * np.abs(theirs[places])))
