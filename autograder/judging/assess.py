"""Ask a student's function, compare with the reference, name the mistake.

The reference, the hidden inputs and the tolerances stay here. The caller passes a way to call the student's
function (:data:`~autograder.judging.calls.Ask`) and receives marks and messages.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np
from msgspec import UNSET, UnsetType, structs

from autograder.judging.calls import Answer, Ask, Call, Returned, Stopped, clause_of
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.curve import ask_sweep, curve_of
from autograder.judging.diagnose import diagnose
from autograder.judging.earlier import Earlier, explained, inherited
from autograder.judging.evidence import with_calls
from autograder.judging.faults import Faults
from autograder.judging.findings import Finding
from autograder.judging.follow_through import Share, shares_of, slip_in
from autograder.judging.messages import message_for, public_answer
from autograder.judging.model import Check, Exercise, truths_of
from autograder.judging.second import SECOND, known_first, second_mistakes, shows_more
from autograder.judging.sizes import ITEM_BYTES, size_of
from autograder.judging.stopwatch import Stopwatch
from autograder.results import FOLLOW_THROUGH, CheckResult, Curve, Feedback

NO_FINDINGS: dict[str, Finding] = {}
NO_SHARES: dict[str, Share] = {}
NOT_SAID = "An answer is wrong. What is wrong about it could not be described."


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
    mistake: Earlier | None = None
    """The function with the one mistake that explains all answers, for what is built on this function."""
    fault: str | None = None
    """What went wrong in the grader while it named mistakes, if anything did; the checks' verdicts stand."""


def seed_for(secret: bytes, student: str, exercise: str, digest: bytes) -> bytes:
    """Derive the seed of an exercise's hidden inputs. It can't be computed without the secret."""
    message = b"\0".join([student.encode(), exercise.encode(), digest])
    return hmac.new(secret, message, hashlib.sha256).digest()


