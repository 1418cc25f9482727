"""What was not handed in has 0; what lies in the course's folder, or has a mark, was handed in."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import dozen
import ledger
import pytest
import sqlalchemy as sa

from autograder.gradebook import submissions as module
from autograder.gradebook.history import read_history
from autograder.gradebook.journal import read_entries, write_entry
from autograder.gradebook.submissions import Submissions
from autograder.intake import Person, SubmittedNotebook, Upload
from autograder.notebooks.notebook import checksum


@pytest.fixture
def session():
    """Ada has 4 marks for a test of each of the two notebooks."""
    with ledger.session_with() as session:
        for row_id in ledger.submit(session, "ada").values():
            ledger.by_hand(session, row_id, "test", auto_score=4.0)
        yield session


@pytest.fixture
def submissions(session, tmp_path):
    def folder(step, student, assignment):
        return tmp_path / step / student / assignment

    def is_in_submitted_folder(entry):
        return entry.path.parent == folder("submitted", entry.student, entry.assignment)

    course = SimpleNamespace(folder=folder, is_in_submitted_folder=is_in_submitted_folder)
    penalised = []
    lateness = SimpleNamespace(
        timestamp_of=lambda entry, duedate: duedate, enter_penalty=lambda *words: penalised.append(words[1:])
    )
    made = Submissions(session, course, lateness)
    made.penalised = penalised
    return made


def entry(place, notebook="nb", upload=None):
    return SubmittedNotebook(Path(place, f"{notebook}.ipynb"), "ada", "hw", notebook, upload)


ENTERED = {("ada", "more"): ("d", ""), ("bob", "nb"): ("d", "")}


@pytest.mark.parametrize(
    ("uploaded", "inside", "lies", "entries", "kept"),
    [
        (True, False, [], {}, {"nb"}),
        (True, False, ["more"], ENTERED, {"nb"}),  # an upload is a whole submission
        (False, False, [], {}, {"nb"}),
        (False, False, ["more"], {}, {"nb", "more"}),
        (False, False, [], ENTERED, {"nb", "more"}),  # entered before, when it was named alone
        (False, True, ["nb"], ENTERED, {"nb"}),
        (True, True, ["nb"], ENTERED, {"nb"}),
        (True, True, ["nb", "more"], {}, {"nb", "more"}),
    ],
)
def test_a_notebook_is_missing_where_nothing_says_it_was_handed_in(
    session, submissions, tmp_path, uploaded, inside, lies, entries, kept
):
    folder = tmp_path / "submitted" / "ada" / "hw"
    folder.mkdir(parents=True)
    for name in lies:
        (folder / f"{name}.ipynb").touch()
    found = entry(folder if inside else tmp_path, upload=Upload("ada", {}) if uploaded else None)
    submissions.write_missing("ada", "hw", [found], entries)
    ids = ledger.submit(session, "ada")
    assert {name for name, row_id in ids.items() if ledger.grades(session, row_id)["test"][0] == 4.0} == kept


def test_the_missing_one_loses_its_journal_entry_and_its_loss_is_kept(session, submissions, tmp_path):
    for name in ("nb", "more"):
        write_entry(session, "hw", dozen.report("ada", notebook=name), name)
    submissions.write_missing("ada", "hw", [entry(tmp_path, upload=Upload("ada", {}))], {})
    rows = submissions.rows_of("hw")
    assert {key: value[0] for key, value in read_entries(session, "hw", rows.id).items()} == {("ada", "nb"): "nb"}
    (kept,) = read_history(session, "ada", "hw")
    assert (kept.notebook, kept.digest, kept.changes["test"]) == ("more", "", (4.0, 0.0))


def test_a_report_is_entered_with_its_time_comments_penalty_journal_and_history(session, submissions, tmp_path):
    why = {"cell_type": "markdown", "source": "Because.", "metadata": {"nbgrader": {"grade_id": "why"}}}
    why["metadata"]["nbgrader"] |= {"solution": True, "grade": True, "points": 3}
    why["metadata"]["nbgrader"]["checksum"] = checksum(why)
    report = dozen.report("ada", dozen.cell("test", score=1.0, points=4.0), notebook="nb")
    person = Person(("7",), "Ada")
    found = entry(tmp_path, upload=Upload("ada", {}, person=person))
    submissions.write_report(found, report, {"cells": [why]}, "digest")
    rows = submissions.rows_of("hw")
    ids = rows.ensure_submission("ada", None)
    assert ledger.grades(session, ids["nb"])["test"] == (1.0, False)
    assert ledger.comments(session, ids["nb"])["why"] == "No response."
    assert set(ledger.comments(session, ids["more"]).values()) == {None}
    assert rows.submission_time("ada") == (ledger.DUE, None)
    assert submissions.penalised == [("ada", ids["nb"])]
    assert read_entries(session, "hw", rows.id)["ada", "nb"][0] == "digest"
    (kept,) = read_history(session, "ada", "hw")
    assert (kept.digest, kept.changes) == ("digest", {"test": (4.0, 1.0)})


def test_a_students_rows_are_locked_before_anything_of_them_is_read_or_written(
    session, submissions, tmp_path, monkeypatch
):
    locked = []
    monkeypatch.setattr(
        module.locks, "lock_until_commit", lambda *words: locked.append((*words[1:], dict(submissions._rows)))
    )
    report = dozen.report("ada", dozen.cell("test", score=1.0, points=4.0), notebook="nb")
    for write in (
        lambda: submissions.write_report(entry(tmp_path), report, None, "d"),
        lambda: submissions.write_time(entry(tmp_path)),
        lambda: submissions.write_missing("ada", "hw", [], {}),
    ):
        submissions._rows.clear()
        write()
        assert locked.pop() == (module.locks.STUDENT, "ada", {})
    assert locked == []


def test_a_time_is_entered_with_its_penalty_and_no_mark_changes(session, submissions, tmp_path):
    before = ledger.grades(session, ledger.submit(session, "ada")["nb"])
    submissions.write_time(entry(tmp_path, upload=Upload("ada", {}, person=Person(("7",), "Ada"))))
    rows = submissions.rows_of("hw")
    ids = rows.ensure_submission("ada", None)
    assert rows.submission_time("ada")[0] == ledger.DUE
    assert submissions.penalised == [("ada", ids["nb"])]
    assert ledger.grades(session, ids["nb"]) == before
    assert read_entries(session, "hw", rows.id) == {}
    assert read_history(session, "ada", "hw") == []


def test_the_rows_of_each_assignment_are_looked_up_once(submissions):
    assert submissions.rows_of("hw") is submissions.rows_of("hw")
    assert submissions.rows_of("old") is not submissions.rows_of("hw")


def test_an_older_mark_of_a_notebook_that_failed_is_replaced_and_its_comments_stay(session, submissions, tmp_path):
    report = dozen.report("ada", dozen.cell("test", score=0.0, points=4.0), notebook="nb", status="failed")
    ids = ledger.submit(session, "ada")
    session.execute(sa.text("update comment set auto_comment = 'No response.'"))
    submissions.write_report(entry(tmp_path), report, None, "")
    assert ledger.grades(session, ids["nb"])["test"][0] == 0.0
    assert ledger.grades(session, ids["more"])["test"][0] == 4.0
    assert ledger.comments(session, ids["nb"])["why"] == "No response."
    assert read_entries(session, "hw", submissions.rows_of("hw").id)["ada", "nb"][0] == ""


@pytest.mark.parametrize(
    ("uploaded", "kept"),
    [
        (True, False),  # an upload is a whole submission, whatever else is named beside it
        (False, True),  # one lies in the folder: it is the whole submission, and older marks don't count
    ],
)
def test_of_several_that_are_handed_in_one_that_is_whole_decides(session, submissions, tmp_path, uploaded, kept):
    folder = tmp_path / "submitted" / "ada" / "hw"
    folder.mkdir(parents=True)
    (folder / "more.ipynb").touch()
    inside = entry(folder)
    outside = entry(tmp_path, upload=Upload("ada", {}) if uploaded else None)
    for found in ([inside, outside], [outside, inside]):
        ids = ledger.submit(session, "ada")
        ledger.by_hand(session, ids["more"], "test", auto_score=4.0)
        submissions.write_missing("ada", "hw", found, {})
        assert (ledger.grades(session, ids["more"])["test"][0] == 4.0) == kept
    (folder / "more.ipynb").unlink()
    for found in ([inside, outside], [outside, inside]):
        ledger.by_hand(session, ids["more"], "test", auto_score=4.0)
        submissions.write_missing("ada", "hw", found, {("ada", "more"): ("d", "")})
        assert ledger.grades(session, ids["more"])["test"][0] == 0.0
