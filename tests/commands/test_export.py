"""Marks from submission to the platform's own file, through the commands."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
from click.testing import CliRunner
from conftest import CHECKOUT
from dozen import CANVAS, MOODLE, REPORTS

from autograder.cli import main
from autograder.commands import export
from autograder.commands.demo import submissions
from autograder.reports.mark import AssignmentMark
from autograder.reports.sheet import Filled
from autograder.results import from_json, to_json

SOFTMAX = [report for report in REPORTS[:7] if report.assignment == "softmax"]
CLASS = 40


@pytest.fixture
def run(monkeypatch):
    """Run a command where its output is a log."""
    monkeypatch.setenv("CI", "true")

    def call(*words, expect=0):
        done = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
        assert done.exit_code == expect, done.output
        return done.output

    return call


@pytest.fixture
def results(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text("".join(to_json(report) + "\n" for report in SOFTMAX), encoding="utf-8")
    return path


@pytest.fixture
def canvas(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(CANVAS.encode())
    return path


def rows(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


# --- a class, end to end ---------------------------------------------------------------------------------


def gradebook_of_canvas(students):
    """A gradebook as Canvas exports it, in the order of names, which is not that of the ids."""
    text = io.StringIO(newline="")
    write = csv.writer(text, lineterminator="\r\n").writerow
    write(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Softmax (55)", "Final Score"])
    write(["    Points Possible", "", "", "", "", "24.00", "(read only)"])
    for number, student in enumerate(reversed(students)):
        write([f"Name {number}, Student", student, f"sis-{number}", f"login{number}", "Section 1", "", ""])
    write(["Student, Test", "1", "", "", "Section 1", "", ""])
    return text.getvalue()


@pytest.mark.deep
@pytest.mark.sandbox
def test_a_class_of_forty_comes_back_with_every_mark_in_its_row(run, tmp_path, lean, perfect):
    """Graded by `autograder grade`, exported into Canvas's file: each row holds the mark of its own submission."""
    behaviours = ["perfect", "naive", "epsilon", "wrong_axis", "untouched"]
    texts = [(CHECKOUT / "tests" / "submissions" / "softmax" / f"{name}.py").read_text() for name in behaviours]
    right = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()
    contents = [submissions.write(submissions.fill_in(lean, text, right)) for text in texts]
    students = [str(40_000 + 7 * n) for n in range(CLASS)]
    for number, student in enumerate(students):
        folder = tmp_path / "in" / student / "softmax"
        folder.mkdir(parents=True)
        (folder / "softmax.ipynb").write_bytes(contents[number % len(contents)])
    results, export, marks = (tmp_path / name for name in ("r.jsonl", "export.csv", "marks.csv"))
    export.write_bytes(gradebook_of_canvas(students).encode())

    run("grade", tmp_path / "in", "--course", CHECKOUT, "--no-gradebook", "--results", results)
    said = run("export", "canvas", "--into", export, marks, "--results", results)

    graded = {report.student: report for report in map(from_json, results.read_text().splitlines())}
    assert len(graded) == CLASS
    assert len({report.score for report in graded.values()}) > 3
    before, after = rows(export), rows(marks)
    assert [row[:5] + row[6:] for row in after] == [row[:5] + row[6:] for row in before]
    for row in after[2:-1]:
        assert float(row[5]) == pytest.approx(graded[row[1]].score)
    assert after[-1][5] == ""
    assert f"40 of 40 marks of softmax are in {marks}." in said
    for student in students:
        assert student not in said


# --- out of the gradebook --------------------------------------------------------------------------------


@pytest.fixture
def graded_course(course):
    """A course with marks by the grader and by a person, extra credit, a late and a missing submission."""
    from autograder.gradebook.gradebook import Gradebook

    with Gradebook(course) as gradebook:
        api = gradebook.database
        api.update_or_create_assignment("softmax", duedate=dt.datetime.fromisoformat("2026-03-01"))
        api.add_student("absent", first_name="=Ab", last_name="sent, Jr.", email="absent@example.org")
        for number, student in enumerate(("ada", "jakob", "emmy")):
            api.add_student(
                student, first_name=f"First{number}", last_name=f"Last{number}", lms_user_id=f"{4711 + number}"
            )
            submission = api.add_submission(
                "softmax", student, timestamp=dt.datetime.fromisoformat(f"2026-03-0{1 + number}")
            )
            (notebook,) = submission.notebooks
            notebook.late_submission_penalty = float(number)
            for place, grade in enumerate(notebook.grades):
                grade.auto_score = None if place == 0 else 0.5
                grade.manual_score = 1.25 if place == 1 else None
                grade.extra_credit = 0.25 if place == 2 else None
                grade.needs_manual_grade = place == 0 and number == 0
        api.db.commit()
    return course


