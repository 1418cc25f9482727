"""A platform's CSV file: read and written unchanged, and each mark in the one row that is its student's."""

from __future__ import annotations

import csv
import io

import pytest

from autograder.reports import sheet as sheets
from autograder.reports.mark import AssignmentMark
from autograder.reports.sheet import Key, Sheet, SheetError, fill, line, names_of, normalised, number


def read(text):
    return Sheet.read(text.encode(), "a.csv")


def entry(student, score=1.0, **fields):
    return AssignmentMark(student=student, assignment="a", score=score, raw_score=score, max_score=2.0, **fields)


# --- a file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "a;b\r\n1;2,5\r\n",
        "a\tb\n1\t2\n",
        "\ufeffa,b\r\n1,2\r\n",
        "one\n\n1\n",
        'a,b\n"x\ny","p, q"\n',
        'a,b\n"x\r\ny","say ""so"""\n',
        "a,b\n,\n1\n1,2,3\n",
        "名前;ü\n日本 🙂;\x85\n",
    ],
)
def test_a_file_is_written_as_it_was_read(text):
    assert read(text).write().decode() == text


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("a,b;c,d", ","), ("a;b,c;d", ";"), ("a\tb,c\td", "\t"), ("a,b;c", ","), ("a", ",")],
)
def test_what_separates_the_header_most_separates_the_fields(header, delimiter):
    """The first line alone decides, whatever the others hold."""
    found = read(f"{header}\n;;;;;,,,,,,,,\t\t\t\t\t\n")
    assert found.delimiter == delimiter
    assert found.header == header.split(delimiter)


def test_a_byte_order_mark_is_no_part_of_the_first_title():
    assert read("\ufeffStudent,ID\n").header == ["Student", "ID"]
    assert read("\ufeffStudent,ID\n").bom
    assert not read("Student,\ufeffID\n").bom


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "a.csv is empty: export it"),
        (b"\xef\xbb\xbf", "a.csv is empty: export it"),
        (b"gr\xfcn,1\n", "a.csv is not UTF-8 text: take"),
        (b'a,b\n"open', "a.csv is not a CSV file: "),
        (b'a,b\n"x"y,1\n', "a.csv is not a CSV file: "),
    ],
)
def test_what_is_no_file_of_a_platform_is_refused(content, said):
    with pytest.raises(SheetError) as refused:
        Sheet.read(content, "a.csv")
    assert str(refused.value).startswith(said)


def test_a_field_may_hold_what_moodle_calls_an_online_text():
    assert csv.field_size_limit() == sheets.LONGEST_FIELD >= 32_000_000


# --- columns and fields ----------------------------------------------------------------------------------


def test_a_column_is_found_by_its_whole_title_whatever_blanks_stand_around_it():
    found = read("Name , ID,ID number,Two,Two\n")
    assert [found.column(title) for title in ("Name", "ID", "ID number")] == [0, 1, 2]
    assert [found.maybe(title) for title in ("Name", "ID", "id", "Number")] == [0, 1, None, None]
    with pytest.raises(SheetError, match="no column “id”; its columns are: Name ,  ID, ID number, Two, Two"):
        found.column("id")
    for ask in (found.column, found.maybe):
        with pytest.raises(SheetError, match="more than one column “Two”"):
            ask("Two")


def test_a_field_is_empty_where_the_row_is_short_or_there_is_no_column():
    found = read("a,b,c\n x ,0\n")
    assert [found.at(1, place) for place in (0, 1, 2, 9, None)] == ["x", "0", "", "", ""]
    assert found.at(0, 0) == "a"


def test_a_value_is_put_into_its_field_and_a_short_row_grows():
    found = read("a,b,c\n1\n1,2,3\n1,2,3,4\n")
    for row in (1, 2, 3):
        found.put(row, 2, "9")
    assert found.rows[1:] == [["1", "", "9"], ["1", "2", "9"], ["1", "2", "9", "4"]]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_field_with_a_line_end_is_quoted_and_a_row_has_none_of_its_own(end):
    assert line(["a", f"x{end}y", 3]) == f'a,"x{end}y",3'
    assert line([f"x{end}"], ";") == f'"x{end}"'
    assert line(["a", "b;c", None], ";") == 'a;"b;c";'


# --- numbers and names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (0.0, "0"), (1.0, "1"), (-0.5, "-0.5"), (10.0, "10"), (2.25, "2.25"), (1 / 3, "0.333333"),
        (2 / 3, "0.666667"), (0.1 + 0.2, "0.3"), (123456.75, "123456.75"), (1e9, "1000000000"), (4e-7, "0"),
    ],
)  # fmt: skip
def test_a_mark_has_a_decimal_point_six_places_and_no_exponent(score, text):
    assert number(score) == text


