"""Ask a student's function, compare with the reference, name the mistake.

This is the whole of grading one function. It holds the reference, the hidden inputs and the tolerances;
what it is given is a way to ask (:data:`~autograder.exercise.Ask`) and what it gives is marks and sentences.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from msgspec import UNSET, UnsetType

from autograder.judging.compare import agrees, show
from autograder.judging.curve import curve_of
from autograder.judging.model import (
    Answer,
    Ask,
    Call,
    Check,
    Exercise,
    Misconception,
    Raised,
    Returned,
    Stopped,
    Unreadable,
    answer_of,
    clause_of,
    truth_of,
)
from autograder.results import CheckResult, Curve, Feedback

MAX_TEXT = 200
MAX_HIDDEN = 3


@dataclass(frozen=True)
class Assessment:
    """Marks of one exercise, with a result for every check."""

    score: float
    max_score: float
    checks: list[CheckResult]
    misconceptions: list[str]
    message: str | None = None
    """Why the function could not be asked at all, where it couldn't."""
    curve: Curve | UnsetType = UNSET


@dataclass(frozen=True)
class _Asked:
    call: Call
    answer: Answer
    truth: Answer
    clause: str | None
    """What is wrong with the answer, or None."""


@dataclass(frozen=True)
class _Tried:
    """A check whose calls have been asked, the public example first."""

    check: Check
    asked: tuple[_Asked, ...]

    @property
    def passed(self) -> bool:
        return all(entry.clause is None for entry in self.asked)


def seed_for(secret: bytes, student: str, exercise: str, digest: bytes) -> bytes:
    """Derive the seed of an exercise's hidden inputs; only who holds the secret can compute it."""
    message = b"\0".join([student.encode(), exercise.encode(), digest])
    return hmac.new(secret, message, hashlib.sha256).digest()


def assess(
    exercise: Exercise, ask: Ask, *, seed: bytes, points: float | None = None, feedback: Feedback = "messages"
) -> Assessment:
    """Grade one function.

    Parameters
    ----------
    exercise
        What is asked for.
    ask
        Calls the student's function and gives its answer.
    seed
        Decides the hidden inputs; see :func:`seed_for`.
    points
        The maximum of the cell; the exercise's own by default.
    feedback
        How much the messages may tell.

    Returns
    -------
    Assessment
        One result per check, whatever the function did.
    """
    # Every public example is asked before any hidden input, so that no evidence can carry one of this exercise.
    public = [check.example for check in exercise.checks] + ([exercise.sweep.call] if exercise.sweep else [])
    answers = list(ask(public))
    examples = [
        (check, _judge(exercise, check, check.example, answer, exercise.truths[check.name]))
        for check, answer in zip(exercise.checks, answers, strict=False)
    ]
    tried = _try(exercise, examples[:1], seed, ask)
    reasons = {check.name: _why_not(exercise, tried[0], example) for check, example in examples[1:]}
    skipped = {name: reason for name, reason in reasons.items() if reason}
    tried += _try(exercise, [entry for entry in examples[1:] if entry[0].name not in skipped], seed, ask)
    named = _diagnose(exercise, tried)
    report = _report(exercise, tried, skipped, named, points=points, feedback=feedback)
    if exercise.sweep and feedback != "score" and report.score < report.max_score:
        return replace(report, curve=curve_of(exercise, exercise.sweep, answers[-1]) or UNSET)
    return report


def _judge(exercise: Exercise, check: Check, call: Call, answer: Answer, truth: Answer) -> _Asked:
    mismatch = check.judge(exercise, call, answer, truth)
    return _Asked(call, answer, truth, mismatch.clause if mismatch else None)


def _try(exercise: Exercise, examples: list[tuple[Check, _Asked]], seed: bytes, ask: Ask) -> list[_Tried]:
    """Ask the hidden calls of some checks; a call that doesn't come back ends its own check alone."""
    asked = {check.name: [example] for check, example in examples}
    waiting = [(check, call) for check, _ in examples for call in check.inputs(_generator(seed, check))]
    while waiting:
        answers = ask([call for _, call in waiting])
        for place, ((check, call), answer) in enumerate(zip(waiting, answers, strict=True), 1):
            asked[check.name].append(_judge(exercise, check, call, answer, truth_of(exercise, call)))
            if isinstance(answer, Stopped):
                waiting = [entry for entry in waiting[place:] if entry[0] is not check]
                break
        else:
            waiting = []
    return [_Tried(check, tuple(asked[check.name])) for check, _ in examples]


def _generator(seed: bytes, check: Check) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(hashlib.sha256(seed + check.name.encode()).digest(), "<u4"))


def _why_not(exercise: Exercise, first: _Tried, example: _Asked) -> str | None:
    """Why a check is not run: it waits for the first one, or the function can't be asked any more."""
    if not first.passed:
        return f"not run: it counts once “{exercise.checks[0].name}” holds"
    if isinstance(example.answer, Stopped) and example.answer.final:
        return f"not run: {example.answer.why}"
    return None


# --- diagnosis -------------------------------------------------------------------------------------------


