"""A call and its answer: what crosses between the trusted side and a student's function.

The sandbox, or the notebook's own process under stock nbgrader, takes a :class:`Call` and returns an
:data:`Answer`. :func:`answer_of` does the same in this process, for trusted functions.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from autograder.judging.compare import show
from autograder.judging.patience import called

MAX_CALLBACKS = 10_000
TOO_OFTEN = f"the function was called more than {MAX_CALLBACKS} times"


class Callback:
    """A function that is an argument of the student's function and runs on the trusted side.

    The student's process sends a point, the trusted side returns ``function(point)``. Points are
    recorded, and their number is capped.

    Parameters
    ----------
    function
        Maps one float64 array to a number.
    formula
        How feedback writes the function, e.g. ``"lambda x: (x**2).sum()"``.
    """

    def __init__(self, function: Callable[[np.ndarray], Any], formula: str) -> None:
        self.function = function
        self.formula = formula

    def at(self, point: Any, asked: list[np.ndarray]) -> float:
        """Return the function's value at a point that came from a student, and record the point.

        Raises
        ------
        ValueError
            If the point is not an array of numbers, the function can't take it, or it was called too often.
        """
        if len(asked) >= MAX_CALLBACKS:
            raise ValueError(TOO_OFTEN)
        try:
            array = np.asarray(point)
            array = array.astype(np.float64, casting="safe" if array.dtype.kind == "c" else "unsafe")
            with np.errstate(all="ignore"):
                value = float(self.function(array.copy()))
        except (TypeError, ValueError, IndexError, OverflowError):
            raise ValueError("the function can't be evaluated at what it was given") from None
        asked.append(array)
        return value


@dataclass(frozen=True)
class Call:
    """The arguments of one call. Arrays carry their own dtype, strides and writeable flag."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.args, tuple | list):
            raise TypeError(
                f"Call takes a tuple of arguments, for one argument Call((x,)); it got {self.args!r:.60}"
            )

    def __str__(self) -> str:
        """Write the arguments as they would stand in source code, abridged."""
        positional = [_show_argument(value) for value in self.args]
        return ", ".join(positional + [f"{name}={_show_argument(v)}" for name, v in self.kwargs.items()])

    @cached_property
    def single(self) -> bool:
        """Whether the arguments are float32, so that a float32 result is acceptable."""
        kinds = [
            value.dtype for value in self.values() if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        ]
        return bool(kinds) and all(kind == np.float32 for kind in kinds)

    def values(self) -> list[Any]:
        """Return every argument, positional ones first."""
        return [*self.args, *self.kwargs.values()]


def _show_argument(value: Any) -> str:
    return value.formula if isinstance(value, Callback) else show(value)


@dataclass(frozen=True)
class Noise:
    """What a call printed and warned: shown for public examples, withheld for hidden inputs below ``full``."""

    printed: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Returned:
    """The function returned a value that could be read as data."""

    value: Any
    changed: bool = False
    """Whether any argument was changed by the call."""
    points: tuple[np.ndarray, ...] = ()
    """Where the function evaluated its callback, in order."""
    noise: Noise = Noise()


@dataclass(frozen=True)
class Raised:
    """The function raised. ``type`` is the exception's name where it is a public one."""

    type: str
    text: str = ""
    noise: Noise = Noise()


@dataclass(frozen=True)
class Unreadable:
    """The function returned something other than data: a generator, an object array, too large a value."""

    what: str


@dataclass(frozen=True)
class Stopped:
    """The call did not return, or could not be made. ``why`` is a sentence."""

    why: str
    final: bool = False
    """Whether nothing more can be asked of this function."""
    seconds: float | None = None
    """The time within which the call did not end, if that is why."""


Answer = Returned | Raised | Unreadable | Stopped
Ask = Callable[[Sequence[Call], Sequence[int]], Iterable[Answer]]
"""Calls a function with each call in turn and yields its answers in that order.

The numbers are the sizes of the right answers (:func:`~autograder.judging.sizes.size_of`): a process that is not
trusted may send little more.
"""


def asking(answer: Callable[[Call], Answer]) -> Ask:
    """Return an Ask that answers one call after the other in this process, at any size."""
    return lambda calls, _: map(answer, calls)


def clause_of(answer: Answer) -> str:
    """Describe an answer that is not a value, as a clause."""
    match answer:
        case Raised(type="NotImplementedError"):
            return "NotImplementedError: the stub is still there"
        case Raised(type=kind):
            return f"raised {kind}"
        case Unreadable(what=what):
            return f"{what} where numbers were expected"
        case Stopped(why=why):
            return why
    return "a value where none was expected"


def answer_of(function: Callable[..., Any], call: Call) -> Answer:
    """Call a function in this process on a copy of the arguments and return its answer.

    Used for known mistakes, and for students' functions under stock nbgrader. The sandbox, which calls students'
    functions otherwise, returns the same answers.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = quiet_answer_of(function, call)
        return replace(answer, noise=Noise(warnings=_texts(caught))) if caught else answer


def quiet_answer_of(function: Callable[..., Any], call: Call) -> Returned | Raised:
    """Do the same without a word on warnings, which the caller has switched off."""
    points: list[np.ndarray] = []
    arguments = [copied(value, points) for value in call.values()]
    positional, named = arguments[: len(call.args)], arguments[len(call.args) :]
    try:
        value = called(function, *positional, **dict(zip(call.kwargs, named, strict=True)))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # any exception is an answer
        return Raised(type(error).__name__, str(error))
    changed = any(differs(before, after) for before, after in zip(call.values(), arguments, strict=True))
    return Returned(value, changed=changed, points=tuple(points))


def _texts(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    return tuple(f"{entry.category.__name__}: {entry.message}" for entry in caught)


def copied(value: Any, points: list[np.ndarray]) -> Any:
    """Copy an argument, keeping an array's strides and writeable flag."""
    if isinstance(value, Callback):
        return lambda point: value.at(point, points)
    if isinstance(value, float | int):
        return value
    return copy_layout(value) if isinstance(value, np.ndarray) else copy.deepcopy(value)


def copy_layout(array: np.ndarray) -> np.ndarray:
    """Copy an array with its strides (gaps and reversals included) and writeable flag."""
    if array.flags.c_contiguous and 1 not in array.shape:
        twin = array.copy()
        twin.flags.writeable = array.flags.writeable
        return twin
    span = [(n - 1) * s for n, s in zip(array.shape, array.strides, strict=True)] if array.size else []
    offset = -sum(s for s in span if s < 0)
    buffer = np.zeros(offset + sum(s for s in span if s > 0) + array.itemsize, np.uint8)
    twin = np.ndarray(array.shape, array.dtype, buffer, offset, array.strides if array.size else None)
    twin[...] = array
    twin.flags.writeable = array.flags.writeable
    return twin


def differs(before: Any, after: Any) -> bool:
    """Whether an argument has another value, shape or dtype than before."""
    if isinstance(before, Callback):
        return False
    if isinstance(before, np.ndarray):
        same_kind = isinstance(after, np.ndarray) and after.dtype == before.dtype and after.shape == before.shape
        return not (same_kind and after.tobytes() == before.tobytes())
    return bool(type(before) is not type(after) or before != after)
