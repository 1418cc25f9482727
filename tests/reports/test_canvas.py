"""Canvas's file: every mark stands in its row, and nothing else changes."""

from __future__ import annotations

import csv
import io

import pytest
from dozen import CANVAS, HOSTILE

from autograder.reports.canvas import into_canvas
from autograder.reports.mark import AssignmentMark
from autograder.reports.sheet import Sheet, SheetError

SOFTMAX = 6
"""The assignment's column."""


def entry(student, score=2.0, **fields):
    return AssignmentMark(
        student=student, assignment="softmax", score=score, raw_score=score, max_score=2.5, **fields
    )


def filled(entries, text=CANVAS, **options):
    outcome = into_canvas(Sheet.read(text.encode(), "export.csv"), entries, "softmax", **options)
    return outcome, rows(outcome.sheet.write().decode())


def rows(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def row_of(outcome):
    """The row with a mark, counted from 1."""
    before = rows(CANVAS)
    return [n for n, row in enumerate(outcome, 1) if row != before[n - 1]]


@pytest.mark.parametrize(
    ("student", "fields", "row"),
    [
        ("4711", {}, 4),
        ("4712", {}, 5),
        ("4713", {}, 6),
        ("anyone", {"platform_id": "9003"}, 7),
        ("anyone", {"last_name": "Lovelace", "first_name": "Ada"}, 4),
        ("anyone", {"last_name": "LOVELACE", "first_name": " ada"}, 4),
        ("lovelace,  ada", {}, 4),
        ("anyone", {"email": "four"}, 7),
    ],
    ids=["ID", "SIS User ID", "SIS Login ID", "lms_user_id", "name", "spelling", "name as id", "email as login"],
)
def test_a_mark_is_written_into_its_students_row(student, fields, row):
    outcome, after = filled([entry(student, **fields)])
    assert (outcome.written, outcome.not_written, row_of(after)) == (1, [], [row])
    assert after[row - 1][SOFTMAX] == "2"


def test_nothing_but_the_marks_is_changed():
    outcome, after = filled([entry("4711"), entry("4712"), entry("4713")])
    before = rows(CANVAS)
    assert outcome.written == 3
    assert [row[:SOFTMAX] + row[SOFTMAX + 1 :] for row in after] == [
        row[:SOFTMAX] + row[SOFTMAX + 1 :] for row in before
    ]
    assert [row[SOFTMAX] for row in after[:3]] == ["Softmax (101)", "Manual Posting", "2.5"]
    assert outcome.sheet.write().startswith("\ufeffStudent".encode())
    assert outcome.sheet.write().count(b"\r\n") == CANVAS.count("\r\n")


def test_without_marks_the_file_is_unchanged():
    assert Sheet.read(CANVAS.encode(), "export.csv").write() == CANVAS.replace('"4714"', "4714").encode()


def test_the_id_has_precedence_over_other_columns():
    text = CANVAS.replace("u-gauss", "4711")
    outcome, after = filled([entry("4711")], text)
    assert after[3][SOFTMAX] == "2"
    assert after[5][SOFTMAX] == ""
    assert "the first counts" in outcome.notes[0]


def test_two_students_of_one_name_are_distinguished_or_not_marked():
    text = CANVAS.replace('"Noether, Emmy"', '"Lovelace, Ada"')
    outcome, after = filled([entry("anyone", last_name="Lovelace", first_name="Ada")], text)
    assert (outcome.written, after) == (0, rows(text))
    assert outcome.not_written == ["“anyone” fits rows 4 and 8 of export.csv alike: neither got the mark."]


def test_two_marks_for_one_row_are_both_refused():
    outcome, after = filled([entry("4711"), entry("ada", score=1.0)])
    assert (outcome.written, after) == (0, rows(CANVAS))
    assert outcome.not_written == ["“4711” and “ada” fit row 4 of export.csv alike: it got neither mark."]


def test_what_does_not_match_is_listed_and_nothing_is_invented():
    outcome, after = filled([entry("4711"), entry("stranger")])
    assert len(after) == len(rows(CANVAS))
    assert outcome.not_written == ["“stranger” has a mark and no row in export.csv."]
    assert len(outcome.without_mark) == 6
    assert outcome.without_mark[0] == "Row 5 of export.csv has no mark; it is as it was."


def test_the_excused_stay_excused():
    outcome, after = filled([entry("4715")])
    assert after[7][SOFTMAX] == "EX"
    assert outcome.notes == ["Row 8 of export.csv has “EX” for a mark; it is as it was."]


@pytest.mark.parametrize(
    ("changed", "column", "said"),
    [
        (("Softmax (101)", "Homework 1 (101)"), None, "no assignment “softmax”, and Canvas would make a new one"),
        (("Softmax (101)", "Softmax"), None, "no assignment “softmax”"),
        (("Bayes (100)", "SOFTMAX (100)"), None, "more than one assignment “softmax”"),
        (("Softmax (101)", "Softmax (101)"), "Softmax (999)", "no assignment “Softmax (999)”"),
        (("Softmax (101)", "Softmax (101)"), "Final Score", "no assignment “Final Score”"),
        (("10,2.5,", "10,(read only),"), None, "read-only"),
        (("Student,ID", "Name,ID"), None, "no gradebook of Canvas's"),
    ],
)
def test_a_column_that_is_not_canvass_is_refused(changed, column, said):
    assert changed[0] in CANVAS
    with pytest.raises(SheetError, match=said.replace("(", r"\(").replace(")", r"\)")):
        filled([entry("4711")], CANVAS.replace(*changed), column=column)


def test_a_column_may_be_named():
    _, after = filled([entry("4711")], column="Bayes (100)")
    assert after[3][5] == "2"


def test_another_maximum_is_reported_and_marks_are_not_scaled():
    outcome, after = filled([entry("4711")], CANVAS.replace(",10,2.5,", ",10,100,"))
    assert after[3][SOFTMAX] == "2"
    assert "100 points" in outcome.notes[0]


def test_names_in_two_columns_and_semicolons_are_read_too():
    text = (
        "LastName;FirstName;ID;SIS Login ID;Section;Softmax (1)\nLovelace;Ada;7;ada;S;\nPoints Possible;;;;;2,5\n"
    )
    _, after = filled([entry("x", last_name="Lovelace", first_name="Ada")], text)
    assert after[1] == ["Lovelace;Ada;7;ada;S;2"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"\xff\xfeS", "not UTF-8"), (b'Student,ID\n"open', "not a CSV file")],
)
def test_what_is_no_csv_is_refused(content, said):
    with pytest.raises(SheetError, match=said):
        Sheet.read(content, "export.csv")


