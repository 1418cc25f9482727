"""A student's mark is the sum over the notebooks, and says what is still open."""

from __future__ import annotations

import pytest
from analysis.classes import cell, report
from msgspec.structs import replace

from autograder.reports.mark import DuplicateReportError, marks_from_reports


def test_a_mark_adds_up_scores_maxima_and_open_cells_of_every_notebook():
    first = report("ada", [cell("f", 1.5), cell("why", None, 2.0, mode="manual")])
    second = report("ada", [cell("g", 0.0), *(cell(name, None, 1.0, mode="manual") for name in "ab")])
    second = replace(second, notebook="second")
    one, other = marks_from_reports([first, report("bob", [cell("f", 4.0)]), second])
    assert (one.student, one.score, one.raw_score, one.max_score, one.open_cells) == ("ada", 1.5, 1.5, 12.0, 3)
    names = ("softmax/f", "softmax/why", "second/g", "second/a", "second/b")
    assert one.cells == dict(zip(names, (1.5, None, 0.0, None, None), strict=True))
    assert (other.student, other.score, other.open_cells) == ("bob", 4.0, 0)


def test_two_assignments_of_a_student_are_two_marks():
    reports = [report("ada", [cell("f", 1.0)], assignment=name) for name in ("a", "b")]
    assert [mark.assignment for mark in marks_from_reports(reports)] == ["a", "b"]


def test_a_notebook_twice_is_refused_with_whose_and_which_and_that_of_another_is_none():
    mine = report("ada", [cell("f", 1.0)])
    assert len(marks_from_reports(iter([mine, report("bob", [cell("f", 1.0)])]))) == 2
    with pytest.raises(DuplicateReportError, match="two reports of softmax of softmax by “ada”"):
        marks_from_reports([mine, replace(mine, notebook="second"), mine])
