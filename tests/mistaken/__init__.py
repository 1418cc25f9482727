"""Known mistakes of every exercise, written a second time from what their messages say.

A module a topic. ``MISTAKEN`` holds, by exercise and by name of the mistake, the value that the message describes.
What is said in the same words in many exercises is written once, in :data:`EVERYWHERE`.
"""

from __future__ import annotations

import importlib
import re

import numpy as np

DIGITS = {"two": 2, "three": 3, "four": 4}


def each(change, value):
    """Change a value, or each of several."""
    return tuple(change(np.asarray(item)) for item in value) if isinstance(value, tuple) else change(value)


def rounded(message, truth):
    word = re.search(r"to (\w+) digits", message)
    return np.round(truth, DIGITS[word[1]])


EVERYWHERE = {
    "sign-flipped": lambda _, truth: each(np.negative, truth),
    "base-2": lambda _, truth: each(lambda value: value / np.log(2), truth),
    "percent": lambda _, truth: 100 * truth,
    "rounded": rounded,
}
"""By name: the value, from the message and the right value."""


def written(topic):
    """The mistakes of a topic's exercises, by exercise and name."""
    return importlib.import_module(f"{__name__}.{topic}").MISTAKEN


def calls(topic, exercise):
    """What is asked: the public examples, and what a topic adds; a topic's own alone where one has many steps."""
    more = getattr(importlib.import_module(f"{__name__}.{topic}"), "CALLS", {}).get(exercise.name, [])
    examples = [check.example for check in exercise.checks]
    return more if any("steps" in call.kwargs for call in more) else [*examples, *more]
