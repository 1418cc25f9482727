"""The journal has one entry for a notebook of a submission, until its marks change or it is removed."""

from __future__ import annotations

import dozen
import ledger
import pytest

from autograder.gradebook.journal import read_entries, remove_entries, write_entry
from autograder.gradebook.rows import AssignmentRows
from autograder.results import to_json


def report(student, notebook, **fields):
    return dozen.report(student, notebook=notebook, **fields)


@pytest.fixture
def session():
    """Two students, two assignments, and two notebooks of one of them, each with an entry."""
    with ledger.session_with() as session:
        for student in ("ada", "bob"):
            for assignment, books in ledger.BOOKS.items():
                ledger.submit(session, student, assignment)
                for book in books:
                    write_entry(session, assignment, report(student, book), f"{student} {assignment} {book}")
        yield session


def digests(session, assignment):
    rows = AssignmentRows(session, assignment)
    return {key: digest for key, (digest, _) in read_entries(session, assignment, rows.id).items()}


ALL = {(student, book): f"{student} hw {book}" for student in ("ada", "bob") for book in ("nb", "more")}
OLD = {(student, "nb"): f"{student} old nb" for student in ("ada", "bob")}


def test_an_assignment_has_its_own_entries(session):
    assert (digests(session, "hw"), digests(session, "old")) == (ALL, OLD)


def test_a_new_entry_replaces_that_of_the_same_notebook_alone(session):
    new = report("ada", "nb", seconds=9.0)
    write_entry(session, "hw", new, "new")
    assert digests(session, "hw") == {**ALL, ("ada", "nb"): "new"}
    assert digests(session, "old") == OLD
    assert read_entries(session, "hw", AssignmentRows(session, "hw").id)["ada", "nb"][1] == to_json(new)


@pytest.mark.parametrize(
    ("notebooks", "gone"), [(None, {"nb", "more"}), (["more"], {"more"}), ({"nb": "row"}, {"nb"}), ([], set())]
)
def test_the_entries_of_some_notebooks_or_of_all_are_removed(session, notebooks, gone):
    remove_entries(session, "ada", "hw", notebooks)
    assert digests(session, "hw") == {
        key: value for key, value in ALL.items() if key not in {("ada", n) for n in gone}
    }
    assert digests(session, "old") == OLD


def test_who_has_no_submission_any_more_has_no_entry(session):
    write_entry(session, "hw", report("eve", "nb"), "hers")
    assert digests(session, "hw") == ALL
