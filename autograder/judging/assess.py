"""Ask a student's function, compare with the reference, name the mistake.

The reference, the hidden inputs and the tolerances stay here. The caller passes a way to call the student's
function (:data:`~autograder.judging.calls.Ask`) and receives marks and messages.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

import numpy as np
from msgspec import UNSET, UnsetType

from autograder.judging.calls import Answer, Ask, Call, Stopped
from autograder.judging.curve import curve_of
from autograder.judging.diagnose import AskedCall, TriedCheck, diagnose
from autograder.judging.messages import message_for
from autograder.judging.model import Check, Exercise, Misconception, truth_of
from autograder.results import CheckResult, Curve, Feedback


@dataclass(frozen=True)
class Assessment:
    """The marks of one exercise, with a result for every check."""

    score: float
    max_score: float
    checks: list[CheckResult]
    misconceptions: list[str]
    message: str | None = None
    """Why the function could not be called, if it could not."""
    curve: Curve | UnsetType = UNSET


def seed_for(secret: bytes, student: str, exercise: str, digest: bytes) -> bytes:
    """Derive the seed of an exercise's hidden inputs. It can't be computed without the secret."""
    message = b"\0".join([student.encode(), exercise.encode(), digest])
    return hmac.new(secret, message, hashlib.sha256).digest()


def assess(
    exercise: Exercise, ask: Ask, *, seed: bytes, points: float | None = None, feedback: Feedback = "messages"
) -> Assessment:
    """Grade one function.

    Parameters
    ----------
    exercise
        The exercise that the function answers.
    ask
        Calls the student's function and returns its answers.
    seed
        Seeds the hidden inputs; see :func:`seed_for`.
    points
        The cell's maximum; by default the sum of the checks' weights.
    feedback
        How much the messages show.

    Returns
    -------
    Assessment
        With one result per check, whatever the function does.
    """
    # Every public example is asked before any hidden input, so that no answer that feedback shows can hold one.
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
    named = diagnose(exercise, tried)
    report = _report(exercise, tried, skipped, named, points=points, feedback=feedback)
    if exercise.sweep and feedback != "score" and report.score < report.max_score:
        return replace(report, curve=curve_of(exercise, exercise.sweep, answers[-1]) or UNSET)
    return report


def _judge(exercise: Exercise, check: Check, call: Call, answer: Answer, truth: Answer) -> AskedCall:
    mismatch = check.judge(exercise, call, answer, truth)
    return AskedCall(call, answer, truth, mismatch.clause if mismatch else None)


def _try(exercise: Exercise, examples: list[tuple[Check, AskedCall]], seed: bytes, ask: Ask) -> list[TriedCheck]:
    """Ask the hidden calls of some checks. A call that doesn't return ends its own check only."""
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
    return [TriedCheck(check, tuple(asked[check.name])) for check, _ in examples]


def _generator(seed: bytes, check: Check) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(hashlib.sha256(seed + check.name.encode()).digest(), "<u4"))


def _why_not(exercise: Exercise, first: TriedCheck, example: AskedCall) -> str | None:
    """Say why a check is not run: the first check failed, or the function can't be called any more."""
    if not first.passed:
        return f"not run: it counts once “{exercise.checks[0].name}” holds"
    if isinstance(example.answer, Stopped) and example.answer.final:
        return f"not run: {example.answer.why}"
    return None


def _report(
    exercise: Exercise,
    tried: list[TriedCheck],
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
        message = skipped.get(check.name) if entry is None else message_for(exercise, entry, mistake, feedback)
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
