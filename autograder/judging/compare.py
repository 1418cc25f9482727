"""Compare what a student's function returned with what the reference returned.

Shape, dtype, NaN and infinity are compared by mask, the rest within a tolerance; a difference names the
worst element. Nothing here depends on where a value comes from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

EPS = float(np.finfo(np.float64).eps)
EPS32 = float(np.finfo(np.float32).eps)
RELATIVE = 1e-9
"""Relative accuracy asked of a float64 result."""
MAX_SHOWN = 600
"""Characters of a value that feedback shows."""
EDGE = 2
"""Elements at either end of a long axis that feedback shows."""
PRINTED_WHOLE = 24
"""Elements of an array that feedback does not abridge."""
MAX_PRINTED = 256
"""Elements of an array in all that feedback prints."""
TELLING = 9
"""Digits in which the shown elements of an abridged array must differ from another's, or the furthest is shown."""
MAX_LISTED = 10_000
"""Items of a list that are read as numbers only to say what is wrong with it."""
UNDERFLOW, UNDERFLOW32 = 1e-290, 1e-35
"""Below this size a number may have lost digits, or be 0."""
FLOOR = 16
"""The rounding error allowed to a stable textbook formula, in machine epsilons of its largest intermediate."""


@dataclass(frozen=True)
class Tolerance:
    """How far a value may lie from the truth: ``relative * |truth| + absolute``."""

    relative: float = RELATIVE
    absolute: float | np.ndarray = 0.0


@dataclass(frozen=True)
class Mismatch:
    """A difference that costs marks, as a clause after "the function returned …"."""

    clause: str


def tolerance_for(magnitude: float, *, single: bool = False, conditioned: float = 0.0) -> Tolerance:
    """Derive a tolerance from the arithmetic of the textbook formula.

    Parameters
    ----------
    magnitude
        Size of the largest intermediate value of the formula; sets the absolute floor. It is 0 where nothing is
        subtracted, so that every digit of a small result counts, down to 1e-290 (1e-35 in float32).
    single
        Whether the arguments are float32, so that only float32 accuracy is required.
    conditioned
        Size of a value that is exponentiated: an exponent rounded to ``eps * |z|`` costs the result that
        much *relative* accuracy.
    """
    eps = EPS32 if single else EPS
    relative = max(RELATIVE, 4 * FLOOR * eps) + FLOOR * eps * conditioned
    absolute = max(FLOOR * eps * magnitude, UNDERFLOW32 if single else UNDERFLOW)
    return Tolerance(relative=relative, absolute=absolute)


def compare(actual: Any, expected: Any, tolerance: Tolerance, *, single: bool = False) -> Mismatch | None:
    """Compare a decoded value with the truth. It takes time that grows with the truth, not with the value.

    Parameters
    ----------
    actual
        The value that the student's process sent, decoded by ``sandbox.protocol``; never an object of theirs.
    expected
        The reference's value: an array, a scalar, or a tuple of these, which any sequence of its length matches.
    tolerance
        Applied to every finite element; NaN and infinities must agree by position and sign.
    single
        Whether float32 results are acceptable (only for float32 arguments).

    Returns
    -------
    Mismatch or None
        None where the values agree.
    """
    if isinstance(expected, tuple):
        return _compare_sequence(actual, expected, tolerance, single=single)
    if actual is None:
        return Mismatch("None (is a return statement missing?)")
    truth = np.asarray(expected)
    array = as_numbers(actual, truth.shape)
    if isinstance(array, Mismatch):
        return array
    if array.shape != truth.shape:
        wanted = "a scalar" if truth.shape == () else f"shape {truth.shape}"
        got = "a scalar" if array.shape == () else f"shape {array.shape}"
        return Mismatch(f"{got} where {wanted} was expected")
    wrong_kind = _wrong_dtype(array, is_array=truth.ndim > 0, single=single)
    return wrong_kind or _compare_elements(array, truth, tolerance)


def identical(actual: Any, expected: Any) -> bool:
    """Whether two values are float64 arrays, or tuples of them, and equal in every bit.

    A textbook implementation often gives every bit of the reference; then no tolerance is derived.
    """
    if isinstance(expected, tuple):
        same = isinstance(actual, tuple) and len(actual) == len(expected)
        return same and all(map(identical, actual, expected))
    if not isinstance(actual, np.ndarray) or not isinstance(expected, np.ndarray | np.float64):
        return False
    double = actual.dtype == expected.dtype == np.float64 and actual.shape == expected.shape
    return double and actual.tobytes() == expected.tobytes()


