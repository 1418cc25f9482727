"""A platform's own sheet says who is who; one that belongs to something else is refused."""

from __future__ import annotations

import csv

import pytest
from intake.deliveries import accepted, canvas_name, moodle_name, zipped

from autograder.intake import Expected, Person, RosterError, find_notebooks, read_roster

MOODLE = ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Last modified (submission)"]
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Softmax (99)"]
NBGRADER = ["id", "first_name", "last_name", "email", "lms_user_id"]


def sheet(path, columns, *rows, encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def collected(path, roster):
    return find_notebooks([path], Expected({"softmax": ["softmax"]}, roster=read_roster(roster)))


def people(notebooks):
    return {(e.student, e.upload.person.first_name, e.upload.person.last_name) for e in notebooks}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_moodles_worksheet_turns_the_number_of_a_participant_into_a_lasting_id(encoding, tmp_path):
    """By ID number, else by e-mail; the number is another one in each assignment."""
    path = zipped(
        tmp_path / "m.zip", {moodle_name(f"Student {n}", n, "softmax.ipynb"): "" for n in (812, 813, 814)}
    )
    roster = sheet(
        tmp_path / "sheet.csv",
        MOODLE,
        ["Participant 812", "Zoë, Núñez Lovelace", "u0042", "zoe@x.edu", "", "", ""],
        ["Participant 813", "Bob B", "", "bob@x.edu"],
        encoding=encoding,
    )
    found = collected(path, roster)
    assert people(found.notebooks) == {("u0042", "Zoë, Núñez", "Lovelace"), ("bob@x.edu", "Bob", "B")}
    (stranger,) = found.refused
    assert stranger.reason.endswith("belongs to a student who is not in the roster.")


def test_canvas_gradebook_tells_names_and_keeps_the_id(tmp_path):
    path = zipped(tmp_path / "c.zip", {canvas_name("Lovelace, Ada", 7, 9, "softmax.ipynb"): ""})
    points = ["    Points Possible", "", "", "", "", "24"]
    roster = sheet(tmp_path / "g.csv", CANVAS, points, ["Lovelace, Ada", "7", "S7", "ada@x.edu", "1", "="])
    (entry,) = accepted(collected(path, roster))
    assert people([entry]) == {("7", "Ada", "Lovelace")}
    assert entry.upload.person.ids == ("7", "S7", "ada@x.edu")


def test_nbgraders_own_list_maps_a_platforms_id_to_the_courses(tmp_path):
    path = zipped(tmp_path / "c.zip", {canvas_name("Lovelace, Ada", 7, 9, "softmax.ipynb"): ""})
    roster = sheet(tmp_path / "s.csv", NBGRADER, ["ada", "Ada", "Lovelace", "", "7"], ["bob", "Bob", "B", "", ""])
    assert people(accepted(collected(path, roster))) == {("ada", "Ada", "Lovelace")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is neither"),
        (b"name,mark\nada,3\n", "is neither"),
        (b"\xff\xfe\x00", "can't be read"),
        (b"id,lms_user_id\nada,7\nbob,7\n", "gives the id 7 to two people"),
    ],
)
def test_a_sheet_that_is_none_is_refused_with_a_sentence(content, said, tmp_path):
    (tmp_path / "sheet.csv").write_bytes(content)
    with pytest.raises(RosterError, match=said) as error:
        read_roster(tmp_path / "sheet.csv")
    assert str(tmp_path / "sheet.csv") in str(error.value)


def test_a_short_or_long_row_harms_no_other(tmp_path):
    roster = sheet(tmp_path / "s.csv", NBGRADER, ["eve"], ["ada", "Ada", "Lovelace", "", "7", "more", "more"])
    assert {ident: who.student for ident, who in read_roster(roster).items()} == {"7": "ada"}


FORMULAS = ["=1+1", "+1", "-1", "@ada", "＝1", "'=1"]


def test_ids_that_begin_like_formulas_are_read_as_the_platforms_write_them(tmp_path):
    """Canvas makes a name harmless and ids not; Moodle nothing."""
    canvas = sheet(
        tmp_path / "c.csv",
        CANVAS,
        *[[f'="={ident}, A"', str(n), ident, f"@{ident}", "", ""] for n, ident in enumerate(FORMULAS)],
    )
    moodle = sheet(
        tmp_path / "m.csv", MOODLE, *[[f"Participant {n}", "A B", ident] for n, ident in enumerate(FORMULAS)]
    )
    for number, ident in enumerate(FORMULAS):
        person = read_roster(canvas)[str(number)].person
        assert person.ids == (str(number), ident, f"@{ident}")
        assert (person.last_name, person.first_name) == (f"={ident}", "A")
        assert read_roster(moodle)[str(number)].student == ident


def test_the_details_of_a_person_are_those_of_the_sheet(tmp_path):
    """Blanks around a cell are none of it, an empty one is unknown, and an id counts once."""
    moodle = sheet(
        tmp_path / "m.csv",
        MOODLE,
        ["Participant 1", "Ada Lovelace", "", ""],
        ["Participant 2", "Cher", " u2 ", "c@x.edu"],
        ["Participant", "Nobody N", "u3", "n@x.edu"],
    )
    found = read_roster(moodle)
    assert {ident: (entry.student, entry.person) for ident, entry in found.items()} == {
        "1": ("1", Person(("1",), "Ada", "Lovelace", None)),
        "2": ("u2", Person(("u2", "c@x.edu"), None, "Cher", "c@x.edu")),
    }
    canvas = sheet(tmp_path / "c.csv", CANVAS, ["Cher", "7", "7", "c@x.edu"], ["Student, Test", "", "", "t"])
    assert {k: e.person for k, e in read_roster(canvas).items()} == {"7": Person(("7", "c@x.edu"), None, "Cher")}
    own = sheet(tmp_path / "o.csv", NBGRADER, ["ada", "", "Lovelace", "a@x.edu", "7"], ["", "E", "E", "", "8"])
    assert {k: e.person for k, e in read_roster(own).items()} == {
        "7": Person(("7", "ada"), None, "Lovelace", "a@x.edu")
    }


def test_the_same_student_may_stand_in_a_sheet_twice(tmp_path):
    row = ["ada", "Ada", "Lovelace", "", "7"]
    assert read_roster(sheet(tmp_path / "s.csv", NBGRADER, row, row))["7"].student == "ada"
