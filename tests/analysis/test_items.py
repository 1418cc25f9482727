"""Statistics of questions: equal to closed forms, and to formulas written another way."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from analysis.classes import drawn
from autograder.analysis import items

MARKS = drawn()
REST = MARKS.sum(axis=1, keepdims=True) - MARKS


@pytest.fixture
def stats():
    """SciPy's, which takes a second to import: every test process collects this module, and one needs it."""
    from scipy import stats

    return stats


def alpha_by_covariances(marks):
    """k² times the mean covariance of two different questions, over the sum of the covariance matrix."""
    matrix = np.cov(marks, rowvar=False)
    k = len(matrix)
    return k / (k - 1) * (matrix.sum() - np.trace(matrix)) / matrix.sum()


@pytest.mark.parametrize("question", range(7))
def test_discrimination_of_a_class_of_200_is_that_of_scipy_and_of_the_standard_library(question, stats):
    mine, others = MARKS[:, question], REST[:, question]
    found = items.pearson(mine, others)
    assert found == pytest.approx(stats.pearsonr(mine, others).statistic, rel=1e-9)
    assert found == pytest.approx(statistics.correlation(mine.tolist(), others.tolist()), rel=1e-9)


def test_alpha_of_a_class_of_200_is_that_of_the_covariance_matrix():
    assert items.cronbach_alpha(MARKS) == pytest.approx(alpha_by_covariances(MARKS), rel=1e-9)


def test_alpha_of_three_students_is_what_a_hand_computes():
    """Variances 1 and 1, sums with variance 4: 2 (1 - 2/4) = 1. Of opposite questions the sums don't vary."""
    assert items.cronbach_alpha(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])) == pytest.approx(1.0)
    assert items.cronbach_alpha(np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])) is None
    assert items.cronbach_alpha(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])) == pytest.approx(0.0)


def test_feldts_interval_is_that_of_the_f_distribution(stats):
    alpha, (n, k) = items.cronbach_alpha(MARKS), MARKS.shape
    low, high = items.feldt_interval(alpha, n, k)
    distribution = stats.f(n - 1, (n - 1) * (k - 1))
    assert low == pytest.approx(1 - (1 - alpha) * distribution.ppf(0.975), rel=1e-9)
    assert high == pytest.approx(1 - (1 - alpha) * distribution.ppf(0.025), rel=1e-9)


def test_feldts_interval_covers_the_true_alpha_as_often_as_it_says():
    """Of parallel questions with one unit of ability and one of noise, alpha is k / (k + 1)."""
    rng, k, n = np.random.default_rng(3), 5, 40
    inside = 0
    for _ in range(400):
        marks = rng.normal(size=(n, 1)) + rng.normal(size=(n, k))
        low, high = items.feldt_interval(items.cronbach_alpha(marks), n, k)
        inside += low <= k / (k + 1) <= high
    assert 0.92 <= inside / 400 <= 0.98


def test_the_bootstrap_interval_is_near_fishers_and_the_same_every_time():
    mine, others = MARKS[:, 0], REST[:, 0]
    low, high = items.bootstrap_interval(mine, others)
    middle, error = np.arctanh(items.pearson(mine, others)), 1.96 / np.sqrt(len(mine) - 3)
    assert (low, high) == pytest.approx(np.tanh([middle - error, middle + error]), abs=0.05)
    assert items.bootstrap_interval(mine, others) == (low, high)


@pytest.mark.parametrize(("students", "apart"), [(10, 0.05), (200, 0.02)])
def test_the_bootstrap_is_scipys_up_to_the_draws(stats, students, apart):
    """In a small class the means of the draws differ from those of the class."""
    mine, others = MARKS[:students, 3], REST[:students, 3]
    scipys = stats.bootstrap(
        (mine, others),
        lambda x, y, axis: stats.pearsonr(x, y, axis=axis).statistic,
        paired=True,
        n_resamples=10_000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert items.bootstrap_interval(mine, others) == pytest.approx(tuple(scipys), abs=apart)


@pytest.mark.parametrize("marks", [[], [1.0], [2.0, 2.0, 2.0], [0.1 + 0.2, 0.3, 0.3]], ids=str)
def test_marks_that_do_not_vary_have_no_correlation(marks):
    x = np.array(marks)
    assert items.pearson(x, np.arange(float(len(x)))) is None
    assert items.bootstrap_interval(np.arange(float(len(x))), x) is None


def test_a_question_that_one_student_loses_has_a_correlation_but_perhaps_no_interval():
    """Without that student, as in 37 % of the draws, the marks don't vary; the others decide."""
    mine = np.array([0.0, 4, 4, 4, 4, 4, 4, 4])
    others = np.array([1.0, 3, 4, 5, 6, 7, 8, 9])
    low, high = items.bootstrap_interval(mine, others)
    assert -1 <= low <= items.pearson(mine, others) <= high <= 1


def test_a_quarter_holds_everybody_who_has_as_many_marks_as_its_last():
    upper, lower = items.quarters(np.array([1.0, 2, 3, 4, 5, 6, 7, 7]))
    assert upper.tolist() == [False] * 6 + [True] * 2
    assert lower.tolist() == [True] * 2 + [False] * 6
    upper, lower = items.quarters(np.array([2.0] * 5))
    assert upper.all()
    assert lower.all()
    assert items.quarters(np.array([1.0, 2.0, 3.0])) is None
