"""What an exercise is, and how an answer to it is judged: compared with the reference, diagnosed, explained."""

from autograder.judging.calls import Call, Callback, Returned
from autograder.judging.compare import Mismatch, Tolerance, compare, tolerance_for
from autograder.judging.model import (
    Check,
    Exercise,
    Misconception,
    Misconceptions,
    Sweep,
    by_value,
    leaves_unchanged,
)

__all__ = [
    "Call",
    "Callback",
    "Check",
    "Exercise",
    "Misconception",
    "Misconceptions",
    "Mismatch",
    "Returned",
    "Sweep",
    "Tolerance",
    "by_value",
    "compare",
    "leaves_unchanged",
    "tolerance_for",
]
