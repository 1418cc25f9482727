"""Memory layouts other than that of a new array. A student's function must accept them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def odd_layouts(draw: Callable[..., Any], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yield three arrays of a shape: in Fortran order, with gaps and reversed, and read-only.

    Parameters
    ----------
    draw
        Draws a new array of a given shape.
    shape
        Shape of the arrays, with at least one axis.
    """
    yield np.asfortranarray(draw(shape))
    yield draw((2 * shape[0], *shape[1:]))[::2, ..., ::-1] if len(shape) > 1 else draw((2 * shape[0],))[::-2]
    read_only = draw(shape)
    read_only.flags.writeable = False
    yield read_only
