"""File names of Canvas, Moodle, Gradescope and nbgrader say whose a file is, when it came and which one counts."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import nbgrader
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.deliveries import accepted, canvas_name, gradescope_metadata, moodle_name, zipped

from autograder.intake import Expected, Person, Superseded, find_notebooks, naive_utc
from autograder.intake.model import DeliveredFile
from autograder.intake.platforms import (
    ATTEMPT,
    ParsedName,
    canvas,
    collected_by,
    exchange,
    moodle,
    parse_time,
    submitted,
    uploads,
)

ONE = Expected({"softmax": ["softmax"]})
TWO = Expected({"softmax": ["softmax"], "bayes": ["dice", "tests"]}, "bayes")


def when(*numbers):
    """A time in UTC, as nbgrader's database keeps it."""
    return datetime(*numbers, tzinfo=UTC).replace(tzinfo=None)


def refused(collected):
    return [entry for entry in collected.refused if not isinstance(entry, Superseded)]


def superseded(collected):
    return [entry for entry in collected.refused if isinstance(entry, Superseded)]


def unpacked(path):
    """The same delivery as a folder."""
    folder = path.with_suffix("")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


# --- Canvas ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["zip", "folder", "files"])
def test_canvas_names_tell_user_lateness_and_file(form, tmp_path):
    path = zipped(
        tmp_path / "submissions.zip",
        {
            canvas_name("Lovelace, Ada", 1234567, 90001, "softmax.ipynb"): "{}",
            canvas_name("van der Berg, Eve", 1234568, 90002, "softmax-1.ipynb", late=True): "{}",
            canvas_name("Núñez, Zoë", 1234569, 90003, "HW3_final (2).ipynb"): "{}",
            canvas_name("Ōe, 健三郎", 1234570, 90004, "data.csv"): "1,2",
            canvas_name("Ōe, 健三郎", 1234570, 90005, "softmax.ipynb"): "{}",
        },
    )
    delivery = {"zip": [path], "folder": [unpacked(path)], "files": sorted(unpacked(path).iterdir())}[form]
    entries = find_notebooks(delivery, ONE).notebooks
    assert {(e.student, e.notebook, e.upload.late) for e in entries} == {
        ("1234567", "softmax", False),
        ("1234568", "softmax", True),
        ("1234569", "softmax", False),
        ("1234570", "softmax", False),
    }
    assert {e.upload.time for e in entries} == {None}, "the dates in Canvas' zip are those of the download"
    assert {tuple(e.attachments()) for e in entries} == {(), ("data.csv",)}


def test_of_two_canvas_files_the_later_upload_counts(tmp_path):
    """File ids grow; which number Canvas put behind the name doesn't matter."""
    path = zipped(
        tmp_path / "submissions.zip",
        {
            canvas_name("Lovelace, Ada", 5, 90009, "softmax-2.ipynb"): "last",
            canvas_name("Lovelace, Ada", 5, 90001, "softmax.ipynb"): "first",
            canvas_name("Lovelace, Ada", 5, 90005, "softmax-1.ipynb"): "second",
            canvas_name("Bob", 6, 90008, "softmax.ipynb"): "last",
            canvas_name("Bob", 6, 90003, "softmax.ipynb"): "first",
        },
    )
    entries = find_notebooks([path], ONE)
    assert [entry.read() for entry in entries.notebooks] == [b"last", b"last"]
    assert len(superseded(entries)) == 3
    assert not refused(entries)


def test_of_two_canvas_downloads_the_later_attempt_counts(tmp_path):
    old = zipped(tmp_path / "old.zip", {canvas_name("Lovelace, Ada", 5, 90001, "softmax.ipynb"): "old"})
    new = zipped(tmp_path / "new.zip", {canvas_name("Lovelace, Ada", 5, 90007, "mine.ipynb", late=True): "new"})
    for order in ([old, new], [new, old]):
        entries = find_notebooks(order, ONE)
        assert [(e.read(), e.upload.late) for e in entries.notebooks] == [(b"new", True)]
        assert len(superseded(entries)) == 1


def test_anonymous_canvas_names_keep_the_anonymous_id(tmp_path):
    path = zipped(
        tmp_path / "submissions.zip", {"anon_x1Y2z_901_softmax.ipynb": "", "LATE_anon_Qq7aB_902_softmax.ipynb": ""}
    )
    assert [(e.student, e.upload.late) for e in find_notebooks([path], ONE).notebooks] == [
        ("anon_x1Y2z", False),
        ("anon_Qq7aB", True),
    ]


