"""Slips on an answer: what turns the right answer, or that of a known mistake, into another one.

Such a slip knows nothing of the function: the sign, a factor of n, a square, another base of the logarithm, an
axis, a rounding. Its message says how the answers differ from the right ones,
so that it holds however they came about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograder.judging.calls import Call
from autograder.judging.slips import Slip, bound

Change = Callable[[np.ndarray, Mapping[str, int]], Any]


@dataclass(frozen=True)
class Length:
    """A number that belongs to a call: how many rows or columns an argument has."""

    name: str
    words: str


def answer_slips(function: Callable[..., Any], call: Call) -> list[Slip]:
    """Return the slips that an answer of this function can suffer; ``call`` is one that it takes."""
    slips = [*_factors(), *_powers(), *_shapes(), *_of_several(), *_endings()]
    for length in _named_lengths(function, call):
        slips += _factors_of(length)
    return slips


def _named_lengths(function: Callable[..., Any], call: Call) -> Iterator[Length]:
    rows = columns = ""
    for name, value in bound(function, call).items():
        if isinstance(value, np.ndarray) and value.ndim:
            rows = rows or name
            columns = columns or (name if value.ndim > 1 else "")
        elif isinstance(value, int) and not isinstance(value, bool):
            yield Length(name, f"the argument `{name}`")
    if rows:
        yield Length("n", f"the length of `{rows}`")
    if columns:
        yield Length("k", f"the number of columns of `{columns}`")


def _scale(name: str, message: str, factor: Callable[[Mapping[str, int]], float]) -> Slip:
    return Slip(name, message, "scale", _each(lambda value, lengths: value * factor(lengths)))


def _each(change: Change) -> Callable[[Any, Mapping[str, int]], Any]:
    """Change an answer of several values value by value."""

    def both(value: Any, lengths: Mapping[str, int]) -> Any:
        if isinstance(value, tuple | list):
            return tuple(change(np.asarray(item), lengths) for item in value)
        return change(np.asarray(value), lengths)

    return both


def _factors() -> Iterator[Slip]:
    said = (
        ("sign-flipped", -1.0, "The sign of the result is flipped."),
        ("twice", 2.0, "The result is twice what it should be: is a ½ missing, or something counted twice?"),
        ("half", 0.5, "The result is half of what it should be."),
        ("four-times", 4.0, "The result is four times what it should be."),
        ("a-quarter", 0.25, "The result is a quarter of what it should be."),
        ("percent", 100.0, "The result is a hundred times what it should be: a share is asked for, not percent."),
        ("base-2", 1 / math.log(2), "The result is divided by log 2: it counts in bits, and nats are asked for."),
        ("base-10", 1 / math.log(10), "The result is divided by log 10: natural logarithms are asked for."),
        ("times-log-2", math.log(2), "The result is multiplied by log 2: natural logarithms need no change."),
    )
    for name, factor, message in said:
        yield _scale(name, message, lambda _, factor=factor: factor)  # type: ignore[misc]


def _factors_of(length: Length) -> Iterator[Slip]:
    name, m = length.name.lower().replace("_", "-"), length.name
    said: tuple[tuple[str, Callable[[float], float], str], ...] = (
        (f"times-{name}", lambda n: n, f"{m} times too large: is it a sum where a mean is asked for?"),
        (f"divided-by-{name}", lambda n: 1 / n, f"divided by {m} once too often."),
        (f"{name}-minus-1", _over_less_one, f"too large by {m} / ({m} - 1): which of the two divides?"),
        (
            f"{name}-minus-1-root",
            lambda n: math.sqrt(_over_less_one(n)),
            f"too large by the root of {m} / ({m} - 1): which of the two divides the squares?",
        ),
        (
            f"{name}-minus-1-inverse",
            lambda n: (n - 1) / n,
            f"too small by ({m} - 1) / {m}: which of the two divides?",
        ),
        (f"times-root-{name}", math.sqrt, f"too large by the root of {m}."),
        (f"divided-by-root-{name}", lambda n: 1 / math.sqrt(n), f"divided by the root of {m} once too often."),
        (f"times-{name}-squared", lambda n: n * n, f"too large by the square of {m}."),
    )
    for slip, factor, message in said:

        def by(lengths: Mapping[str, int], factor: Callable[[float], float] = factor) -> float:
            return factor(float(lengths[m])) if lengths.get(m) else math.nan

        yield _scale(slip, f"The result is {message} Here {m} is {length.words}.", by)


def _over_less_one(n: float) -> float:
    return n / (n - 1) if n > 1 else math.inf


def _powers() -> Iterator[Slip]:
    def simple(name: str, change: Callable[[np.ndarray], Any], message: str) -> Slip:
        return Slip(name, message, "power", _each(lambda value, _: change(value.astype(np.float64))))

    yield simple("result-squared", np.square, "The result is the square of what is asked for.")
    yield simple("result-root", np.sqrt, "The result is the square root of what is asked for.")
    yield simple("result-inverted", lambda v: 1 / v, "The result is 1 over what is asked for.")
    yield simple("result-exponential", np.exp, "The result is exp of what is asked for.")
    yield simple("result-logarithm", np.log, "The result is the logarithm of what is asked for.")
    yield simple("complement", lambda v: 1 - v, "The result is 1 minus what is asked for.")
    yield simple(
        "absolute-value", np.abs, "The sign is lost: the result is the absolute value of what is asked for."
    )
    yield simple("plus-one", lambda v: v + 1, "The result is too large by exactly 1.")
    yield simple("minus-one", lambda v: v - 1, "The result is too small by exactly 1.")
    yield simple("cut-at-zero", lambda v: np.maximum(v, 0), "A negative result is made 0.")
    yield simple("cut-at-one", lambda v: np.minimum(v, 1), "A result above 1 is made 1.")


_ON_ARRAYS: tuple[tuple[str, int, Callable[[np.ndarray], Any], str], ...] = (
    ("transposed", 2, np.transpose, "The result is transposed."),
    (
        "axis-kept",
        0,
        lambda v: v[np.newaxis],
        "The result has an axis of length 1 in front that is not asked for.",
    ),
    (
        "column",
        1,
        lambda v: v[..., np.newaxis],
        "The result has an axis of length 1 at its end that is not asked for.",
    ),
    ("summed", 1, np.sum, "The result is summed up to one number; each entry is asked for."),
    ("averaged", 1, np.mean, "The result is averaged to one number; each entry is asked for."),
    ("rows-summed", 2, lambda v: v.sum(axis=0), "The rows of the result are added up; each of them is asked for."),
    ("columns-summed", 2, lambda v: v.sum(axis=-1), "The columns of the result are added up; each is asked for."),
    ("reversed", 1, lambda v: v[::-1], "The result is in the reverse order."),
    ("sorted", 1, np.sort, "The result is sorted; the order of the input is asked for."),
    ("cumulative", 1, np.cumsum, "The entries of the result are added up one after the other."),
    ("normalised", 1, lambda v: v / v.sum(), "The result is divided by its sum."),
    ("over-the-largest", 1, lambda v: v / v.max(), "The result is divided by its largest entry."),
    ("largest-only", 1, np.max, "Only the largest entry comes back."),
    ("first-only", 1, lambda v: v[0], "Only the first entry comes back."),
    ("last-only", 1, lambda v: v[-1], "Only the last entry comes back."),
    (
        "index-of-largest",
        1,
        lambda v: v.argmax(axis=-1),
        "The position of the largest entry comes back, not the entries.",
    ),
    ("flattened", 2, np.ravel, "The result is flattened to one axis."),
    ("diagonal-only", 2, lambda v: v.diagonal() if v.ndim == 2 else None, "Only the diagonal comes back."),
)
"""Name, axes that the answer has at least, change, message."""


def _shapes() -> Iterator[Slip]:
    def on_array(axes: int, change: Callable[[np.ndarray], Any]) -> Callable[[Any, Mapping[str, int]], Any]:
        def on(value: Any, _: Mapping[str, int]) -> Any:
            return change(np.asarray(value)) if not isinstance(value, tuple) and np.ndim(value) >= axes else None

        return on

    for name, axes, change, message in _ON_ARRAYS:
        yield Slip(name, message, "shape", on_array(axes, change))


def _of_several() -> Iterator[Slip]:
    """Yield the slips of an answer of several values: their order, one of them alone, a slip on one."""

    def of_several(name: str, change: Callable[[tuple[Any, ...]], Any], message: str) -> Slip:
        return Slip(name, message, "shape", lambda v, _: change(v) if isinstance(v, tuple) else None)

    yield of_several("values-swapped", lambda v: v[::-1], "The values come back in the reverse order.")
    for order in ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1)):
        yield of_several("values-reordered", partial(_in_order, order), "The values come back in another order.")
    yield of_several("first-value-only", lambda v: v[0], "Only the first of the values comes back.")
    yield of_several("last-value-only", lambda v: v[-1], "Only the last of the values comes back.")
    for place, word in enumerate(("first", "second", "third")):
        for slip in (*_factors(), *_powers()):
            message = f"Of the values returned, this holds for the {word}. {slip.message}"
            yield Slip(f"{slip.name}-{word}", message, slip.kind, _at(place, slip.change))


def _in_order(order: tuple[int, ...], values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return tuple(values[place] for place in order) if len(values) == len(order) else None


def _at(place: int, change: Callable[[Any, Mapping[str, int]], Any]) -> Callable[[Any, Mapping[str, int]], Any]:
    def one(value: Any, lengths: Mapping[str, int]) -> Any:
        if not isinstance(value, tuple) or len(value) <= place:
            return None
        return (*value[:place], change(value[place], lengths), *value[place + 1 :])

    return one


def _endings() -> Iterator[Slip]:
    def cut(value: np.ndarray, _: Mapping[str, int]) -> Any:
        return value.astype(np.int64)

    yield Slip("integer-output", "The result is turned into integers: the fraction is cut off.", "end", _each(cut))
    yield Slip(
        "float32-output",
        "The result is turned into float32, which keeps 7 digits; float64 keeps 16.",
        "end",
        _each(lambda value, _: value.astype(np.float32)),
    )
    for digits in range(13):
        yield Slip(
            "rounded",
            (
                f"The result has {digits} decimals and no more, as if rounded, or found on a grid. All digits are"
                f" asked for."
            ),
            "end",
            _each(lambda value, _, digits=digits: np.round(value, digits)),  # type: ignore[misc]
        )
