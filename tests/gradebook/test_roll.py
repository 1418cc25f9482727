"""Who is in a gradebook, who has handed in, and how many answers wait for a person."""

from __future__ import annotations

import ledger

from autograder.gradebook.roll import everyone, students_with, waiting
from autograder.gradebook.rows import AssignmentRows


def test_everyone_is_in_the_gradebook_and_some_have_a_submission():
    with ledger.session_with({"id": "ada"}, {"id": "zoë"}) as session:
        ledger.submit(session, "ada")
        ledger.submit(session, "bob", "old")
        assert everyone(session) == {"ada", "bob", "zoë"}
        assert (students_with(session, "hw"), students_with(session, "old")) == ({"ada"}, {"bob"})
        assert students_with(session, "none") == frozenset()


def test_an_answer_waits_that_neither_a_person_nor_the_grader_has_marked():
    with ledger.session_with() as session:
        ids, his = ledger.submit(session, "ada"), ledger.submit(session, "bob")
        ledger.submit(session, "ada", "old")
        AssignmentRows(session, "hw").set_zero("more", ids["more"])
        AssignmentRows(session, "hw").set_zero("more", his["more"])
        ledger.by_hand(session, ids["nb"], "test", auto_score=0.0)  # flagged, but there is a mark
        ledger.by_hand(session, ids["nb"], "why", manual_score=0.0, needs_manual_grade=False)
        assert waiting(session, ["hw"]) == {("hw", "test"): 1, ("hw", "why"): 1, ("hw", "draw"): 2}
        assert set(waiting(session, ["hw", "old"])) == {
            (a, c) for a in ("hw", "old") for c in ("test", "why", "draw")
        }
        assert waiting(session, []) == {}
