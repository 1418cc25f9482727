"""How wrong numbers relate to the right ones, in a sentence each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.judging.compare import EPS32


def close(a: np.ndarray, b: np.ndarray, relative: float = 1e-9) -> np.ndarray:
    """Return where two arrays agree, NaN with NaN: relatively, or beside the largest number of the second."""
    size = np.abs(b, where=np.isfinite(b), out=np.zeros(np.shape(b))).max(initial=0.0)
    with np.errstate(all="ignore"):
        near: np.ndarray = np.isclose(a, b, rtol=relative, atol=relative * 1e-3 * size, equal_nan=True)
    return near


def _proportional(given: np.ndarray, right: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        quotients = (given / right)[(right != 0) | (given != 0)]
    return bool(
        quotients.size > 1
        and np.isfinite(quotients).all()
        and quotients[0]
        and close(quotients, quotients[0]).all()
    )


def _shifted(given: np.ndarray, right: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        off = given - right
    return bool(off.size > 1 and np.isfinite(off).all() and close(off, off[0]).all())


def _other_order(given: np.ndarray, right: np.ndarray) -> bool:
    return bool(given.size > 1 and close(np.sort(given), np.sort(right)).all())


def _other_signs(given: np.ndarray, right: np.ndarray) -> bool:
    return bool(close(np.abs(given), np.abs(right)).all() and not close(given, right).all())


def _seven_digits(given: np.ndarray, right: np.ndarray) -> bool:
    size = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    with np.errstate(all="ignore"):
        return bool(np.isclose(given, right, rtol=64 * EPS32, atol=64 * EPS32 * size, equal_nan=True).all())


def _not_finite(given: np.ndarray, right: np.ndarray) -> bool:
    good = np.isfinite(given)
    return bool(good.any() and not good.all() and close(given[good], right[good]).all())


def _no_number(given: np.ndarray, right: np.ndarray) -> bool:
    return bool(given.size and not np.isfinite(given).any() and np.isfinite(right).any())


RELATIONS: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], bool]], ...] = (
    ("Each answer is right up to a sign.", _other_signs),
    ("Each answer is right up to one factor, which differs from call to call.", _proportional),
    ("Each answer is right up to one number that is added, which differs from call to call.", _shifted),
    ("The right numbers come back, but in another order.", _other_order),
    (
        (
            "The answers agree with the right ones in about seven digits: is float32, a tolerance or a "
            "constant inside?"
        ),
        _seven_digits,
    ),
    (
        "Where the answer is a finite number it is right; elsewhere inf or nan takes the place of a number.",
        _not_finite,
    ),
    (
        (
            "What comes back is inf or nan wherever it is wrong: look for an overflow, a division by 0, or the "
            "logarithm or root of what has none."
        ),
        _no_number,
    ),
)


def _near(given: np.ndarray, right: np.ndarray) -> bool:
    size = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    with np.errstate(all="ignore"):
        return bool(size and np.isclose(given, right, rtol=0.02, atol=0.005 * size, equal_nan=True).all())


def _same_total(given: np.ndarray, right: np.ndarray) -> bool:
    return bool(right.size > 1 and np.isfinite(given).all() and np.isclose(given.sum(), right.sum(), rtol=1e-9))


def broken_law(pairs: list[tuple[np.ndarray, np.ndarray]], truths: Sequence[np.ndarray] = ()) -> str:
    """Say what holds for every right answer and for no wrong one; else in which direction all are wrong.

    Parameters
    ----------
    pairs
        Each wrong answer with the right one, of the same shape.
    truths
        The right answers to other calls, for which the law must hold as well.
    """
    rights = [*(right for _, right in pairs), *truths]
    with np.errstate(all="ignore"):
        for words, otherwise, holds in _LAWS:
            if all(map(holds, rights)) and not any(holds(given) for given, _ in pairs):
                return f"The right result {words}; what comes back {otherwise}."
        for word, wrong in (("large", np.greater), ("small", np.less)):
            if all(wrong(given, right).all() for given, right in pairs):
                return f"Every number that is wrong is too {word}."
    return ""


_LAWS: tuple[tuple[str, str, Callable[[np.ndarray], bool]], ...] = (
    ("is never negative", "is", lambda v: bool((v >= 0).all())),
    ("is never above 1", "is", lambda v: bool((v <= 1 + 1e-9).all())),
    ("is never above 0", "is", lambda v: bool((v <= 0).all())),
    ("is symmetric", "is not", lambda v: v.ndim == 2 and v.shape[0] == v.shape[1] and bool(np.allclose(v, v.T))),
    ("sums to one", "does not", lambda v: v.ndim == 1 and bool(np.isclose(v.sum(), 1))),
    ("has rows that sum to one", "has not", lambda v: v.ndim > 1 and bool(np.allclose(v.sum(axis=-1), 1))),
    ("has rows that sum to zero", "has not", lambda v: v.ndim > 1 and bool(np.allclose(v.sum(axis=-1), 0))),
    ("is in descending order", "is not", lambda v: v.ndim == 1 and v.size > 1 and bool((np.diff(v) <= 0).all())),
)
