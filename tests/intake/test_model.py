"""What is said of a path names nobody in a log, and fits in one line anywhere."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.intake import (
    Refused,
    RefusedError,
    SubmittedNotebook,
    Upload,
    naive_utc,
    printable,
    problem_of_student_id,
)
from autograder.intake.model import DeliveredFile


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("Zoë Núñez/健.ipynb", "Zoë Núñez/健.ipynb"),
        ("a\nb", r"'a\nb'"),
        ("a\x1b[2J", r"'a\x1b[2J'"),
        ("a\u202eb", r"'a\u202eb'"),
        (os.fsdecode(b"\xff"), r"'\udcff'"),
    ],
)
def test_a_path_is_one_line_that_can_be_printed(path, shown):
    assert printable(Path(path)) == shown


def test_a_reason_names_the_path_and_a_log_does_not():
    refused = Refused(Path("ada/hw.ipynb"), "is a link.", "entry 3 of class.zip")
    assert (refused.reason, refused.neutral) == ("ada/hw.ipynb is a link.", "entry 3 of class.zip is a link.")
    assert Refused(Path("ada/hw.ipynb"), "is a link.").neutral == "a submission is a link."
    assert SubmittedNotebook(Path("ada/hw.ipynb"), "ada", "hw", "hw").label == "a submission"


def test_a_time_is_kept_in_utc_without_a_zone():
    noon = datetime(2026, 2, 1, 12, tzinfo=UTC)
    naive = noon.replace(tzinfo=None)
    assert naive_utc(noon) == naive_utc(naive) == naive
    assert naive_utc(noon.replace(tzinfo=timezone(timedelta(hours=-8)))) == naive + timedelta(hours=8)


def test_a_time_without_a_zone_is_in_utc_wherever_the_machine_is(monkeypatch):
    naive = datetime(2026, 2, 1, 12)  # noqa: DTZ001  # as the database keeps it
    monkeypatch.setenv("TZ", "XYZ+5")
    time.tzset()
    try:
        assert naive_utc(naive) == naive
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("ada", None),
        ("Zoë 健", None),
        ("a" * 128, None),
        ("a" * 129, "of more than 128 bytes"),
        ("é" * 64, None),
        ("é" * 65, "of more than 128 bytes"),
        ("", "can't be a folder's name"),
        (".", "can't be a folder's name"),
        (".git", "can't be a folder's name"),
        ("a/b", "can't be a folder's name"),
        ("a\\b", "can't be a folder's name"),
        ("a\tb", "can't be a folder's name"),
        ("a\u202eb", "can't be a folder's name"),
    ],
)
def test_a_students_id_can_be_a_folder_and_a_row(student, said):
    problem = problem_of_student_id(student)
    assert (said in problem) if said else problem is None


def upload(**problems):
    names = ["hw.ipynb", "x.csv", "data/hw.ipynb", "data/x.csv", "data/deep/y.csv", "database/z.csv"]
    files = {
        name: DeliveredFile(
            name, Path(name), name, lambda _, name=name: name.encode(), problems.get(Path(name).stem)
        )
        for name in names
    }
    return Upload("ada", files)


@pytest.mark.parametrize(
    ("folder", "files"),
    [
        ("", ["data/deep/y.csv", "data/x.csv", "database/z.csv", "x.csv"]),
        ("data/", ["data/deep/y.csv", "data/x.csv"]),
    ],
)
def test_beside_a_notebook_lie_the_files_below_its_folder(folder, files):
    given = upload()
    found = SubmittedNotebook(Path("x"), "ada", "hw", "hw", given, f"{folder}hw.ipynb")
    assert list(found.attachments().items()) == [(name.removeprefix(folder), name.encode()) for name in files]
    assert found.read() == f"{folder}hw.ipynb".encode()


def test_a_file_with_a_problem_is_not_opened():
    found = SubmittedNotebook(
        Path("x"), "ada", "hw", "hw", upload(hw="is a link.", y="is encrypted."), "data/hw.ipynb"
    )
    with pytest.raises(RefusedError, match=r"data/hw\.ipynb is a link\."):
        found.read()
    with pytest.raises(RefusedError, match=r"data/deep/y\.csv is encrypted\."):
        found.attachments()


def test_a_file_alone_has_nothing_beside_it(tmp_path):
    (tmp_path / "ada.ipynb").write_bytes(b"hers")
    (tmp_path / "x.csv").touch()
    alone = SubmittedNotebook(tmp_path / "ada.ipynb", "ada", "hw", "hw")
    assert (alone.read(), alone.attachments()) == (b"hers", {})
