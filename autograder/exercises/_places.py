"""Judge some of the values that a function returns together, so that a wrong one costs its own checks only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.judging import Call, Exercise, Mismatch, Returned, Tolerance, by_value, compare
from autograder.judging.calls import Answer
from autograder.judging.model import Judge


def judged_by(
    names: Sequence[str], *places: int, tolerance: Callable[[Call, bool], Tolerance] | None = None
) -> Judge:
    """Return a judge of some places of a tuple. An answer of another length is judged as a whole.

    Parameters
    ----------
    names
        What the function returns, in order; a mismatch says which of them is wrong.
    places
        Which of them are judged, from 0.
    tolerance
        Stands in for the exercise's own where these values are rounded less than the others.
    """

    def judge(exercise: Exercise, call: Call, answer: Answer, truth: Answer) -> Mismatch | None:
        if not isinstance(answer, Returned) or not isinstance(truth, Returned):
            return by_value(exercise, call, answer, truth)
        given = answer.value
        if isinstance(given, np.ndarray) and given.ndim:  # its rows are a sequence, too
            given = list(given)
        if not isinstance(given, list | tuple) or len(given) != len(names):
            return by_value(exercise, call, answer, truth)
        allowed = (tolerance or exercise.tolerance)(call, call.single)
        for i in places:
            found = compare(given[i], truth.value[i], allowed, single=call.single)
            if found:
                return Mismatch(f"{found.clause} ({names[i]})")
        return None

    return judge
