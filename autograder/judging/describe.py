"""Say what is known about wrong answers that no explanation fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autograder.judging.calls import TOO_OFTEN, Answer, Call, Callback, Raised, Returned
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.model import Exercise
from autograder.judging.numbers import numbers_of
from autograder.judging.relations import RELATIONS, broken_law, close
from autograder.judging.slips import bound, lengths_of, parameters_of

Property = Callable[[Call], bool]
ENOUGH = 3
"""Right answers that it takes to say that the wrong ones begin where a number lies."""
SAME = 1e-10
"""A relative difference that no check counts: where it is all there is, something else is wrong."""


def described(
    exercise: Exercise, tried: list[TriedCheck], entry: TriedCheck, examples: Sequence[AskedCall] = ()
) -> str:
    """Return a sentence that holds for the answers to a failed check, without a hidden number; else nothing.

    ``examples`` are the answers to the public calls of other checks, for which it must hold as well.
    """
    wrong = [asked for asked in entry.asked if asked.clause is not None]
    if not all(isinstance(asked.answer, Returned) for asked in wrong):
        return _where(exercise, tried, entry, examples) or _raised(wrong)
    if _are_right_numbers(wrong):  # and what is wrong is their shape, their dtype or a changed argument
        return _where(exercise, tried, entry, examples) or _shape(wrong)
    every = [asked for asked in entry.asked if isinstance(asked.answer, Returned)]
    for sentence in (
        _constant(every),
        _relation(wrong),
        _where(exercise, tried, entry, examples),
        _part(wrong),
        _law(wrong, [a.truth for other in tried for a in other.asked]),
    ):
        if sentence:
            return sentence
    return ""


def _raised(wrong: list[AskedCall]) -> str:
    """Say that every wrong answer is an exception, which a value never is."""
    raised = [a.answer for a in wrong if isinstance(a.answer, Raised)]
    if len(raised) == len(wrong) and all(TOO_OFTEN in answer.text for answer in raised):
        return "It calls the function that it is given again and again: does a loop never end?"
    types = {answer.type for answer in raised}
    if len(types) != 1 or "NotImplementedError" in types or len(raised) < len(wrong):
        return ""
    return f"No value comes back: every call that fails raises {types.pop()}. Run it in a cell to see the line."


def _constant(asked: list[AskedCall]) -> str:
    """Say that the answers don't depend on the input, though the right ones do."""
    given, right = [numbers_of(a.answer) for a in asked], [numbers_of(a.truth) for a in asked]
    if len(asked) < 2 or not all(row.size and np.isfinite(row).any() for row in given):
        return ""  # what is no number says nothing about the input
    same = all(np.array_equal(row, given[0], equal_nan=True) for row in given)
    differ = any(not np.array_equal(row, right[0], equal_nan=True) for row in right)
    if not (same and differ):
        return ""
    if asked[0].clause is None:
        return "The answer is that of the public example, whatever the input is: compute it from the arguments."
    return "The answer is the same for every input: does it depend on the arguments at all?"


def _relation(wrong: list[AskedCall]) -> str:
    """Say how the wrong answers relate to the right ones, where the same holds for them all."""
    pairs = [(numbers_of(a.answer), numbers_of(a.truth)) for a in wrong]
    if not pairs or not all(given.size for given, _ in pairs):
        return ""
    same_shape = all(given.shape == right.shape for given, right in pairs)
    if same_shape:
        return next((words for words, holds in RELATIONS if all(holds(*pair) for pair in pairs)), "")
    return _other_shape(wrong[0])


def _other_shape(asked: AskedCall) -> str:
    """Say what comes back in place of what is asked for."""
    if not (isinstance(asked.answer, Returned) and isinstance(asked.truth, Returned)):
        return ""
    if isinstance(asked.truth.value, tuple):
        return ""
    shapes = [np.asarray(value).shape for value in (asked.answer.value, asked.truth.value)]
    if shapes[0] == shapes[1]:
        return ""
    names = [f"an array of shape {shape}" if shape else "one number" for shape in shapes]
    return f"What comes back is {names[0]}; asked for is {names[1]}."


