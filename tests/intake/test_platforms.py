"""Deliveries of Canvas, Moodle, Gradescope and nbgrader say whose a file is, when it came and which one counts."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import nbgrader
import pytest
from intake.deliveries import accepted, canvas_name, gradescope_metadata, moodle_name, when, zipped

from autograder.intake import Expected, Superseded, find_notebooks, naive_utc

ONE = Expected({"softmax": ["softmax"]})
TWO = Expected({"softmax": ["softmax"], "bayes": ["dice", "tests"]}, "bayes")


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
