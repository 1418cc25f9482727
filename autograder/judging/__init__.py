"""What an exercise is, and how an answer is judged: compared with the reference, diagnosed, explained."""

from autograder.judging.calls import Call, Callback, Returned
from autograder.judging.checks import (
    ANY_KIND,
    NEW_ARRAYS,
    layouts_of,
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.judging.compare import EPS, EPS32, FLOOR, RELATIVE, Mismatch, Tolerance, compare, tolerance_for
from autograder.judging.items import choice, ordered_proof
from autograder.judging.model import (
    Check,
    Exercise,
    Hint,
    Misconception,
    Misconceptions,
    Sweep,
    Use,
    by_value,
    leaves_unchanged,
)

__all__ = [
    "ANY_KIND",
    "EPS",
    "EPS32",
    "FLOOR",
    "NEW_ARRAYS",
    "RELATIVE",
    "Call",
    "Callback",
    "Check",
    "Exercise",
    "Hint",
    "Misconception",
    "Misconceptions",
    "Mismatch",
    "Returned",
    "Sweep",
    "Tolerance",
    "Use",
    "by_value",
    "choice",
    "compare",
    "layouts_of",
    "leaves_arguments_unchanged",
    "leaves_unchanged",
    "ordered_proof",
    "takes_any_layout",
    "tolerance_for",
]
