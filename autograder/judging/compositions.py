"""Candidates of each kind, and of two kinds together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from autograder.judging.answer_slips import answer_slips
from autograder.judging.argument_slips import (
    Change,
    Function,
    argument_slips,
    kebab,
    long_parameters,
    only,
    with_changed_arguments,
)
from autograder.judging.calls import Call, Returned
from autograder.judging.candidates import AskedCall, Candidate, Inside, composed
from autograder.judging.comparison import NOTHING, Comparison
from autograder.judging.fitting import Evidence
from autograder.judging.inner_slips import VAGUE, Formula, formula_of
from autograder.judging.model import Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.probes import Probe, ends_of
from autograder.judging.slips import Slip, bound

ELEMENTWISE = ("scale", "power", "end")
"""Kinds of slips on an answer that change each number by itself."""
KEEP_FIRST = ("transposed", "axis-kept", "column", "first-only", "cumulative", "flattened", "diagonal-only")
"""Slips on an answer that leave its first number as it is, as do those on a second or third value."""
RARE = (
    *("sum-for-product", "product-for-sum", "median-for-mean", "square-for-absolute", "twice-for-square"),
    *(kind for kind in VAGUE if kind != "axis-inside"),
)
"""Slips inside that are looked for together with another one after all others."""
LIKELY = (
    *("-ignored", "-swapped", "-negated", "-squared", "-root", "-inverted", "-doubled", "-halved", "-axis"),
    *("-complement", "-minus-one", "-default", "-first-left-out", "-last-left-out"),
)
"""How the slips on arguments are called that are looked for together with another mistake."""


def formulas_of(exercise: Exercise) -> list[Formula]:
    """Return the reference and the textbook's ways to write it, as formulas whose operations can go wrong."""
    return [formula for entry in (exercise.reference, *exercise.textbook) if (formula := formula_of(entry))]


def answers_changed(exercise: Exercise, call: Call, comparison: Comparison) -> list[Candidate]:
    """Return the reference with each slip on its answer that can be made there."""
    right = Candidate((), exercise.reference)
    every = (right.with_slip(slip) for slip in answer_slips(exercise.reference, call))
    return [entry for entry in every if comparison.answer(entry, call) is not NOTHING]


def arguments_changed(reference: Function, call: Call) -> list[Candidate]:
    """Return the reference with each slip on its arguments; ``call`` is one that it takes."""

    def over(change: Change) -> Callable[[Function], Function]:
        return lambda function: with_changed_arguments(function, reference, change)

    changed = [
        Candidate((slip,), over(change)(reference), over=over(change))
        for slip, change in argument_slips(reference, call)
    ]
    return [*changed, *_returned(reference, call)]


def _returned(reference: Function, call: Call) -> Iterator[Candidate]:
    """Yield the functions that return one of their arguments."""
    for name, value in bound(reference, call).items():
        if isinstance(value, np.ndarray):
            message = f"`{name}` comes back as it was given: nothing is computed."
            slip = Slip(f"{kebab(name)}-returned", message)
            yield Candidate((slip,), with_changed_arguments(lambda given: given, reference, only(name)))


def inner(formulas: list[Formula]) -> list[Candidate]:
    """Return the formulas with each change of each operation, and with it in all places that are alike."""
    return [
        Candidate(
            (entry.slip,),
            formula.changed(entry.changes),
            place=(number, min(entry.changes)),
            inside=Inside(formula.changed, entry.changes),
        )
        for number, formula in enumerate(formulas)
        for entry in formula.slips()
    ]


def own_inner(mistakes: Iterable[Candidate], evidence: Evidence, comparison: Comparison) -> Iterator[Candidate]:
    """Yield each known mistake with each change that is often made of an operation of its own formula.

    One that does no harm in the calls is the right function, written in another way.
    """
    right = Candidate((), comparison.exercise.reference)
    calls = [entry.call for _, entry in evidence]
    for mistake in mistakes:
        formula = formula_of(mistake.function)
        made = () if comparison.same(mistake, right, calls) else (mistake,)
        for slip in inner([formula] if formula else []):
            if not slip.names & set(RARE) - {"number-inside"}:
                parts = (*(part for entry in made for part in entry.parts), *slip.parts)
                yield replace(slip, parts=parts, place=None, made_of=made)


def is_default(candidate: Candidate) -> bool:
    """Whether a slip on an argument is another default: where it is always left out, other slips do the same."""
    return candidate.parts[0].name.endswith("-default")


