"""The exercises of this package: a folder a topic, a file a function."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.judging import Exercise

TOPICS = ("bayes", "gaussian", "softmax", "bernoulli", "divergence", "losses", "matching")
"""In the order of the course."""


@cache
def names() -> tuple[tuple[str, str], ...]:
    """Return (topic, name) of each exercise, in the order of the course, without importing any."""
    return tuple(
        (topic, file.stem)
        for topic in TOPICS
        for file in sorted(Path(__file__).with_name(topic).glob("*.py"))
        if not file.stem.startswith("_")
    )


@cache
def items() -> tuple[tuple[str, str], ...]:
    """Return (topic, name) of each question with a stored answer, in the order of the course."""
    return tuple(
        (topic, file.stem)
        for topic in TOPICS
        for file in sorted(Path(__file__).with_name(topic).glob("items/*.py"))
        if not file.stem.startswith("_")
    )


def load(topic: str, name: str) -> Exercise:
    """Import the file of an exercise and return the exercise."""
    place = f"{topic}.items" if (topic, name) in items() else topic
    exercise: Exercise = importlib.import_module(f"autograder.exercises.{place}.{name}").exercise
    return exercise