def test_the_tables_first_columns_are_what_nbgrader_exports(run, graded_course, tmp_path):
    """nbgrader's own exporter is asked: raw score, penalty, score after it, names, dates."""
    from nbgrader.api import Gradebook
    from nbgrader.plugins import CsvExportPlugin

    run("export", "csv", tmp_path / "ours.csv", "--course", graded_course.root)
    with Gradebook(f"sqlite:///{graded_course.root}/gradebook.db") as gradebook:
        absent = gradebook.find_student("absent")
        absent.first_name, absent.last_name = "'=Ab", "sent"  # nbgrader quotes nothing
        CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(gradebook)
    ours, theirs = rows(tmp_path / "ours.csv"), rows(tmp_path / "theirs.csv")
    shown = [row[:11] for row in ours]
    for row in shown:
        row[4] = row[4].removesuffix(", Jr.")
    assert sorted(shown) == sorted(theirs)
    assert "softmax/logsumexp" in ours[0]


def test_marks_of_the_gradebook_go_to_canvas_after_the_penalty(run, graded_course, canvas, tmp_path):
    out = tmp_path / "marks.csv"
    said = run("export", "canvas", "--into", canvas, out, "--course", graded_course.root, expect=0)
    cells = 11
    raw = 0.5 * (cells - 2) + 1.25 + 0.25
    found = {row[1]: row[6] for row in rows(out)}
    assert (float(found["4711"]), float(found["9001"])) == (raw, raw - 1.0)
    assert "2 of 3 marks" in said
    assert "Row 8 of export.csv has “EX” for a mark; it is as it was." in said
    assert "1 of the marks may still change" in said


# --- what is said ----------------------------------------------------------------------------------------


def test_a_mark_without_a_row_is_counted_in_a_log_and_named_on_request(run, results, canvas, tmp_path):
    out = tmp_path / "marks.csv"
    words = ("export", "canvas", "--into", canvas, out, "--results", results)
    said = run(*words, expect=1)
    assert "4716" not in said
    assert "2 marks are not written; --show-students names them." in said
    assert "Row 9 of export.csv has no mark; it is as it was." in said
    named = run(*words, "--show-students", expect=1)
    assert "“4716” has a mark and no row in export.csv." in named
    assert out.exists()


def test_moodles_worksheet_is_filled(run, results, tmp_path):
    sheet, out = tmp_path / "sheet.csv", tmp_path / "out.csv"
    sheet.write_bytes(MOODLE.encode())
    run("export", "moodle", "--into", sheet, out, "--results", results, expect=1)
    assert [row[4] for row in rows(out)[1:3]] == ["2.5", "1.5"]


def test_the_platforms_file_is_only_read(run, results, canvas, tmp_path):
    run("export", "canvas", "--into", canvas, tmp_path / "out.csv", "--results", results, expect=1)
    assert canvas.read_bytes() == CANVAS.encode()


@pytest.mark.parametrize(
    ("change", "words", "said"),
    [
        (None, ["--assignment", "bayes"], "There are no marks of “bayes”; there are of: softmax."),
        (None, ["--column", "Nothing (1)"], "has no assignment “Nothing (1)”"),
        ("{}", [], "Line 1 of"),
        ("", [], "There are no marks."),
        ("twice", [], "two reports of softmax"),
        ("several", [], "There are marks of ps1, softmax: name one with --assignment."),
    ],
)
def test_what_can_not_be_exported_is_a_sentence(run, results, canvas, tmp_path, change, words, said):
    line = results.read_text().splitlines()[0] + "\n"
    other = json.dumps(json.loads(line) | {"assignment": "ps1"}) + "\n"
    if change is not None:
        results.write_text({"twice": line * 2, "several": line + other}.get(change, change))
    out = tmp_path / "out.csv"
    output = run("export", "canvas", "--into", canvas, out, "--results", results, *words, expect=2)
    assert said in " ".join(output.split())
    assert not out.exists()