def assess(
    exercise: Exercise,
    ask: Ask,
    *,
    seed: bytes,
    points: float | None = None,
    feedback: Feedback = "messages",
    watch: Stopwatch | None = None,
    follow_through: float = FOLLOW_THROUGH,
    parts: Collection[str] = (),
    explain: bool = False,
    spent: Callable[[], float] = time.monotonic,
    earlier: Mapping[str, Earlier] = MappingProxyType({}),
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
    watch
        Measures the time that it takes to get the answers and to judge them. When it is over, no mistake is named
        any more. It is up to ``ask`` to give no further answers then.
    follow_through
        The part of its marks that a check gives which is right but for one named slip; 0 gives nothing.
    parts
        The functions of the assignment, which this one may call.
    explain
        List every call of each check, its input included: for an instructor.
    spent
        Returns the seconds that the function has taken so far, however busy the machine is.
    earlier
        By name, what explains the answers to functions that were graded before and have a mistake.

    Returns
    -------
    Assessment
        With one result per check, whatever the function does. What goes wrong in the search for mistakes costs
        no check its verdict.
    """
    watch, faults = watch or Stopwatch(), Faults()
    examples = _ask_public(exercise, ask, watch)
    swept = ask_sweep(exercise, ask, spent) if feedback != "score" and _needs_picture(examples) else []
    tried = _try(exercise, examples[:1], seed, ask, watch)
    reasons = {check.name: _why_not(exercise, tried[0], example) for check, example in examples[1:]}
    skipped = {name: reason for name, reason in reasons.items() if reason}
    tried += _try(exercise, [entry for entry in examples[1:] if entry[0].name not in skipped], seed, ask, watch)
    shown = [asked for _, asked in examples if not isinstance(asked.answer, Stopped)]
    found = faults.caught(
        lambda: diagnose(exercise, tried, watch, inherited(exercise, earlier), shown), NO_FINDINGS
    )
    slip = slip_in(found.get(tried[0].check.name))
    mistake = faults.caught(lambda: explained(exercise, tried, found, is_slip=slip is not None), None)
    first = known_first(tried, found)
    gated = [entry for entry in examples[1:] if not _is_final(entry[1].answer)]
    has_second = faults.caught(lambda: first is not None and shows_more(exercise, first, gated), otherwise=False)
    if (follow_through > 0 and slip and not tried[0].passed) or has_second:
        tried += _try(exercise, gated, seed, ask, watch)
        skipped |= {check.name: skipped[check.name].replace("not run", "not counted", 1) for check, _ in gated}
    shares = faults.caught(lambda: shares_of(exercise, tried, found, follow_through, watch), NO_SHARES)
    more = faults.caught(
        lambda: second_mistakes(exercise, first, tried, watch) if first else NO_FINDINGS, NO_FINDINGS
    )
    skipped |= {name: f"{skipped[name]}\n{SECOND} {finding.message}" for name, finding in more.items()}
    found = more | found
    tried = [entry for entry in tried if entry.check.name in shares or entry.check.name not in skipped]
    with watch:
        texts = _texts(exercise, tried, found, feedback, parts, faults)
        report = _report(exercise, tried, skipped, found, shares, texts, points=points, feedback=feedback)
        checks = report.checks
        if feedback != "score":
            checks = faults.caught(lambda: _with_public_answers(exercise, report.checks, examples), checks)
        if explain:
            checks = with_calls(exercise, tried, checks)
        curve = faults.caught(lambda: curve_of(exercise, swept), None) if swept else None
        return replace(report, mistake=mistake, checks=checks, curve=curve or UNSET, fault=faults.first)


def _ask_public(exercise: Exercise, ask: Ask, watch: Stopwatch) -> list[tuple[Check, AskedCall]]:
    """Return the judged answers to the public examples.

    Everything public is asked before any hidden input, so that no answer that feedback shows can hold one.
    """
    truths = list(exercise.truths.values())
    answers = ask([check.example for check in exercise.checks], [_size(truth) for truth in truths])
    with watch:
        return [
            (check, _judge(exercise, check, check.example, answer, truth))
            for check, truth, answer in zip(exercise.checks, truths, answers, strict=False)
        ]


def _needs_picture(examples: list[tuple[Check, AskedCall]]) -> bool:
    """Whether a public example is wrong, and every call came back: a right function is asked no more."""
    stopped = any(isinstance(asked.answer, Stopped) for _, asked in examples)
    return not stopped and any(asked.clause is not None for _, asked in examples)


def _size(truth: Answer) -> int:
    return size_of(truth.value) if isinstance(truth, Returned) else ITEM_BYTES


def _judge(exercise: Exercise, check: Check, call: Call, answer: Answer, truth: Answer) -> AskedCall:
    mismatch = check.judge(exercise, call, answer, truth)
    if isinstance(answer, Returned) and answer.points and not mismatch:
        answer = replace(answer, points=())  # there may be thousands; only what is wrong is judged again
    return AskedCall(call, answer, truth, mismatch.clause if mismatch else None)


def _try(
    exercise: Exercise, examples: list[tuple[Check, AskedCall]], seed: bytes, ask: Ask, watch: Stopwatch
) -> list[TriedCheck]:
    """Ask the hidden calls of some checks. A call that doesn't return ends its own check only."""
    asked = {check.name: [example] for check, example in examples}
    drawn = [(check, call) for check, _ in examples for call in check.drawn(_generator(seed, check))]
    truths = truths_of(exercise, [call for _, call in drawn])
    waiting = [(*entry, truth) for entry, truth in zip(drawn, truths, strict=True)]
    while waiting:
        answers = ask([call for _, call, _ in waiting], [_size(truth) for _, _, truth in waiting])
        with watch:
            for place, ((check, call, truth), answer) in enumerate(zip(waiting, answers, strict=True), 1):
                asked[check.name].append(_judge(exercise, check, call, answer, truth))
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
    if _is_final(example.answer):
        return f"not run: {clause_of(example.answer)}"
    return None


def _with_public_answers(
    exercise: Exercise, checks: list[CheckResult], examples: list[tuple[Check, AskedCall]]
) -> list[CheckResult]:
    """Return the results with the wrong answers to the public examples, those of checks that were not run, too."""
    given = {check.name: public_answer(exercise, asked) for check, asked in examples}
    return [
        structs.replace(check, example=answer[0], answer=answer[1]) if (answer := given.get(check.name)) else check
        for check in checks
    ]


def _is_final(answer: Answer) -> bool:
    return isinstance(answer, Stopped) and answer.final


def _texts(
    exercise: Exercise,
    tried: list[TriedCheck],
    found: dict[str, Finding],
    feedback: Feedback,
    parts: Collection[str],
    faults: Faults,
) -> dict[str, str | None]:
    """Return what the student reads about each check that was run."""

    def text(entry: TriedCheck) -> str | None:
        return message_for(exercise, entry, found.get(entry.check.name), feedback, parts)

    return {
        entry.check.name: faults.caught(partial(text, entry), None if entry.passed else NOT_SAID)
        for entry in tried
    }


def _report(
    exercise: Exercise,
    tried: list[TriedCheck],
    skipped: dict[str, str],
    found: dict[str, Finding],
    shares: dict[str, Share],
    texts: Mapping[str, str | None],
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
        entry, finding = outcomes.get(check.name), found.get(check.name)
        share = shares.get(check.name)
        passed = None if entry is None else entry.passed and share is None
        part = share.part if share else float(passed or 0.0)
        earned += check.weight * part
        message = texts[check.name] if entry else skipped.get(check.name)
        if share:
            message = share.why if check.name in skipped else f"{message}\n{share.why}"
        checks.append(
            CheckResult(
                name=check.name,
                passed=passed,
                score=maximum * check.weight / total * part,
                max_score=maximum * check.weight / total,
                message=None if feedback == "score" else message,
                misconception="+".join(finding.names) or None if finding and feedback != "score" else None,
            )
        )
    names = (name for check in checks if check.misconception for name in check.misconception.split("+"))
    first = tried[0].asked[0].answer
    return Assessment(
        score=maximum if earned == total else min(maximum, maximum * earned / total),
        max_score=maximum,
        checks=checks,
        misconceptions=list(dict.fromkeys(names)),
        message=first.why if isinstance(first, Stopped) and first.final else None,
    )
