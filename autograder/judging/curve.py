"""A student's function over a range beside the truth, as data for a picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autograder.judging.calls import Answer, Ask, Returned, Stopped
from autograder.judging.compare import EPS32, Mismatch, as_numbers
from autograder.judging.model import Exercise, Sweep
from autograder.judging.sizes import ITEM_BYTES, size_of
from autograder.results import Curve

SECONDS = 1.0
"""No picture is drawn of a function that takes longer for its points. Its time is for the checks."""
MAX_RUNS = 3
"""How many stretches the text names."""
RIGHT, NUMBER, NAN, INFINITY, MINUS_INFINITY, NOTHING = range(6)
WORDS = {
    NUMBER: "It leaves the truth",
    NAN: "It gives nan",
    INFINITY: "It gives inf",
    MINUS_INFINITY: "It gives -inf",
    NOTHING: "It gives no number",
}


def ask_sweep(exercise: Exercise, ask: Ask, spent: Callable[[], float] = time.monotonic) -> list[Answer]:
    """Ask each point of an exercise's sweep; return no answers if they take too long or one doesn't come back.

    ``spent`` returns the seconds that the function has taken so far. Each request has twice as many points as the
    one before, so that a slow function takes little more than :data:`SECONDS`.
    """
    calls = exercise.sweep.calls if exercise.sweep else ()
    sizes = [
        size_of(truth.value) if isinstance(truth, Returned) else ITEM_BYTES for truth in exercise.sweep_truths
    ]
    answers: list[Answer] = []
    started = spent()
    while len(answers) < len(calls):
        part = slice(len(answers), 2 * len(answers) + 1)
        answers += ask(calls[part], sizes[part])
        if spent() - started > SECONDS or any(isinstance(answer, Stopped) for answer in answers):
            return []
    return answers


def curve_of(exercise: Exercise, answers: Sequence[Answer]) -> Curve | None:
    """Return the curve of the answers to a sweep; None if they hold no number, or agree with the truth."""
    sweep = exercise.sweep
    if sweep is None:
        return None
    right = np.array([_number(sweep, truth, truth) for truth in exercise.sweep_truths], dtype=np.float64)
    found = [_number(sweep, answer, truth) for answer, truth in zip(answers, exercise.sweep_truths, strict=True)]
    theirs = np.array([np.nan if number is None else number for number in found])
    missing = np.array([number is None for number in found])
    size = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    off = missing | ~np.isclose(theirs, right, rtol=1e-6, atol=EPS32 * size, equal_nan=True)
    if missing.all() or not off.any():
        return None
    kinds = np.select(
        [~off, missing, np.isnan(theirs), np.isposinf(theirs), np.isneginf(theirs)],
        [RIGHT, NOTHING, NAN, INFINITY, MINUS_INFINITY],
        NUMBER,
    )
    return Curve(
        label=sweep.label,
        x=[float(x) for x in sweep.x],
        theirs=_finite(theirs),
        truth=_finite(right),
        departs=[(float(sweep.x[start]), float(sweep.x[stop - 1])) for start, stop in _runs(off)],
        text=" ".join(_sentences(sweep, kinds)),
    )


def _number(sweep: Sweep, answer: Answer, truth: Answer) -> float | None:
    """Return the number to plot of one answer; None if it holds none where the truth has it."""
    if not (isinstance(answer, Returned) and isinstance(truth, Returned)):
        return None
    value = as_numbers(answer.value, np.shape(truth.value))
    if isinstance(value, Mismatch) or value.shape != np.shape(truth.value) or value.dtype.kind == "c":
        return None
    try:
        with np.errstate(all="ignore"):  # a long double beyond float64 is infinite
            return float(sweep.pick(value))
    except (TypeError, ValueError):
        return None


def _finite(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _runs(values: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where each stretch of equal values begins and ends that is not zero."""
    edges = np.flatnonzero(np.diff(values.astype(int))) + 1
    for start, stop in zip([0, *edges], [*edges, len(values)], strict=True):
        if values[start]:
            yield int(start), int(stop)


def _sentences(sweep: Sweep, kinds: np.ndarray) -> Iterator[str]:
    """Say what was asked, and describe each stretch that differs from the truth."""
    x = sweep.x
    yield f"Your function was called once for each {sweep.label}, from {x[0]:g} to {x[-1]:g}."
    runs = list(_runs(kinds))
    for start, stop in runs[:MAX_RUNS]:
        first, last = f"{x[start]:g}", f"{x[stop - 1]:g}"
        where = f"at {first}" if first == last else f"from {first} to {last}"
        yield f"{WORDS[int(kinds[start])]} {'everywhere' if stop - start == len(x) else where}."
    if len(runs) > MAX_RUNS:
        yield "It differs elsewhere, too."
