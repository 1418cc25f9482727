"""Name the mistake behind wrong answers, where one known mistake explains them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder.judging.calls import Answer, Call, Raised, Returned, answer_of
from autograder.judging.compare import agrees
from autograder.judging.model import Check, Exercise, Misconception
from autograder.judging.stopwatch import Stopwatch


@dataclass(frozen=True)
class AskedCall:
    """A call, the answer to it, and the truth."""

    call: Call
    answer: Answer
    truth: Answer
    clause: str | None
    """What is wrong with the answer, or None."""


@dataclass(frozen=True)
class TriedCheck:
    """A check whose calls have been asked, the public example first."""

    check: Check
    asked: tuple[AskedCall, ...]

    @property
    def passed(self) -> bool:
        return all(entry.clause is None for entry in self.asked)


def diagnose(exercise: Exercise, tried: list[TriedCheck], watch: Stopwatch) -> dict[str, Misconception]:
    """Name the mistake behind each failed check, where exactly one known mistake explains it.

    A mistake that agrees with every answer explains the whole submission. Otherwise each failed check is explained
    on its own, and only by a mistake that also agrees with the answers to the first check. Nothing is named once
    the time to compare is over.
    """
    if watch.is_over or all(entry.passed for entry in tried):
        return {}
    agree = _agreement(exercise, watch)

    def explains(mistake: Misconception, *entries: TriedCheck) -> bool:
        return all(agree(mistake, entry.check, asked) for entry in entries for asked in entry.asked)

    whole = [m for m in exercise.misconceptions if explains(m, *tried)]
    if len(whole) == 1 and not watch.is_over:
        return {entry.check.name: whole[0] for entry in tried if not entry.passed}
    named = {}
    for entry in tried:
        if entry.passed:
            continue
        fitting = [m for m in exercise.misconceptions if explains(m, tried[0], entry)]
        if len(fitting) == 1:
            named[entry.check.name] = fitting[0]
    return {} if watch.is_over else named


def _agreement(exercise: Exercise, watch: Stopwatch) -> Callable[[Misconception, Check, AskedCall], bool]:
    """Return a function that says whether a known mistake gives the student's answer to a call."""
    known: dict[tuple[str, int], Answer] = {}

    def agree(mistake: Misconception, check: Check, asked: AskedCall) -> bool:
        key = (mistake.name, id(asked.call))
        if key not in known:
            with np.errstate(all="ignore"):
                known[key] = answer_of(mistake.function, asked.call)
        theirs, wrong = asked.answer, known[key]
        held = check.judge(exercise, asked.call, wrong, asked.truth) is None
        if held != (asked.clause is None):
            return False
        if isinstance(theirs, Raised) and isinstance(wrong, Raised):
            return theirs.type == wrong.type
        if not (isinstance(theirs, Returned) and isinstance(wrong, Returned)):
            return False
        dtypes = {getattr(answer.value, "dtype", None) for answer in (theirs, wrong)}
        single = asked.call.single or dtypes == {np.dtype(np.float32)}
        tolerance = exercise.tolerance(asked.call, single)
        with watch:
            return not watch.is_over and agrees(theirs.value, wrong.value, tolerance)

    return agree
