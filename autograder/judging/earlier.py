"""Mistakes that come from an earlier function of the same submission, which a later one is built on.

What a student's function calls is never seen. The reference of the later function, built on the mistake that was
named in the earlier one, is held against the answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.judging.calls import Call
from autograder.judging.candidates import Candidate, Function, TriedCheck
from autograder.judging.slips import Slip, lengths_of

if TYPE_CHECKING:
    from autograder.judging.findings import Finding
    from autograder.judging.model import Exercise

INHERITED = "inherited"
"""The kind of a mistake that comes from an earlier function and has cost its marks there."""


@dataclass(frozen=True)
class Earlier:
    """What explains the answers to a function that was graded before.

    Parameters
    ----------
    function
        The function with the mistake that was named in it.
    is_near
        Whether it is right on ordinary inputs, or right but for a slip. Only what is built on such a function
        gives marks.
    """

    function: Function
    is_near: bool


def inherited(exercise: Exercise, earlier: Mapping[str, Earlier]) -> list[Candidate]:
    """Return the right function built on each earlier one that has a mistake."""
    return list(_inherited(exercise, earlier))


def _inherited(exercise: Exercise, earlier: Mapping[str, Earlier]) -> Iterator[Candidate]:
    for use in exercise.uses:
        if use.name not in earlier:
            continue
        message = (
            f"A right `{exercise.name}` gives these answers if it calls a `{use.name}` with the mistake named "
            f"there. Correct `{use.name}` first."
        )
        brought = earlier[use.name]
        slip = Slip(
            f"mistake-in-{use.name.replace('_', '-')}", message, INHERITED if brought.is_near else "from-wrong"
        )
        yield Candidate((slip,), use.build(brought.function))


def explained(
    exercise: Exercise, tried: list[TriedCheck], found: Mapping[str, Finding], *, is_slip: bool
) -> Earlier | None:
    """Return the function with the one mistake that explains every failed check; None if there is none such.

    ``is_slip`` says whether the mistake under the first check is a slip.
    """
    findings = [found.get(entry.check.name) for entry in tried if not entry.passed]
    singles = [finding.single for finding in findings if finding and finding.single]
    if not singles or len(singles) < len(findings) or len({single.names for single in singles}) > 1:
        return None
    return Earlier(_whole(singles[0], exercise.reference), tried[0].passed or is_slip)


def _whole(candidate: Candidate, reference: Function) -> Function:
    """Return a candidate as a function, the slips on its answer included."""

    def function(*args: Any, **kwargs: Any) -> Any:
        value = candidate.function(*args, **kwargs)
        for slip in candidate.slips:
            value = slip.change(value, lengths_of(reference, Call(args, kwargs)))
        return value

    return function
