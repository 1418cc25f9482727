"""Moodle's worksheet: every grade stands in its row, and nothing else changes."""

from __future__ import annotations

import csv
import io

import pytest
from dozen import MOODLE

from autograder.reports.mark import AssignmentMark
from autograder.reports.moodle import into_moodle
from autograder.reports.sheet import Sheet, SheetError

GRADE, MODIFIED, COMMENT = 4, 8, 9


def entry(student, score=2.0, **fields):
    return AssignmentMark(
        student=student, assignment="softmax", score=score, raw_score=score, max_score=2.5, **fields
    )


def filled(entries, text=MOODLE):
    outcome = into_moodle(Sheet.read(text.encode(), "sheet.csv"), entries)
    return outcome, list(csv.reader(io.StringIO(outcome.sheet.write().decode(), newline="")))


@pytest.mark.parametrize(
    ("student", "fields", "row"),
    [
        ("4711", {}, 1),
        ("Participant 4712", {}, 2),
        ("jakob@example.org", {}, 2),
        ("anyone", {"email": "gauss@example.org"}, 3),
        ("anyone", {"last_name": "Noether", "first_name": "Emmy"}, 4),
        ("emmy noether", {}, 4),
    ],
)
def test_a_mark_is_written_into_its_students_row(student, fields, row):
    outcome, after = filled([entry(student, **fields)])
    assert (outcome.written, outcome.not_written) == (1, [])
    assert after[row][GRADE] == "2"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_all_but_the_grades_is_as_moodle_wrote_it(newline, bom):
    text = bom + MOODLE.replace("\n", newline)
    outcome, _ = filled([entry("4712")], text)
    assert outcome.sheet.write().decode() == text.replace("Submitted,1.00", "Submitted,2")


def test_the_time_of_the_last_grading_is_unchanged():
    """Moodle skips a row if its own time differs: someone has graded in the meantime."""
    _, after = filled([entry("4712")])
    assert after[2][MODIFIED] == "Tuesday, 3 March 2026, 9:00 AM"


def test_no_feedback_is_written():
    """Feedback without a grade would erase the grade in Moodle."""
    before = list(csv.reader(io.StringIO(MOODLE, newline="")))
    _, after = filled([entry("4711"), entry("4712")])
    assert [row[COMMENT] for row in after] == [row[COMMENT] for row in before]


def test_a_number_that_means_two_students_marks_neither():
    """A participant's number is Moodle's own; an ID number of the same digits is someone else's."""
    text = MOODLE.replace("Email address", "ID number").replace("gauss@example.org", "4711")
    outcome, after = filled([entry("4711")], text)
    assert after == list(csv.reader(io.StringIO(text, newline="")))
    assert outcome.not_written == ["“4711” fits rows 2 and 4 of sheet.csv alike: neither got the mark."]


def test_a_mark_above_the_maximum_is_not_written():
    """Moodle would skip it silently."""
    outcome, after = filled([entry("4711", score=3.0)])
    assert after[1][GRADE] == ""
    assert "above Moodle's maximum of 2.5" in outcome.not_written[0]
    assert outcome.written == 0


def test_what_does_not_match_is_listed():
    outcome, _ = filled([entry("4711"), entry("stranger")])
    assert outcome.not_written == ["“stranger” has a mark and no row in sheet.csv."]
    assert len(outcome.without_mark) == 4


@pytest.mark.parametrize("title", ["Identifier", "Grade", "Last modified (grade)"])
def test_what_is_no_worksheet_is_refused(title):
    with pytest.raises(SheetError, match="language set to English"):
        filled([entry("4711")], MOODLE.replace(f"{title},", "X,", 1))


def test_a_long_online_text_is_read():
    text = MOODLE.replace("please", "x" * 1_000_000)
    assert len(filled([entry("4711")], text)[1][2][COMMENT]) > 1_000_000


def test_ids_that_begin_like_formulas_are_moodles_own_and_moodle_reads_them():
    """Moodle finds a row by its participant alone; the other fields stay as Moodle wrote them."""
    ids = ["=1+1", "+1", "-1@x.edu", "@ada", "＝1", "a;=1", "'=1"]
    header = MOODLE.partition("\n")[0].split(",")
    rows = [[f"Participant {n}", ident, ident, *["", "", "2.50"], *[""] * 4] for n, ident in enumerate(ids)]
    written = io.StringIO(newline="")
    csv.writer(written).writerows([header, *rows])
    outcome, after = filled([entry("x", n / 4, email=ident) for n, ident in enumerate(ids)], written.getvalue())
    assert (outcome.written, outcome.not_written) == (len(ids), [])
    assert [row[:GRADE] + row[GRADE + 1 :] for row in after] == [
        row[:GRADE] + row[GRADE + 1 :] for row in [header, *rows]
    ]
    marks = {row[0].removeprefix("Participant "): row[GRADE] for row in after[1:]}
    assert marks == {str(n): f"{n / 4:g}" for n in range(len(ids))}


