"""Every call of every check, its answer and the truth, for an instructor who asks why a mark is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from autograder.judging.calls import Answer, Raised, Returned, clause_of
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.compare import show
from autograder.judging.messages import MAX_TEXT
from autograder.judging.model import Exercise
from autograder.results import AskedResult, CheckResult


def with_calls(
    exercise: Exercise, tried: Iterable[TriedCheck], checks: Sequence[CheckResult]
) -> list[CheckResult]:
    """Return the results of checks, those that were run with the calls that they made."""
    asked = {entry.check.name: calls_of(exercise, entry) for entry in tried}
    return [replace(check, calls=asked[check.name]) if check.name in asked else check for check in checks]


def calls_of(exercise: Exercise, entry: TriedCheck) -> list[AskedResult]:
    """Return the calls of a check in the order in which they were asked, the public example first."""
    return [
        AskedResult(
            asked=f"{exercise.name}({one.call})",
            answered=_answered(one),
            expected=as_text(one.truth, None if one.clause is None else one.answer),
            passed=one.clause is None,
            hidden=place > 0,
        )
        for place, one in enumerate(entry.asked)
    ]


def _answered(one: AskedCall) -> str:
    """Write an answer, and what is wrong with it if the values alone don't show it."""
    if one.clause is None:
        return as_text(one.answer)
    text = as_text(one.answer, one.truth)
    looks_right = text == as_text(one.truth, one.answer)
    return f"{text} ({one.clause})" if looks_right else text


def as_text(answer: Answer, against: Answer | None = None) -> str:
    """Write an answer in a line, with enough digits to differ from another answer."""
    match answer:
        case Returned(value=value):
            return show(value, against=against.value) if isinstance(against, Returned) else show(value)
        case Raised(type=kind, text=text):
            return f"raised {kind}: {text[:MAX_TEXT]}" if text else f"raised {kind}"
    return clause_of(answer).rstrip(".")
