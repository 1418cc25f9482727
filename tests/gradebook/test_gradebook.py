"""The gradebook as a whole: what is committed, what a release notes, and which report stands."""

from __future__ import annotations

import copy
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace

import dozen
import ledger
import pytest
import sqlalchemy as sa
from damage import cell, edited, notebook
from msgspec.structs import replace as replaced
from nbgrader.api import SourceCell
from sqlalchemy.exc import DataError

from autograder.course import Course, CourseError
from autograder.gradebook import gradebook as module
from autograder.gradebook.database import NbgraderError
from autograder.gradebook.gradebook import FIXED_CELLS, Gradebook
from autograder.gradebook.releases import Changes, Release, cells_of, digest_of
from autograder.grading.outcome import Outcome
from autograder.intake import Person, RefusedError, SubmittedNotebook, Upload

BOOK = notebook(
    cell("test", "code", "assert 1", grade=True, locked=True, points=4),
    cell("why", "markdown", "Because.", grade=True, solution=True, points=3),
)
RAN = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def root(tmp_path):
    """A course with the ledger's gradebook; the source of “hw” has a notebook “nb”."""
    with ledger.session_with() as session:
        content = session.connection().connection.driver_connection.serialize()
    (tmp_path / "gradebook.db").write_bytes(content)
    write_source(tmp_path, BOOK)
    return tmp_path


def write_source(root, book, assignment="hw"):
    folder = root / "source" / assignment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nb.ipynb").write_text(json.dumps(book))


@pytest.fixture
def gradebook(root):
    with Gradebook(Course(root)) as opened:
        yield opened


def stored(root, query):
    """What another program finds in the gradebook."""
    with closing(sqlite3.connect(root / "gradebook.db")) as database:
        return database.execute(query).fetchall()


def students_in(root):
    return [name for (name,) in stored(root, "select id from student order by id")]


def found_in(root, student="ada", book="nb", **fields):
    path = root / "submitted" / student / "hw" / f"{book}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return SubmittedNotebook(path, student, "hw", book, **fields)


def outcome_of(found, score=1.0, digest="d", book=RAN, **fields):
    cells = [dozen.cell("test", score=score, points=4.0)]
    report = dozen.report(found.student, *cells, assignment="hw", notebook=found.notebook, file="f.ipynb")
    return Outcome(found, replaced(report, **fields), book, digest)


# --- what is committed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kept"),
    [(None, ["ada"]), (KeyError, ["ada"]), (KeyboardInterrupt, ["ada"]), (NbgraderError, [])],
)
def test_what_was_recorded_stays_at_any_end_but_an_error_of_the_gradebook_itself(root, error, kept):
    with Gradebook(Course(root)) as gradebook:
        gradebook.commit()
    gradebook = Gradebook(Course(root))
    closed = []
    close, gradebook.database.close = gradebook.database.close, lambda: [closed.append(1), close()]
    gradebook.database.db.execute(sa.text("insert into student (id) values ('ada')"))
    raised = error("first") if error else None
    assert not gradebook.__exit__(error, raised, None)
    assert students_in(root) == kept
    assert closed == [1]


@pytest.mark.parametrize("error", [None, KeyError])
def test_a_commit_that_fails_at_the_end_is_an_error_unless_there_was_one_before(root, error):
    gradebook = Gradebook(Course(root))
    closed = []
    close, gradebook.database.close = gradebook.database.close, lambda: [closed.append(1), close()]

    def fail():
        raise NbgraderError("The disk is full.")

    gradebook.commit = fail
    if error:
        assert not gradebook.__exit__(error, error("first"), None)
    else:
        with pytest.raises(NbgraderError, match="disk is full"):
            gradebook.__exit__(None, None, None)
    assert closed == [1]


# --- assignments and releases ----------------------------------------------------------------------------


def test_only_what_is_not_entered_yet_is_generated_and_only_once(root, gradebook, monkeypatch):
    generated = []

    def generate(assignment):
        generated.append(assignment)
        gradebook.database.add_notebook("new", assignment)

    monkeypatch.setattr(gradebook, "_generate", generate)
    gradebook.source("hw", "nb")
    assert generated == []
    for _ in range(2):
        gradebook.source("hw", "new")
    assert generated == ["hw"]
    monkeypatch.setattr(gradebook, "_generate", lambda assignment: None)
    with pytest.raises(CourseError, match="no notebook “other” of “hw”"):
        gradebook.source("hw", "other")


