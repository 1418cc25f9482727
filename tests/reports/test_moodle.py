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
