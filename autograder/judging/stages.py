"""The explanations to try, from the shortest to the longest; those of one stage are equally short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from autograder.judging.candidates import Candidate, known
from autograder.judging.comparison import Comparison
from autograder.judging.compositions import (
    answers_changed,
    arguments_changed,
    formulas_of,
    inner,
    is_vague,
    likely,
    on_answers,
    pairs,
    two_inside,
    working,
)
from autograder.judging.constants import with_constant, with_epsilon, with_factor
from autograder.judging.fitted import families_of
from autograder.judging.fitting import Evidence
from autograder.judging.inner_slips import Family
from autograder.judging.model import Exercise

ON_EPSILON = ("sign-flipped", "base-2", "twice", "half", "times-n", "divided-by-n")
"""The slips on the answer that are looked for together with a small constant inside."""
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
    yield 1, lambda _: on_arguments
    formulas = formulas_of(exercise)
    inside = inner(formulas)
    telling = [entry for entry in inside if not is_vague(entry)]
    yield 1, lambda _: telling
    yield 1, lambda _: filter(is_vague, inside)
    families = list(families_of(formulas, reference, [asked.call for _, asked in evidence]))
    yield 1, lambda found: with_epsilon(families, found, comparison, right)
    yield 1, lambda found: _named(with_constant([right], found, comparison))
    yield 2, lambda found: _named(with_factor(formulas, found, comparison))
    yield 2, lambda _: pairs(mistakes, mistakes, reference)
    for bases in (mistakes, on_answer, inside, on_arguments):
        yield 2, lambda found, bases=bases: on_answers(bases, outer, found, comparison)  # type: ignore[misc]
    yield 2, lambda found: _named(with_constant(mistakes, found, comparison))
    yield 2, lambda _: pairs(mistakes, likely(on_arguments), reference)
    yield 2, lambda found: two_inside(working(inside, found, comparison), reference)
    yield 2, lambda found: pairs(mistakes, working(inside, found, comparison), reference)
    yield 2, lambda found: _with_two(families, found, comparison, on_answer)
    yield 2, lambda found: pairs(likely(on_arguments), working(inside, found, comparison), reference)
    yield 3, lambda found: with_constant([right], found, comparison)
    yield 3, lambda found: with_factor(formulas, found, comparison)


def _with_two(
    families: list[Family], evidence: Evidence, comparison: Comparison, on_answer: list[Candidate]
) -> Iterator[Candidate]:
    """Yield a small constant inside together with one of the slips on the answer that are common."""
    for base in on_answer:
        if base.slips[0].name in ON_EPSILON:
            yield from with_epsilon(families, evidence, comparison, base)


def _named(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """Leave out what has a part without a name: a number that may be anything."""
    return (candidate for candidate in candidates if all(candidate.names))