def test_what_a_student_calls_a_file_makes_it_nobody_elses(tmp_path):
    """Canvas' part of the name stands on the left, and decides."""
    path = zipped(
        tmp_path / "submissions.zip",
        {
            canvas_name("Mallory, M", 666, 90001, "lovelaceada_LATE_5_90002_softmax.ipynb"): "",
            canvas_name("Lovelace, Ada", 5, 90003, "softmax.ipynb"): "",
        },
    )
    entries = find_notebooks([path], ONE)
    assert sorted((e.student, e.upload.late) for e in entries.notebooks) == [("5", False), ("666", False)]


def test_a_name_that_ends_with_another_users_id_takes_nobodys_place(tmp_path):
    """A student who is called X_5 by Canvas' sortable name is not user 5."""
    path = zipped(
        tmp_path / "submissions.zip",
        {"x_5_666_90001_softmax.ipynb": "", canvas_name("Lovelace, Ada", 5, 90003, "softmax.ipynb"): "hers"},
    )
    entries = find_notebooks([path], ONE)
    assert [(e.student, e.read()) for e in entries.notebooks] == [("5", b"hers")]
    (stranger,) = refused(entries)
    assert stranger.path.name == "x_5_666_90001_softmax.ipynb"


def test_a_canvas_upload_without_a_notebook_is_named(tmp_path):
    path = zipped(
        tmp_path / "submissions.zip",
        {
            canvas_name("Lovelace, Ada", 5, 90001, "softmax.ipynb"): "{}",
            canvas_name("Bob", 6, 90002, "softmax.pdf"): "%PDF",
            "eve_7_text.html": "<p>see attachment",
            canvas_name("Zoe", 8, 90004, "work.zip"): "PK",
            "readme.ipynb": "{}",
        },
    )
    entries = find_notebooks([path], ONE)
    assert [e.student for e in entries.notebooks] == ["5"]
    assert [e.path.name for e in refused(entries)] == [
        "bob_6_90002_softmax.pdf",
        "eve_7_text.html",
        "zoe_8_90004_work.zip",
        "readme.ipynb",
    ]
    assert "an archive in it is not opened: unpack it there" in refused(entries)[2].reason
    for entry in refused(entries):
        assert str(entry.path) in entry.reason
        assert entry.neutral.startswith("entry ")
        assert not {"bob", "eve", "zoe"} & set(re.findall("[a-z]+", entry.neutral)), "a log names nobody"


def test_several_notebooks_of_a_student_are_kept_together(tmp_path):
    path = zipped(
        tmp_path / "submissions.zip",
        {
            canvas_name("Ada", 5, 90001, "dice-1.ipynb"): "dice",
            canvas_name("Ada", 5, 90002, "tests.ipynb"): "tests",
            canvas_name("Ada", 5, 90003, "scratch.ipynb"): "",
            canvas_name("Ada", 5, 90004, "data.csv"): "1,2",
        },
    )
    entries = find_notebooks([path], TWO)
    assert [(e.notebook, e.read(), e.attachments()) for e in entries.notebooks] == [
        ("dice", b"dice", {"data.csv": b"1,2"}),
        ("tests", b"tests", {"data.csv": b"1,2"}),
    ]


# --- Moodle ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folders", [True, False])
def test_moodle_names_tell_participant_and_name(folders, tmp_path):
    path = zipped(
        tmp_path / "CS101-Softmax-42.zip",
        {
            moodle_name("Ada Lovelace", 812, "softmax.ipynb", folders=folders): "",
            moodle_name("Participant", 813, "HW.ipynb", folders=folders): "",
            moodle_name("Ada Lovelace", 812, "onlinetext.html", kind="onlinetext", folders=folders): "",
            moodle_name("Zoë_van Núñez", 814, "onlinetext.html", kind="onlinetext", folders=folders): "",
            moodle_name("Mallory", 815, "Ada Lovelace_812_assignsubmission_file_x.ipynb", folders=folders): "",
        },
    )
    entries = find_notebooks([path], ONE)
    people = {e.student: (e.upload.person.first_name, e.upload.person.last_name) for e in entries.notebooks}
    assert people == {"812": ("Ada", "Lovelace"), "813": (None, None), "815": (None, None)}
    assert "came without a notebook" in refused(entries)[0].reason
    assert len(refused(entries)) == 1


def test_older_moodle_ends_its_folders_with_a_line(tmp_path):
    path = zipped(tmp_path / "a.zip", {"Ada Lovelace_812_assignsubmission_file_/softmax.ipynb": ""})
    assert [e.student for e in find_notebooks([path], ONE).notebooks] == ["812"]


