"""What each platform's file names say, name by name, and what an upload of several files is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.deliveries import when

from autograder.intake import Person, naive_utc
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