def test_an_assignment_that_another_grader_generates_meanwhile_is_not_generated_again(gradebook, monkeypatch):
    asked, there = [], iter([False, True])
    monkeypatch.setattr(gradebook, "_has", lambda *names: [asked.append(names), next(there)][1])
    monkeypatch.setattr(gradebook, "_generate", lambda assignment: pytest.fail("generated"))
    monkeypatch.setattr(module, "released_source", lambda *words: words[2:])
    assert gradebook.source("hw", "nb") == ("hw", "nb")
    assert asked == [("hw", "nb")] * 2


def test_what_is_entered_is_known_by_both_of_its_names(gradebook):
    assert gradebook.knows("hw")
    assert not gradebook.knows("nb")
    assert gradebook.released("hw", "more") is not None
    for names in (("old", "more"), ("nb", "hw"), ("new", "nb")):
        assert gradebook.released(*names) is None
        assert gradebook.changes(*names) == Changes()


def enter_cells(gradebook):
    """Enter the source's cells of “nb” as nbgrader does at a release."""
    row = gradebook.database.find_notebook("nb", "hw")
    for own in BOOK["cells"]:
        meta = own["metadata"]["nbgrader"]
        kept = {"name": meta["grade_id"], "cell_type": own["cell_type"], "source": own["source"]}
        gradebook.database.db.add(SourceCell(**kept, locked=meta["locked"], notebook=row, checksum="x"))
    gradebook.commit()


def test_a_release_is_noted_with_its_time_the_proof_and_its_cells(root, gradebook):
    enter_cells(gradebook)
    assert gradebook.last_release("hw", "nb") is None
    gradebook.note_release("hw", "nb", "p")
    noted = gradebook.last_release("hw", "nb")
    assert noted == Release(noted.released, "p", digest_of(gradebook.released("hw", "nb")), cells_of(BOOK))
    assert noted.released.endswith(" UTC")
    assert noted.released[:2] == "20"
    assert stored(root, "select assignment, notebook, proved from autograder_release") == [("hw", "nb", "p")]
    assert gradebook.changes("hw", "nb") == Changes(since=noted.released)


def test_a_later_proof_keeps_the_time_of_the_release_and_a_first_one_knows_none(gradebook):
    gradebook.note_release("hw", "nb", "p", anew=False)
    noted = gradebook.last_release("hw", "nb")
    assert (noted.released, noted.proved) == ("", "p")
    module.write_release(gradebook.database.db, "hw", "nb", Release("noon", "p", "e", []))
    gradebook.note_release("hw", "nb", "q", anew=False)
    noted = gradebook.last_release("hw", "nb")
    assert (noted.released, noted.proved) == ("noon", "q")
    gradebook.note_release("hw", "nb", "q")
    assert gradebook.last_release("hw", "nb").released not in ("", "noon")


def test_the_release_of_what_is_not_entered_is_not_noted(root, gradebook):
    gradebook.note_release("hw", "other", "p")
    assert stored(root, "select * from autograder_release") == []


def test_changes_are_those_of_the_source_since_its_release(root, gradebook):
    enter_cells(gradebook)
    gradebook.note_release("hw", "nb", "p")
    since = gradebook.last_release("hw", "nb").released
    book = copy.deepcopy(BOOK)
    edited("test", "assert 2")(book)
    write_source(root, book)
    assert gradebook.changes("hw", "nb") == Changes(texts=1, since=since)


def test_no_transaction_is_left_open_while_a_class_is_graded(root, gradebook):
    found = found_in(root)
    for name, words in (
        ("source", ["hw", "nb"]),
        ("released", ["hw", "nb"]),
        ("released", ["hw", "other"]),
        ("knows", ["hw"]),
        ("last_release", ["hw", "nb"]),
        ("changes", ["hw", "nb"]),
        ("note_release", ["hw", "nb", "p"]),
        ("students", []),
        ("match_students", [[]]),
        ("keep", [[found]]),
        ("previous_report", [found]),
        ("entered_report", ["ada", "hw", "nb"]),
        ("entered_marks", ["hw"]),
        ("history", ["ada", "hw"]),
    ):
        getattr(gradebook, name)(*words)
        assert not gradebook.database.db().in_transaction(), name


# --- what nbgrader does ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("ValueError: no cells", "nbgrader could not generate release “hw”: no cells."),
        (
            "Exception: Cannot add or remove cells",
            f"nbgrader could not generate release “hw”: Cannot add or remove cells.{FIXED_CELLS}",
        ),
    ],
)
def test_what_nbgrader_can_not_generate_is_a_sentence(gradebook, log, said):
    with pytest.raises(NbgraderError) as error:
        gradebook._check({"success": False, "log": log}, "release", "hw")
    assert str(error.value) == said