@pytest.mark.parametrize(
    ("name", "found"),
    [("  Ada\tLOVELACE ", "ada lovelace"), ("Groß", "gross"), ("Ada\u00a0L", "ada l"), ("", ""), ("日本", "日本")],
)
def test_names_are_compared_without_case_and_blanks(name, found):
    assert normalised(name) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"last_name": "Lovelace", "first_name": "Ada"}, ["lovelace, ada", "ada lovelace", "x y"]),
        ({"last_name": "Plato"}, ["plato", "plato", "x y"]),
        ({"first_name": "Ada"}, ["x y"]),
        ({}, ["x y"]),
    ],
)
def test_a_name_may_be_written_in_two_orders_or_as_the_id(fields, found):
    assert list(names_of(entry("X  y", **fields))) == found


# --- filling ---------------------------------------------------------------------------------------------

TABLE = "id,mail,name,mark\n1,a@x,ada,\n2,b@x,bob,\n3,,cyd,\n,,dan,7\n"
ID = Key("ID", lambda row: rows(TABLE)[row][0], lambda mark: [mark.student])
MAIL = Key("mail", lambda row: rows(TABLE)[row][1], lambda mark: [mark.student, mark.email])
NAME = Key("name", lambda row: rows(TABLE)[row][2], lambda mark: [mark.student, mark.last_name])


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def filled(marks, *, first_decides=True, refused=(), only=range(1, 5)):
    found = read(TABLE)

    def put(row, mark):
        if row in refused:
            return False
        found.put(row, 3, number(mark.score))
        return True

    outcome = fill(found, marks, iter(only), [ID, MAIL, NAME], put, first_decides=first_decides)
    assert outcome.sheet is found
    return outcome, [row[3] for row in found.rows[1:]]


@pytest.mark.parametrize("first_decides", [True, False])
def test_each_mark_is_written_by_whichever_key_finds_its_row(first_decides):
    marks = [entry("1", 0.5), entry("b@x", 0.0), entry("x", 2.0, last_name="cyd")]
    outcome, column = filled(marks, first_decides=first_decides)
    assert column == ["0.5", "0", "2", "7"]
    assert (outcome.written, outcome.not_written, outcome.notes) == (3, [], [])
    assert outcome.without_mark == ["Row 5 of a.csv has no mark; it is as it was."]


def test_an_empty_key_matches_no_empty_field():
    """The third and fourth have no mail, and so has the mark."""
    outcome, column = filled([entry("stranger", email="", last_name="")])
    assert column == ["", "", "", "7"]
    assert outcome.not_written == ["“stranger” has a mark and no row in a.csv."]
    assert len(outcome.without_mark) == 4


def test_a_name_counts_only_where_no_other_key_finds_a_row():
    outcome, column = filled([entry("1", last_name="bob")], first_decides=False)
    assert (column, outcome.notes, outcome.not_written) == (["1", "", "", "7"], [], [])


def test_two_keys_for_two_rows_take_the_first_with_a_note_or_neither():
    marks = [entry("1", email="b@x")]
    outcome, column = filled(marks)
    assert (outcome.written, column) == (1, ["1", "", "", "7"])
    assert outcome.notes == ["Row 2 of a.csv is a student's by ID, and row 3 by another column: the first counts."]
    outcome, column = filled(marks, first_decides=False)
    assert (outcome.written, column, outcome.notes) == (0, ["", "", "", "7"], [])
    assert outcome.not_written == ["“1” fits rows 2 and 3 of a.csv alike: neither got the mark."]


def test_two_keys_for_one_row_are_no_conflict():
    outcome, column = filled([entry("1", email="a@x")], first_decides=False)
    assert (outcome.written, outcome.notes, column[0]) == (1, [], "1")


def test_two_marks_for_one_row_are_neither_written_and_the_others_are():
    outcome, column = filled([entry("1"), entry("a@x", 2.0), entry("2", 0.25)])
    assert column == ["", "0.25", "", "7"]
    assert outcome.not_written == ["“1” and “a@x” fit row 2 of a.csv alike: it got neither mark."]
    assert [text.split()[1] for text in outcome.without_mark] == ["4", "5"]


def test_rows_of_no_student_are_neither_filled_nor_listed():
    outcome, column = filled([entry("1"), entry("2")], only=[2, 4])
    assert column == ["", "1", "", "7"]
    assert outcome.not_written == ["“1” has a mark and no row in a.csv."]
    assert outcome.without_mark == ["Row 5 of a.csv has no mark; it is as it was."]


def test_a_mark_that_was_not_put_is_not_counted():
    outcome, column = filled([entry("1"), entry("2")], refused=[1])
    assert (outcome.written, column) == (1, ["", "1", "", "7"])
    assert (len(outcome.without_mark), outcome.not_written) == (2, [])


def test_rows_are_named_in_the_order_of_the_file():
    found = read("name\n" + "".join(f"{'ada' if n in (1, 8) else n}\n" for n in range(1, 9)))
    by_name = Key("name", lambda row: found.at(row, 0), lambda mark: [mark.student])
    outcome = fill(found, [entry("ada")], range(1, 9), [by_name], lambda *_: True, first_decides=True)
    assert outcome.not_written == ["“ada” fits rows 2 and 9 of a.csv alike: neither got the mark."]
