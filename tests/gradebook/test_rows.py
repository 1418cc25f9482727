"""The rows of a submission: nothing is entered twice, for somebody else, or over what a person entered."""

from __future__ import annotations

import datetime as dt

import dozen
import ledger
import pytest
import sqlalchemy as sa
from nbgrader.api import Student, SubmittedAssignment

from autograder.gradebook.rows import AssignmentRows
from autograder.intake import Person

NEW = {"test": (None, True), "why": (None, True), "draw": (None, True)}


@pytest.fixture
def session():
    with ledger.session_with({"id": "ada"}) as session:
        yield session


@pytest.fixture
def rows(session):
    return AssignmentRows(session, "hw")


def report(*cells, **fields):
    return dozen.report("ada", *cells, notebook="nb", **fields)


def marked(**scores):
    return [dozen.cell(name, score=score, points=4.0) for name, score in scores.items()]


def test_an_assignment_has_its_own_notebooks_and_due_date(session, rows):
    assert (set(rows.notebooks), rows.duedate) == ({"nb", "more"}, ledger.DUE)
    old = AssignmentRows(session, "old")
    assert (set(old.notebooks), old.duedate) == ({"nb"}, None)


def test_a_submission_has_every_notebook_and_cell_and_waits_for_a_person(session, rows):
    ids = rows.ensure_submission("ada", None)
    assert set(ids) == {"nb", "more"}
    for row_id in ids.values():
        assert ledger.grades(session, row_id) == NEW
        assert ledger.comments(session, row_id) == dict.fromkeys(["why", "test-solution", "draw"])


def test_a_submission_is_entered_once_and_a_missing_notebook_is_added(session, rows):
    first = rows.ensure_submission("ada", None)
    assert rows.ensure_submission("ada", None) == first
    session.execute(sa.text("delete from submitted_notebook where id = :id"), {"id": first["more"]})
    again = rows.ensure_submission("ada", None)
    assert again["nb"] == first["nb"]
    assert ledger.grades(session, again["more"]) == ledger.grades(session, again["nb"]) == NEW
    assert session.query(SubmittedAssignment).count() == 1


def test_a_submission_is_that_of_its_student_and_its_assignment(session, rows):
    ids = [*rows.ensure_submission("ada", None).values(), *rows.ensure_submission("bob", None).values()]
    ids += AssignmentRows(session, "old").ensure_submission("ada", None).values()
    assert len(set(ids)) == 5
    assert session.query(SubmittedAssignment).count() == 3


def test_a_later_time_replaces_an_earlier_one_and_no_time_keeps_it(rows):
    for given, kept in ((None, None), (ledger.DUE, ledger.DUE), (None, ledger.DUE)):
        rows.ensure_submission("ada", given)
        assert rows.submission_time("ada") == (kept, None)
    rows.ensure_submission("ada", ledger.DUE - dt.timedelta(days=1))
    assert rows.submission_time("ada")[0] == ledger.DUE - dt.timedelta(days=1)