def test_an_interrupt_of_nbgrader_is_one_of_ours(gradebook):
    with pytest.raises(KeyboardInterrupt):
        gradebook._check({"success": False, "log": "KeyboardInterrupt: "}, "release", "hw")
    gradebook._check({"success": True, "log": "ValueError: a warning"}, "release", "hw")


def test_nbgrader_is_asked_to_write_over_what_is_there(root, gradebook, monkeypatch):
    asked = []

    def done(*words, **options):
        asked.append((words, options))
        return {"success": len(asked) < 3}

    api = SimpleNamespace(generate_assignment=done, generate_feedback=done)
    monkeypatch.setattr(gradebook, "_api", lambda: api)
    (root / "release" / "hw").mkdir(parents=True)
    (root / "release" / "hw" / "nb.ipynb").write_text("old")
    gradebook.generate_assignment("hw")
    gradebook.generate_feedback("hw", "ada")
    assert asked == [(("hw",), {"force": True, "create": True}), (("hw", "ada"), {"force": True})]
    (root / "release" / "hw").mkdir(parents=True, exist_ok=True)
    (root / "release" / "hw" / "nb.ipynb").write_text("old")
    with pytest.raises(NbgraderError, match="generate release “hw”: it says no more"):
        gradebook.generate_assignment("hw")
    assert (root / "release" / "hw" / "nb.ipynb").read_text() == "old"
    with pytest.raises(NbgraderError, match="generate feedback for “hw”"):
        gradebook.generate_feedback("hw", "ada")


def test_students_are_known_by_their_ids_and_matched_by_their_platforms(root, gradebook):
    gradebook.database.add_student("ada", lms_user_id="7")
    gradebook.database.add_student("bob")
    assert gradebook.students() == {"ada", "bob"}
    entry = SubmittedNotebook(root / "x.ipynb", "7", "hw", "nb", Upload("7", {}, person=Person(("7",))))
    assert [each.student for each in gradebook.match_students([entry]).notebooks] == ["ada"]


def test_a_folder_that_takes_no_upload_is_named_with_what_to_do(root, gradebook, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "/x/nb.ipynb")

    monkeypatch.setattr(module.kept, "keep", full)
    with pytest.raises(NbgraderError) as error:
        gradebook.keep([])
    assert str(error.value).startswith(f"Submissions can't be kept in {root}")


def test_what_was_kept_and_what_was_refused_is_told(root, gradebook):
    found = found_in(root)
    assert gradebook.keep([found]).notebooks == (found,)


# --- marks -----------------------------------------------------------------------------------------------


def test_a_report_is_entered_with_its_digest_and_its_notebook(root):
    found = found_in(root)
    with Gradebook(Course(root)) as gradebook:
        graded = outcome_of(found, 3.0)
        assert gradebook.record(graded) == graded.report
    with Gradebook(Course(root)) as gradebook:
        assert gradebook.previous_report(found) == ("d", graded.report)
        assert gradebook.entered_report("ada", "hw", "nb") == ("d", graded.report)
        for other in (("ada", "hw", "more"), ("bob", "hw", "nb"), ("ada", "old", "nb")):
            assert gradebook.entered_report(*other) is None
        marks = gradebook.entered_marks("hw")["ada", "nb"]
        assert (marks["test"].auto, marks["test"].manual) == (3.0, None)
        assert gradebook.entered_marks("old") == {}
        (entry,) = gradebook.history("ada", "hw")
        assert (entry.notebook, entry.changes["test"]) == ("nb", (None, 3.0))
        assert gradebook.history("ada", "old") == []
        (root / "autograded" / "ada" / "hw" / "nb.ipynb").unlink()
        assert gradebook.previous_report(found) is None
        assert gradebook.entered_report("ada", "hw", "nb") is not None


@pytest.mark.parametrize(
    ("fields", "fault", "digest"),
    [
        ({}, "", "d"),
        ({"status": "failed", "message": "no"}, "", ""),
        ({}, "KeyError: 'x'", ""),
    ],
)
def test_what_failed_or_had_a_fault_of_the_grader_is_graded_again(root, gradebook, fields, fault, digest):
    given = outcome_of(found_in(root), **fields)
    given = replace(given, report=replaced(given.report, cells=[replaced(given.report.cells[0], fault=fault)]))
    gradebook.record(given)
    assert gradebook.entered_report("ada", "hw", "nb")[0] == digest