def test_hostile_names_in_canvass_file_are_unchanged():
    name = HOSTILE.encode("utf-8", "replace").decode()
    row = io.StringIO(newline="")
    csv.writer(row).writerow([name, "77", name, name, name, "", "", ""])
    _, after = filled([entry("77", score=1.25)], CANVAS + row.getvalue())
    assert after[-1] == [name, "77", name, name, name, "", "1.25", ""]


@pytest.mark.parametrize(
    ("score", "text"), [(2.0, "2"), (1 / 3, "0.333333"), (0.0, "0"), (17.5, "17.5"), (1e6, "1000000")]
)
def test_marks_are_plain_numbers(score, text):
    assert filled([entry("4711", score=score)])[1][3][SOFTMAX] == text


FORMULAS = ["=1+1", "+1", "-1", "@ada", "＝1", "a;=1", "'=1"]


def read_by_canvas(table):
    """The mark of each row that Canvas's importer ascribes to a user: by ID, else by SIS ids, else by name."""
    users = {str(9000 + n): (ident, f"@{ident}", f"={ident}, A") for n, ident in enumerate(FORMULAS)}
    marks = {}
    for row in table[1:]:
        found = {row[1]} & users.keys()
        for column, place in ((2, 0), (3, 1), (0, 2)):
            found = found or {user for user, ids in users.items() if ids[place] == row[column]}
        (user,) = found
        marks[user] = row[5]
    return marks


