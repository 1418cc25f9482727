"""Statistics of questions: difficulty, discrimination and Cronbach's alpha, with intervals.

Nothing here raises for a class that is too small or too even: what is not defined is None.
"""

from __future__ import annotations

import numpy as np
from scipy.special import fdtri

REPLICATES, SEED, LEVEL = 1000, 20_261_123, 0.95
FLAT = 1e-12
"""Relative spread below which marks count as all equal: sums of equal marks differ by rounding."""


def pearson(x: np.ndarray, y: np.ndarray) -> float | None:
    """Return the correlation of two columns, both of shape (n,); None where one of them doesn't vary."""
    if len(x) < 2 or is_flat(x) or is_flat(y):
        return None
    dx, dy = x - x.mean(), y - y.mean()
    return float(np.clip(dx @ dy / np.sqrt((dx @ dx) * (dy @ dy)), -1.0, 1.0))


def is_flat(x: np.ndarray) -> bool:
    """Whether marks don't vary by more than rounding."""
    return bool(np.ptp(x) <= FLAT * np.abs(x).max())


def bootstrap_interval(x: np.ndarray, y: np.ndarray) -> tuple[float, float] | None:
    """Return a 95 % percentile interval of the correlation, over students drawn with replacement.

    The draws are seeded: equal marks give an equal interval. None where fewer than half of the draws have a
    correlation, or there is none at all.
    """
    if pearson(x, y) is None or len(x) < 3:
        return None
    u, v = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    terms = np.stack([u, v, u * u, v * v, u * v], axis=1)
    rng, n = np.random.default_rng(SEED), len(x)
    times = (np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(REPLICATES))  # each student is drawn
    means = np.array([drawn @ terms for drawn in times]) / n
    spread = (means[:, 2] - means[:, 0] ** 2) * (means[:, 3] - means[:, 1] ** 2)
    defined = spread > FLAT
    if defined.sum() < REPLICATES / 2:
        return None
    drawn = (means[defined, 4] - means[defined, 0] * means[defined, 1]) / np.sqrt(spread[defined])
    low, high = np.quantile(np.clip(drawn, -1.0, 1.0), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def cronbach_alpha(marks: np.ndarray) -> float | None:
    """Return Cronbach's alpha of marks of shape (students, questions), with variances over n - 1.

    alpha = k / (k - 1) (1 - sum of the questions' variances / variance of the sums), Cronbach (1951). None for
    fewer than two students or questions, and where the sums don't vary.
    """
    n, k = marks.shape
    if n < 2 or k < 2 or is_flat(marks.sum(axis=1)):
        return None
    return float(k / (k - 1) * (1 - marks.var(axis=0, ddof=1).sum() / marks.sum(axis=1).var(ddof=1)))


def feldt_interval(alpha: float, n: int, k: int) -> tuple[float, float]:
    """Return Feldt's 95 % interval of an alpha from n students and k questions.

    (1 - true alpha) / (1 - alpha) follows an F distribution with n - 1 and (n - 1)(k - 1) degrees of freedom:
    Feldt, Woodruff and Salih (1987), Applied Psychological Measurement 11, 93-103. It assumes normal marks.
    """
    freedom = n - 1, (n - 1) * (k - 1)
    high, low = (1 - (1 - alpha) * fdtri(*freedom, p) for p in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def quarters(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return which students belong to the upper and to the lower quarter; None for fewer than four.

    Who has as many marks as the last one of a quarter belongs to it, too.
    """
    size = len(totals) // 4
    if not size:
        return None
    ordered = np.sort(totals)
    return totals >= ordered[-size], totals <= ordered[size - 1]