def test_of_two_moodle_notebooks_the_one_with_the_usual_name_counts_else_none(tmp_path):
    both = {moodle_name("Ada Lovelace", 1, name): "" for name in ("softmax.ipynb", "softmax (1).ipynb")}
    neither = {moodle_name("Bob B", 2, name): "" for name in ("softmax (1).ipynb", "softmax (2).ipynb")}
    entries = find_notebooks([zipped(tmp_path / "a.zip", both | neither)], ONE)
    assert [(e.student, e.path.name) for e in entries.notebooks] == [("1", "softmax.ipynb")]
    assert [e.problem for e in refused(entries)] == [
        "is one of 2 that could be “softmax”, and nothing tells which counts."
    ] * 2


# --- Gradescope ------------------------------------------------------------------------------------------

EXPORT = "assignment_4711_export/"


def test_gradescope_metadata_tell_who_and_when(tmp_path):
    """Offsets count, a group's work is everybody's, and without an SID the e-mail is the id."""
    metadata = gradescope_metadata(
        {
            "submission_1": ([("Ada Lovelace", "'00123'", "ada@x.edu")], "2026-02-01 23:30:00.123456000 -08:00"),
            "submission_2": (
                [("Bob B", "''", "bob@x.edu"), ("Eve E", "'00456'", "eve@x.edu")],
                "2026-02-01 10:00:00.000000000 Z",
            ),
        }
    )
    path = zipped(
        tmp_path / "submissions.zip",
        {
            EXPORT + "submission_metadata.yml": metadata,
            EXPORT + "submission_1/softmax.ipynb": "1",
            EXPORT + "submission_1/timestamp.txt": "2020-01-01 00:00:00 UTC",
            EXPORT + "submission_2/HW.ipynb": "2",
            EXPORT + "submission_3/softmax.ipynb": "3",
            "__MACOSX/" + EXPORT + "._submission_metadata.yml": "junk",
        },
    )
    entries = find_notebooks([path], ONE)
    assert {(e.student, e.read(), naive_utc(e.upload.time)) for e in entries.notebooks} == {
        ("00123", b"1", when(2026, 2, 2, 7, 30, 0, 123456)),
        ("bob@x.edu", b"2", when(2026, 2, 1, 10)),
        ("00456", b"2", when(2026, 2, 1, 10)),
    }
    (unknown,) = refused(entries)
    assert "belongs to no submission" in unknown.reason
    assert {e.upload.person.email for e in entries.notebooks} == {"ada@x.edu", "bob@x.edu", "eve@x.edu"}


def test_rails_times_and_hashes_in_gradescope_metadata_are_plain_data(tmp_path):
    metadata = """---
submission_1: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - :name: Ada
    :sid: '1'
    :email: ada@x.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &1 2026-02-01 10:00:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
    time: *1
"""
    files = {EXPORT + "submission_metadata.yml": metadata, EXPORT + "submission_1/softmax.ipynb": ""}
    (entry,) = accepted(find_notebooks([zipped(tmp_path / "s.zip", files)], ONE))
    assert naive_utc(entry.upload.time) == when(2026, 2, 1, 10)


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "- a",
        "{",
        "a: !!python/object/apply:os.system ['touch /tmp/owned']",
        "x: &a [*a]\ny: [",
        "\x00",
        "[" * 5000,
        "[" * 1_000_000,
        "- " * 200_000,
        "a: " + "{b: " * 200_000,
    ],
    ids=lambda metadata: metadata[:40],
)
def test_metadata_that_are_none_are_refused_by_name(metadata, tmp_path):
    files = {EXPORT + "submission_metadata.yml": metadata, EXPORT + "submission_1/softmax.ipynb": ""}
    entries = find_notebooks([zipped(tmp_path / "s.zip", files)], ONE)
    assert not entries.notebooks
    assert "submission_metadata.yml is not the metadata of a Gradescope export" in entries.refused[0].reason
    assert "\n" not in entries.refused[0].reason


def test_metadata_are_texts_whatever_they_look_like(tmp_path):
    """No number in another base, and none of what aliases could be multiplied to."""
    twice = ((n, f"*a{n - 1}, *a{n - 1}") for n in range(1, 99))
    grown = "".join(f"a{n}: &a{n} {{<<: [{both}], x: [{both}]}}\n" for n, both in twice)
    metadata = f"""---
a0: &a0 x
{grown}submission_1:
  :submitters:
  - :name: 1:2
    :sid: 0042
    :email: [*a98, *a98]
  :created_at: 2026-02-01 10:00:00
"""
    files = {EXPORT + "submission_metadata.yml": metadata, EXPORT + "submission_1/softmax.ipynb": ""}
    (entry,) = accepted(find_notebooks([zipped(tmp_path / "s.zip", files)], ONE))
    assert (entry.student, entry.upload.person.last_name, entry.upload.person.email) == ("0042", "1:2", None)


