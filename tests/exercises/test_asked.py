"""What every check asks, in tables that are read when they change: a class graded again is asked the same."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Callback, Returned
from autograder.judging.model import truth_of


def rounded(value):
    """Two digits: on another processor the last of sixteen may differ."""
    return f"{value:.2g}"


def kind_of(value):
    if not isinstance(value, np.ndarray):
        return type(value).__name__
    order = "" if value.flags.c_contiguous else " Fortran" if value.flags.f_contiguous else " strided"
    return f"{value.dtype.name}{list(value.shape)}{order}{'' if value.flags.writeable else ' read-only'}"


def range_of(values):
    """The least and the greatest number, and how many are zero or not finite."""
    try:
        numbers = np.concatenate([np.ravel(np.asarray(value, dtype=np.float64)) for value in values])
    except (TypeError, ValueError):
        return "no numbers"
    finite = numbers[np.isfinite(numbers)]
    parts = [" to ".join(dict.fromkeys(map(rounded, (finite.min(), finite.max()))))] if finite.size else []
    parts += [f"{np.sum(numbers == 0)} × 0"] * bool((numbers == 0).any())
    parts += [f"{numbers.size - finite.size} × not finite"] * (numbers.size > finite.size)
    return ", ".join(parts)


def arguments_of(calls):
    """A line for each argument: its types and shapes, as often as they are asked, and its range."""
    arguments = {}
    for call in calls:
        for name, value in [*enumerate(call.args), *call.kwargs.items()]:
            arguments.setdefault(name, []).append(value)
    for name, values in arguments.items():
        kinds = [kind_of(value) for value in values]
        told = ", ".join(f"{kinds.count(kind)} × {kind}" for kind in dict.fromkeys(kinds))
        yield f"    {name}: {told}: {range_of(values)}"


def digits(value):
    """Four digits of each number of an array, as text; what only rounding keeps from zero is zero."""
    if isinstance(value, Callback):
        return " ".join(digits(part) for part in vars(value).values() if isinstance(part, np.ndarray))
    if not isinstance(value, np.ndarray | float):
        return str(value)
    numbers = np.ravel(np.asarray(value, dtype=np.float64))
    floor = 1e-12 * np.max(np.abs(numbers[np.isfinite(numbers)]), initial=0.0)
    return " ".join(f"{number:.4g}" if abs(number) > floor else "0" for number in numbers.tolist())


def checksum(values):
    """Another one wherever a number is another: what ranges don't show, such as an order or a sum of 1."""
    return f"{zlib.crc32('; '.join(map(digits, values)).encode()):010}"


def values_of(exercise, check, calls):
    for call in (check.example, *calls):
        yield from call.values()
        for single in (False, True):
            allowed = exercise.tolerance(call, single)
            yield from (allowed.relative, allowed.absolute)


def noticed_parts(exercise, check):
    """Which of several values a check judges, by place."""
    truth = truth_of(exercise, check.example)
    if not isinstance(truth, Returned) or not isinstance(truth.value, tuple):
        return ""
    wrong = [
        replace(truth, value=tuple(2 * part + 1 if i == place else part for i, part in enumerate(truth.value)))
        for place in range(len(truth.value))
    ]
    seen = [
        str(place) for place, answer in enumerate(wrong) if check.judge(exercise, check.example, answer, truth)
    ]
    return f", judges {' '.join(seen)} of {len(wrong)}"


def tolerances_of(exercise, calls):
    for single in (False, True):
        allowed = [exercise.tolerance(call, single) for call in calls]
        relative, absolute = ([getattr(one, part) for one in allowed] for part in ("relative", "absolute"))
        yield f"    tolerance{' in float32' * single}: {range_of(relative)} of it, and {range_of(absolute)}"


def table_of(exercise):
    yield exercise.name
    for check in exercise.checks:
        stays = ", no argument changes" if check.forbids_changes(exercise) else ""
        yield f"  {check.name} ({check.weight:g}{stays}{noticed_parts(exercise, check)})"
        calls = check.drawn(np.random.default_rng(0))
        yield from arguments_of(calls)
        yield from tolerances_of(exercise, calls)
        yield f"    numbers: {checksum(values_of(exercise, check, calls))}"
        yield from (f"    hint for {', '.join(hint.when)}" for hint in check.hints if hint.text)
    if exercise.sweep:
        x, picked = exercise.sweep.x, [exercise.sweep.pick(truth.value) for truth in exercise.sweep_truths]
        plotted = f"{len(x)} from {rounded(x[0])} to {rounded(x[-1])}"
        yield f"  plotted: {exercise.sweep.label} for {plotted}, first {rounded(picked[0])}"
        yield f"    numbers: {checksum([np.array(picked)])}"


@pytest.mark.parametrize("topic", exercises.TOPICS)
def test_what_is_asked_changes_on_purpose_alone(topic, golden):
    names = [name for owner, name in exercises.everything() if owner == topic]
    tables = ("\n".join(table_of(exercises.find(name))) for name in names)
    golden(f"{topic}.txt", ("\n\n".join(tables) + "\n").encode())