def agrees(actual: Any, expected: Any, tolerance: Tolerance) -> bool:
    """Whether two values have the same shape and kind, and elements that agree within the tolerance.

    Unlike :func:`compare`, it accepts any kind of number: two results that are wrong in the same way agree. It
    decides whether a submission makes a known mistake.
    """
    if isinstance(expected, tuple):
        actual = _as_sequence(actual, len(expected))
        if actual is None:
            return False
        return all(agrees(a, e, tolerance) for a, e in zip(actual, expected, strict=True))
    if actual is None or expected is None:
        return actual is expected
    other = _converted(expected)
    if isinstance(other, Mismatch) or not _has_shape(actual, other.shape):
        return False
    array = _converted(actual)
    if isinstance(array, Mismatch) or array.shape != other.shape:
        return False
    if "c" in (array.dtype.kind, other.dtype.kind):
        return False
    if array.ndim and (array.dtype.kind, array.dtype.itemsize) != (other.dtype.kind, other.dtype.itemsize):
        return False
    if np.ndim(tolerance.absolute) and np.shape(tolerance.absolute) != array.shape:  # both have a wrong shape
        tolerance = replace(tolerance, absolute=float(np.max(tolerance.absolute)))
    return _compare_elements(array, other, tolerance) is None


def _compare_sequence(actual: Any, expected: tuple[Any, ...], tol: Tolerance, *, single: bool) -> Mismatch | None:
    values = _as_sequence(actual, len(expected))
    if values is None:
        return Mismatch(f"{describe(actual)} where {len(expected)} values were expected")
    for position, (got, wanted) in enumerate(zip(values, expected, strict=True)):
        mismatch = compare(got, wanted, tol, single=single)
        if mismatch:
            return Mismatch(f"{mismatch.clause} (value {position + 1} of {len(expected)})")
    return None


def _as_sequence(value: Any, length: int) -> Sequence[Any] | None:
    """Return a list, tuple or array of this length as a sequence of its items, and None for anything else."""
    if isinstance(value, np.ndarray):
        return list(value) if value.ndim and len(value) == length else None
    return value if isinstance(value, list | tuple) and len(value) == length else None


def as_numbers(actual: Any, shape: tuple[int, ...] | None = None) -> np.ndarray | Mismatch:
    """Return a decoded value as an array of numbers, or a mismatch that describes what it is instead.

    A list of more than :data:`MAX_LISTED` items is looked at only if it has the lengths of ``shape``.
    """
    wanted = not isinstance(actual, list | tuple) or (shape is not None and _has_shape(actual, shape))
    if not wanted and _holds_more_than(MAX_LISTED, actual):
        return Mismatch(f"{describe(actual)} of more than {MAX_LISTED} items where fewer were expected")
    return _converted(actual)


def _has_shape(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether a value's lengths are those of a shape; it looks at no more items than the shape has."""
    if isinstance(value, np.ndarray):
        return bool(value.shape == shape)
    if isinstance(value, list | tuple):
        return bool(shape) and len(value) == shape[0] and all(_has_shape(item, shape[1:]) for item in value)
    return shape == ()


def _holds_more_than(limit: int, value: Any) -> bool:
    """Whether a value has more items and elements than ``limit``; it looks at no more than that."""
    waiting, seen = [value], 0
    while waiting and seen <= limit:
        item = waiting.pop()
        if isinstance(item, list | tuple):
            seen += len(item)
            waiting += item[: limit + 1]
        elif isinstance(item, np.ndarray):
            seen += item.size
    return seen > limit


def _converted(actual: Any) -> np.ndarray | Mismatch:
    if isinstance(actual, str | dict) or actual is None:
        return Mismatch(f"{describe(actual)} where numbers were expected")
    if _holds_text(actual):  # NumPy pads every string to the longest
        return Mismatch(f"{describe(actual)} where numbers were expected")
    try:
        array = np.asarray(actual)
    except (ValueError, OverflowError):  # rows of different lengths, or a huge integer
        return Mismatch("a ragged list: its rows differ in length")
    if array.dtype.kind not in "biufc":
        what = "an integer too large for float64" if isinstance(actual, int) else describe(actual)
        return Mismatch(f"{what} where numbers were expected")
    return array


def _holds_text(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_text, value))
    return isinstance(value, str)


def _wrong_dtype(array: np.ndarray, *, is_array: bool, single: bool) -> Mismatch | None:
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "i" and not is_array:  # an int where a scalar is expected is no mistake
        return None
    if kind == "f" and (size >= 8 or (size == 4 and single)):
        return None
    wanted = "float32 or float64" if single else "float64"
    return Mismatch(f"{array.dtype} numbers where {wanted} was expected")


