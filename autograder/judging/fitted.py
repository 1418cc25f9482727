"""Slips with a constant in them, which is fitted from the answers: an ε somewhere, a shift, a factor."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograder.judging.argument_slips import with_changed_arguments
from autograder.judging.calls import Call, Callback
from autograder.judging.candidates import Candidate
from autograder.judging.inner_slips import Family, Formula, formula_of
from autograder.judging.model import Exercise
from autograder.judging.slips import Slip, bound

Function = Callable[..., Any]

CONSTANTS = (1e-308, 1e-200, 1e-100, 1e-50, 1e-30, 1e-20, 1e-16, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1e-1)
"""Between which the search for a constant begins, and which are tried as they stand."""
NARROW = 4.0
"""How far apart two constants may lie, as a factor, for the error to be nearly a line between them."""
STEPS = 60
SECANTS = 8
KNOWN = (
    (0.5 * math.log(2 * math.pi), "log(2π)/2"),
    (math.log(2 * math.pi), "log 2π"),
    (0.5 * math.log(math.pi), "log(π)/2"),
    (math.log(2), "log 2"),
    (0.5 * math.log(2), "log(2)/2"),
    (0.5, "½"),
    (math.sqrt(2), "√2"),
    (1 / math.sqrt(2), "1/√2"),
    (math.sqrt(2 * math.pi), "√(2π)"),
    (1 / math.sqrt(2 * math.pi), "1/√(2π)"),
    (math.pi, "π"),
    (math.e, "e"),
)


def families_of(formulas: list[Formula], reference: Function, calls: Iterable[Call]) -> Iterator[Family]:
    """Yield the formulas with a constant inside them, or in an argument that is of floats in one of the calls."""
    for formula in formulas:
        yield from formula.families()
    given: dict[str, list[Any]] = defaultdict(list)
    for call in calls:
        for name, value in bound(reference, call).items():
            given[name].append(value)
    arrays = [name for name, values in given.items() if any(map(_is_float, values))]

    def guarded(kind: str, place: str, names: list[str], change: Callable[[Any, float], Any]) -> Family:
        def over(eps: float) -> Callable[[Function], Function]:
            def changed(given: dict[str, Any]) -> dict[str, Any]:
                return given | {name: change(np.asarray(given[name]), eps) for name in names}

            return lambda function: with_changed_arguments(function, reference, changed)

        return Family(kind, place, lambda eps: over(eps)(reference), over=over)

    for name in arrays:
        yield guarded("epsilon-added", f"is added to `{name}`", [name], np.add)
        yield guarded("clipped", f"stands for less in `{name}`", [name], np.maximum)
        either = f"is kept from either end of `{name}`"
        yield guarded("clipped", either, [name], lambda v, eps: np.clip(v, eps, 1 - eps))
        if all(value.ndim == 2 and len(set(value.shape)) == 1 for value in map(np.asarray, given[name])):
            diagonal = f"is added to the diagonal of `{name}`"
            yield guarded("epsilon-added", diagonal, [name], lambda v, eps: v + eps * np.eye(len(v)))
    if len(arrays) > 1:
        yield guarded("epsilon-added", "is added to every argument", arrays, np.add)
        yield guarded("clipped", "stands for less in every argument", arrays, np.maximum)
    positive = [name for name in arrays if all((np.asarray(value) > 0).all() for value in given[name])]
    for names in (*([name] for name in positive), *([positive] if len(positive) > 1 else ())):
        square = f"is added to the square of {' and '.join(f'`{name}`' for name in names)}"
        yield guarded("epsilon-added", square, names, lambda v, eps: np.sqrt(v * v + eps))


def own_families(base: Candidate, exercise: Exercise) -> Iterator[Family]:
    """Yield a known mistake's own formula with a constant inside it."""
    known = any(base.parts == (mistake,) for mistake in exercise.misconceptions)
    formula = formula_of(base.function) if known else None
    return formula.families() if formula else iter(())


def _is_float(value: Any) -> bool:
    return not isinstance(value, Callback) and np.asarray(value).dtype.kind == "f"


def constants_for(error: Callable[[float], float]) -> Iterator[float]:
    """Yield the constants at which an error that depends on a constant is zero, or changes its sign.

    Parameters
    ----------
    error
        Returns the answer with this constant minus the student's, at one place.
    """
    errors = [(eps, error(eps)) for eps in CONSTANTS]
    yield from sorted(
        (eps for eps, value in errors if math.isfinite(value)), key=lambda eps: abs(dict(errors)[eps])
    )[:2]
    for (low, below), (high, above) in pairwise(errors):
        if math.isfinite(below) and math.isfinite(above) and below * above < 0:
            yield _bracketed(error, low, high, below, above)


