"""The public ``check`` of a hidden cell, for stock nbgrader: the same marks, but no isolation.

The hidden region of a sealed cell is one call of this function. ``autograder grade`` and the nbgrader plug-in
never run the call: they read it, and call the student's function from outside. Under stock nbgrader the call runs
in the student's process, where a submission can read and change it. Its output says so.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from autograder import exercises
from autograder.course import Course, CourseError
from autograder.judging.assess import assess
from autograder.judging.calls import Answer, Call, Returned, Stopped, Unreadable, answer_of, asking
from autograder.judging.earlier import Earlier
from autograder.reports.text import checks_as_text

_EARLIER: dict[str, Earlier] = {}
"""Mistakes that were named in this notebook's functions so far: a later one may be built on them."""
PUBLIC_SEED = b"in-process: nothing is hidden from a student's process"


def check(exercise: str, function: Any, points: float | None = None) -> float:
    """Grade a function in this process, print the result of each check, and return the marks.

    Parameters
    ----------
    exercise
        The registered exercise.
    function
        The student's function.
    points
        The maximum; by default the sum of the exercise's weights.

    Returns
    -------
    float
        The marks, between 0 and ``points``. nbgrader reads the last value of a cell as partial credit.

    Raises
    ------
    UnknownExerciseError
        If no such exercise is registered.
    """

    def answer(call: Call) -> Answer:
        if not callable(function):
            return Stopped(
                f"{exercise} is not a function: it is an object of type {type(function).__name__}.", final=True
            )
        given = answer_of(function, call)
        if isinstance(given, Returned) and not _is_data(given.value):
            return Unreadable(f"an object of type {type(given.value).__name__}")
        return given

    if not exercises.is_registered(exercise):
        with suppress(CourseError):  # the exercise may belong to the course around this folder
            exercises.use_course(Course.at().root)
    found = exercises.find(exercise)
    outcome = assess(found, asking(answer), seed=PUBLIC_SEED, points=points, earlier=_EARLIER)
    _EARLIER.pop(exercise, None)
    if outcome.mistake:
        _EARLIER[exercise] = outcome.mistake
    print(checks_as_text(outcome.checks))
    print("Graded in the notebook's own process: nothing here is isolated from the submission.")
    return float(outcome.score)


def _is_data(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_data(item) for item in value)
    return value is None or isinstance(value, bool | int | float | complex | str) or hasattr(value, "dtype")