def test_what_a_platform_says_of_a_person_is_entered_with_a_new_student_alone(session, rows):
    for student in ("ada", "zoë"):
        rows.ensure_submission(student, None, Person(("7", "S7"), "Zoë", "Núñez", "z@x.edu"))
    rows.ensure_submission("bob", None)
    found = session.execute(
        sa.select(Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    )
    assert set(map(tuple, found)) == {
        ("ada", None, None, None, None),
        ("zoë", "Zoë", "Núñez", "z@x.edu", "7"),
        ("bob", None, None, None, None),
    }


@pytest.mark.parametrize(
    ("cell", "fields", "flagged"),
    [
        ({"score": 4.0}, {}, False),
        ({"score": 0.0}, {}, False),
        ({"score": None}, {}, True),
        ({"score": 2.0, "fault": "KeyError"}, {}, True),
        ({"score": 0.0}, {"status": "failed"}, True),
    ],
)
def test_a_mark_is_flagged_where_a_person_must_look_at_it(session, rows, cell, fields, flagged):
    ids = rows.ensure_submission("ada", None)
    rows.set_marks(ids["nb"], report(dozen.cell("test", points=4.0, **cell), **fields))
    assert ledger.grades(session, ids["nb"]) == {**NEW, "test": (cell["score"], flagged)}
    assert ledger.grades(session, ids["more"]) == NEW


@pytest.mark.parametrize("by_hand", [0.0, 1.5])
def test_a_manual_mark_stays_and_is_flagged_again(session, rows, by_hand):
    row_id = rows.ensure_submission("ada", None)["nb"]
    ledger.by_hand(session, row_id, "test", manual_score=by_hand, needs_manual_grade=False)
    rows.set_marks(row_id, report(*marked(test=4.0)))
    assert ledger.grades(session, row_id)["test"] == (4.0, True)
    assert rows.score(row_id) == by_hand


def test_only_the_marks_that_are_others_than_before_are_changes(rows):
    row_id = rows.ensure_submission("ada", None)["nb"]
    assert rows.set_marks(row_id, report(*marked(test=0.0, why=None))) == {"test": (None, 0.0)}
    assert rows.set_marks(row_id, report(*marked(test=0.0, why=3.0))) == {"why": (None, 3.0)}
    assert rows.set_marks(row_id, report(*marked(test=None, why=3.0))) == {"test": (0.0, None)}
    assert rows.set_marks(row_id, report(*marked(unknown=1.0))) == {}


def test_an_untouched_answer_has_nbgraders_comment_until_it_is_touched(session, rows):
    ids = rows.ensure_submission("ada", None)
    rows.set_comments(ids["nb"], "nb", {"why": True, "test-solution": True, "unknown": True})
    rows.set_comments(ids["nb"], "nb", {"why": False})
    assert ledger.comments(session, ids["nb"]) == {"why": None, "test-solution": "No response.", "draw": None}
    assert set(ledger.comments(session, ids["more"]).values()) == {None}


def test_what_was_not_handed_in_has_0_and_waits_for_nobody(session, rows):
    ids = rows.ensure_submission("ada", None)
    for row_id in ids.values():
        ledger.by_hand(session, row_id, "test", auto_score=3.0)
        ledger.by_hand(session, row_id, "why", auto_score=0.0)
    assert rows.set_zero("more", ids["more"]) == {"test": (3.0, 0.0), "draw": (None, 0.0)}
    assert set(ledger.grades(session, ids["more"]).values()) == {(0.0, False)}
    assert ledger.grades(session, ids["nb"])["test"] == (3.0, True)
    assert rows.set_zero("more", ids["more"]) == {}


def test_a_score_is_the_manual_mark_else_the_automatic_one_and_extra_credit(session, rows):
    row_id = rows.ensure_submission("ada", None)["nb"]
    assert rows.score(row_id) == 0.0
    ledger.by_hand(session, row_id, "test", auto_score=4.0, manual_score=1.0)
    ledger.by_hand(session, row_id, "why", auto_score=2.0, extra_credit=0.5)
    assert rows.score(row_id) == 1.0 + 2.5


def test_a_penalty_is_entered_for_its_notebook_and_removed(session, rows):
    ids = rows.ensure_submission("ada", None)

    def penalties():
        asked = sa.text("select id, late_submission_penalty from submitted_notebook")
        return dict(session.execute(asked).all())

    rows.set_penalty(ids["nb"], 1.5)
    assert penalties() == {ids["nb"]: 1.5, ids["more"]: None}
    rows.set_penalty(ids["nb"], None)
    assert penalties() == {ids["nb"]: None, ids["more"]: None}


def test_a_row_of_a_notebook_that_the_assignment_no_longer_has_is_left_alone(session, rows):
    first = rows.ensure_submission("ada", None)
    session.execute(
        sa.text("update submitted_notebook set notebook_id = 'gone' where id = :id"), {"id": first["more"]}
    )
    again = rows.ensure_submission("ada", None)
    assert again.keys() == {"nb", "more"}
    assert again["nb"] == first["nb"]
    assert again["more"] != first["more"]