def _bracketed(error: Callable[[float], float], low: float, high: float, below: float, above: float) -> float:
    """Return where an error is zero between two constants: by halves on the logarithm, then by secants."""
    for _ in range(STEPS):
        if high < NARROW * low:
            break
        middle = math.sqrt(low) * math.sqrt(high)
        value = error(middle)
        if value * below > 0:
            low, below = middle, value
        else:
            high, above = middle, value
    side = 0
    for _ in range(STEPS):  # the Illinois method: an end that stays counts half
        middle = low - below * (high - low) / (above - below) if above != below else low
        if not low < middle < high or high - low < 1e-14 * high:
            break
        value = error(middle)
        if value * below > 0:
            low, below, above = middle, value, above / 2 if side < 0 else above
            side = -1
        elif value * above > 0:
            high, above, below = middle, value, below / 2 if side > 0 else below
            side = 1
        else:
            return middle
    return low if abs(below) < abs(above) else high


def epsilon(family: Family, eps: float) -> Slip:
    """Return the slip of a family at the constant that fits."""
    message = (
        f"A small constant, about {eps:.2g}, {family.place}. Where the true numbers are as small, it takes over."
    )
    return Slip(family.name, message, "epsilon")


def shift(by: float) -> Slip:
    """Return the slip of a result that is off by the same number always."""
    word, name = ("large", "constant-added") if by > 0 else ("small", "constant-missing")
    message = f"The result is always too {word} by the same number, {_number(abs(by))}."
    return Slip(name if _is_known(by) else "", message, "shift", _on_each(lambda value: value + by))


def factor(by: float) -> Slip:
    """Return the slip of a result that is off by the same factor always."""
    message = f"The result is always the right one times the same number, {_number(by)}."
    return Slip("constant-factor" if _is_known(by) else "", message, "scale", _on_each(lambda value: value * by))


def _is_known(number: float) -> bool:
    """Whether a constant is one that formulas hold; another one may be anything, and gets no name."""
    size = abs(number)
    if not size or not math.isfinite(size):
        return False
    simple = any(math.isclose(size * q, p, rel_tol=1e-7) for q in range(1, 5) for p in range(1, 5))
    power_of_ten = math.isclose(math.log10(size), round(math.log10(size)), abs_tol=1e-6)
    return simple or power_of_ten or any(math.isclose(size, known, rel_tol=1e-7) for known, _ in KNOWN)


def cuts_of(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> Iterator[Slip]:
    """Yield the slip of a result that is cut off at the largest, or the smallest, number that ever comes back.

    Parameters
    ----------
    pairs
        The numbers of each answer and of the truth. At least two of them must be cut, or one at a round number
        other than 0 and 1, which a special case may give. Another one must not lie at the end.
    """
    same_size = [(given, right) for given, right in pairs if given.shape == right.shape]
    if not same_size:
        return
    given, right = (np.concatenate(rows) for rows in zip(*same_size, strict=True))
    if not np.isfinite(given).any():
        return
    for word, change, end, beyond in (
        ("above", np.minimum, np.nanmax(given[np.isfinite(given)]), np.greater),
        ("below", np.maximum, np.nanmin(given[np.isfinite(given)]), np.less),
    ):
        cut = beyond(right, end)
        enough = cut.sum() > 1 or (cut.any() and end not in (0, 1) and float(f"{end:.2g}") == end)
        if not enough or not (given[cut] == end).all() or (given[~cut] == end).all():
            continue
        known = {(0.0, "below"): "cut-at-zero", (1.0, "above"): "cut-at-one"}.get((float(end), word), "cut-off")
        message = f"No result lies {word} {_number(float(end))}: what does is cut off there."
        yield Slip(known, message, "power", _on_each(lambda value, end=end, change=change: change(value, end)))


def part_scaled(by: float) -> Slip:
    """Return the slip of a formula in which one part is off by a factor."""
    message = f"The answers are those of the right formula, but one part of it is taken {_number(by)} times."
    return Slip("number-inside" if _is_known(by) else "", message, "number-inside")


def factor_for(error: Callable[[float], float]) -> float | None:
    """Return the factor at which an error is zero, by the secant method from 1 and 2; None if it finds none."""
    one, other = (1.0, error(1.0)), (2.0, error(2.0))
    for _ in range(SECANTS):
        slope = (other[1] - one[1]) / (other[0] - one[0]) if other[0] != one[0] else 0.0
        if not slope or not math.isfinite(slope):
            return None
        by = other[0] - other[1] / slope
        if math.isclose(by, other[0], rel_tol=1e-13):
            return by
        one, other = other, (by, error(by))
        if not math.isfinite(other[1]):
            return None
    return other[0]


def _on_each(change: Function) -> Callable[[Any, Mapping[str, int]], Any]:
    def on(value: Any, _: Mapping[str, int]) -> Any:
        return (
            tuple(map(change, map(np.asarray, value))) if isinstance(value, tuple) else change(np.asarray(value))
        )

    return on


def _number(value: float) -> str:
    known = next((words for number, words in KNOWN if math.isclose(abs(value), number, rel_tol=1e-6)), "")
    return f"{value:.6g}" + (f" = {'-' if value < 0 else ''}{known}" if known else "")