@pytest.mark.parametrize("blank", [None, 1, 2], ids=["by ID", "by SIS User ID", "by SIS Login ID"])
def test_ids_that_begin_like_formulas_are_canvass_own_and_canvas_reads_them(blank):
    """Canvas matches by them: with an apostrophe they would be nobody's. A name it has made harmless itself."""
    rows_of_students = [
        [f'="={ident}, A"', str(9000 + n), ident, f"@{ident}", "1", ""] for n, ident in enumerate(FORMULAS)
    ]
    for row in rows_of_students if blank else []:
        row[1 : blank + 1] = [""] * blank
    written = io.StringIO(newline="")
    csv.writer(written).writerows(
        [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Softmax (1)"], *rows_of_students]
    )
    marks = [entry(f"@{ident}", score=n / 2) for n, ident in enumerate(FORMULAS)]
    outcome, after = filled(marks, written.getvalue())
    assert (outcome.written, outcome.not_written) == (len(FORMULAS), [])
    assert [row[:-1] for row in after[1:]] == [row[:-1] for row in rows_of_students]
    assert read_by_canvas(after) == {str(9000 + n): f"{n / 2:g}" for n in range(len(FORMULAS))}


def test_a_name_that_canvas_has_made_harmless_is_the_students():
    text = CANVAS.replace('"=Gauß, 日本 🙂"', '"=""=Gauß, 日本 🙂"""')
    outcome, after = filled([entry("anyone", last_name="=Gauß", first_name="日本 🙂")], text)
    assert (outcome.written, after[5][SOFTMAX], after[5][0]) == (1, "2", '="=Gauß, 日本 🙂"')


def test_a_named_column_is_found_whatever_blanks_stand_around_it():
    for text in (CANVAS, CANVAS.replace("Bayes (100)", " Bayes (100)")):
        _, after = filled([entry("4711")], text, column=" Bayes (100) ")
        assert after[3][5] == "2"


def test_a_column_that_is_read_only_in_whatever_letters_is_refused():
    with pytest.raises(SheetError, match="“Softmax \\(101\\)” is read-only in "):
        filled([entry("4711")], CANVAS.replace("10,2.5,", "10,(Read Only),"))


def test_titles_may_have_blanks_around_them():
    outcome, _ = filled([entry("9003")], CANVAS.replace("Student,ID", " Student , ID"))
    assert outcome.written == 1
    outcome, _ = filled([entry("7")], "LastName , FirstName,ID,Softmax (1)\nA,B,7,\n")
    assert outcome.written == 1


def test_the_columns_that_there_are_are_named():
    with pytest.raises(SheetError, match="there are: “Bayes \\(100\\)”, “Homework \\(101\\)”\\."):
        filled([], CANVAS.replace("Softmax (101)", "Homework (101)"))
    with pytest.raises(SheetError, match="there are: none\\."):
        filled([], "Student,ID\n")


@pytest.mark.parametrize("title", ["SOFT-max! (101)", " soft max (101)", "Softmax (101)"])
def test_the_assignment_is_found_by_its_letters(title):
    _, after = filled([entry("4711")], CANVAS.replace("Softmax (101)", title))
    assert after[3][SOFTMAX] == "2"


def test_a_title_with_brackets_and_line_ends_is_the_assignments():
    text = CANVAS.replace("Softmax (101)", '"Soft\nmax (2) (101)"')
    outcome = into_canvas(Sheet.read(text.encode(), "a.csv"), [entry("4711")], "softmax2")
    assert outcome.written == 1


@pytest.mark.parametrize("excused", ["EX", "ex", " N/A ", "n/a"])
def test_who_is_excused_or_not_assigned_stays_so(excused):
    outcome, after = filled([entry("4711")], CANVAS.replace(",9,,81", f",9,{excused},81"))
    assert after[3][SOFTMAX] == excused
    assert outcome.written == 0
    assert outcome.notes == [f"Row 4 of export.csv has “{excused.strip()}” for a mark; it is as it was."]


def test_a_mark_replaces_the_one_that_was_there():
    outcome, after = filled([entry("4712", score=0.0)])
    assert (outcome.written, after[4][SOFTMAX]) == (1, "0")


@pytest.mark.parametrize(
    ("maximum", "ours", "notes"),
    [
        ("2.5", [2.5, 2.5], 0),
        ("2,5", [2.5], 0),
        ("2.5", [0.0], 0),
        ("2.5", [], 0),
        ("", [2.5], 0),
        ("0", [2.5], 1),
        ("2.5", [2.5, 3.0], 1),
    ],
)
def test_another_maximum_is_noted_once(maximum, ours, notes):
    marks = [
        AssignmentMark(student=f"x{n}", assignment="softmax", score=0.0, raw_score=0.0, max_score=each)
        for n, each in enumerate(ours)
    ]
    outcome, _ = filled(marks, CANVAS.replace(",10,2.5,", f',10,"{maximum}",'))
    assert len(outcome.notes) == notes


def test_two_maxima_are_both_told():
    marks = [
        AssignmentMark(student="x", assignment="softmax", score=0.0, raw_score=0.0, max_score=each)
        for each in (10.0, 3.0)
    ]
    assert filled(marks)[0].notes == [
        "Canvas gives 2.5 points for it and this course 3 or 10: the marks are not scaled."
    ]


def test_an_export_without_the_row_of_points_is_filled():
    text = "Student,ID,Softmax (1)\nAda,7,\n"
    outcome, after = filled([entry("7")], text)
    assert (outcome.written, outcome.notes, after[1]) == (1, [], ["Ada", "7", "2"])


@pytest.mark.parametrize("heading", ["", "Manual Posting", "muted", " Manual Posting - all "])
def test_rows_of_no_student_are_not_listed(heading):
    text = f"Student,ID,Softmax (1)\n,,{heading}\n    Points Possible,,2.5\nAda,7,\nBob,8,Muted too\n"
    outcome, _ = filled([], text)
    assert [note.split()[1] for note in outcome.without_mark] == ["4", "5"]


def test_an_id_means_the_same_in_each_column_and_the_first_column_wins():
    """By Canvas's own number, then ID, SIS User ID, SIS Login ID, and the name."""
    head = "Student,ID,SIS User ID,SIS Login ID,Softmax (1)\n"
    rows_of = {"platform": "a,99,,,", "ID": "b,k,,,", "user": "c,2,k,,", "login": "d,3,,k,", "name": "k,4,,,"}
    for number, skipped in enumerate(rows_of):
        text = head + "\n".join(list(rows_of.values())[number:]) + "\n"
        outcome, after = filled([entry("k", platform_id="99")], text)
        assert (outcome.written, after[1][-1]) == (1, "2"), skipped
