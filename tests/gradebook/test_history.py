"""Every grading that changed a mark is kept: when, by which version, from what, and both marks."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from dataclasses import replace

import ledger
import pytest
import sqlalchemy as sa
from classroom import ROWS, rows, run
from msgspec.structs import replace as replaced
from sqlalchemy.orm import Session

from autograder.commands.demo import submissions
from autograder.gradebook.connection import create_tables
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import Entry, add_entry, changed, read_history
from autograder.grading.grader import VERSION
from autograder.grading.outcome import Outcome
from autograder.grading.submission import Submission, failed
from autograder.intake import SubmittedNotebook, Upload


@pytest.fixture
def found(course, perfect):
    folder = course.folder("submitted", "ada", "softmax")
    folder.mkdir(parents=True)
    (folder / "softmax.ipynb").write_bytes(submissions.write(perfect))
    return SubmittedNotebook(folder / "softmax.ipynb", "ada", "softmax", "softmax")


def report_with(source, **scores):
    """A report whose cells have these marks, and 0 where none is given."""
    report = failed(source, Submission(b"", "ada", "softmax", "softmax"), "")
    cells = [replaced(cell, score=scores.get(cell.grade_id, 0.0), message=None) for cell in report.cells]
    return replaced(report, status="graded", message=None, cells=cells)


def test_a_grading_that_changes_marks_is_kept_and_one_that_changes_none_is_not(course, source, found, perfect):
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    with Gradebook(course) as gradebook:
        for digest, scores in (
            ("a" * 64, {"softmax": 3.0}),
            ("b" * 64, {"softmax": 3.0}),
            ("c" * 64, {"softmax": None}),
        ):
            gradebook.record(Outcome(found, report_with(source, **scores), perfect, digest))
    with Gradebook(course) as gradebook:
        first, last = gradebook.history("ada", "softmax")
        assert gradebook.history("jakob", "softmax") == []
    assert set(first.changes) == {cell.grade_id for cell in source.marked}, "no mark, then one"
    assert first.changes["softmax"] == (None, 3.0)
    assert (first.notebook, first.version, first.digest) == ("softmax", VERSION, "a" * 64)
    assert before <= first.time <= dt.datetime.now(dt.UTC)
    assert (last.changes, last.digest) == ({"softmax": (3.0, None)}, "c" * 64)


def test_a_mark_is_lost_with_the_notebook_that_was_not_in_the_next_upload(
    course, source, found, perfect, tmp_path
):
    with Gradebook(course) as gradebook:
        gradebook.record(Outcome(found, report_with(source, softmax=3.0), perfect, "a" * 64))
        found.path.unlink()
        other = replace(found, notebook="other", upload=Upload("ada", {}), path=tmp_path / "other.ipynb")
        gradebook.record_missing("ada", "softmax", [other])
        gradebook.record_missing("ada", "softmax", [other])
    with Gradebook(course) as gradebook:
        assert [entry.changes for entry in gradebook.history("ada", "softmax")][1:] == [{"softmax": (3.0, 0.0)}]


def test_a_gradebook_of_an_earlier_version_gets_the_table_and_keeps_its_rows(course, source, found, perfect):
    with Gradebook(course) as gradebook:
        gradebook.record(Outcome(found, report_with(source, softmax=2.0), perfect, "a" * 64))
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database, database:
        database.execute("drop table autograder_history")
    before = rows(course.root)
    with Gradebook(course) as gradebook:
        gradebook.record(Outcome(found, report_with(source, softmax=1.0), perfect, "b" * 64))
        assert [entry.changes for entry in gradebook.history("ada", "softmax")] == [{"softmax": (2.0, 1.0)}]
    after = rows(course.root)
    assert {name for name in ROWS if before[name] != after[name]} == {"grade"}


@pytest.mark.slow
@pytest.mark.sandbox
def test_nbgrader_autograde_keeps_it_too(course, found):
    folder = course.root.parent / "data" / "autograder"
    folder.mkdir(parents=True)
    status, said = run(course.root, "nbgrader", "autograde", "softmax")
    assert status == 0, said
    with Gradebook(course) as gradebook:
        (entry,) = gradebook.history("ada", "softmax")
    assert entry.changes["softmax"] == (None, 4.0)


def kept(url):
    """What a database of its own holds after three gradings, one of which changed nothing."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    for _ in range(2):
        create_tables(engine)
    with Session(engine) as session:
        add_entry(session, "ada", "softmax", "softmax", "d" * 64, {"softmax": (None, 0.5)})
        add_entry(session, "ada", "softmax", "softmax", "e" * 64, {})
        add_entry(
            session,
            "ada",
            "softmax",
            "softmax",
            "",
            changed({"softmax": 0.5, "x": 1.0}, {"softmax": 0.0, "x": 1.0}),
        )
        add_entry(session, "ada", "bayes", "bayes", "", {"x": (1.0, 2.0)})
        session.commit()
        return read_history(session, "ada", "softmax")


@pytest.mark.parametrize("where", ["file", pytest.param("server", marks=pytest.mark.slow)])
def test_the_history_is_the_same_in_a_file_and_on_a_server(where, tmp_path, request):
    url = f"sqlite:///{tmp_path / 'marks.db'}" if where == "file" else request.getfixturevalue("server").new()
    now = dt.datetime.now(dt.UTC)
    expected = [
        Entry("softmax", now, VERSION, "d" * 64, {"softmax": (None, 0.5)}),
        Entry("softmax", now, VERSION, "", {"softmax": (0.5, 0.0)}),
    ]
    assert [replace(entry, time=now) for entry in kept(url)] == expected


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, {}, {}),
        ({"a": 1.0}, {"a": 1.0}, {}),
        ({"a": None}, {"a": None}, {}),
        ({}, {"a": None}, {}),
        ({"a": None}, {"a": 0.0}, {"a": (None, 0.0)}),
        ({"a": 0.0}, {"a": None}, {"a": (0.0, None)}),
        ({}, {"a": 0.0}, {"a": (None, 0.0)}),
        ({"a": 1.0, "b": 2.0}, {"b": 0.0, "a": 3.0}, {"b": (2.0, 0.0), "a": (1.0, 3.0)}),
        ({"a": 1.0}, {}, {}),  # whose cell is gone has no mark to change
    ],
)
def test_only_marks_that_are_others_are_changes_and_nothing_is_another_mark_than_0(before, after, changes):
    assert changed(before, after) == changes


def test_each_students_history_is_their_own_in_the_order_of_the_gradings():
    with ledger.session_with() as session:
        for student, assignment, book, mark in (
            ("ada", "hw", "nb", 1.0),
            ("bob", "hw", "nb", 2.0),
            ("ada", "hw", "a", 3.0),
            ("ada", "old", "nb", 4.0),
            ("Ada", "hw", "nb", 5.0),
        ):
            add_entry(session, student, assignment, book, "d", {"é": (None, mark)})
        found = read_history(session, "ada", "hw")
        assert [(entry.notebook, entry.changes) for entry in found] == [
            ("nb", {"é": (None, 1.0)}),
            ("a", {"é": (None, 3.0)}),
        ]
        assert {entry.time.utcoffset() for entry in found} == {dt.timedelta(0)}
        assert abs(dt.datetime.now(dt.UTC) - found[0].time) < dt.timedelta(hours=1)
        assert read_history(session, "eve", "hw") == []
