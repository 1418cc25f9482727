"""Logits & Likelihoods: sealed grading of exercises in the probability behind deep learning.

All that a course may rely on stands here: :func:`check` for hidden cells, :func:`grade` for scripts, and what
authors of exercises use. Addresses below it (``autograder.judging.model``, …) may change with any release.
"""

TYPE_CHECKING = False  # mypy reads it as typing's, which takes milliseconds to import, deaf to Ctrl-C
if TYPE_CHECKING:
    from autograder.grading.alone import grade
    from autograder.inprocess import check
    from autograder.judging import (
        ANY_KIND,
        EPS,
        EPS32,
        FLOOR,
        NEW_ARRAYS,
        RELATIVE,
        Call,
        Callback,
        Check,
        Exercise,
        Hint,
        Misconception,
        Misconceptions,
        Mismatch,
        Returned,
        Sweep,
        Tolerance,
        Use,
        by_value,
        choice,
        compare,
        layouts_of,
        leaves_arguments_unchanged,
        leaves_unchanged,
        ordered_proof,
        takes_any_layout,
        tolerance_for,
    )

    __version__: str

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
    "__version__",
    "by_value",
    "check",
    "choice",
    "compare",
    "grade",
    "layouts_of",
    "leaves_arguments_unchanged",
    "leaves_unchanged",
    "ordered_proof",
    "takes_any_layout",
    "tolerance_for",
]
_ELSEWHERE = {"check": "autograder.inprocess", "grade": "autograder.grading.alone"}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: ``autograder --help`` needs none, and NumPy takes long."""
    import importlib  # noqa: PLC0415

    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("logits-and-likelihoods")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_ELSEWHERE.get(name, "autograder.judging")), name)
