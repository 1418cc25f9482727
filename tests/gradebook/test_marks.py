"""The marks of a class are added up as nbgrader does, and everybody in the gradebook has one."""

from __future__ import annotations

import ledger
import pytest

from autograder.gradebook.marks import Mark, assignments_of, entries_of, marks_by_cell
from autograder.gradebook.rows import AssignmentRows

STUDENTS = (
    {"id": "1", "last_name": "Zuse", "first_name": "Ada", "email": "z@x.edu", "lms_user_id": "77"},
    {"id": "3", "last_name": "Abel", "first_name": "Eve"},
    {"id": "2", "last_name": "Abel", "first_name": "Bob"},
    {"id": "0", "last_name": "Abel", "first_name": "Eve"},
)


@pytest.fixture
def session():
    """Zuse has submitted both assignments, and Bob the one; nothing is marked."""
    with ledger.session_with(*STUDENTS) as session:
        yield session


def entry(session, student="1"):
    (found,) = [each for each in entries_of(session, "hw") if each.student == student]
    return found


def test_assignments_are_in_the_order_of_their_names(session):
    assert assignments_of(session) == ["hw", "old"]


def test_students_are_in_the_order_of_their_names_and_then_of_their_ids(session):
    assert [each.student for each in entries_of(session, "hw")] == ["2", "0", "3", "1"]


def test_what_a_platform_says_of_a_student_is_in_the_entry(session):
    found, other = entry(session), entry(session, "2")
    assert (found.last_name, found.first_name, found.email, found.platform_id) == ("Zuse", "Ada", "z@x.edu", "77")
    assert (other.email, other.platform_id) == ("", "")


def test_who_has_not_submitted_has_0_of_the_maximum(session):
    ledger.submit(session, "1", "old")
    found = entry(session)
    assert (found.score, found.raw_score, found.max_score, found.penalty) == (0.0, 0.0, 18.0, 0.0)
    assert (found.submitted, found.timestamp, found.open_cells, found.cells) == (False, None, 0, {})


def test_a_manual_mark_replaces_the_automatic_one_and_extra_credit_is_added(session):
    ids = ledger.submit(session, "1", timestamp=ledger.DUE)
    ledger.submit(session, "2")
    ledger.by_hand(session, ids["nb"], "test", auto_score=4.0, manual_score=0.0, needs_manual_grade=False)
    ledger.by_hand(session, ids["nb"], "why", manual_score=2.0, extra_credit=0.5, needs_manual_grade=False)
    ledger.by_hand(session, ids["more"], "test", auto_score=0.0, needs_manual_grade=False)
    found = entry(session)
    assert (found.score, found.raw_score, found.submitted, found.timestamp) == (2.5, 2.5, True, ledger.DUE)
    assert found.open_cells == 3
    assert found.cells == {
        "more/draw": None,
        "more/test": 0.0,
        "more/why": None,
        "nb/draw": None,
        "nb/test": 0.0,
        "nb/why": 2.5,
    }
    assert found.duedate == ledger.DUE
    assert (entry(session, "2").score, entry(session, "2").open_cells) == (0.0, 6)


@pytest.mark.parametrize(("penalty", "score"), [(None, 3.0), (1.0, 2.0), (3.0, 0.0), (5.0, 0.0)])
def test_a_penalty_takes_no_more_than_there_is(session, penalty, score):
    ids = ledger.submit(session, "1")
    ledger.by_hand(session, ids["nb"], "test", auto_score=3.0)
    AssignmentRows(session, "hw").set_penalty(ids["nb"], penalty)
    found = entry(session)
    assert (found.score, found.raw_score, found.penalty) == (score, 3.0, penalty or 0.0)


def test_marks_by_cell_are_those_of_the_assignment_and_tell_both_kinds(session):
    ids, old = ledger.submit(session, "1"), ledger.submit(session, "1", "old")
    ledger.by_hand(session, ids["nb"], "test", auto_score=0.0, manual_score=1.0)
    ledger.by_hand(session, old["nb"], "test", auto_score=4.0)
    none = Mark(None, None)
    assert marks_by_cell(session, "hw") == {
        ("1", "nb"): {"test": Mark(0.0, 1.0), "why": none, "draw": none},
        ("1", "more"): {"test": none, "why": none, "draw": none},
    }
    assert marks_by_cell(session, "no such assignment") == {}


def test_cells_are_in_the_order_of_their_notebooks_and_names():
    with ledger.session_with({"id": "ada"}) as session:
        ledger.submit(session, "ada")
        (mark,) = entries_of(session, "hw")
        names = ("draw", "test", "why")
        assert list(mark.cells) == [f"{book}/{name}" for book in ("more", "nb") for name in names]
        found = marks_by_cell(session, "hw")
        assert list(found) == [("ada", "more"), ("ada", "nb")]
        assert {tuple(cells) for cells in found.values()} == {names}
