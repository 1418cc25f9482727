"""The explanations to try, from the shortest to the longest; those of one stage are equally short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, filterfalse, product

from autograder.judging.candidates import Candidate, known
from autograder.judging.comparison import Comparison
from autograder.judging.compositions import (
    answers_changed,
    arguments_changed,
    formulas_of,
    inner,
    is_default,
    is_vague,
    likely,
    on_answers,
    own_inner,
    pairs,
    two_inside,
    working,
)
from autograder.judging.constants import with_constant, with_epsilon, with_factor
from autograder.judging.fitted import families_of, own_families
from autograder.judging.fitting import Evidence
from autograder.judging.inner_slips import Family
from autograder.judging.model import Exercise
from autograder.judging.promising import nearly, partly

CANNOT_BE_COMPUTED = (ArithmeticError, ValueError, TypeError, IndexError)
"""What a candidate, or a value of a student's, may raise where something is computed from its answers."""
Stage = Callable[[Evidence], Iterable[Candidate]]
"""Returns candidates for the answers that are to be explained."""


def stages(exercise: Exercise, evidence: Evidence, comparison: Comparison) -> Iterator[tuple[int, Stage]]:
    """Yield (how many mistakes together, candidates) stage after stage.

    Of the pairs, those that cost little to compute or are often made come first.
    """
    call, reference = evidence[0][1].call, exercise.reference
    right, mistakes = Candidate((), reference), known(exercise)
    on_answer = answers_changed(exercise, call, comparison)
    outer = [entry.slips[0] for entry in on_answer]
    on_arguments = arguments_changed(reference, call)
    yield 1, lambda _: on_answer
    yield 1, lambda _: filterfalse(is_default, on_arguments)
    yield 1, lambda _: filter(is_default, on_arguments)
    formulas = formulas_of(exercise)
    inside = inner(formulas)
    telling = [entry for entry in inside if not is_vague(entry)]
    yield 1, lambda _: telling
    yield 1, lambda _: filter(is_vague, inside)
    families = list(families_of(formulas, reference, [asked.call for _, asked in evidence]))
    yield 1, lambda found: with_epsilon(families, found, comparison, right)
    yield 1, lambda found: _named(with_constant([right], found, comparison))
    yield 2, lambda found: _named(with_factor(formulas, found, comparison))
    short = [entry for entry in mistakes if comparison.is_short(entry, call)]
    yield 2, lambda _: pairs(short, short, reference)
    for bases in (mistakes, on_answer, inside, on_arguments):
        yield 2, lambda found, bases=bases: on_answers(bases, outer, found, comparison)  # type: ignore[misc]
    yield 2, lambda found: _named(with_constant(mistakes, found, comparison))
    often = likely(on_arguments, reference)
    singles = [*short, *on_arguments, *inside]
    yield 2, lambda found: pairs(partly([*on_answer, *singles], found, comparison), singles, reference)
    yield 2, lambda found: pairs(short, working(inside, found, comparison), reference)
    yield 2, lambda found: two_inside(combinations(working(inside, found, comparison), 2), reference)
    bases = [*mistakes, *on_answer, *often, *inside]
    yield 2, lambda found: _with_two(families, found, comparison, bases)
    yield 2, lambda _: pairs(short, often, reference)
    yield 2, lambda found: own_inner(short, found, comparison)
    yield 2, lambda found: pairs(often, working(inside, found, comparison), reference)
    yield 2, lambda found: two_inside(_often_and_seldom(inside, found, comparison), reference)
    yield 3, lambda found: with_constant([right], found, comparison)
    yield 3, lambda found: with_factor(formulas, found, comparison)


def _with_two(
    families: list[Family], evidence: Evidence, comparison: Comparison, bases: list[Candidate]
) -> Iterator[Candidate]:
    """Yield a small constant inside together with a mistake that alone nearly explains all."""
    for base in nearly(bases, evidence, comparison):
        yield from with_epsilon(families, evidence, comparison, base)
        yield from with_epsilon(own_families(base, comparison.exercise), evidence, comparison, base, own=True)


def _often_and_seldom(
    inside: list[Candidate], evidence: Evidence, comparison: Comparison
) -> Iterable[tuple[Candidate, Candidate]]:
    """Return the slips inside that are often made, each with each that is rare or vague."""
    return product(working(inside, evidence, comparison), working(inside, evidence, comparison, often=False))


def _named(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """Leave out what has a part without a name: a number that may be anything."""
    return (candidate for candidate in candidates if all(candidate.names))
