"""What a student hands in is laid down whole; a later one replaces it, and an earlier one does not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from ledger import DUE

from autograder.gradebook.kept import keep
from autograder.intake import Person, RefusedError, SubmittedNotebook, Superseded, Upload
from autograder.intake.model import DeliveredFile

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def course(tmp_path):
    def folder(step, student, assignment):
        return tmp_path / step / student / assignment

    def is_in_submitted_folder(entry):
        return entry.path.parent == folder("submitted", entry.student, entry.assignment)

    return SimpleNamespace(root=tmp_path, folder=folder, is_in_submitted_folder=is_in_submitted_folder)


def handed_in(*books, student="ada", assignment="hw", problem=None, **files):
    """One upload of some notebooks and other files, each with its content."""
    named = {f"mine/{name}.ipynb": f"{name} of {student}" for name in books}
    named |= {f"mine/{name}": content for name, content in files.items()}
    delivered = {
        name: DeliveredFile(name, Path("x.zip", name), "entry", lambda _, text=text: text.encode(), problem)
        for name, text in named.items()
    }
    upload = Upload(student, delivered)
    return [
        SubmittedNotebook(Path("x.zip", name), student, assignment, Path(name).stem, upload, name)
        for name in named
        if name.endswith(".ipynb")
    ]


def kept(course, notebooks, time=None, there=None):
    """Keep uploads of one time; ``there`` is the time of what lies in the folder."""
    return list(keep(course, notebooks, lambda entry: time if entry.upload else there))


def lying(course, student="ada", assignment="hw"):
    folder = course.folder("submitted", student, assignment)
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_an_upload_lies_in_its_students_folder_and_is_read_from_there(course):
    entries = handed_in("a", "b", **{"data/x.csv": "1,2"})
    found = kept(course, entries)
    assert lying(course) == {"a.ipynb": "a of ada", "b.ipynb": "b of ada", "data/x.csv": "1,2"}
    assert [(entry.notebook, entry.name, entry.read()) for entry in found] == [
        ("a", "a.ipynb", b"a of ada"),
        ("b", "b.ipynb", b"b of ada"),
    ]
    assert all(map(course.is_in_submitted_folder, found))


def test_each_students_and_each_assignments_upload_is_kept_apart(course):
    kept(course, [*handed_in("a"), *handed_in("a", student="bob"), *handed_in("a", assignment="old")])
    assert lying(course, "bob") == {"a.ipynb": "a of bob"}
    assert lying(course, "ada", "old") == lying(course) == {"a.ipynb": "a of ada"}


@pytest.mark.parametrize("names", [["timestamp.txt"], ["../../eve.txt"], ["data/../../../eve.txt"]])
def test_a_students_own_time_and_a_way_out_are_left_out(course, names):
    kept(course, handed_in("a", **dict.fromkeys(names, "mine")))
    assert lying(course) == {"a.ipynb": "a of ada"}
    assert not list(course.root.rglob("eve.txt"))


def test_a_time_is_kept_as_nbgraders_collector_writes_it(course):
    kept(course, handed_in("a"), time=DUE)
    assert lying(course)["timestamp.txt"] == "2026-02-01 12:00:00 UTC\n"


@pytest.mark.parametrize(
    ("time", "there", "replaced"),
    [
        (DUE, DUE - HOUR, True),
        (DUE, DUE, True),
        (DUE, DUE + HOUR, False),
        (None, DUE, True),
        (DUE, None, True),
        (None, None, True),
    ],
)
def test_an_upload_replaces_the_whole_submission_unless_that_came_later(course, time, there, replaced):
    folder = course.folder("submitted", "ada", "hw")
    folder.mkdir(parents=True)
    (folder / "old.ipynb").write_text("old")
    found = kept(course, handed_in("a", "b"), time, there)
    assert ("old.ipynb" in lying(course)) != replaced
    assert ("a.ipynb" in lying(course)) == replaced
    assert [isinstance(entry, Superseded) for entry in found] == [not replaced] * 2


def test_a_file_alone_replaces_its_notebook_only(course, tmp_path):
    kept(course, handed_in("a", "b"), time=DUE)
    (tmp_path / "a.ipynb").write_text("new")
    (found,) = kept(course, [SubmittedNotebook(tmp_path / "a.ipynb", "ada", "hw", "a")])
    assert lying(course) == {"a.ipynb": "new", "b.ipynb": "b of ada", "timestamp.txt": "2026-02-01 12:00:00 UTC\n"}
    assert (found.path, found.read()) == (course.folder("submitted", "ada", "hw") / "a.ipynb", b"new")


def test_what_can_not_be_opened_is_handed_on_and_the_earlier_submission_stays(course):
    kept(course, handed_in("a"))
    bad = handed_in("a", "b", problem="is encrypted.")
    assert kept(course, bad) == bad
    assert lying(course) == {"a.ipynb": "a of ada"}
    with pytest.raises(RefusedError, match="is encrypted"):
        bad[0].read()


def test_nothing_is_written_through_a_link(course, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "ada").symlink_to(tmp_path / "outside")
    entries = handed_in("a")
    assert kept(course, entries) == entries
    assert not list((tmp_path / "outside").iterdir())


def test_what_lies_there_already_is_not_written_again(course):
    found = kept(course, handed_in("a", **{"x.csv": "1"}))
    before = found[0].path.stat()
    assert kept(course, found) == found
    kept(course, handed_in("a", **{"x.csv": "1"}))
    assert found[0].path.stat().st_ino == before.st_ino
    kept(course, handed_in("a", **{"x.csv": "2"}))
    assert lying(course)["x.csv"] == "2"
    kept(course, handed_in("a"))
    assert lying(course) == {"a.ipynb": "a of ada"}


def test_what_a_platform_says_of_a_student_and_how_a_log_names_the_file_stay(course):
    (entry,) = handed_in("a")
    person = Person(("7",), "Ada")
    entry = replace(entry, upload=replace(entry.upload, person=person, late=True))
    (found,) = kept(course, [entry])
    assert (found.upload.person, found.upload.late, found.label) == (person, True, entry.label)
    assert list(found.upload.files) == ["a.ipynb"]
    assert found.path == course.folder("submitted", "ada", "hw") / "a.ipynb"