# --- nbgrader --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["", "inbound/"])
def test_the_exchange_tells_student_assignment_and_time_and_the_last_counts(folder, tmp_path):
    """The student's own timestamp.txt plays no part."""
    path = zipped(
        tmp_path / "inbound.zip",
        {
            f"{folder}ada+softmax+2026-01-30 15:30:10.000000 UTC+abc=/softmax.ipynb": "last",
            f"{folder}ada+softmax+2026-01-30 15:30:10.000000 UTC+abc=/timestamp.txt": "2020-01-01 00:00:00 UTC",
            f"{folder}ada+softmax+2026-01-29 15:30:10.000000 UTC+def=/softmax.ipynb": "first",
            f"{folder}bob+c+softmax+2026-01-30 15:30:10.000000 UTC/softmax.ipynb": "bob",
            f"{folder}eve+bayes+2026-01-30 15:30:10.000000 UTC+xyz=/dice.ipynb": "other",
        },
    )
    entries = find_notebooks([path], Expected(TWO.assignments, "softmax"))
    assert [(e.student, e.read(), naive_utc(e.upload.time)) for e in entries.notebooks] == [
        ("ada", b"last", when(2026, 1, 30, 15, 30, 10)),
        ("bob+c", b"bob", when(2026, 1, 30, 15, 30, 10)),
    ]
    assert len(superseded(entries)) == 1
    assert not refused(entries)
    assert {e.assignment for e in find_notebooks([path], Expected(TWO.assignments)).notebooks} == {
        "softmax",
        "bayes",
    }


def test_a_zip_of_what_nbgrader_collected_keeps_the_collectors_times(tmp_path):
    path = zipped(
        tmp_path / "collected.zip",
        {
            "submitted/ada/softmax/softmax.ipynb": "hers",
            "submitted/ada/softmax/timestamp.txt": "2026-01-30 15:30:10 UTC",
            "submitted/bob/softmax/softmax.ipynb": "his",
            "source/softmax/softmax.ipynb": "ours",
            "submitted/bob/old/softmax.ipynb": "",
        },
    )
    entries = find_notebooks([path], ONE)
    assert [(e.student, e.read(), e.upload.time and naive_utc(e.upload.time)) for e in entries.notebooks] == [
        ("ada", b"hers", when(2026, 1, 30, 15, 30, 10)),
        ("bob", b"his", None),
    ]
    (other,) = refused(entries)
    assert "is of “old”, which the course doesn't have" in other.reason


def test_where_one_of_two_uploads_has_no_time_nothing_tells_which_is_later(tmp_path):
    """Nothing is known of the other: it may be the later one."""
    collected = {
        "submitted/ada/softmax/softmax.ipynb": "in time",
        "submitted/ada/softmax/timestamp.txt": "2026-01-30 15:30:10 UTC",
    }
    timed = zipped(tmp_path / "collected.zip", collected)
    alone = zipped(tmp_path / "ada.zip", {"softmax/softmax.ipynb": "at some time"})
    for order in ([timed, alone], [alone, timed]):
        entries = find_notebooks(order, ONE)
        assert not entries.notebooks
        assert not superseded(entries)
        assert ["nothing tells which is the last" in e.reason for e in refused(entries)] == [True, True]


GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "downloaded" / "ps1" / "archive"


@pytest.mark.parametrize(
    "name_regexp", ["", r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>.*)"]
)
def test_nbgraders_own_example_of_zip_collect_is_read(name_regexp):
    """The zip that ships with nbgrader, with and without the course's own expression."""
    expected = Expected({"ps1": ["problem1", "problem2"]}, name_regexp=name_regexp)
    entries = find_notebooks([GUIDE / "notebooks.zip"], expected)
    assert {(e.student, e.notebook, e.upload.time) for e in entries.notebooks} == {
        ("bitdiddle", "problem1", when(2016, 1, 30, 15, 30, 10)),
        ("bitdiddle", "problem2", when(2016, 1, 30, 15, 30, 10)),
        ("hacker", "problem2", when(2016, 1, 30, 16, 30, 10)),
    }
    assert {tuple(e.attachments()) for e in entries.notebooks} == {("jupyter.png",)}


