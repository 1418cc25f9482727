"""The questions of a class, each with its statistics and with the reason where one is not defined."""

from __future__ import annotations

import numpy as np

from autograder.analysis import items
from autograder.analysis.marks import Column, Table
from autograder.analysis.model import Interval, Question

WAITS = "nobody has a mark for it yet"
WORTH_NOTHING = "it is worth no points"
NO_OTHERS = "there is no other question to compare with"
TOO_FEW = "fewer than two students have all marks"
EVEN = "the marks don't vary"
EVEN_OTHERS = "the sums of the other questions' marks don't vary"
NO_INTERVAL = "too few students, or marks too even"
NO_QUARTER = "fewer than four students have all marks"
BY_HAND = "a person marks it"
ONE_QUESTION = "it needs two questions that a machine marks"
ONE_LEFT = "it needs two other questions that a machine marks"
EVEN_SUMS = "all students have the same sum of marks"


def alpha_of(table: Table) -> tuple[float | None, Interval | None, int, str]:
    """Return alpha of the questions that a machine marks, its interval, its students, and why it is None."""
    marks, students = _machine_marked(table)
    complete = marks[students]
    alpha = items.cronbach_alpha(complete)
    n, k = complete.shape
    if alpha is not None:
        return alpha, items.feldt_interval(alpha, n, k), n, ""
    return None, None, n, ONE_QUESTION if k < 2 else TOO_FEW if n < 2 else EVEN_SUMS


def _machine_marked(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns that a machine marks, and which students have a mark in all of them."""
    marks = table.marks[:, [column.by_machine for column in table.columns]]
    return marks, ~np.isnan(marks).any(axis=1)


def questions_of(table: Table) -> list[Question]:
    """Return each question with its statistics."""
    base = table.base
    complete = ~np.isnan(table.marks[:, base]).any(axis=1)
    sums = np.where(complete, table.marks[:, base].sum(axis=1), np.nan)
    return [_question(table, place, column, base, sums) for place, column in enumerate(table.columns)]


def _question(table: Table, place: int, column: Column, base: np.ndarray, sums: np.ndarray) -> Question:
    mine = table.marks[:, place]
    known = mine[~np.isnan(mine)]
    reasons: dict[str, str] = {}
    mean = float(known.mean()) if len(known) else None
    difficulty = mean / column.max_score if mean is not None and column.max_score > 0 else None
    if mean is None:
        reasons |= {"mean": WAITS, "difficulty": WAITS}
    elif difficulty is None:
        reasons["difficulty"] = WORTH_NOTHING
    both = ~np.isnan(mine) & ~np.isnan(sums)
    others = _others(table, place, base, both)
    discrimination, interval, why = _discrimination(mine[both], others)
    upper, lower = _in_quarters(mine[both], sums[both])
    reasons |= {"discrimination": why} if discrimination is None else {}
    reasons |= {"discrimination_interval": why or NO_INTERVAL} if interval is None else {}
    reasons |= {"upper": NO_QUARTER, "lower": NO_QUARTER} if upper is None else {}
    without, why_not = _alpha_without(table, place)
    reasons |= {"alpha_without": why_not} if without is None else {}
    return Question(
        grade_id=column.key[2],
        max_score=column.max_score,
        mean=mean,
        difficulty=difficulty,
        discrimination=discrimination,
        discrimination_interval=interval,
        zero=int((known <= 0).sum()),
        full=int((known >= column.max_score).sum()),
        pending=int(table.pending[:, place].sum()),
        marked=len(known),
        upper=upper,
        lower=lower,
        alpha_without=without,
        assignment=column.key[0],
        notebook=column.key[1],
        exercise=column.exercise,
        reasons=reasons,
    )


def _others(table: Table, place: int, base: np.ndarray, students: np.ndarray) -> np.ndarray | None:
    """Return the sum of the other questions' marks of some students; None if there is no other question."""
    rest = base.copy()
    rest[place] = False
    return np.asarray(table.marks[students][:, rest].sum(axis=1)) if rest.any() else None


def _discrimination(mine: np.ndarray, others: np.ndarray | None) -> tuple[float | None, Interval | None, str]:
    if others is None:
        return None, None, NO_OTHERS
    value = items.pearson(mine, others)
    if value is not None:
        return value, items.bootstrap_interval(mine, others), ""
    if len(mine) < 2:
        return None, None, TOO_FEW
    return None, None, EVEN if items.is_flat(mine) else EVEN_OTHERS


def _in_quarters(mine: np.ndarray, sums: np.ndarray) -> tuple[float | None, float | None]:
    quarters = items.quarters(sums)
    if quarters is None:
        return None, None
    upper, lower = quarters
    return float(mine[upper].mean()), float(mine[lower].mean())


def _alpha_without(table: Table, place: int) -> tuple[float | None, str]:
    """Return alpha of the other questions over the same students; with the reason where it is None."""
    if not table.columns[place].by_machine:
        return None, BY_HAND
    marks, students = _machine_marked(table)
    here = sum(column.by_machine for column in table.columns[:place])
    left = np.delete(marks[students], here, axis=1)
    alpha = items.cronbach_alpha(left)
    n, k = left.shape
    return alpha, "" if alpha is not None else ONE_LEFT if k < 2 else TOO_FEW if n < 2 else EVEN_SUMS
