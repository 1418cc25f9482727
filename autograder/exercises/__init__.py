"""The registered exercises: a folder a topic, a file a function.

The file ``exercises/<topic>/<function>.py`` holds everything the trusted side knows about one function, as
``exercise``; the reference itself is in ``solutions/<topic>.py``. Finding one imports that file alone.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from autograder.exercise import Exercise

TOPICS = ("softmax",)
"""In the order of the course."""


class UnknownExerciseError(LookupError):
    """No exercise of that name is registered."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no exercise called “{name}”; “autograder list” names them all")


@cache
def names() -> tuple[tuple[str, str], ...]:
    """Return (topic, exercise) for every registered exercise, without importing any."""
    return tuple(
        (topic, file.stem)
        for topic in TOPICS
        for file in sorted(Path(__file__).with_name(topic).glob("*.py"))
        if not file.stem.startswith("_")
    )


def find(name: str) -> Exercise:
    """Return the exercise of that name.

    Raises
    ------
    UnknownExerciseError
        If none is registered under it.
    """
    for topic, exercise in names():
        if exercise == name:
            found: Exercise = importlib.import_module(f"{__name__}.{topic}.{name}").exercise
            return found
    raise UnknownExerciseError(name)


def is_registered(name: str) -> bool:
    """Whether an exercise of that name exists."""
    return any(exercise == name for _, exercise in names())
