"""How wrong numbers relate to the right ones: each sentence is said where it holds, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.relations import RELATIONS, broken_law, close

nan, inf = np.nan, np.inf
RIGHT = np.array([1.0, -2.0, 4.0])
SIGN, FACTOR, ADDED, ORDER, DIGITS, FINITE, NO_NUMBER = (words for words, _ in RELATIONS)


def told(given, right=RIGHT):
    """The first sentence that holds, as a student reads it."""
    given, right = np.asarray(given, float), np.asarray(right, float)
    return next((words for words, holds in RELATIONS if holds(given, right)), "")


@pytest.mark.parametrize(
    ("given", "right", "words"),
    [
        ([-1.0, 2.0, -4.0], RIGHT, SIGN),
        ([1.0, 2.0, 4.0], RIGHT, SIGN),
        ([-1.0], [1.0], SIGN),
        ([3.0, -6.0, 12.0], RIGHT, FACTOR),
        ([0.0, 3.0, 6.0], [0.0, 1.0, 2.0], FACTOR),
        ([2.0, -1.0, 5.0], RIGHT, ADDED),
        ([4.0, 1.0, -2.0], RIGHT, ORDER),
        ([1.0 + 1e-6, -2.0, 4.0], RIGHT, DIGITS),
        ([1.0, nan, 4.0], RIGHT, FINITE),
        ([1.0, inf, 4.0], RIGHT, FINITE),
        ([nan, -inf, nan], RIGHT, NO_NUMBER),
        ([nan, nan], [1.0, inf], NO_NUMBER),
        # and what looks alike but is not
        ([1.0], [1.0], DIGITS),
        ([3.0], [1.0], ""),
        ([3.0, -6.0, 13.0], RIGHT, ""),
        ([0.0, 0.0, 0.0], RIGHT, ""),
        ([1.0, 3.0, 6.0], [0.0, 1.0, 2.0], ""),
        ([nan, 3.0, 4.0], RIGHT, ""),
        ([inf, -6.0, 12.0], RIGHT, ""),
        ([nan, nan], [nan, inf], ""),
    ],
)
def test_a_relation_is_said_where_it_holds(given, right, words):
    assert told(given, right) == words


def test_numbers_are_close_relatively_or_beside_the_largest_and_nan_is_close_to_nan():
    right = np.array([1.0, 0.0, nan, inf, 1e3])
    assert close(right * (1 + 5e-10), right).all()
    assert close(np.array([1.0 + 5e-8, 1e-10, nan, -inf, 1e3]), right).tolist() == [False, True, True, False, True]
    assert close(np.array([1.01]), np.array([1.0]), 0.1).all()
    assert close(np.array([inf]), np.array([inf])).all()


ROWS = np.array([[0.25, 0.75], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("given", "right", "said"),
    [
        ([-1.0, 1.0], [0.0, 2.0], "is never negative; what comes back is."),
        ([-1.0, 3.0], [-1.0, 1.0], "is never above 1; what comes back is."),
        ([-3.0, 0.5], [-3.0, 0.0], "is never above 0; what comes back is."),
        ([[1.0, 2.0], [3.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]], "is symmetric; what comes back is not."),
        ([0.5, 0.25], [0.25, 0.75], "sums to one; what comes back does not."),
        ([[0.25, 0.5], [0.5, 0.5]], ROWS, "has rows that sum to one; what comes back has not."),
        (
            [[2.0, -1.0], [3.0, -3.0]],
            [[2.0, -2.0], [3.0, -3.0]],
            "has rows that sum to zero; what comes back has not.",
        ),
        ([3.0, 2.0, 9.0], [4.0, 3.0, 3.0], "is in descending order; what comes back is not."),
    ],
)
def test_a_law_that_right_answers_keep_and_wrong_ones_break_is_said(given, right, said):
    assert broken_law([(np.array(given), np.array(right))]) == f"The right result {said}"


def test_a_law_must_be_broken_by_every_wrong_answer_and_kept_by_all_right_ones():
    negative, positive = (
        (np.array([-1.0, 9.0]), np.array([0.5, 2.0])),
        (np.array([1.0, 9.0]), np.array([0.5, 2.0])),
    )
    assert "never negative" in broken_law([negative])
    assert broken_law([negative, positive]) == ""
    assert broken_law([negative], [np.array([-5.0, 2.0])]) == ""


def test_a_direction_is_said_where_every_number_is_off_that_way():
    right = np.array([-3.0, -2.0, 7.0])
    assert broken_law([(right + 1, right), (right + 2, right)]) == "Every number that is wrong is too large."
    assert broken_law([(right - 1, right)]) == "Every number that is wrong is too small."
    assert broken_law([(right + 1, right), (right - 1, right)]) == ""
    assert broken_law([(np.array([-3.0, -1.0, 8.0]), right)]) == ""