def is_vague(candidate: Candidate) -> bool:
    """Whether a slip inside says little of what goes wrong."""
    return bool(candidate.names & set(VAGUE))


def likely(on_arguments: Iterable[Candidate], reference: Function) -> list[Candidate]:
    """Return the slips on arguments that are made often enough to be looked for beside another mistake.

    None is on a number of steps: a call that ignores it takes all those of the default.
    """
    long = tuple(f"{kebab(name)}-" for name in long_parameters(reference))
    names = [(entry, entry.parts[0].name) for entry in on_arguments]
    return [entry for entry, name in names if name.endswith(LIKELY) and not name.startswith(long)]


def working(
    inside: Iterable[Candidate], evidence: Evidence, comparison: Comparison, *, often: bool = True
) -> list[Candidate]:
    """Return the slips inside that give a wrong answer, and of those that give the same in a formula the first.

    They are those that are made ``often``, or else the others.
    """
    asked = _unlike(evidence)
    right = tuple(numbers_of(entry.truth).tobytes() for entry in asked)
    kept: dict[object, Candidate] = {}
    for candidate in inside:
        if candidate.place and often != bool(candidate.names & set(RARE)):
            rows = [numbers_of(comparison.answer(candidate, entry.call)) for entry in asked]
            answers = tuple(row.tobytes() for row in rows)
            if answers != right and all(map(_may_lead_to, rows, asked)):
                kept.setdefault((candidate.place[0], answers), candidate)
    return list(kept.values())


def _unlike(evidence: Evidence) -> list[AskedCall]:
    """Return the first call, and the first one whose arrays have other lengths; the second one if none has."""
    calls = [entry for _, entry in evidence]
    shapes = [[value.shape for value in entry.call.values() if isinstance(value, np.ndarray)] for entry in calls]
    other = next((entry for entry, lengths in zip(calls, shapes, strict=True) if lengths != shapes[0]), None)
    return [*calls[:1], other] if other else calls[:2]


def _may_lead_to(row: np.ndarray, asked: AskedCall) -> bool:
    """Whether a further mistake may turn an answer into the student's: neither nan nor a lost axis comes back."""
    theirs, truth = numbers_of(asked.answer), numbers_of(asked.truth)
    finite = bool(np.isfinite(row).all()) or not np.isfinite(theirs).all()
    return row.size in (theirs.size, truth.size) and finite


def two_inside(both: Iterable[tuple[Candidate, Candidate]], reference: Function) -> Iterator[Candidate]:
    """Yield the formulas with both operations gone wrong, where two slips are inside one formula."""
    for one, other in both:
        if one.place and other.place and one.place[0] == other.place[0]:
            yield from composed(one, other, reference)


def pairs(ones: Iterable[Candidate], others: Iterable[Candidate], reference: Function) -> Iterator[Candidate]:
    """Yield each of some mistakes together with each of others, in every way that they can be made at once."""
    others = list(others)
    return (
        pair for one in ones for other in others if one is not other for pair in composed(one, other, reference)
    )


def on_answers(
    bases: Iterable[Candidate], slips: Iterable[Slip], evidence: Evidence, comparison: Comparison
) -> Iterator[Candidate]:
    """Yield each base with a slip on top, if its first number can then be the student's."""
    call, theirs = evidence[0][1].call, comparison.probe(evidence[0][1])
    answers = [(base, comparison.answer(base, call)) for base in bases]
    kept = [(base, answer.value) for base, answer in answers if isinstance(answer, Returned)]
    ends = np.array([ends_of(value) for _, value in kept]).reshape(-1, 2)
    lengths = comparison.lengths(call)
    for slip in slips:
        for place in np.flatnonzero(_may_be(slip, ends, theirs, lengths)):
            base = kept[place][0]
            if not base.slips or base.slips[-1].kind != slip.kind:
                yield base.with_slip(slip)


def _may_be(slip: Slip, ends: np.ndarray, theirs: Probe, lengths: Mapping[str, int]) -> np.ndarray:
    """Return which first and last numbers a slip may turn into the student's."""
    if slip.name in KEEP_FIRST or slip.name.endswith(("-second", "-third")):
        return theirs.near(ends, last=False)
    if slip.name.endswith("-first"):
        return theirs.near(ends, first=False)
    changed = slip.change(ends, lengths) if slip.kind in ELEMENTWISE and ends.size else None
    if changed is None:
        return np.ones(len(ends), bool)
    return theirs.near(np.asarray(changed, dtype=np.float64))