def _compare_elements(got: np.ndarray, truth: np.ndarray, tol: Tolerance) -> Mismatch | None:
    with np.errstate(all="ignore"):  # a long double may overflow float64
        got, truth = got.astype(np.float64), truth.astype(np.float64)
        near = np.abs(got - truth) <= tol.relative * np.abs(truth) + tol.absolute
    if near.all() and np.isfinite(truth).all():  # the common case, in a third of the time
        return None
    for mask in (np.isnan, np.isposinf, np.isneginf):
        odd = mask(got) != mask(truth)
        if odd.any():
            where = np.unravel_index(int(np.argmax(odd)), got.shape)
            return Mismatch(f"{_at(got, where)} where {_number(truth[where])} was expected")
    finite = np.isfinite(truth)
    with np.errstate(all="ignore"):
        error = np.where(finite, np.abs(got - truth), 0.0)
        allowed = tol.relative * np.abs(truth) + tol.absolute
        excess = np.where(finite, error / np.maximum(allowed, np.finfo(float).tiny), 0.0)
    if excess.size == 0 or float(excess.max()) <= 1.0:
        return None
    worst = np.unravel_index(int(np.argmax(excess)), got.shape)
    truth_there = float(truth[worst])
    off = float(error[worst]) / abs(truth_there) if truth_there else float(error[worst])
    kind = "relative" if truth_there else "absolute"
    digits = _digits(float(got[worst]), truth_there)
    wanted = _number(truth_there, digits)
    return Mismatch(f"{_at(got, worst, digits)} where {wanted} was expected ({kind} difference {off:.1e})")


def _digits(a: float, b: float) -> int:
    """Return how many significant digits distinguish two numbers (4 to 17)."""
    return next((d for d in range(4, 17) if f"{a:.{d}g}" != f"{b:.{d}g}"), 17)


def _number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}" if math.isfinite(value) else ("nan" if math.isnan(value) else f"{value:+}")


def _at(array: np.ndarray, where: tuple[Any, ...], digits: int = 4) -> str:
    place = f" at [{', '.join(str(int(i)) for i in where)}]" if where else ""
    return _number(float(array[where]), digits) + place


def describe(value: Any) -> str:
    """Name the kind of a decoded value, for a sentence."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    names = {str: "a string", bool: "a boolean", list: "a list", tuple: "a tuple", dict: "a dictionary"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a number")


def show(value: Any, *, against: Any = None) -> str:
    """Return a value as short text for feedback, with enough digits to differ from ``against``.

    Large arrays are abridged and strings cut to 80 characters. It raises for no value that can be decoded.
    """
    if isinstance(value, str):
        return repr(value if len(value) <= 80 else value[:80] + "…")
    array = as_numbers(value)
    if isinstance(array, Mismatch):
        if isinstance(value, tuple | list):
            shown = [_show_item(item) for item in value[:6]]
            parts = [text if len(text) <= 80 else f"{text[:80]}…" for text in shown]
            parts += ["…"] if len(value) > 6 else []
            return ("({})" if isinstance(value, tuple) else "[{}]").format(", ".join(parts))
        return "None" if value is None else describe(value)
    if math.prod(min(length, 2 * EDGE) for length in array.shape) > MAX_PRINTED:
        return describe(array)
    other = None if against is None else as_numbers(against)
    for digits in (4, 6, 9, 12, 17):
        text = _print(array, digits)
        if not isinstance(other, np.ndarray) or other.shape != array.shape or text != _print(other, digits):
            break
    if digits > TELLING and array.size > PRINTED_WHOLE and isinstance(other, np.ndarray):
        text = _furthest(array, other) or text  # what is shown of either is alike
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _furthest(array: np.ndarray, other: np.ndarray) -> str:
    """Return the entry of an array that is furthest from another array's, and its place; nothing if it is near."""
    if array.shape != other.shape or array.dtype.kind not in "biuf" or other.dtype.kind not in "biuf":
        return ""
    with np.errstate(all="ignore"):
        off = np.abs(array.astype(np.float64) - other.astype(np.float64))
    where = np.unravel_index(int(np.argmax(np.nan_to_num(off, nan=np.inf))), array.shape)
    digits = _digits(float(array[where]), float(other[where]))
    return _at(array, where, digits) if digits <= TELLING else ""


def _show_item(item: Any) -> str:
    """Return an item of a list that is no array as text; a list in it that is none either by its kind alone."""
    nested = isinstance(item, list | tuple) and isinstance(as_numbers(item), Mismatch)
    return describe(item) if nested else show(item)


def _print(array: np.ndarray, digits: int) -> str:
    def number(item: Any) -> str:
        return f"{item:.{digits}g}" if array.dtype.kind in "fc" else str(item)

    if array.ndim == 0:
        return number(array.item())
    text = np.array2string(
        array,
        formatter={"all": number},
        separator=", ",
        threshold=PRINTED_WHOLE,
        edgeitems=EDGE,
        max_line_width=10_000,
    )
    return " ".join(text.split()).replace("[ ", "[")
