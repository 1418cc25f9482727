"""Slips on the arguments: two of them swapped, one squared, negated, left at its default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import Parameter
from typing import Any

import numpy as np

from autograder.judging.calls import Call, Callback
from autograder.judging.slips import Slip, bound, parameters_of

Function = Callable[..., Any]
Change = Callable[[dict[str, Any]], dict[str, Any]]

FEW = 20
"""A default that is larger, as a number of steps, makes a call long, and a larger one longer still."""
ON_NUMBERS: tuple[tuple[str, Function, str], ...] = (
    ("negated", lambda v: -v, "with the opposite sign"),
    ("squared", np.square, "squared"),
    ("root", np.sqrt, "replaced by its square root"),
    ("inverted", lambda v: 1 / v, "replaced by 1 over it"),
    ("doubled", lambda v: 2 * v, "doubled"),
    ("halved", lambda v: v / 2, "halved"),
    ("exponential", np.exp, "replaced by exp of it"),
    ("logarithm", np.log, "replaced by its logarithm"),
    ("complement", lambda v: 1 - v, "replaced by 1 minus it"),
    ("absolute", np.abs, "replaced by its absolute value"),
    ("plus-one", lambda v: v + 1, "taken one larger"),
    ("minus-one", lambda v: v - 1, "taken one smaller"),
)
ON_ARRAYS: tuple[tuple[str, Function, str], ...] = (
    ("reversed", lambda v: v[::-1], "read in the reverse order"),
    ("transposed", np.transpose, "transposed"),
    ("centred", lambda v: v - np.mean(v, axis=0), "centred first"),
    ("normalised", lambda v: v / np.sum(v), "divided by its sum"),
    ("standardised", lambda v: (v - np.mean(v, axis=0)) / np.std(v, axis=0), "standardised first"),
    ("first-row-only", lambda v: v[:1], "cut to its first entry"),
    ("last-left-out", lambda v: v[:-1], "taken without its last entry"),
    ("first-left-out", lambda v: v[1:], "taken without its first entry"),
    ("float32", lambda v: np.asarray(v, np.float32), "turned into float32, which keeps 7 digits,"),
)


def argument_slips(function: Function, call: Call) -> Iterator[tuple[Slip, Change]]:
    """Yield each slip with the change of the arguments, by name, that it means; ``call`` is one that is taken."""
    parameters = {entry.name: entry for entry in parameters_of(function)}
    given = bound(function, call)
    for name, parameter in parameters.items():
        if isinstance(given.get(name), Callback):
            continue
        if parameter.default is not Parameter.empty:
            message = f"`{name}` has no effect: the answer is that for {name}={parameter.default}."
            yield Slip(f"{kebab(name)}-ignored", message), _without(name)
            for taken in _other_defaults(parameter.default):
                message = f"Where `{name}` is left out it is {taken:g}; its default is {parameter.default}."
                yield Slip(f"{kebab(name)}-default", message), _left_at(name, taken)
        is_array = isinstance(given.get(name), np.ndarray)
        for ending, change, words in (*ON_NUMBERS, *(ON_ARRAYS if is_array else ())):
            if ending == "first-row-only" and len(_arrays(given)) > 1:  # one label for all happens to fit
                continue
            message = f"The answer is the right one for another `{name}`: as if it were {words}."
            yield Slip(f"{kebab(name)}-{ending}", message), _changed(name, change, parameter.default)
    arrays = _arrays(given)
    if len(arrays) > 1:
        for part, words, which in (("last", "last", slice(None, -1)), ("first", "first", slice(1, None))):
            message = f"The {words} entry of every array is left out: does a range end one short?"
            yield Slip(f"{part}-entry-left-out", message), _cut(arrays, which)
    names = [name for name in parameters if name in given and not isinstance(given[name], Callback)]
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            message = f"`{one}` and `{other}` have changed places."
            yield Slip(f"{kebab(one)}-and-{kebab(other)}-swapped", message), _swapped(one, other)
        if one == "axis":
            for axis in (0, 1, -1):
                message = "The work is done along another axis than the one that is asked for."
                yield Slip("other-axis", message), _changed(one, lambda _, axis=axis: axis)


def with_changed_arguments(function: Function, reference: Function, change: Change) -> Function:
    """Return a function that calls another with changed arguments; ``reference`` says what they are called."""
    names = [entry.name for entry in parameters_of(reference)]

    def changed(*args: Any, **kwargs: Any) -> Any:
        return function(**change(dict(zip(names, args, strict=False)) | kwargs))

    return changed


def only(name: str) -> Change:
    """Return the change that leaves one argument alone, called ``given``."""
    return lambda given: {"given": given[name]}


def long_parameters(function: Function) -> list[str]:
    """Return the parameters whose default makes a call long, such as a number of steps."""
    return [entry.name for entry in parameters_of(function) if type(entry.default) is int and entry.default > FEW]


def kebab(name: str) -> str:
    """Return a parameter as the names of slips write it."""
    return name.lower().replace("_", "-")


def _arrays(given: dict[str, Any]) -> list[str]:
    return [name for name, value in given.items() if isinstance(value, np.ndarray) and value.ndim]


def _other_defaults(default: Any) -> tuple[float, ...]:
    """Return the numbers that are often taken for a default."""
    if type(default) is int and 0 < default <= FEW:
        whole = (*range(default - 2, default + 3), 2 * default, default // 2)
        return tuple(dict.fromkeys(number for number in whole if 0 < number != default))
    if type(default) is float:
        powers = [10.0**power for power in range(-8, 1)]
        near = [2 * default, default / 2, 0.0, 0.5, 2.0]
        return tuple(dict.fromkeys(number for number in (*powers, *near) if number != default))
    return ()


def _left_at(name: str, default: float) -> Change:
    return lambda given: {name: default} | given


def _without(name: str) -> Change:
    return lambda given: {key: value for key, value in given.items() if key != name}


def _changed(name: str, change: Function, default: Any = None) -> Change:
    """Change an argument, or the whole number that it is left at."""

    def one(given: dict[str, Any]) -> dict[str, Any]:
        if name not in given and type(default) is not int:
            return given
        value = given.get(name, default)
        return given | {name: change(np.asarray(value) if isinstance(value, list) else value)}

    return one


def _cut(names: list[str], which: slice) -> Change:
    return lambda given: given | {name: given[name][which] for name in names}


def _swapped(one: str, other: str) -> Change:
    return lambda given: given | {one: given[other], other: given[one]}