def _diagnose(exercise: Exercise, tried: list[_Tried]) -> dict[str, Misconception]:
    """Name the mistake behind each failed check, where exactly one known mistake explains it.

    A misconception that agrees with every answer explains the whole submission. Else each failed check is
    explained by itself, and only by a misconception that does not contradict the ordinary answers.
    """
    if all(entry.passed for entry in tried):
        return {}
    agree = _agreement(exercise)

    def explains(mistake: Misconception, *entries: _Tried) -> bool:
        return all(agree(mistake, entry.check, asked) for entry in entries for asked in entry.asked)

    whole = [m for m in exercise.misconceptions if explains(m, *tried)]
    if len(whole) == 1:
        return {entry.check.name: whole[0] for entry in tried if not entry.passed}
    named = {}
    for entry in tried:
        if entry.passed:
            continue
        fitting = [m for m in exercise.misconceptions if explains(m, tried[0], entry)]
        if len(fitting) == 1:
            named[entry.check.name] = fitting[0]
    return named


def _agreement(exercise: Exercise) -> Callable[[Misconception, Check, _Asked], bool]:
    """Give a function that tells whether a misconception would have answered a call as the student did."""
    known: dict[tuple[str, int], Answer] = {}

    def agree(mistake: Misconception, check: Check, asked: _Asked) -> bool:
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
        return agrees(theirs.value, wrong.value, exercise.tolerance(asked.call, single))

    return agree


# --- sentences -------------------------------------------------------------------------------------------


def _report(
    exercise: Exercise,
    tried: list[_Tried],
    skipped: dict[str, str],
    named: dict[str, Misconception],
    *,
    points: float | None,
    feedback: Feedback,
) -> Assessment:
    total = exercise.points
    maximum = total if points is None else points
    outcomes = {entry.check.name: entry for entry in tried}
    checks: list[CheckResult] = []
    earned = 0.0
    for check in exercise.checks:
        entry, mistake = outcomes.get(check.name), named.get(check.name)
        passed = entry.passed if entry else None
        earned += check.weight if passed else 0.0
        message = skipped.get(check.name) if entry is None else _message(exercise, entry, mistake, feedback)
        checks.append(
            CheckResult(
                name=check.name,
                passed=passed,
                score=maximum * check.weight / total if passed else 0.0,
                max_score=maximum * check.weight / total,
                message=None if feedback == "score" else message,
                misconception=None if feedback == "score" or mistake is None else mistake.name,
            )
        )
    found = dict.fromkeys(check.misconception for check in checks if check.misconception)
    first = tried[0].asked[0].answer
    return Assessment(
        score=maximum if earned == total else min(maximum, maximum * earned / total),
        max_score=maximum,
        checks=checks,
        misconceptions=list(found),
        message=first.why if isinstance(first, Stopped) and first.final else None,
    )


def _message(exercise: Exercise, entry: _Tried, mistake: Misconception | None, feedback: Feedback) -> str | None:
    """Evidence, cause and nudge of a failed check; of a passed one only what the example warned."""
    noise = _warned(entry.asked[0].answer)
    if entry.passed:
        return noise or None
    lines = [_evidence(exercise.name, entry), noise, mistake.message if mistake else _hint(entry)]
    if feedback == "full":
        lines += _hidden(exercise.name, entry)
    return "\n".join(line for line in lines if line)


def _hint(entry: _Tried) -> str:
    stub = any(isinstance(e.answer, Raised) and e.answer.type == "NotImplementedError" for e in entry.asked)
    return "" if stub or isinstance(entry.asked[0].answer, Stopped) else entry.check.hint


def _evidence(function: str, entry: _Tried) -> str:
    """Show what the public example came to; where it is right, the kind of failure elsewhere, never an input."""
    example = entry.asked[0]
    if example.clause is not None:
        return _shown(function, example)
    wrong = next(e.answer for e in entry.asked if e.clause is not None)
    return f"{function}({example.call}) is right, but other inputs of this kind are not: {_withheld(wrong)}."


def _hidden(function: str, entry: _Tried) -> list[str]:
    """Show hidden calls that went wrong, with what they warned and printed: for the level ``full`` alone."""
    lines: list[str] = []
    for wrong in [e for e in entry.asked[1:] if e.clause is not None][:MAX_HIDDEN]:
        lines += [f"hidden: {_shown(function, wrong)}", _warned(wrong.answer)]
        if isinstance(wrong.answer, Returned | Raised) and wrong.answer.noise.printed:
            lines.append(f"It printed: {wrong.answer.noise.printed[:MAX_TEXT]}")
    return lines


def _shown(function: str, entry: _Asked) -> str:
    """Show a call with its answer and, where there is one, the truth."""
    asked = f"{function}({entry.call})"
    match entry.answer, entry.truth:
        case Returned(value=value), Returned(value=truth) if not _same_text(value, truth):
            return f"{asked} → {show(value, against=truth)}, expected {show(truth, against=value)}"
        case Raised(type="NotImplementedError"), _:
            return f"{function} still raises NotImplementedError: write your solution in its place."
        case Raised(type=kind, text=text), _:
            said = f": {text[:MAX_TEXT]}" if text else ""
            return f"{asked} raised {kind}{said}"
        case Stopped(why=why), _:
            return why
    return f"{asked} → {entry.clause}"


def _same_text(value: object, truth: object) -> bool:
    return show(value, against=truth) == show(truth, against=value)


def _withheld(answer: Answer) -> str:
    """What may be told of a hidden call: its kind of failure, never its numbers or texts."""
    match answer:
        case Returned(changed=True):
            return "an argument is changed on the way"
        case Returned():
            return "a value is wrong"
        case Unreadable():
            return "something that is no number comes back"
    return clause_of(answer).rstrip(".")


def _warned(answer: Answer) -> str:
    """Say what a call warned, in one line."""
    if not isinstance(answer, Returned | Raised) or not answer.noise.warnings:
        return ""
    return f"It warned: {'; '.join(dict.fromkeys(answer.noise.warnings))}"[:MAX_TEXT]
