"""Checks that suit nearly every exercise: any memory layout is accepted, and no argument is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograder.judging.calls import Call
from autograder.judging.model import Check, Hint, Judge, by_value, leaves_unchanged

Inputs = Callable[[np.random.Generator], Iterable[Call]]
NEW_ARRAYS = Hint(
    "An argument is written into. Make a new array: `x = x - 1` makes one, `x -= 1` and `x[…] = …` don't.",
    ("changed", "read-only"),
)
ANY_KIND = ("value", "infinite", "shape", "raised", "dtype", "type")
"""All kinds of failure but a changed argument and an unknown name."""
FLOAT = Hint(
    "Convert the input with np.asarray(…, dtype=float): arrays of float64 come back then.", ("dtype", "type")
)
LAYOUT = Hint(
    "Which dtype do the arguments have that are answered wrongly? np.asarray(…, dtype=float) makes them float64.",
    ("value", "infinite", "shape", "raised"),
)
CONVERT = (FLOAT, NEW_ARRAYS, LAYOUT)


def takes_any_layout(
    example: Call,
    inputs: Inputs,
    *,
    kinds: str = "integers, float32",
    weight: float = 0.5,
    judge: Judge = by_value,
    hint: str | tuple[Hint, ...] = CONVERT,
) -> Check:
    """Return the check "takes integers, float32 and any memory layout".

    Parameters
    ----------
    example
        A public call, best with integers.
    inputs
        Draws the hidden calls from a seeded generator: the dtypes that ``kinds`` names, and arrays in Fortran
        order, with gaps, reversed and read-only. :func:`layouts_of` gives these layouts of one call.
    kinds
        What the function takes other than memory layouts, as the check's name lists it.
    weight, judge, hint
        As for :class:`~autograder.judging.model.Check`.
    """
    return Check(f"takes {kinds} and any memory layout", example, inputs, weight, judge, hint)


def leaves_arguments_unchanged(
    example: Call,
    inputs: Inputs,
    *,
    weight: float = 0.5,
    judge: Judge = by_value,
    hint: str | tuple[Hint, ...] = (NEW_ARRAYS,),
) -> Check:
    """Return the check "leaves its arguments unchanged", or "its argument" if the example holds one array.

    Parameters
    ----------
    example
        A public call whose arrays are writeable.
    inputs
        Draws the hidden calls from a seeded generator; ordinary inputs will do.
    weight, hint
        As for :class:`~autograder.judging.model.Check`.
    judge
        Judges the returned value. An argument that the call changed is a mistake whatever the value is.
    """
    arrays = sum(isinstance(value, np.ndarray) for value in example.values())
    name = f"leaves its {'argument' if arrays == 1 else 'arguments'} unchanged"
    return Check(name, example, inputs, weight, leaves_unchanged(judge), hint)


def layouts_of(call: Call) -> Iterator[Call]:
    """Yield a call three times, its arrays in Fortran order, with gaps and reversed, and read-only.

    Values and dtypes stay as they are, and so do arguments that are no arrays.
    """
    for relaid in (np.asfortranarray, _with_gaps, _read_only):
        values = [relaid(value) if _has_axes(value) else value for value in call.values()]
        named = dict(zip(call.kwargs, values[len(call.args) :], strict=True))
        yield Call(tuple(values[: len(call.args)]), named)


def _has_axes(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0


def _with_gaps(array: np.ndarray) -> np.ndarray:
    """Copy an array into every other row of a larger one, the last axis backwards."""
    room = np.zeros((2 * len(array), *array.shape[1:]), array.dtype)
    view = room[::2, ..., ::-1] if array.ndim > 1 else room[::-2]
    view[...] = array
    return view


def _read_only(array: np.ndarray) -> np.ndarray:
    copy = array.copy()
    copy.flags.writeable = False
    return copy
