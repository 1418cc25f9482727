"""Of several versions the latest counts; where nothing tells which that is, none does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.intake import SubmittedNotebook, Superseded, Upload, naive_utc
from autograder.intake.latest import choose_in_upload, keep_latest
from autograder.intake.model import DeliveredFile

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
EARLIER_ELSEWHERE = datetime(2026, 2, 1, 12, 30, tzinfo=timezone(timedelta(hours=1)))
"""11:30 in UTC."""


def chosen(*names, **ranks):
    """Which of an upload's files counts as the notebook `hw` of `a1`, and how the others are refused."""
    files = {name: DeliveredFile(name, Path(name), "entry", lambda _: b"") for name in names}
    ranks = {name: ranks.get(Path(name).stem, 0) for name in names}
    entries = list(choose_in_upload(Upload("ada", files, ranks=ranks), "a1", "hw", list(names)))
    counts = [entry.name for entry in entries if isinstance(entry, SubmittedNotebook)]
    others = {
        entry.path.as_posix(): entry.problem for entry in entries if not isinstance(entry, SubmittedNotebook)
    }
    return counts, others


LATER, COPY = (
    "was uploaded again later; the later one is graded.",
    "is a copy; the one in its usual place is graded.",
)
EITHER = "is one of 2 that could be “hw”, and nothing tells which counts."


@pytest.mark.parametrize(
    ("names", "ranks", "wanted"),
    [
        (["x.ipynb"], {}, (["x.ipynb"], {})),
        (["x/hw.ipynb", "hw.ipynb", "a1/hw.ipynb"], {}, (["a1/hw.ipynb"], {"x/hw.ipynb": COPY, "hw.ipynb": COPY})),
        (["x/hw.ipynb", "hw.ipynb"], {}, (["hw.ipynb"], {"x/hw.ipynb": COPY})),
        (["hw-1.ipynb", "x/hw.ipynb"], {}, (["x/hw.ipynb"], {"hw-1.ipynb": COPY})),
        (["hw.ipynb", "hw-1.ipynb"], {"hw": 1, "hw-1": 2}, (["hw-1.ipynb"], {"hw.ipynb": LATER})),
        (["hw.ipynb", "hw-1.ipynb"], {"hw": 2, "hw-1": 2}, (["hw.ipynb"], {"hw-1.ipynb": COPY})),
        (["x/hw.ipynb", "y/hw.ipynb"], {}, ([], {"x/hw.ipynb": EITHER, "y/hw.ipynb": EITHER})),
        (
            ["x/hw.ipynb", "y/hw.ipynb", "hw-1.ipynb"],
            {},
            ([], {"x/hw.ipynb": EITHER, "y/hw.ipynb": EITHER}),
        ),
    ],
)
def test_the_latest_file_counts_else_the_one_in_its_usual_place(names, ranks, wanted):
    assert chosen(*names, **ranks) == wanted


def handed_in(upload, *books, student="ada", assignment="a1"):
    """One upload of some notebooks; None for files that stand alone."""
    made = None
    if upload is not None:
        files = {book: DeliveredFile(book, Path(book), "entry", lambda _: b"") for book in books}
        made = Upload(student, files, **upload)
    return [SubmittedNotebook(Path(book), student, assignment, book, made, book) for book in books]


def kept(*uploads):
    """For each notebook whether it counts, is superseded, or is refused."""
    entries = keep_latest([entry for upload in uploads for entry in upload])
    kinds = {True: "earlier", False: "unknown"}
    return [
        "counts" if isinstance(each, SubmittedNotebook) else kinds[isinstance(each, Superseded)]
        for each in entries
    ]


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ({"time": NOON}, {"time": NOON + timedelta(seconds=1)}, ["earlier", "counts"]),
        ({"time": NOON}, {"time": EARLIER_ELSEWHERE}, ["counts", "earlier"]),
        ({"time": naive_utc(NOON)}, {"time": EARLIER_ELSEWHERE}, ["counts", "earlier"]),
        ({"time": NOON, "order": 1}, {"time": NOON, "order": 2}, ["earlier", "counts"]),
        ({"time": NOON, "order": 9}, {"time": NOON + timedelta(1), "order": 2}, ["earlier", "counts"]),
        ({"order": 7}, {"order": 3}, ["counts", "earlier"]),
        ({"order": 7, "time": NOON}, {"order": 3}, ["counts", "earlier"]),
        ({"time": NOON}, {"time": NOON}, ["unknown", "unknown"]),
        ({"order": 7}, {"order": 7}, ["unknown", "unknown"]),
        ({"order": 7}, {}, ["unknown", "unknown"]),
        ({"time": NOON}, {}, ["unknown", "unknown"]),
        ({"time": NOON}, None, ["unknown", "unknown"]),
        (None, None, ["unknown", "unknown"]),
    ],
)
def test_the_latest_upload_counts_where_it_is_known(first, second, wanted):
    assert kept(handed_in(first, "hw"), handed_in(second, "hw")) == wanted
    assert kept(handed_in(second, "hw"), handed_in(first, "hw")) == wanted[::-1]


def test_an_earlier_upload_counts_for_nothing_also_where_it_holds_other_notebooks():
    last = {"time": NOON + timedelta(days=1)}
    assert kept(handed_in({"time": NOON}, "hw", "more"), handed_in(last, "hw")) == ["earlier", "earlier", "counts"]


def test_where_the_latest_is_unknown_only_what_is_there_twice_is_refused():
    assert kept(handed_in(None, "hw", "more"), handed_in(None, "hw")) == ["unknown", "counts", "unknown"]


@pytest.mark.parametrize("other", [{"student": "bob"}, {"assignment": "a2"}])
def test_another_student_and_another_assignment_are_no_second_version(other):
    assert kept(handed_in({"time": NOON}, "hw"), handed_in({"time": NOON}, "hw", **other)) == ["counts"] * 2
