"""What a student reads about a check: evidence, cause and hint."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Raised, Returned, Stopped, Unreadable, clause_of
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.compare import Mismatch, as_numbers, describe, show
from autograder.judging.failures import kind_of
from autograder.judging.findings import Finding
from autograder.judging.items import Item, show_letters
from autograder.judging.model import CHANGED, Exercise, by_value
from autograder.judging.numbers import flat
from autograder.results import Feedback

MAX_TEXT = 200
MAX_HIDDEN = 3
NEAR = 1e-10
"""A relative difference that no check counts: where it is all there is, something else than the value is wrong."""


def message_for(
    exercise: Exercise,
    entry: TriedCheck,
    finding: Finding | None,
    feedback: Feedback,
    parts: Collection[str] = (),
) -> str | None:
    """Return the evidence, cause and hint of a failed check, or the warnings of a passed one's example.

    ``parts`` are the functions of the assignment: a name that is not defined may be one of them.
    """
    noise = _warned(entry.asked[0].answer)
    if entry.passed:
        return noise or None
    lines = [_evidence(exercise, entry), noise]
    missing = _missing_part(entry, parts)
    if missing:
        lines.append(f"`{missing}` is the function of another part: write that one first.")
    else:
        lines.append(finding.message if finding else "")
        if not (finding and finding.names):
            lines.append(_hint(entry))
    if feedback == "full":
        lines += _hidden(exercise, entry)
    return "\n".join(line for line in lines if line)


def public_answer(exercise: Exercise, asked: AskedCall) -> tuple[str, str] | None:
    """Return a public call and the wrong answer to it as short texts; None if it is right or did not end.

    Equal answers give equal texts. Of what is no number the kind is given alone, and of an exception its name: no
    text that a student wrote is in them.
    """
    if asked.clause is None:
        return None
    call = f"{exercise.name}({asked.call})"  # dear for arrays, and nearly every answer is right
    match asked.answer:
        case Returned() as given if (
            asked.clause == CHANGED and by_value(exercise, asked.call, given, asked.truth) is None
        ):
            return call, "the right value, but an argument was changed"
        case Returned(value=value) if isinstance(exercise, Item):
            letters = exercise.read(value)
            return call, show_letters(letters) if letters else "no answer"
        case Returned(value=value):
            truth = asked.truth.value if isinstance(asked.truth, Returned) else None
            plain = value is None or not isinstance(as_numbers(value), Mismatch)
            return call, show(value, against=truth) if plain else describe(value)
        case Raised(type=kind):
            return call, f"raises {kind}"
        case Unreadable(what=what):
            return call, what
    return None


def _hint(entry: TriedCheck) -> str:
    """Return the check's hints for the kind of failure that is shown."""
    shown = _failed(entry)
    unwritten = isinstance(shown.answer, Raised) and shown.answer.type == "NotImplementedError"
    if unwritten or not entry.check.hint:
        return ""
    kind = kind_of(shown.answer, shown.truth)
    return " ".join(hint.text for hint in entry.check.hints if kind in hint.when)


def _missing_part(entry: TriedCheck, parts: Collection[str]) -> str:
    """Return the function of the assignment that the answer which is shown failed to find; else nothing."""
    answer = _failed(entry).answer
    if not isinstance(answer, Raised) or answer.type != "NameError":
        return ""
    return next((name for name in parts if f"'{name}' is not defined" in answer.text), "")


def _failed(entry: TriedCheck) -> AskedCall:
    return next((asked for asked in entry.asked if asked.clause is not None), entry.asked[0])


def _evidence(exercise: Exercise, entry: TriedCheck) -> str:
    """Show the answer to the public example, or if that is right, how a hidden call fails, without its input."""
    example = entry.asked[0]
    if example.clause is not None:
        return _shown(exercise, example)
    wrong = _failed(entry).answer
    return f"{exercise.name}({example.call}) is right, but other inputs of this kind are not: {_withheld(wrong)}."


def _hidden(exercise: Exercise, entry: TriedCheck) -> list[str]:
    """Show failed hidden calls with their warnings and output, for the level ``full`` only."""
    lines: list[str] = []
    for wrong in [e for e in entry.asked[1:] if e.clause is not None][:MAX_HIDDEN]:
        lines += [f"hidden: {_shown(exercise, wrong)}", _warned(wrong.answer)]
        if isinstance(wrong.answer, Returned | Raised) and wrong.answer.noise.printed:
            lines.append(f"It printed: {wrong.answer.noise.printed[:MAX_TEXT]}")
    return lines


def _shown(exercise: Exercise, entry: AskedCall) -> str:
    """Show a call with its answer and, if there is one, the truth."""
    function, asked = exercise.name, f"{exercise.name}({entry.call})"
    if isinstance(exercise, Item) and (said := exercise.evidence(entry.answer)):
        return said
    if entry.clause == CHANGED and by_value(exercise, entry.call, entry.answer, entry.truth) is None:
        return f"{asked} returns the right value, but an argument was changed on the way."
    match entry.answer, entry.truth:
        case Returned(value=value), Returned(value=truth) if not _look_equal(value, truth):
            return f"{asked} → {show(value, against=truth)}, expected {show(truth, against=value)}"
        case Raised(type="NotImplementedError"), _:
            return f"{function} still raises NotImplementedError: write your solution in its place."
        case Raised(type=kind, text=text), _:
            said = f": {text[:MAX_TEXT]}" if text else ""
            return f"{asked} raised {kind}{said}"
        case Stopped(seconds=int() | float() as seconds), _:
            return f"{asked} did not end within {seconds:.3g} s and was stopped."
        case Stopped(why=why), _:
            return why
    return f"{asked} → {entry.clause}"


def _look_equal(value: Any, truth: Any) -> bool:
    """Whether the two differ in nothing that can be seen: then it is said what differs."""
    if show(value, against=truth) == show(truth, against=value):
        return True
    given, right = flat(value), flat(truth)
    same = given.shape == right.shape and given.size > 0
    return same and np.allclose(given, right, rtol=NEAR, atol=0.0, equal_nan=True)


def _withheld(answer: Answer) -> str:
    """Describe how a hidden call failed, without its numbers or texts."""
    match answer:
        case Returned(changed=True):
            return "an argument is changed on the way"
        case Returned():
            return "a value is wrong"
        case Unreadable():
            return "something that is no number comes back"
    return clause_of(answer).rstrip(".")


def _warned(answer: Answer) -> str:
    """Return a call's warnings in one line."""
    if not isinstance(answer, Returned | Raised) or not answer.noise.warnings:
        return ""
    return f"It warned: {'; '.join(dict.fromkeys(answer.noise.warnings))}"[:MAX_TEXT]
