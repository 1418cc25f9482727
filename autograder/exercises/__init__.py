"""The registered exercises: the built-in ones, a folder a topic and a file a function, and a course's own.

The file ``exercises/<topic>/<function>.py`` defines ``exercise``: what the trusted side knows about a function.
Its reference is in ``autograder/solutions/<topic>.py``. A course's own exercises are in the course folder's
``exercises/<function>.py``, and their references in ``solutions/*.py`` beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.exercises import builtin, own
from autograder.exercises.builtin import TOPICS
from autograder.exercises.own import OwnExerciseError, course_in_use, digest_of_own, use_course

if TYPE_CHECKING:
    from autograder.judging import Exercise

__all__ = [
    "OWN",
    "TOPICS",
    "OwnExerciseError",
    "UnknownExerciseError",
    "course_in_use",
    "digest_of_own",
    "find",
    "is_registered",
    "names",
    "use_course",
]
OWN = "own"
"""Stands for the topic of a course's own exercises."""


class UnknownExerciseError(LookupError):
    """No exercise of that name is registered."""

    def __init__(self, name: str) -> None:
        from difflib import get_close_matches  # noqa: PLC0415  # for a typing error alone

        near = get_close_matches(name, [known for _, known in names()], 1)
        meant = f"did you mean “{near[0]}”? " if near else ""
        super().__init__(f"there is no exercise called “{name}”; {meant}“autograder list” names them all")


def names() -> tuple[tuple[str, str], ...]:
    """Return (topic, name) of every registered exercise, without importing a built-in one."""
    return *builtin.names(), *((OWN, name) for name in own.loaded())


def find(name: str) -> Exercise:
    """Return the exercise of that name. Only the file of that exercise is imported.

    Raises
    ------
    UnknownExerciseError
        If none is registered under it.
    """
    for topic, exercise in names():
        if exercise == name:
            return own.loaded()[name] if topic == OWN else builtin.load(topic, name)
    raise UnknownExerciseError(name)


def is_registered(name: str) -> bool:
    """Whether an exercise of that name exists."""
    return any(exercise == name for _, exercise in names())
