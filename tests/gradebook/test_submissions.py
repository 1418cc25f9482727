"""What was not handed in has 0; what lies in the course's folder, or has a mark, was handed in."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import dozen
import ledger
import pytest

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
