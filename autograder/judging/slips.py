"""What a slip is, and what a call says about itself: its arguments by name, its lengths."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from autograder.judging.calls import Call


@dataclass(frozen=True)
class Slip:
    """Something small that goes wrong on top of a function.

    Parameters
    ----------
    name, message
        As of a :class:`~autograder.judging.model.Misconception`.
    kind
        Slips of one kind exclude each other: no two of them are looked for together.
    change
        Returns the changed answer from an answer and the lengths of the call's arrays.
    """

    name: str
    message: str
    kind: str = ""
    change: Callable[[Any, Mapping[str, int]], Any] = lambda value, _: value


@cache
def parameters_of(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    """Return the parameters of a reference."""
    return tuple(inspect.signature(function).parameters.values())


def bound(function: Callable[..., Any], call: Call) -> dict[str, Any]:
    """Return the arguments of a call by name, without those left at their defaults."""
    return dict(zip((entry.name for entry in parameters_of(function)), call.args, strict=False)) | dict(
        call.kwargs
    )


def lengths_of(function: Callable[..., Any], call: Call) -> dict[str, int]:
    """Return the lengths of a call: ``n`` rows and ``k`` columns of its first arrays, and its whole numbers."""
    found: dict[str, int] = {}
    for name, value in bound(function, call).items():
        if isinstance(value, np.ndarray) and value.ndim:
            found.setdefault("n", len(value))
            if value.ndim > 1:
                found.setdefault("k", value.shape[-1])
        elif isinstance(value, int) and not isinstance(value, bool) and value > 0:
            found.setdefault(name, value)
    return found
