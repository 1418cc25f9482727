"""What accepts too much: tolerances that any answer satisfies, and checks that nothing loses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Call, Returned, answer_of, copied
from autograder.judging.compare import compare
from autograder.judging.model import Check, Exercise, truth_of

OFF = 0.05
"""How far off an answer is that no tolerance may accept, relative to its largest number."""
NONSENSE = 12345.0
SEEDS = (1, 2)


def accepts_anything(exercise: Exercise) -> Iterator[str]:
    """Yield, in a sentence each, the tolerances that accept a wrong answer and the checks that nothing loses.

    A tolerance must be finite and refuse an answer that is 5 % off. A check must be lost by 12345 in place of
    every number, or by a call that changes its argument.
    """
    usual = max(_largest(answer.value) for answer in exercise.truths.values() if isinstance(answer, Returned))
    for check in exercise.checks:
        calls = calls_of(check)
        wide = list(dict.fromkeys(fault for call in calls for fault in _too_wide(exercise, check, call, usual)))
        yield from wide
        if not wide and not any(_loses(exercise, check, call) for call in calls):
            yield f"nothing loses “{check.name}”: it takes {NONSENSE:g} for every number"


def lost_by_none_alone(exercise: Exercise) -> Iterator[str]:
    """Yield a sentence for each check but the first that no known mistake fails which passes the first one."""
    first, *others = exercise.checks
    mistakes = [mistake.function for mistake in exercise.misconceptions]
    mistakes += [partial(_writes, exercise.reference), partial(_keeps_dtype, exercise.reference)]
    calls = {check.name: calls_of(check, SEEDS[:1]) for check in exercise.checks}
    passing = [wrong for wrong in mistakes if not _fails(exercise, first, calls[first.name], wrong)]
    for check in others:
        if not any(_fails(exercise, check, calls[check.name], wrong) for wrong in passing):
            yield (
                f"“{check.name}” is lost by no known mistake that passes “{first.name}”: does it ask anything new?"
            )


def calls_of(check: Check, seeds: tuple[int, ...] = SEEDS) -> list[Call]:
    """Return a check's public call and the hidden ones of some seeds."""
    return [check.example, *(call for seed in seeds for call in check.drawn(np.random.default_rng(seed)))]


def _too_wide(exercise: Exercise, check: Check, call: Call, usual: float) -> Iterator[str]:
    truth = truth_of(exercise, call)
    assert isinstance(truth, Returned)
    try:
        tolerance = exercise.tolerance(call, call.single)
        limits = np.concatenate([np.ravel(tolerance.relative), np.ravel(tolerance.absolute)]).astype(float)
    except Exception as error:  # noqa: BLE001  # the author's function
        yield f"the tolerance of “{check.name}” raises {type(error).__name__}: {error}"
        return
    shown = f"relative {float(np.max(tolerance.relative)):.3g}, absolute {float(np.max(tolerance.absolute)):.3g}"
    if not np.isfinite(limits).all() or (limits < 0).any():
        yield f"the tolerance of “{check.name}” accepts anything or nothing ({shown})"
        return
    parts = range(len(truth.value)) if isinstance(truth.value, tuple) else [None]
    for part in parts:
        off = _off(truth.value, part, usual)
        if off is not None and compare(off, truth.value, tolerance, single=call.single) is None:
            yield (
                f"the tolerance of “{check.name}” accepts an answer that is {OFF:.0%} off ({shown}): derive it "
                "from float64, or leave it out"
            )


def _off(value: Any, part: int | None, usual: float) -> Any | None:
    """Return an answer with every number of one part off; None if none is finite.

    An answer that is next to 0 where others are not is 0 but for rounding: it is off by a share of the usual size.
    """
    if part is not None:
        off = _off(value[part], None, usual)
        return None if off is None else (*value[:part], off, *value[part + 1 :])
    numbers = np.asarray(value, dtype=float)
    size = max(_largest(numbers), min(usual, 1.0)) or 1.0
    return numbers + OFF * size if np.isfinite(numbers).any() else None


def _largest(value: Any) -> float:
    """Return the size of the largest finite number of an answer; 0 if there is none."""
    parts = [np.ravel(np.asarray(item, dtype=float)) for item in (value if isinstance(value, tuple) else (value,))]
    return max((float(np.max(np.abs(row[np.isfinite(row)]), initial=0.0)) for row in parts), default=0.0)


def _loses(exercise: Exercise, check: Check, call: Call) -> bool:
    truth = truth_of(exercise, call)
    assert isinstance(truth, Returned)
    value = truth.value
    parts = value if isinstance(value, tuple) else (value,)
    filled = [np.full(np.shape(item), NONSENSE) for item in parts]
    wrong: list[Answer] = [Returned(tuple(filled) if isinstance(value, tuple) else filled[0])]
    wrong += [Returned(value, changed=True, points=truth.points)]
    return any(check.judge(exercise, call, answer, truth) is not None for answer in wrong)


def _fails(exercise: Exercise, check: Check, calls: list[Call], function: Callable[..., Any]) -> bool:
    return any(
        check.judge(exercise, call, answer_of(function, call), truth_of(exercise, call)) is not None
        for call in calls
    )


def _writes(reference: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Answer rightly, and change every array that is an argument."""
    value = reference(*(copied(value, []) if isinstance(value, np.ndarray) else value for value in args), **kwargs)
    for array in (*args, *kwargs.values()):
        if isinstance(array, np.ndarray):
            array[...] += 1
    return value


def _keeps_dtype(reference: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Answer in the dtype of the first array, as code does that writes into a copy of it."""
    value = reference(*args, **kwargs)
    array = next((value for value in (*args, *kwargs.values()) if isinstance(value, np.ndarray)), None)
    return np.asarray(value).astype(array.dtype) if array is not None and not isinstance(value, tuple) else value
