"""The results of a class are the grader's reports with the marks that count in nbgrader."""

from __future__ import annotations

import dozen
import ledger
import pytest
import sqlalchemy as sa

from autograder.gradebook.class_results import reports_of
from autograder.gradebook.journal import JOURNAL, write_entry


@pytest.fixture
def session():
    with ledger.session_with() as session:
        yield session


def graded(**fields):
    test = dozen.cell("test", [dozen.check("doubles", True, weight=4.0)])
    why = dozen.cell("why", score=None, points=3.0)
    gone = dozen.cell("gone", score=1.0, points=1.0)
    return dozen.report("ada", test, why, gone, assignment="hw", notebook="nb", **fields)


def scores(report):
    return {cell.grade_id: cell.score for cell in report.cells}


def test_a_persons_mark_replaces_the_graders_and_extra_credit_is_added(session):
    row = ledger.submit(session, "ada")["nb"]
    write_entry(session, "hw", graded(), "d")
    ledger.by_hand(session, row, "test", auto_score=4.0, manual_score=0.0)
    ledger.by_hand(session, row, "why", manual_score=2.0, extra_credit=0.5)
    (found,) = [each for each in reports_of(session, "hw") if each.notebook == "nb"]
    assert scores(found) == {"test": 0.0, "why": 2.5, "gone": 1.0}
    assert found.score == 3.5
    assert found.cells[0].checks == graded().cells[0].checks


def test_a_failed_submission_keeps_its_report(session):
    row = ledger.submit(session, "ada")["nb"]
    failed = graded().as_failed("it is no notebook")
    write_entry(session, "hw", failed, "")
    ledger.by_hand(session, row, "test", manual_score=2.0)
    assert failed in reports_of(session, "hw")


def test_a_notebook_that_something_else_graded_has_marks_alone(session):
    ids = ledger.submit(session, "ada")
    ledger.by_hand(session, ids["nb"], "test", auto_score=1.0)
    (found,) = [each for each in reports_of(session, "hw") if each.notebook == "nb"]
    assert scores(found) == {"test": 1.0, "why": None, "draw": None}
    assert {cell.grade_id: cell.mode for cell in found.cells} == {
        "test": "in-process",
        "why": "manual",
        "draw": "manual",
    }
    assert {cell.grade_id: cell.max_score for cell in found.cells} == {"test": 4.0, "why": 3.0, "draw": 2.0}
    assert (found.score, found.max_score, found.status, found.student) == (1.0, 9.0, "graded", "ada")


def test_a_report_of_another_version_counts_as_none(session):
    ledger.submit(session, "ada", "old")
    write_entry(session, "old", graded(), "d")
    session.execute(sa.update(JOURNAL).values(report='{"form": "another"}'))
    (found,) = reports_of(session, "old")
    assert (found.score, [cell.checks for cell in found.cells]) == (0.0, [[], [], []])


def test_reports_are_in_the_order_of_students_and_notebooks_and_of_one_assignment(session):
    for student in ("zoë", "ada"):
        ledger.submit(session, student)
    ledger.submit(session, "bob", "old")
    places = [(report.student, report.notebook) for report in reports_of(session, "hw")]
    assert places == [("ada", "more"), ("ada", "nb"), ("zoë", "more"), ("zoë", "nb")]