def test_a_gradebook_that_is_none_is_a_sentence(run, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "gradebook.db").write_text("not a database, and long enough to be looked at" * 100)
    said = run("export", "csv", tmp_path / "out.csv", "--course", tmp_path, expect=2)
    assert "gradebook can't be opened: file is not a database." in " ".join(said.split())


def test_what_is_missing_is_a_sentence(run, results, tmp_path):
    out = tmp_path / "out.csv"
    assert "can't be read" in run("export", "canvas", "--into", "nowhere.csv", out, "--results", results, expect=2)
    assert "can't be read" in run("export", "csv", out, "--results", "nowhere.jsonl", expect=2)
    (tmp_path / "source").mkdir()
    assert "has no gradebook yet" in run("export", "csv", out, "--course", tmp_path, expect=2)
    assert not (tmp_path / "gradebook.db").exists()
    gone = tmp_path / "no" / "such" / "out.csv"
    assert "can't be written" in run("export", "csv", gone, "--results", results, expect=2)


# --- each part by itself ---------------------------------------------------------------------------------


def mark(student, assignment, **fields):
    marks = {"score": 1.0, "max_score": 2.0, "raw_score": 1.0}
    return AssignmentMark(student=student, assignment=assignment, **marks, **fields)


def test_the_only_assignment_is_meant_and_who_submitted_nothing_is_left_out():
    marks = [mark("b", "hw"), mark("a", "hw"), mark("c", "hw", submitted=False), mark("d", "ps", submitted=False)]
    assert export.only(marks, None) == marks[:2]
    assert export.only([*marks, mark("e", "ps")], "hw") == marks[:2]
    for asked, said in (("ps", "no marks of “ps”; there are of: hw."), ("gone", "there are of: hw.")):
        with pytest.raises(export.ExportError, match=said):
            export.only(marks, asked)
    with pytest.raises(export.ExportError, match=r"There are marks of hw, ps: name one with --assignment."):
        export.only([mark("e", "ps"), *marks], None)
    with pytest.raises(export.ExportError, match=r"^There are no marks.$"):
        export.only(marks[2:], None)
    with pytest.raises(export.ExportError, match="there are of: none"):
        export.only([], "hw")


def test_the_table_has_every_student_also_who_submitted_nothing(tmp_path):
    marks = [mark("b", "hw"), mark("a", "hw", submitted=False), mark("b", "ps")]
    for asked, count in ((None, 3), ("hw", 2), ("ps", 1)):
        assert export.export_table(marks, tmp_path / "t.csv", asked) == count
        assert len(rows(tmp_path / "t.csv")) == 1 + count
    for asked, said in (("gone", "There are no marks of “gone”."), (None, "There are no marks.")):
        with pytest.raises(export.ExportError, match=said):
            export.export_table(marks if asked else [], tmp_path / "none.csv", asked)
    assert not (tmp_path / "none.csv").exists()


def test_a_sheet_is_not_written_over_itself_also_by_another_name(run, results, canvas, tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to(canvas)
    for out in (canvas, tmp_path / "x" / ".." / canvas.name, link):
        (tmp_path / "x").mkdir(exist_ok=True)
        said = run("export", "canvas", "--into", canvas, out, "--results", results, expect=2)
        assert "is the sheet to read, which stays as it is" in " ".join(said.split())
    assert canvas.read_bytes() == CANVAS.encode()


def test_the_outcome_counts_what_is_written_and_what_may_still_change(capsys, tmp_path):
    filled = Filled(
        None, written=2, without_mark=["Row 3 has none."], not_written=["“x” has no row."], notes=["A note."]
    )
    marks = [mark("a", "hw", open_cells=2), mark("b", "hw"), mark("x", "hw", open_cells=1)]
    export._print_outcome(filled, marks, tmp_path, {"show_students": True})
    assert capsys.readouterr().out.splitlines() == [
        *(f"2 of 3 marks of hw are in {tmp_path}.", "A note.", "Row 3 has none.", "“x” has no row."),
        "2 of the marks may still change: a person has cells to mark or to look at.",
    ]
    export._print_outcome(Filled(None, written=1), [mark("b", "hw")], tmp_path, {"show_students": False})
    assert capsys.readouterr().out == f"1 of 1 marks of hw are in {tmp_path}.\n"


def test_the_tables_cells_that_are_no_text_are_written_all_the_same(tmp_path):
    export.export_table([mark("ada\udcff", "hw")], tmp_path / "t.csv", None)
    assert "ada?" in (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
