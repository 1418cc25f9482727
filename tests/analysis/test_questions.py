"""The questions of a class: what is counted, and why a number is null."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.classes import cell, drawn, of_marks, report
from autograder.analysis.items import cronbach_alpha
from autograder.analysis.marks import table_of
from autograder.analysis.questions import alpha_of, questions_of


def questions(*rows, modes=None, max_score=4.0):
    """The questions of a class from each student's marks."""
    modes = modes or ["in-process"] * len(rows[0])
    return questions_of(
        table_of(
            [
                report(
                    f"s{n}",
                    [cell(f"q{place}", mark, max_score, mode=modes[place]) for place, mark in enumerate(row)],
                )
                for n, row in enumerate(rows)
            ]
        )
    )


def test_marks_below_0_count_as_none_and_marks_above_the_maximum_as_all():
    (question,) = questions((-1.0,), (0.0,), (0.5,), (4.0,), (5.0,))
    assert (question.zero, question.full, question.marked, question.pending) == (2, 2, 5, 0)


def test_the_mean_is_over_those_who_have_a_mark():
    question = questions((4.0, 1.0), (None, 1.0), (1.0, 0.0), modes=["manual", "sealed"])[0]
    assert (question.mean, question.difficulty, question.marked, question.pending) == (2.5, 0.625, 2, 1)


def test_alpha_without_a_question_is_that_of_the_other_questions_of_a_machine():
    """The first question is a person's, so that places among all and among a machine's differ."""
    marks = drawn(20, 4)
    found = questions(*marks.tolist(), modes=["manual", "sealed", "sealed", "sealed"])
    machine = marks[:, 1:]
    wanted = [cronbach_alpha(np.delete(machine, place, axis=1)) for place in range(3)]
    assert found[0].alpha_without is None
    assert found[0].reasons["alpha_without"] == "a person marks it"
    assert [question.alpha_without for question in found[1:]] == pytest.approx(wanted)


def test_alpha_is_of_those_who_have_all_marks_of_a_machine():
    marks = drawn(12, 3)
    some = marks.tolist()
    some[4][1] = None
    reports = [report(str(n), [cell(f"q{p}", mark) for p, mark in enumerate(row)]) for n, row in enumerate(some)]
    alpha, interval, students, why = alpha_of(table_of(reports))
    assert alpha == pytest.approx(cronbach_alpha(np.delete(marks, 4, axis=0)))
    assert (students, why) == (11, "")
    assert interval[0] < alpha < interval[1]


def test_an_alpha_of_0_is_a_number():
    """Marks of independent questions: the variance of the sums is the sum of the variances."""
    independent = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    alpha, interval, students, why = alpha_of(table_of(of_marks(independent)))
    assert (alpha, students, why) == (0.0, 4, "")
    assert interval[0] < 0 < interval[1]
    beside = np.column_stack([independent, [0.0, 4.0, 1.0, 2.0]])
    last = questions(*beside.tolist())[2]
    assert last.alpha_without == 0.0
    assert "alpha_without" not in last.reasons


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        (drawn(5, 1), "it needs two questions that a machine marks"),
        (drawn(1, 3), "fewer than two students have all marks"),
        (np.ones((5, 3)), "all students have the same sum of marks"),
    ],
    ids=["one question", "one student", "even sums"],
)
def test_why_there_is_no_alpha_is_said(marks, reason):
    alpha, interval, _, why = alpha_of(table_of(of_marks(marks)))
    assert (alpha, interval, why) == (None, None, reason)


@pytest.mark.parametrize(
    ("rows", "key", "reason"),
    [
        ([(1.0,), (2.0,)], "discrimination", "there is no other question to compare with"),
        ([(1.0, 2.0)], "discrimination", "fewer than two students have all marks"),
        ([(1.0, 2.0), (1.0, 3.0)], "discrimination", "the marks don't vary"),
        ([(1.0, 2.0), (2.0, 2.0)], "discrimination", "the sums of the other questions' marks don't vary"),
        ([(1.0, 2.0), (2.0, 3.0)], "discrimination_interval", "too few students, or marks too even"),
        ([(1.0, 2.0), (2.0, 2.0)], "discrimination_interval", "the sums of the other questions' marks don't vary"),
        ([(1.0, 2.0)] * 3, "upper", "fewer than four students have all marks"),
        ([(1.0, 2.0)] * 3, "lower", "fewer than four students have all marks"),
        ([(None, 2.0), (None, 3.0)], "mean", "nobody has a mark for it yet"),
        ([(None, 2.0), (None, 3.0)], "difficulty", "nobody has a mark for it yet"),
        ([(1.0, 2.0), (2.0, 4.0)], "alpha_without", "it needs two other questions that a machine marks"),
        ([(1.0, 2.0, 3.0)], "alpha_without", "fewer than two students have all marks"),
        ([(1.0, 2.0, 3.0), (2.0, 3.0, 2.0)], "alpha_without", "all students have the same sum of marks"),
    ],
)
def test_a_number_that_is_null_has_its_own_reason(rows, key, reason):
    question = questions(*rows)[0]
    assert (getattr(question, key), question.reasons[key]) == (None, reason)


def test_a_question_worth_nothing_has_a_mean_and_no_difficulty():
    question = questions((0.0,), (0.0,), max_score=0.0)[0]
    assert (question.mean, question.difficulty) == (0.0, None)
    assert question.reasons["difficulty"] == "it is worth no points"
    assert "mean" not in question.reasons


def test_the_quarters_are_of_those_who_have_all_marks():
    """The best by far lacks a mark, and the upper quarter is the next one's."""
    rows = [(1.0, 0.0), (2.0, 1.0), (3.0, 2.0), (4.0, 3.0), (9.0, None)]
    question = questions(*rows, modes=["sealed", "sealed"])[0]
    assert (question.upper, question.lower) == (4.0, 1.0)
