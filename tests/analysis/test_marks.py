"""The marks of a class as a table."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from analysis.classes import cell, report
from autograder.analysis.marks import table_of


def keys(table):
    return [column.key for column in table.columns]


def test_students_and_questions_stand_in_the_order_in_which_they_first_occur():
    table = table_of(
        [
            report("zoe", [cell("q2", 1.0), cell("q1", 2.0)]),
            report("ada", [cell("q0", 3.0), cell("q1", 4.0)]),
            report("zoe", [cell("q9", 0.5)], assignment="bayes"),
        ]
    )
    assert table.students == ("zoe", "ada")
    assert [key[2] for key in keys(table)] == ["q2", "q1", "q0", "q9"]
    np.testing.assert_array_equal(table.marks, [[1, 2, np.nan, 0.5], [np.nan, 4, 3, np.nan]])
    assert table.totals.tolist() == [3.5, 7.0]


def test_questions_of_one_name_in_other_assignments_or_notebooks_are_others():
    one = report("ada", [cell("q", 1.0)])
    table = table_of([one, report("ada", [cell("q", 2.0)], assignment="bayes"), replace(one, notebook="second")])
    assert keys(table) == [("softmax", "softmax", "q"), ("bayes", "bayes", "q"), ("softmax", "second", "q")]
    assert table.marks.tolist() == [[1.0, 2.0, 1.0]]


def test_a_mark_of_0_is_a_mark_and_none_waits():
    table = table_of([report("ada", [cell("q0", 0.0), cell("q1", None, mode="manual"), cell("q2", None)])])
    np.testing.assert_array_equal(table.marks, [[0.0, np.nan, np.nan]])
    assert table.pending.tolist() == [[False, True, True]]


def test_a_notebook_that_failed_makes_neither_a_row_nor_a_column():
    table = table_of([report("ada", [cell("q", 0.0)], status="failed")])
    assert (table.students, table.columns, table.marks.shape, table.totals.shape) == ((), (), (0, 0), (0,))


@pytest.mark.parametrize("maxima", [(2.0, 4.0), (4.0, 2.0)])
def test_a_question_is_worth_the_most_that_any_report_says(maxima):
    table = table_of([report(str(n), [cell("q", 1.0, most)]) for n, most in enumerate(maxima)])
    assert table.columns[0].max_score == 4.0


@pytest.mark.parametrize("modes", [("manual", "sealed"), ("sealed", "manual")])
def test_a_question_that_a_person_marks_anywhere_is_not_marked_by_a_machine(modes):
    table = table_of([report(str(n), [cell("q", 1.0, mode=mode)]) for n, mode in enumerate(modes)])
    assert not table.columns[0].by_machine


def test_students_are_compared_by_what_a_machine_marks_and_by_what_waits_for_nobody():
    rows = [(None, 2.0, 3.0, None), (1.0, 1.0, 2.0, None)]
    modes = ["sealed", "manual", "in-process", "manual"]
    table = table_of(
        [
            report(str(n), [cell(f"q{place}", mark, mode=modes[place]) for place, mark in enumerate(row)])
            for n, row in enumerate(rows)
        ]
    )
    assert table.base.tolist() == [True, True, True, False]