def _where(exercise: Exercise, tried: list[TriedCheck], entry: TriedCheck, examples: Sequence[AskedCall]) -> str:
    """Say what the inputs that are answered wrongly have in common, and no other of all that were asked has."""
    asked = [*(a for other in tried for a in other.asked), *examples]
    for words, among in (("The answers are", asked), ("The answers that this check asks for are", entry.asked)):
        wrong = [a.call for a in among if a.clause is not None]
        right = [a.call for a in among if a.clause is None]
        shown = [a.call for a in (*examples, *(other.asked[0] for other in tried)) if a.clause is not None]
        for where, holds, is_threshold in _properties(exercise, wrong[0]) if right else ():
            if is_threshold and (len(right) < ENOUGH or not any(map(holds, shown))):
                continue  # where a number lies says little, unless the student's own call shows it
            if all(map(holds, wrong)) and not any(map(holds, right)):
                return f"{words} right except {where}."
    return ""


def _properties(exercise: Exercise, example: Call) -> Iterator[tuple[str, Property, bool]]:
    """Yield what a call may have about it, in words, how to see it, and whether it is where a number lies."""
    reference = exercise.reference
    defaults = {
        entry.name: entry.default for entry in parameters_of(reference) if entry.default is not entry.empty
    }

    def of(name: str, holds: Callable[[np.ndarray], bool]) -> Property:
        def seen(call: Call) -> bool:
            value = (defaults | bound(reference, call)).get(name)
            return value is not None and not isinstance(value, Callback) and bool(holds(np.asarray(value)))

        return seen

    for name, value in bound(reference, example).items():
        if isinstance(value, Callback):
            continue
        yield f"where `{name}` is not 0", of(name, lambda v: bool(np.any(v))), False
        yield f"where `{name}` holds a 0", of(name, lambda v: bool((v == 0).any())), False
        yield f"where `{name}` holds a negative number", of(name, lambda v: bool((v < 0).any())), False
        yield f"where `{name}` holds integers", of(name, lambda v: v.dtype.kind in "iu"), False
        yield f"where `{name}` holds float32", of(name, lambda v: v.dtype == np.float32), False
        yield f"where `{name}` has a single entry", of(name, lambda v: v.ndim > 0 and v.size == 1), False
        yield f"where `{name}` has a single row", of(name, lambda v: v.ndim > 1 and len(v) == 1), False
        yield f"where `{name}` has a single column", of(name, lambda v: v.ndim > 1 and v.shape[-1] == 1), False
        yield f"where `{name}` is square", of(name, lambda v: v.ndim == 2 and v.shape[0] == v.shape[1]), False
        yield f"where `{name}` is not square", of(name, lambda v: v.ndim == 2 and v.shape[0] != v.shape[1]), False
        yield f"where `{name}` has one axis", of(name, lambda v: v.ndim == 1), False
        yield f"where `{name}` has more than one axis", of(name, lambda v: v.ndim > 1), False
        yield f"where `{name}` has more than two axes", of(name, lambda v: v.ndim > 2), False
        yield f"where `{name}` is an array", of(name, lambda v: v.ndim > 0), False
        yield f"where `{name}` holds numbers beyond 700", of(name, lambda v: bool((np.abs(v) > 700).any())), True
        yield (
            f"where `{name}` holds numbers below 1e-5",
            of(name, lambda v: bool((np.abs(v[v != 0]) < 1e-5).any())),
            True,
        )
        yield f"where `{name}` is larger than 1", of(name, lambda v: bool((v > 1).any())), True
        yield f"where `{name}` is read-only", of(name, lambda v: not v.flags.writeable), False
    for name in dict.fromkeys(name for name in lengths_of(reference, example)):
        yield f"where {name} is 1", (lambda call, name=name: lengths_of(reference, call).get(name) == 1), False  # type: ignore[misc]
    for name in example.kwargs:
        yield f"where `{name}` is given", (lambda call, name=name: name in call.kwargs), False  # type: ignore[misc]


