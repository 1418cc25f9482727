"""The registered exercises: the built-in ones, a folder a topic and a file a function, and a course's own.

The file ``exercises/<topic>/<function>.py`` defines ``exercise``: what the trusted side knows about a function.
Its reference is in ``autograder/solutions/<topic>.py``. A question with a stored answer, a choice or a proof to be
put in order, is in ``exercises/<topic>/items/<function>.py``. A course's own exercises are in the course folder's
``exercises/<function>.py``, and their references in ``solutions/*.py`` beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.exercises import builtin, own
from autograder.exercises.builtin import TOPICS, items
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
    "everything",
    "find",
    "is_registered",
    "items",
    "names",
    "use_course",
]
OWN = "own"
"""Stands for the topic of a course's own exercises."""


class UnknownExerciseError(LookupError):
    """No exercise of that name is registered."""

    def __init__(self, name: str) -> None:
        from difflib import get_close_matches  # noqa: PLC0415  # for a typing error alone

        near = get_close_matches(name, [known for _, known in everything()], 1)
        meant = f"did you mean “{near[0]}”? " if near else ""
        super().__init__(f"there is no exercise called “{name}”; {meant}“autograder list” names them all")


def names() -> tuple[tuple[str, str], ...]:
    """Return (topic, name) of every function to be written, without importing a built-in one.

    A course's own questions with a stored answer are among them.
    """
    return *builtin.names(), *((OWN, name) for name in own.loaded())


def everything() -> tuple[tuple[str, str], ...]:
    """Return (topic, name) of every exercise: the functions, then the questions with a stored answer."""
    return *names(), *builtin.items()


def find(name: str) -> Exercise:
    """Return the exercise of that name. Only the file of that exercise is imported.

    Raises
    ------
    UnknownExerciseError
        If none is registered under it.
    """
    for topic, exercise in everything():
        if exercise == name:
            return own.loaded()[name] if topic == OWN else builtin.load(topic, name)
    raise UnknownExerciseError(name)


def is_registered(name: str) -> bool:
    """Whether an exercise of that name exists."""
    return any(exercise == name for _, exercise in everything())
