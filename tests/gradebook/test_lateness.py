"""When a notebook was received, and what a late one loses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
from ledger import DUE
from nbgrader.coursedir import CourseDirectory

from autograder.gradebook.lateness import Lateness
from autograder.intake import SubmittedNotebook, Upload

SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)


class Rows:
    """The rows of an assignment whose one notebook has 3 marks."""

    def __init__(self, duedate, timestamp, extension=None):
        self.duedate, self.penalty = duedate, "not entered"
        self.submission_time = lambda student: (timestamp, extension)

    def score(self, notebook_id):
        return 3.0

    def set_penalty(self, notebook_id, penalty):
        self.penalty = penalty


def penalty(rule, *times):
    """What is entered where the course's plug-in decides by this rule."""
    lateness = Lateness(SimpleNamespace(), None)
    lateness._penalties = SimpleNamespace(plugin_inst=SimpleNamespace(late_submission_penalty=rule))
    rows = Rows(*times)
    lateness.enter_penalty(rows, "ada", "row")
    return rows.penalty


@pytest.mark.parametrize(
    ("given", "entered"), [(None, None), (0, 0), (1.5, 1.5), (3.0, 3.0), (99.0, 3.0), (-1.0, 0)]
)
def test_a_penalty_lies_between_0_and_the_score(given, entered):
    assert penalty(lambda *_: given, DUE, DUE + SECOND) == entered


@pytest.mark.parametrize(
    ("times", "late"),
    [
        ((DUE, DUE), None),
        ((DUE, DUE - HOUR), None),
        ((DUE, DUE + HOUR), 3600.0),
        ((DUE, DUE + HOUR, HOUR), None),
        ((DUE, DUE + HOUR, HOUR - SECOND), 1.0),
        ((None, DUE), None),
        ((DUE, None), None),
    ],
)
def test_the_plug_in_is_told_student_score_and_seconds_and_asked_about_late_ones_alone(times, late):
    asked = []
    assert penalty(lambda *words: asked.append(words), *times) is None
    assert asked == ([] if late is None else [("ada", 3.0, late)])


def received(duedate, **upload):
    entry = SubmittedNotebook(Path("x.ipynb"), "ada", "hw", "hw", Upload("ada", {}, **upload))
    return Lateness(SimpleNamespace(is_in_submitted_folder=lambda _: False), None).timestamp_of(entry, duedate)


def test_a_platforms_time_is_kept_in_utc_and_comes_before_its_mark():
    berlin = DUE.replace(tzinfo=dt.timezone(HOUR))
    assert received(DUE, time=berlin) == DUE - HOUR
    assert received(None, time=berlin, late=True) == DUE - HOUR


@pytest.mark.parametrize(
    ("duedate", "late", "time"),
    [(DUE, True, DUE + SECOND), (DUE, False, DUE), (DUE, None, None), (None, True, None), (None, False, None)],
)
def test_where_a_platform_says_only_late_or_not_the_time_is_that_of_the_due_date(duedate, late, time):
    assert received(duedate, late=late) == time


@pytest.mark.parametrize(
    ("text", "time"),
    [("2026-02-01 12:00:00 UTC", DUE), ("soon", None), ("", None), (None, None)],
)
def test_in_the_courses_folder_the_collectors_time_counts(tmp_path, text, time):
    if text is not None:
        (tmp_path / "timestamp.txt").write_text(text)
    upload = Upload("ada", {}, time=DUE + HOUR)
    entry = SubmittedNotebook(tmp_path / "hw.ipynb", "ada", "hw", "hw", upload)
    course = SimpleNamespace(is_in_submitted_folder=lambda _: True)
    assert Lateness(course, CourseDirectory(root=str(tmp_path))).timestamp_of(entry, DUE) == time


def test_a_link_is_no_collectors_time(tmp_path):
    (tmp_path / "other.txt").write_text("2026-02-01 12:00:00 UTC")
    (tmp_path / "timestamp.txt").symlink_to(tmp_path / "other.txt")
    course = SimpleNamespace(is_in_submitted_folder=lambda _: True)
    entry = SubmittedNotebook(tmp_path / "hw.ipynb", "ada", "hw", "hw")
    assert Lateness(course, CourseDirectory(root=str(tmp_path))).timestamp_of(entry, DUE) is None


def test_a_notebook_that_stands_alone_has_no_time():
    entry = SubmittedNotebook(Path("x.ipynb"), "ada", "hw", "hw")
    assert Lateness(SimpleNamespace(is_in_submitted_folder=lambda _: False), None).timestamp_of(entry, DUE) is None


def test_a_collectors_time_that_is_too_long_or_no_text_is_none(tmp_path):
    course = SimpleNamespace(is_in_submitted_folder=lambda _: True)
    entry = SubmittedNotebook(tmp_path / "hw.ipynb", "ada", "hw", "hw")
    lateness = Lateness(course, CourseDirectory(root=str(tmp_path)))
    time = b"2026-02-01 12:00:00 UTC"
    for content, found in ((time, DUE), (time + b" " * 900, DUE), (time + b" " * 1000, None), (b"\xff\xfe", None)):
        (tmp_path / "timestamp.txt").write_bytes(content)
        assert lateness.timestamp_of(entry, None) == found
