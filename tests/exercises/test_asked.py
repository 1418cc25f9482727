"""What every check asks, in tables that are read when they change: a class graded again is asked the same."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import exercises


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


def tolerances_of(exercise, calls):
    for single in (False, True):
        allowed = [exercise.tolerance(call, single) for call in calls]
        relative, absolute = ([getattr(one, part) for one in allowed] for part in ("relative", "absolute"))
        yield f"    tolerance{' in float32' * single}: {range_of(relative)} of it, and {range_of(absolute)}"


def table_of(exercise):
    yield exercise.name
    for check in exercise.checks:
        stays = ", no argument changes" if check.forbids_changes(exercise) else ""
        yield f"  {check.name} ({check.weight:g}{stays})"
        calls = check.drawn(np.random.default_rng(0))
        yield from arguments_of(calls)
        yield from tolerances_of(exercise, calls)
        yield from (f"    hint for {', '.join(hint.when)}" for hint in check.hints if hint.text)
    if exercise.sweep:
        x, first = exercise.sweep.x, exercise.sweep_truths[0].value
        plotted = f"{len(x)} from {rounded(x[0])} to {rounded(x[-1])}"
        yield f"  plotted: {exercise.sweep.label} for {plotted}, first {rounded(exercise.sweep.pick(first))}"


@pytest.mark.parametrize("topic", exercises.TOPICS)
def test_what_is_asked_changes_on_purpose_alone(topic, golden):
    names = [name for owner, name in exercises.everything() if owner == topic]
    tables = ("\n".join(table_of(exercises.find(name))) for name in names)
    golden(f"{topic}.txt", ("\n\n".join(tables) + "\n").encode())
