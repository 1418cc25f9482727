"""What kind of failure an answer is, so that a hint is shown for failures that it explains alone."""

from __future__ import annotations

import numpy as np

from autograder.judging.calls import Answer, Raised, Returned
from autograder.judging.compare import Mismatch, as_numbers
from autograder.judging.numbers import flat

CODE = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError")
WRONG_TYPE = ("TypeError", "AttributeError", "UFuncTypeError", "UFuncNoLoopError")


def kind_of(answer: Answer, truth: Answer) -> str:
    """Return the kind of a failure.

    ``value``, ``infinite`` (inf or nan in place of a number) and ``shape`` are about what came back, ``dtype`` and
    ``nothing`` (None) too; ``changed`` is an argument that was changed, ``read-only`` the attempt; ``type`` and
    ``code`` are exceptions for a wrong type and an unknown name, ``raised`` is any other; ``stopped`` is all else.
    """
    if isinstance(answer, Raised):
        if "read-only" in answer.text:
            return "read-only"
        return "code" if answer.type in CODE else "type" if answer.type.lstrip("_") in WRONG_TYPE else "raised"
    if not isinstance(answer, Returned):
        return "stopped"
    if answer.changed:
        return "changed"
    return "nothing" if answer.value is None else _kind_of_value(answer, truth)


def _kind_of_value(answer: Returned, truth: Answer) -> str:
    right = truth.value if isinstance(truth, Returned) else None
    given = as_numbers(answer.value)
    if isinstance(right, tuple) or isinstance(given, Mismatch):
        row = flat(answer.value)
        return "infinite" if row.size and not np.isfinite(row).all() else "value"
    if given.shape != np.asarray(right).shape:
        return "shape"
    with np.errstate(all="ignore"):  # a float128 may not fit
        numbers = given.astype(np.float64) if given.dtype.kind in "biuf" else np.zeros(0)
        if not np.isfinite(numbers).all():
            return "infinite"
        near = numbers.size and np.allclose(numbers, np.asarray(right, dtype=np.float64), rtol=1e-3, atol=1e-3)
    wrong_dtype = given.ndim > 0 and not (given.dtype.kind == "f" and given.dtype.itemsize == 8)
    return "dtype" if wrong_dtype and (near or given.dtype.kind != "f") else "value"
