"""Marks as a table: nbgrader's columns, one for each cell, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from dozen import HOSTILE, IN_PROCESS, NEEDS_PERSON, PERFECT, REPORTS, SECOND_BOOK
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.intake.roster import read_roster, without_apostrophes
from autograder.reports.mark import AssignmentMark, DuplicateReportError, marks_from_reports
from autograder.reports.table import COLUMNS, as_table, without_formula


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def entry(**fields):
    usual = {"student": "ada", "assignment": "softmax", "score": 1.0, "raw_score": 1.0, "max_score": 2.0}
    return AssignmentMark(**{**usual, **fields})


def test_a_submission_is_a_row_and_a_cell_a_column():
    table = read(as_table(marks_from_reports([IN_PROCESS, SECOND_BOOK, NEEDS_PERSON])))
    assert len(table) == 2
    assert (table[0]["problem1/test1"], table[0]["problem2/test1"], table[0]["score"]) == ("1.5", "0.0", "1.5")
    assert (table[1]["softmax/why"], table[1]["softmax/when"]) == ("", "0.0")


def test_every_mark_can_be_read_back():
    for row, report in zip(read(as_table(marks_from_reports(REPORTS[:7]))), REPORTS[:7], strict=True):
        assert (row["student_id"], float(row["score"]), float(row["max_score"])) == (
            report.student,
            report.score,
            report.max_score,
        )


def test_one_notebook_twice_is_refused():
    with pytest.raises(DuplicateReportError, match="two reports of softmax of softmax by “4711”"):
        marks_from_reports([PERFECT, PERFECT])


SIGNS = "=+-@＝＋－＠\t\r\n"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FORMULAS = st.lists(st.sampled_from([*SIGNS, "'", ";", " ", "\u3000", "a", '"', ","]), max_size=8).map("".join)


@given(TEXTS | FORMULAS)
@example(HOSTILE.replace("\udcff", ""))
def test_ids_are_read_back_as_they_were(text):
    """With the apostrophes taken back, whatever characters they hold: marks are matched by them."""
    (row,) = read(as_table([entry(student=text, email=text, assignment=text, cells={f"{text}/x": 1.0})]))
    row = {without_apostrophes(name): without_apostrophes(value) for name, value in row.items()}
    assert (row["student_id"], row["email"], row["assignment"], row[f"{text}/x"]) == (text, text, text, "1.0")


@given(TEXTS | FORMULAS, st.sampled_from(",;"))
def test_no_cell_is_a_formula_whatever_separates_cells(text, separator):
    """A spreadsheet that takes semicolons for separators doesn't see the quotes around a field, either."""
    table = as_table([entry(**dict.fromkeys(("student", "email", "last_name", "first_name", "assignment"), text))])
    if separator == ",":
        cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    else:
        cells = re.split(r"[;\r\n]", table)
    assert not [cell for cell in cells if cell.lstrip().startswith(tuple(SIGNS))]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "－1"])
def test_an_apostrophe_stands_before_a_formula(name):
    fields = ("student", "email", "last_name", "first_name")
    (row,) = read(as_table([entry(**dict.fromkeys(fields, name), cells={name: 1.0})]))
    for field in ("student_id", "email", "last_name", "first_name"):
        assert row[field].startswith("'")
        assert row[field].replace("'", "") == name
    assert list(row)[-1].startswith("'")


def test_a_name_of_more_than_one_cell_has_an_apostrophe_in_each():
    (row,) = read(as_table([entry(student="a;=cmd|'/c calc'!A0;b")]))
    assert row["student_id"] == "a;'=cmd|'/c calc'!A0;b"


def test_a_table_of_ids_is_a_roster_of_the_same_ids(tmp_path):
    """As a person makes one: columns renamed, everything else left."""
    ids = ["=HYPERLINK(A1)", "'=x", "+1", "-1", "@ada", "a;=1", "＝1", "'ada", "O'Neil", "ada"]
    table = as_table([entry(student=ident, email=f"{ident}@x.edu", first_name=ident) for ident in ids])
    header, _, rows = table.partition("\n")
    header = header.replace("student_id", "id").replace("duedate", "lms_user_id")
    numbered = [row.replace("softmax,", f"softmax,{n}", 1) for n, row in enumerate(rows.splitlines())]
    (tmp_path / "roster.csv").write_text("\n".join([header, *numbered]))
    roster = read_roster(tmp_path / "roster.csv")
    assert [roster[str(n)].student for n in range(len(ids))] == ids
    assert [roster[str(n)].person.email for n in range(len(ids))] == [f"{ident}@x.edu" for ident in ids]
    assert [roster[str(n)].person.first_name for n in range(len(ids))] == ids


def test_an_ordinary_name_stays():
    (row,) = read(as_table([entry(last_name="O'Neil-Gauß, 日本", first_name='"Zoë"')]))
    assert (row["last_name"], row["first_name"]) == ("O'Neil-Gauß, 日本", '"Zoë"')


def test_each_value_stands_in_its_column_and_an_unknown_one_is_empty():
    due, handed = (dt.datetime(2026, 3, day, 9, 30, tzinfo=dt.UTC) for day in (2, 1))
    known = entry(
        duedate=due, timestamp=handed, last_name="L", first_name="A", email="a@x.org", raw_score=1.5, penalty=0.5,
        cells={"p/q": 0.0, "p/r": None},
    )  # fmt: skip
    lines = as_table([known, entry(student="bob", cells={"p/s": 1.0, "p/q": 0.25})]).split("\n")
    assert lines == [
        ",".join([*COLUMNS, "p/q", "p/r", "p/s"]),
        "softmax,2026-03-02 09:30:00+00:00,2026-03-01 09:30:00+00:00,ada,L,A,a@x.org,1.5,0.5,1.0,2.0,0.0,,",
        "softmax,,,bob,,,,1.0,0.0,1.0,2.0,0.25,,1.0",
        "",
    ]
    assert as_table([]).count("\n") == 1


@pytest.mark.parametrize("field", ["assignment", "student", "last_name", "first_name", "email"])
def test_no_text_of_a_row_is_a_formula_and_neither_is_the_name_of_a_cell(field):
    text = as_table([entry(**{field: "=1+1"}, cells={"=2": 1.0})])
    assert text.count("'=1+1") == 1
    assert text.splitlines()[0].endswith(",'=2")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1", "'=1"), ("'=1", "''=1"), ("a=1", "a=1"), ("a;=1", "a;'=1"), ("a; =1", "a;' =1"), (" =1", "' =1"),
        ("\t=1", "'\t'=1"), ("\n1", "'\n1"), ("a\n-1", "a\n'-1"), ("\u3000＝1", "'\u3000＝1"), ("＠a", "'＠a"),
        ("it's", "it's"), ("'a", "'a"), ("", ""), ("a-b", "a-b"), ("a,=1", "a,=1"),
    ],
)  # fmt: skip
def test_an_apostrophe_stands_exactly_where_a_formula_would_begin(text, written):
    assert without_formula(text) == written