@pytest.mark.parametrize(("score", "written"), [(2.5, 1), (2.500001, 0), (0.0, 1), (-1.0, 1)])
def test_a_mark_up_to_the_maximum_is_written(score, written):
    outcome, after = filled([entry("4711", score=score)])
    assert (outcome.written, len(outcome.not_written)) == (written, 1 - written)
    assert bool(after[1][GRADE]) == bool(written)


def test_a_mark_above_the_maximum_says_whose_and_where():
    (said,) = filled([entry("4711", score=3.0)])[0].not_written
    assert said == "“4711”, row 2 of sheet.csv, is above Moodle's maximum of 2.5: Moodle would skip it."


@pytest.mark.parametrize("maximum", ["2,50", "2.50"])
def test_a_maximum_with_a_comma_is_a_number(maximum):
    text = MOODLE.replace("2.50", f'"{maximum}"')
    outcome, _ = filled([entry("4711", score=3.0), entry("4712", score=2.5)], text)
    assert (outcome.written, len(outcome.not_written), outcome.notes) == (1, 1, [])


def test_without_a_maximum_every_mark_is_written():
    """As where Moodle grades by a scale, or the column is missing."""
    for text in (MOODLE.replace("2.50", "-"), MOODLE.replace("Maximum Grade,", "Other,")):
        outcome, after = filled([entry("4711", score=99.0)], text)
        assert (outcome.written, after[1][GRADE], outcome.notes) == (1, "99", [])


@pytest.mark.parametrize(
    ("maxima", "theirs", "notes"),
    [
        ([2.5], "2.50", []),
        ([0.0], "2.50", []),
        ([10.0], "2.50", ["Moodle gives 2.5 points for it and this course 10: the marks are not scaled."]),
        (
            [10.0, 2.5],
            "2.50",
            ["Moodle gives 2.5 points for it and this course 2.5 or 10: the marks are not scaled."],
        ),
        ([2.5], "5", ["Moodle gives 2.5 or 5 points for it and this course 2.5: the marks are not scaled."]),
    ],
)
def test_another_maximum_is_noted_and_marks_are_not_scaled(maxima, theirs, notes):
    marks = [
        AssignmentMark(student=f"471{n}", assignment="softmax", score=1.0, raw_score=1.0, max_score=maximum)
        for n, maximum in enumerate(maxima, 1)
    ]
    outcome, after = filled(marks, MOODLE.replace("2.50", theirs, 1))
    assert outcome.notes == notes
    assert after[1][GRADE] == "1"


@pytest.mark.parametrize("title", ["ID number", "Username", "Email address"])
def test_a_student_is_found_by_each_column_by_id_and_by_address(title):
    text = MOODLE.replace("Email address", title)
    for found in (entry("gauss@example.org"), entry("x", email="gauss@example.org")):
        outcome, after = filled([found], text)
        assert (outcome.written, after[3][GRADE]) == (1, "2")


@pytest.mark.parametrize(
    ("identifier", "student"),
    [
        ("Participant 77", "77"),
        ("Participant77", "Participant 77"),
        ("77", "Participant 77"),
        ("Hidden 7", "Hidden 7"),
    ],
)
def test_a_participant_is_known_with_and_without_the_word(identifier, student):
    outcome, after = filled([entry(student)], MOODLE.replace("Participant 4711", identifier))
    assert (outcome.written, after[1][GRADE]) == (1, "2")


def test_other_text_around_a_number_is_another_identifier():
    for student in ("x Participant 4711", "Participant 4711 x", "4711x"):
        assert filled([entry(student)])[0].written == 0


def test_an_empty_line_is_no_student_and_a_sheet_without_names_is_read():
    text = MOODLE.replace("Full name", "X") + "\n"
    outcome, _ = filled([entry("4711"), entry("emmy noether")], text)
    assert (outcome.written, len(outcome.without_mark)) == (1, 4)
    assert outcome.not_written == ["“emmy noether” has a mark and no row in sheet.csv."]


def test_titles_may_have_blanks_around_them_and_the_first_that_is_missing_is_named():
    outcome, _ = filled([entry("4711")], MOODLE.replace(",Grade,", ", Grade ,", 1))
    assert outcome.written == 1
    with pytest.raises(SheetError, match="it lacks “Identifier”"):
        filled([], "a,b\n")
    with pytest.raises(SheetError, match="it lacks “Last modified"):
        filled([], "Identifier,Grade\n")


def test_the_column_of_ids_may_be_the_first():
    text = "ID number,Identifier,Grade,Last modified (grade)\nk-7,Participant 1,,-\n"
    outcome, after = filled([entry("k-7")], text)
    assert (outcome.written, after[1]) == (1, ["k-7", "Participant 1", "2", "-"])
