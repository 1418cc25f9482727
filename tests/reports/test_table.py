"""Marks as a table: nbgrader's columns, one for each cell, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from dozen import HOSTILE, IN_PROCESS, NEEDS_PERSON, PERFECT, REPORTS, SECOND_BOOK
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.reports.mark import AssignmentMark, DuplicateReportError, marks_from_reports
from autograder.reports.table import FORMULA, as_table


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def entry(**fields):
    usual = {"student": "ada", "assignment": "softmax", "score": 1.0, "raw_score": 1.0, "max_score": 2.0}
    return AssignmentMark(**{**usual, **fields})


def test_a_submission_is_a_row_and_a_cell_a_column():
    table = read(as_table(marks_from_reports([IN_PROCESS, SECOND_BOOK, NEEDS_PERSON])))
    assert len(table) == 2
    assert (table[0]["problem1/test1"], table[0]["problem2/test1"], table[0]["score"]) == ("1.5", "0.0", "1.5")
    assert (table[1]["softmax/why"], table[1]["softmax/when"]) == ("", "0.0")


def test_every_mark_can_be_read_back():
    for row, report in zip(read(as_table(marks_from_reports(REPORTS[:7]))), REPORTS[:7], strict=True):
        assert (row["student_id"], float(row["score"]), float(row["max_score"])) == (
            report.student,
            report.score,
            report.max_score,
        )


def test_one_notebook_twice_is_refused():
    with pytest.raises(DuplicateReportError, match="two reports of softmax of softmax by “4711”"):
        marks_from_reports([PERFECT, PERFECT])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@example(HOSTILE.replace("\udcff", ""))
def test_ids_are_unchanged(text):
    """Files are matched by ids, whatever characters these hold."""
    (row,) = read(as_table([entry(student=text, email=text, assignment=text, cells={f"{text}/x": 1.0})]))
    assert (row["student_id"], row["email"], row["assignment"], row[f"{text}/x"]) == (text, text, text, "1.0")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_is_no_formula(name):
    (row,) = read(as_table([entry(last_name=name, first_name=name)]))
    assert row["last_name"] == row["first_name"] == f"'{name}"
    assert not row["last_name"].startswith(FORMULA)


def test_an_ordinary_name_stays():
    (row,) = read(as_table([entry(last_name="O'Neil-Gauß, 日本", first_name='"Zoë"')]))
    assert (row["last_name"], row["first_name"]) == ("O'Neil-Gauß, 日本", '"Zoë"')
