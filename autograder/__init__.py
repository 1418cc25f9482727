"""Logits & Likelihoods: sealed grading of exercises in the probability behind deep learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.grading import grade
    from autograder.inprocess import check

__version__ = "0.1.0"
__all__ = ["__version__", "check", "grade"]

_LAZY = {"check": "autograder.inprocess", "grade": "autograder.grading"}


def __getattr__(name: str) -> Any:
    """Import the two public functions when they are first used: ``autograder --help`` needs neither."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415

    return getattr(importlib.import_module(_LAZY[name]), name)