def _part(wrong: list[AskedCall]) -> str:
    """Say which part of every wrong answer is right: one of several values, the first row, the last."""
    values = [
        (a.answer.value, a.truth.value)
        for a in wrong
        if isinstance(a.answer, Returned) and isinstance(a.truth, Returned)
    ]
    if (
        values
        and all(isinstance(right, tuple) for _, right in values)
        and all(isinstance(given, tuple | list) and len(given) == len(right) for given, right in values)
    ):
        for place, word in enumerate(("first", "second", "third")):
            others = [i for i in range(len(values[0][1])) if i != place]
            if others and place < len(values[0][1]) and all(_equal(g[i], r[i]) for g, r in values for i in others):
                return f"Of the values returned, only the {word} is wrong."
        return ""
    if any(isinstance(right, tuple) for _, right in values):
        return ""
    arrays = [
        (np.asarray(given), np.asarray(right)) for given, right in values if numbers_of(Returned(given)).size
    ]
    if (
        not arrays
        or len(arrays) < len(values)
        or not all(g.shape == r.shape and g.ndim and len(g) > 1 for g, r in arrays)
    ):
        return ""
    if all(_equal(g[0], r[0]) for g, r in arrays):
        return "The first entry along the first axis is right, others are not."
    if all(_equal(g[-1], r[-1]) for g, r in arrays):
        return "The last entry along the first axis is right, others are not."
    if all(g.ndim == 2 and g.shape[0] == g.shape[1] for g, _ in arrays):
        if all(_equal(g.diagonal(), r.diagonal()) for g, r in arrays):
            return "The diagonal of the result is right, the rest is not."
        off = [~np.eye(len(g), dtype=bool) for g, _ in arrays]
        if all(_equal(g[mask], r[mask]) for (g, r), mask in zip(arrays, off, strict=True)):
            return "Off its diagonal the result is right, on it it is not."
    if all(close(g, r).mean() >= 0.5 for g, r in arrays):
        return "More than half of the entries are right, others are not."
    return ""


def _equal(given: object, right: object) -> bool:
    a, b = np.asarray(given), np.asarray(right)
    return a.shape == b.shape and a.dtype.kind in "biuf" and bool(close(a.astype(float), b.astype(float)).all())


def _law(wrong: list[AskedCall], truths: list[Answer]) -> str:
    """Say what every right answer keeps to and no wrong one does."""
    pairs = [
        (a.answer.value, a.truth.value)
        for a in wrong
        if isinstance(a.answer, Returned) and isinstance(a.truth, Returned)
    ]
    if any(isinstance(right, tuple) or not numbers_of(Returned(given)).size for given, right in pairs):
        return ""
    arrays = [(np.asarray(given, dtype=np.float64), np.asarray(right, dtype=np.float64)) for given, right in pairs]
    if not arrays or any(given.shape != right.shape for given, right in arrays):
        return ""
    return broken_law(arrays, [np.asarray(t.value, dtype=np.float64) for t in truths if isinstance(t, Returned)])


def _shape(wrong: list[AskedCall]) -> str:
    """Say that the numbers are right and the shape is not."""
    shapes = [
        (np.shape(a.answer.value), np.shape(a.truth.value))
        for a in wrong
        if isinstance(a.answer, Returned)
        and isinstance(a.truth, Returned)
        and not isinstance(a.truth.value, tuple)
    ]
    other = len(shapes) == len(wrong) and all(given != right for given, right in shapes)
    return "The numbers are right, their shape is not." if other else ""


def _are_right_numbers(wrong: list[AskedCall]) -> bool:
    """Whether every wrong answer holds the right numbers, in whatever shape."""
    pairs = [(numbers_of(a.answer), numbers_of(a.truth)) for a in wrong]
    return all(
        g.size and g.shape == r.shape and np.allclose(g, r, rtol=SAME, atol=0.0, equal_nan=True) for g, r in pairs
    )
