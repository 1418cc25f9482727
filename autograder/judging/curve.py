"""A student's function over a range beside the truth, as data for a picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.judging.calls import Answer, Returned
from autograder.judging.compare import EPS32, Mismatch, as_numbers
from autograder.judging.model import Exercise, Sweep
from autograder.results import Curve

MAX_RUNS = 3
"""How many stretches the text names."""


def curve_of(exercise: Exercise, sweep: Sweep, answer: Answer) -> Curve | None:
    """Return the curve of an answer; None if the answer is no curve or agrees with the truth."""
    truth = exercise.sweep_truth
    if not (isinstance(answer, Returned) and isinstance(truth, Returned)):
        return None
    right = np.asarray(sweep.pick(np.asarray(truth.value)), dtype=np.float64)
    value = as_numbers(answer.value, np.shape(truth.value))
    if isinstance(value, Mismatch):
        return None
    try:
        picked = np.asarray(sweep.pick(value))
        if picked.shape != right.shape:
            return None
        with np.errstate(all="ignore"):  # a long double beyond float64 is infinite
            theirs = picked.astype(np.float64, casting="same_kind" if picked.dtype.kind == "c" else "unsafe")
    except (TypeError, ValueError, IndexError):
        return None
    size = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    off = ~np.isclose(theirs, right, rtol=1e-6, atol=EPS32 * size, equal_nan=True)
    if not off.any():
        return None
    return Curve(
        label=sweep.label,
        x=[float(x) for x in sweep.x],
        theirs=_finite(theirs),
        truth=_finite(right),
        text=f"Of {sweep.label}, {sweep.x[0]:g} to {sweep.x[-1]:g}: {'; '.join(_runs(sweep.x, theirs, off))}.",
    )


def _finite(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _runs(x: np.ndarray, theirs: np.ndarray, off: np.ndarray) -> Iterator[str]:
    """Describe each stretch where the values differ from the truth."""
    kinds = np.select([~off, np.isnan(theirs), np.isinf(theirs)], [0, 1, 2], 3)
    words = ("", "your function gives nan", "your function gives infinity", "your function leaves the truth")
    edges = np.flatnonzero(np.diff(kinds)) + 1
    runs = [(start, stop) for start, stop in zip([0, *edges], [*edges, len(x)], strict=True) if kinds[start]]
    for start, stop in runs[:MAX_RUNS]:
        where = "everywhere" if stop - start == len(x) else f"from {x[start]:g} to {x[stop - 1]:g}"
        yield f"{words[kinds[start]]} {where}"
    if len(runs) > MAX_RUNS:
        yield "and elsewhere"
