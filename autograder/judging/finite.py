"""Linear algebra that refuses what it might never end with: LAPACK's steps need not converge for inf and nan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

BY_STEPS = ("svd", "svdvals", "pinv", "eig", "eigh", "eigvals", "eigvalsh", "lstsq", "matrix_rank", "cond")
"""Functions of a matrix that are computed by steps, until they converge."""


def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def refuses(matrix: Any, *more: Any, **keywords: Any) -> Any:
        if not np.isfinite(matrix).all():
            raise np.linalg.LinAlgError("the matrix is not finite")
        return function(matrix, *more, **keywords)

    return refuses


_USUAL = {name: function for name in BY_STEPS if (function := getattr(np.linalg, name, None))}
_REFUSING = {name: _refusing(function) for name, function in _USUAL.items()}


@contextmanager
def finite_matrices() -> Iterator[None]:
    """Have these functions of NumPy raise LinAlgError for a matrix that is not finite, in the block."""
    vars(np.linalg).update(_REFUSING)
    try:
        yield
    finally:
        vars(np.linalg).update(_USUAL)