def test_a_submission_that_failed_leaves_no_older_notebook_and_no_older_feedback(root, gradebook):
    found = found_in(root)
    gradebook.record(outcome_of(found))
    pages = root / "feedback" / "ada" / "hw"
    pages.mkdir(parents=True)
    gradebook.record(outcome_of(found, 0.0, "", None, status="failed", message="no"))
    assert not (root / "autograded" / "ada" / "hw" / "nb.ipynb").exists()
    assert not pages.exists()


@pytest.mark.parametrize("error", [OSError("the disk is full"), RefusedError("x is a link.")])
def test_no_marks_stand_without_the_notebook_that_explains_them(root, gradebook, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(gradebook._autograded, "write", fail)
    report = gradebook.record(outcome_of(found_in(root), 3.0))
    assert report.message == f"f.ipynb was graded, but its notebook could not be written: {error}"
    assert (report.status, report.cells[0].score) == ("failed", None)
    assert gradebook.entered_report("ada", "hw", "nb") == ("", report)
    assert gradebook.entered_marks("hw")["ada", "nb"]["test"].auto is None


def test_marks_that_the_gradebook_can_not_hold_are_a_failure_of_that_notebook_alone(root, gradebook, monkeypatch):
    write = gradebook._submissions.write_report

    def refuse(submitted, *words):
        if submitted.student == "ada":
            gradebook.database.db.execute(sa.text("insert into student (id) values ('half')"))
            raise DataError("insert", {}, Exception("value too long for type"))
        write(submitted, *words)

    monkeypatch.setattr(gradebook._submissions, "write_report", refuse)
    report = gradebook.record(outcome_of(found_in(root), 3.0))
    assert report.message == (
        "f.ipynb was graded, but the gradebook can't hold its marks: value too long for type."
    )
    assert report.cells[0].score is None
    assert not (root / "autograded" / "ada" / "hw" / "nb.ipynb").exists()
    other = outcome_of(found_in(root, "bob"), 3.0)
    assert gradebook.record(other) == other.report
    gradebook.commit()
    assert students_in(root) == ["bob"]


@pytest.mark.parametrize(
    ("upload", "inside", "entered"), [(True, False, ["ada"]), (True, True, []), (False, False, [])]
)
def test_of_an_unchanged_notebook_the_time_of_a_new_upload_is_entered_and_nothing_is_written(
    root, gradebook, tmp_path, upload, inside, entered
):
    found = found_in(root, upload=Upload("ada", {}) if upload else None)
    if not inside:
        found = replace(found, path=tmp_path / "nb.ipynb")
    unchanged = replace(outcome_of(found, book=None), fresh=False)
    assert gradebook.record(unchanged) == unchanged.report
    gradebook.commit()
    assert students_in(root) == entered
    assert stored(root, "select * from autograder_report") == []
    assert not (root / "autograded").exists()


def test_a_report_of_another_version_is_as_none(root):
    key = "('ada', 'hw', 'nb', 'd', '{}')"
    with closing(sqlite3.connect(root / "gradebook.db")) as database, database:
        database.execute(f"insert into autograder_report values {key}")
    with Gradebook(Course(root)) as gradebook:
        gradebook.database.add_student("ada")
        gradebook.database.add_submission("hw", "ada")
        assert gradebook.entered_report("ada", "hw", "nb") is None
        assert gradebook._entries("hw") == {("ada", "nb"): ("d", "{}")}


def test_reports_are_those_that_stood_before_this_run(root, gradebook):
    """Each assignment's are read once, at the first call."""
    found = found_in(root)
    gradebook.record(outcome_of(found))
    assert gradebook.entered_report("ada", "hw", "nb")[0] == "d"
    gradebook.record(outcome_of(found, digest="e"))
    assert gradebook.entered_report("ada", "hw", "nb")[0] == "d"
    assert gradebook.entered_report("ada", "old", "nb") is None


def test_what_was_not_handed_in_has_no_marks_and_a_name_too_long_stops_nothing(root, gradebook, monkeypatch):
    found = found_in(root)
    gradebook.record(outcome_of(found, 3.0))
    gradebook.record_missing("ada", "hw", [found])
    marks = gradebook.entered_marks("hw")
    assert marks["ada", "more"]["test"].auto == 0.0
    assert marks["ada", "nb"]["test"].auto == 3.0

    def refuse(*_):
        gradebook.database.db.execute(sa.text("insert into student (id) values ('half')"))
        raise DataError("insert", {}, Exception("value too long for type"))

    gradebook.commit()
    monkeypatch.setattr(gradebook._submissions, "write_missing", refuse)
    gradebook.record_missing("x" * 300, "hw", [])
    gradebook.commit()
    assert students_in(root) == ["ada"]