def test_a_courses_own_names_are_read_by_its_own_expression(tmp_path):
    path = zipped(tmp_path / "class.zip", {"[ada](Lovelace) softmax.ipynb": "", "notes.ipynb": ""})
    entries = find_notebooks(
        [path], replace(ONE, name_regexp=r".*/\[(?P<student_id>\w+)\]\((?P<last_name>\w+)\) (?P<file_id>\w+)")
    )
    assert [(e.student, e.upload.person.last_name) for e in entries.notebooks] == [("ada", "Lovelace")]
    assert [e.path.name for e in refused(entries)] == ["notes.ipynb"]


# --- repositories and folders ----------------------------------------------------------------------------


def write(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def test_in_a_students_repository_the_notebook_is_found_wherever_it_lies(tmp_path):
    write(
        tmp_path,
        "ada/.git/HEAD",
        "ada/hw3/mine/softmax.ipynb",
        "ada/hw3/mine/data.csv",
        "ada/.ipynb_checkpoints/softmax.ipynb",
        "ada/.venv/lib/softmax.ipynb",
        "bob/.git/HEAD",
        "bob/softmax/softmax.ipynb",
        "bob/old/softmax.ipynb",
        "eve/.git/HEAD",
        "eve/a/softmax.ipynb",
        "eve/b/softmax.ipynb",
        "zoe/.git/HEAD",
        "zoe/README.md",
    )
    entries = find_notebooks([tmp_path], ONE)
    assert [
        (e.student, e.path.relative_to(tmp_path).as_posix(), list(e.attachments())) for e in entries.notebooks
    ] == [
        ("ada", "ada/hw3/mine/softmax.ipynb", ["data.csv"]),
        ("bob", "bob/softmax/softmax.ipynb", []),
    ]
    assert [e.path.relative_to(tmp_path).as_posix() for e in refused(entries)] == [
        "eve/a/softmax.ipynb",
        "eve/b/softmax.ipynb",
        "zoe/README.md",
    ]
    assert {e.upload.time for e in entries.notebooks} == {None}, "a commit's time is the student's word"


def test_a_repository_that_is_named_itself_is_its_students(tmp_path):
    write(tmp_path, "ada/.git/HEAD", "ada/softmax/softmax.ipynb")
    assert [e.student for e in accepted(find_notebooks([tmp_path / "ada"], ONE))] == ["ada"]


def test_files_that_imitate_a_platform_inside_a_repository_are_nobody_elses(tmp_path):
    write(tmp_path, "ada/.git/HEAD", "ada/bob_5_9_softmax.ipynb", "ada/submitted/bob/softmax/softmax.ipynb")
    for path in (tmp_path, tmp_path / "ada"):
        entries = find_notebooks([path], ONE)
        assert {e.student for e in entries.notebooks} <= {"ada"}


def test_a_notebook_is_told_by_its_cells_whatever_it_is_called(tmp_path):
    """Which assignment, and which of its notebooks."""
    ids = {("softmax", "softmax"): {"s1", "s2"}, ("bayes", "dice"): {"d1", "d2"}, ("bayes", "tests"): {"t1"}}
    expected = Expected(TWO.assignments, grade_ids=lambda *book: frozenset(ids[book]))

    def made_of(*names):
        cells = [
            {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": n, "grade": True}}}
            for n in names
        ]
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

    path = zipped(
        tmp_path / "submissions.zip",
        {
            canvas_name("Ada", 1, 11, "HW3_final(2).ipynb"): made_of("s1", "s2"),
            canvas_name("Bob", 2, 12, "a.ipynb"): made_of("t1"),
            canvas_name("Bob", 2, 13, "b.ipynb"): made_of("d1"),
            canvas_name("Eve", 3, 14, "c.ipynb"): made_of("else"),
            canvas_name("Zoe", 4, 15, "d.ipynb"): "no notebook",
        },
    )
    entries = find_notebooks([path], expected)
    assert {(e.student, e.assignment, e.notebook) for e in entries.notebooks} == {
        ("1", "softmax", "softmax"),
        ("2", "bayes", "tests"),
        ("2", "bayes", "dice"),
    }
    assert [e.path.name for e in refused(entries)] == ["eve_3_14_c.ipynb", "zoe_4_15_d.ipynb"]


def test_the_same_notebook_from_two_places_is_refused_where_nothing_tells_which_is_later(tmp_path):
    write(tmp_path, "a/ada.ipynb", "b/ada.ipynb", "b/bob.ipynb")
    entries = find_notebooks([tmp_path / "a/ada.ipynb", tmp_path / "b/ada.ipynb", tmp_path / "b/bob.ipynb"], ONE)
    assert [e.student for e in entries.notebooks] == ["bob"]
    assert len(refused(entries)) == 2


def test_a_zip_of_one_student_is_whose_name_it_has(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"softmax/softmax.ipynb": "", "softmax/data.csv": "1"})
    (entry,) = accepted(find_notebooks([path], ONE))
    assert (entry.student, entry.attachments()) == ("ada", {"data.csv": b"1"})
    path = zipped(tmp_path / "bob.zip", {"softmax.ipynb": "", "data.zip": "PK", "more/data.csv": "1"})
    (entry,) = accepted(find_notebooks([path], ONE))
    assert (entry.student, set(entry.attachments())) == ("bob", {"data.zip", "more/data.csv"})
    path = zipped(tmp_path / "class.zip", {"ada/x.ipynb": "", "bob.ipynb": "", "notes.txt": ""})
    assert {(e.student, tuple(e.attachments())) for e in accepted(find_notebooks([path], ONE))} == {
        ("ada", ()),
        ("bob", ()),
    }


PARTS = st.sampled_from(["_", "a", "_attempt_", "2026-01-30-15-30-10", "_attempt_2026-01-30-15-30-10_", ".ipynb"])


@given(st.lists(PARTS, max_size=8).map("".join))
def test_an_assignment_ends_at_the_first_underscore_behind_its_first_letter(name):
    """As in the expression of nbgrader's example, which takes time that grows with the square of the length."""
    lazy = re.compile(ATTEMPT.pattern.replace("[^/][^/_]*", "[^/]+?")).fullmatch(name)
    found = ATTEMPT.fullmatch(name)
    assert (found and found.groupdict()) == (lazy and lazy.groupdict())


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-30-15-30-10", when(2026, 1, 30, 15, 30, 10)),
        ("2026-01-30 15:30:10 UTC", when(2026, 1, 30, 15, 30, 10)),
        ("2026-01-30 15:30:10.5 UTC", when(2026, 1, 30, 15, 30, 10, 500_000)),
        ("2026-01-30 15:30:10 Europe/Berlin", when(2026, 1, 30, 14, 30, 10)),
        ("2026-01-30 15:30:10", when(2026, 1, 30, 15, 30, 10)),
        ("2026-13-30-15-30-10", None),
        ("some day", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_nbgrader_reads_it(text, time):
    found = parse_time(text)
    assert (found and naive_utc(found)) == time


def delivered(*names, problem=None):
    return [DeliveredFile(name, Path(name), f"entry {name}", lambda _: b"", problem) for name in names]


def test_an_uploads_details_come_from_all_its_files_and_a_name_that_is_taken_gives_way_to_the_later():
    parsed = [
        ParsedName("ada", "hw.ipynb", 3, time=when(2026, 1, 1), late=False),
        ParsedName("ada", "hw.ipynb", 7, time=when(2026, 1, 3), late=True),
        ParsedName("ada", "x.csv", 5, time=when(2026, 1, 2)),
        ParsedName("ada", "hw.ipynb", 1, attempt="second"),
        ParsedName("ada", "hw.ipynb", 1, assignment="other"),
        ParsedName("bob", "hw.ipynb"),
    ]
    files = delivered(*"abcdef")
    first, *others = uploads(zip(parsed, files, strict=True))
    assert {name: file.name for name, file in first.files.items()} == {
        "hw.ipynb": "b",
        "earlier/3/hw.ipynb": "a",
        "x.csv": "c",
    }
    assert (first.time, first.late, first.order) == (when(2026, 1, 3), True, 7)
    assert first.ranks == {"hw.ipynb": 7, "earlier/3/hw.ipynb": 3, "x.csv": 5}
    assert [(each.student, each.assignment, each.time, each.late) for each in others] == [
        ("ada", None, None, None),
        ("ada", "other", None, None),
        ("bob", None, None, None),
    ]


CANVAS_NAMED = ["ada_1_11_hw.ipynb", "bob_2_12_hw.ipynb"]


@pytest.mark.parametrize(
    ("others", "is_one", "said"),
    [
        ([], True, []),
        (["a.ipynb", "b.csv"], True, ["a.ipynb"]),
        (["a.ipynb", "b.csv", "c.csv"], False, []),
        (["x/a.ipynb", "x/b.csv", "x/c.csv"], True, ["x/a.ipynb"]),
    ],
)
def test_a_delivery_is_a_platforms_if_no_more_names_are_others(others, is_one, said):
    found = canvas(delivered(*CANVAS_NAMED, *others))
    assert (found is not None) == is_one
    if found:
        assert [upload.student for upload in found[0]] == ["1", "2"]
        assert [(entry.path.name, entry.label) for entry in found[1]] == [
            (Path(n).name, f"entry {n}") for n in said
        ]


def test_an_unsafe_file_speaks_against_no_platform_and_is_named_by_its_problem():
    bad = delivered("a", "b.csv", "c", problem="is encrypted.")
    _, found = canvas([*delivered(*CANVAS_NAMED), *bad])
    assert [(entry.path.name, entry.problem) for entry in found] == [
        (n, "is encrypted.") for n in ("a", "b.csv", "c")
    ]


def test_a_hidden_folder_beside_students_folders_is_no_students():
    found, _ = submitted(delivered("submitted/.x/hw/hw.ipynb", "submitted/ada/hw/hw.ipynb", "source/hw/hw.ipynb"))
    assert [upload.student for upload in found] == ["ada"]
    assert submitted(delivered("source/hw/hw.ipynb", "submitted/.x/hw/hw.ipynb")) is None


# --- names, one by one -----------------------------------------------------------------------------------


def one(platform, name):
    """The upload of the only file and the name that the student chose; None if the platform does not know it."""
    found = platform(delivered(name))
    if found is None:
        return None
    (upload,) = found[0]
    return upload, *upload.files


@pytest.mark.parametrize(
    ("name", "student", "chosen", "late", "order"),
    [
        ("lovelaceada_7_11_hw.ipynb", "7", "hw.ipynb", False, 11),
        ("lovelaceada_LATE_7_11_hw.ipynb", "7", "hw.ipynb", True, 11),
        ("lovelace_ada_7_11_8_12_hw.ipynb", "7", "8_12_hw.ipynb", False, 11),
        ("_7_11_hw.ipynb", "7", "hw.ipynb", False, 11),
        ("anon_x1Y_11_hw.ipynb", "anon_x1Y", "hw.ipynb", False, 11),
        ("LATE_anon_x1Y_11_hw.ipynb", "anon_x1Y", "hw.ipynb", True, 11),
        ("anon_x1Y_text.html", "anon_x1Y", "text.html", False, 0),
        ("lovelaceada_7_text.html", "7", "text.html", False, 0),
        ("lovelaceada_LATE_7_link.html", "7", "link.html", True, 0),
        ("lovelaceada_7_other.html", None, None, None, None),
        ("lovelaceada_7_11_", None, None, None, None),
        ("x/lovelaceada_7_11_hw.ipynb", None, None, None, None),
        ("lovelace-ada_7_11_hw.ipynb", None, None, None, None),
    ],
)
def test_a_name_of_canvas_tells_user_lateness_and_the_order_of_files(name, student, chosen, late, order):
    found = one(canvas, name)
    if student is None:
        assert found is None
    else:
        upload, file = found
        assert (upload.student, file, upload.late, upload.order) == (student, chosen, late, order)
        assert upload.person == Person((student,))
        assert (upload.assignment, upload.time) == (None, None)


@pytest.mark.parametrize(
    ("name", "person", "chosen"),
    [
        ("Ada M. Lovelace_12_assignsubmission_file/a/hw.ipynb", ("Ada M.", "Lovelace"), "a/hw.ipynb"),
        ("Ada Lovelace_12_assignsubmission_file_/hw.ipynb", ("Ada", "Lovelace"), "hw.ipynb"),
        ("Ada Lovelace_12_assignsubmission_file_hw.ipynb", ("Ada", "Lovelace"), "hw.ipynb"),
        ("Cher_12_assignsubmission_file_hw.ipynb", (None, None), "hw.ipynb"),
        (" Ada Lovelace _12_assignsubmission_file_hw.ipynb", ("Ada", "Lovelace"), "hw.ipynb"),
        (
            "Ada Lovelace_12_assignsubmission_onlinetext/onlinetext.html",
            ("Ada", "Lovelace"),
            "onlinetext/onlinetext.html",
        ),
        ("Ada_Lovelace_12_assignsubmission_file_hw.ipynb", None, None),
        ("x/Ada_12_assignsubmission_file_hw.ipynb", None, None),
        ("Ada Lovelace_12_assignsubmission_file/", None, None),
    ],
)
def test_a_name_of_moodle_tells_participant_and_name_and_a_text_lies_apart(name, person, chosen):
    found = one(moodle, name)
    if person is None:
        assert found is None
    else:
        upload, file = found
        assert (upload.student, file, upload.person) == ("12", chosen, Person(("12",), *person))
        assert (upload.late, upload.order) == (None, 0)


TIME = "2026-01-30 15:30:10.000000 UTC"


@pytest.mark.parametrize(
    ("name", "student", "assignment", "chosen"),
    [
        (f"ada+hw+{TIME}/hw.ipynb", "ada", "hw", "hw.ipynb"),
        (f"ada+hw+{TIME}+Ab0/a/hw.ipynb", "ada", "hw", "a/hw.ipynb"),
        (f"inbound/ada+hw+{TIME}+Ab0/hw.ipynb", "ada", "hw", "hw.ipynb"),
        (f"a+b+hw+{TIME}/hw.ipynb", "a+b", "hw", "hw.ipynb"),
        (f"a+b+hw+{TIME}+Ab0/hw.ipynb", "a+b", "hw", "hw.ipynb"),
        (f"ada+hw+{TIME}", None, None, None),
        (f"+hw+{TIME}/hw.ipynb", None, None, None),
        ("ada+hw+today/hw.ipynb", None, None, None),
        (f"ada+{TIME}/hw.ipynb", None, None, None),
    ],
)
def test_a_folder_of_the_exchange_tells_student_assignment_and_time(name, student, assignment, chosen):
    found = one(exchange, name)
    if student is None:
        assert found is None
    else:
        upload, file = found
        assert (upload.student, upload.assignment, file, upload.person) == (student, assignment, chosen, None)
        assert naive_utc(upload.time) == when(2026, 1, 30, 15, 30, 10)


def test_each_hand_in_of_the_exchange_is_an_upload_of_its_own():
    names = [f"ada+hw+2026-01-{day} 10:00:00 UTC/{name}" for day in (30, 31) for name in ("hw.ipynb", "x.csv")]
    found, refused_ = exchange(delivered(*names))
    assert [(upload.time.day, sorted(upload.files)) for upload in found] == [
        (30, ["hw.ipynb", "x.csv"]),
        (31, ["hw.ipynb", "x.csv"]),
    ]
    assert not refused_


def stamped(content, problem=None):
    """What was collected of Ada, Bob and Cleo, of whom Ada has a time."""
    files = delivered("submitted/ada/hw/hw.ipynb", "submitted/bob/hw/hw.ipynb", "submitted/ada/ps/ps.ipynb")
    name = "submitted/ada/hw/timestamp.txt"
    return [*files, DeliveredFile(name, Path(name), name, lambda limit: content[:limit], problem)]


@pytest.mark.parametrize(
    ("content", "problem", "time"),
    [
        (b"2026-01-30 15:30:10 UTC\n", None, when(2026, 1, 30, 15, 30, 10)),
        (b"2026-01-30 15:30:10 UTC", "is a link.", None),
        (b"\xff", None, None),
        (b"", None, None),
        (b" " * 1001 + b"2026-01-30 15:30:10 UTC", None, None),
    ],
)
def test_what_was_collected_has_the_time_that_lies_beside_it(content, problem, time):
    found, _ = submitted(stamped(content, problem))
    times = {(upload.student, upload.assignment): upload.time and naive_utc(upload.time) for upload in found}
    assert times == {("ada", "hw"): time, ("bob", "hw"): None, ("ada", "ps"): None}


def test_beside_what_was_collected_only_what_is_unsafe_is_named():
    bad = delivered("release/x", problem="is a link.")
    _, found = submitted([*delivered("submitted/ada/hw/hw.ipynb", "release/hw/hw.ipynb"), *bad])
    assert [(entry.path.as_posix(), entry.problem, entry.label) for entry in found] == [
        ("release/x", "is a link.", "entry release/x")
    ]


def test_the_groups_of_a_courses_expression_say_who_when_and_what():
    expression = (
        r".*?(?P<student_id>\w+)-(?P<first_name>\w*)-(?P<last_name>\w*)-(?P<email>[^-]*)"
        r"-(?P<timestamp>[0-9T]*)-(?P<file_id>\w+)"
    )
    platform = collected_by(expression)
    upload, file = one(platform, "in/7-Ada-Lovelace-a@x-20260130T1530-hw.ipynb")
    assert (upload.student, file) == ("7", "hw.ipynb")
    assert upload.person == Person(("7",), "Ada", "Lovelace", "a@x")
    assert naive_utc(upload.time) == when(2026, 1, 30, 15, 30)
    upload, _ = one(platform, "in/7---a@x--hw.ipynb")
    assert (upload.person, upload.time) == (Person(("7",), "", "", "a@x"), None)
    upload, _ = one(platform, "in/7-----hw.ipynb")
    assert upload.person is None
    assert one(platform, "in/hw.ipynb") is None
    assert one(collected_by(r"(?P<student_id>\w+)"), "ada.ipynb") is None
    assert one(collected_by(r"(?P<student_id>\w+?)_(?P<file_id>.*)"), "ada_hw.ipynb")[1] == "hw.ipynb"
    with pytest.raises(re.error, match="unterminated"):
        collected_by("(")
