"""`autograder grade --diff`: after a change to an exercise, whose marks would change, by how much and why."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from classroom import grade, rows, run
from conftest import CHECKOUT, SECRET
from msgspec.structs import replace
from nbformat.v4 import new_code_cell, new_notebook

from autograder.commands import diff
from autograder.commands.diff import Change, _head, _print, _same, changes, line_of, why
from autograder.commands.opening import CannotGradeError
from autograder.course import CourseError
from autograder.gradebook.marks import Mark
from autograder.intake import Collected, Refused, SubmittedNotebook, Superseded
from autograder.results import CellResult, CheckResult, Report

PAGE = (CHECKOUT / "docs" / "writing-exercises.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w/]+\.py)`\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
EXERCISE = "exercises/poisson_log_pmf.py"


def check(name, score, message=None):
    return CheckResult(name=name, passed=score == 1, score=float(score), max_score=1.0, message=message)


def cell(score, checks=(), message=None):
    return CellResult(
        grade_id="f", exercise="f", mode="sealed", score=score, max_score=3, checks=list(checks), message=message
    )


def report(*cells):
    score = sum(each.score or 0 for each in cells)
    key = {"student": "ada", "assignment": "a", "notebook": "a", "file": "a.ipynb"}
    return Report(
        **key,
        status="graded",
        message=None,
        score=score,
        max_score=3,
        isolation=None,
        seconds=0,
        cells=list(cells),
    )


def test_the_reason_is_the_check_that_gives_other_marks():
    before = cell(2.0, [check("is right", 1), check("is stable", 1), check("is quick", 0, "slow")])
    worth = cell(1.0, [*before.checks[:2], replace(before.checks[2], max_score=2.0)])
    assert why(worth, before) == "“is quick” is worth 2 instead of 1, and fails as before"
    after = cell(
        1.0, [check("is right", 1), check("is stable", 0, "f(9) → nan\nmore"), check("is quick", 0, "slow")]
    )
    assert why(after, before) == "“is stable” fails: f(9) → nan"
    assert why(before, after) == "“is stable” holds"
    assert why(cell(3.0, [*before.checks, check("is new", 1)]), before) == "new: “is new” holds"
    assert why(cell(1.0, before.checks[:1]), before) == "“is stable” is asked no more; “is quick” is asked no more"
    assert why(cell(0.0, message="it hangs\nfor ever"), before) == "it hangs"


def test_a_mark_by_a_person_stays_and_rounding_is_no_change():
    (change,) = changes(report(cell(1.0)), {"f": Mark(2.0, 2.5)}, None)
    assert (change.by, line_of(change)) == (0.0, "f 2 → 1 (a person gave 2.5, which stays)")
    assert list(changes(report(cell(1.0)), {"f": Mark(1.0 + 1e-12, None)}, None)) == []
    assert list(changes(report(cell(None)), {"f": Mark(None, None)}, None)) == []
    (new,) = changes(report(cell(1.0, [check("is right", 1)])), {}, None)
    assert (new.by, line_of(new)) == (1.0, "f – → 1: every check holds")


def test_a_name_cannot_write_into_the_terminal():
    assert "\x1b" not in line_of(Change(cell(1.0, message="\x1b[2J"), 0.0, "\x1b[2J"))


@pytest.fixture
def poisson(tmp_path):
    """A course with an exercise of its own, and two submissions: a right one and one that overflows."""
    root = tmp_path / "course"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    secret = tmp_path / "data" / "autograder" / "seed"
    secret.parent.mkdir(parents=True)
    secret.write_bytes(SECRET)
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nfrom autograder import nbgrader_plugin\nnbgrader_plugin.configure(c)\n"
    )
    hidden = (
        "### BEGIN HIDDEN TESTS\nfrom autograder import check\n\n"
        'check("poisson_log_pmf", poisson_log_pmf, points=3)\n### END HIDDEN TESTS'
    )
    flags = {"schema_version": 3, "task": False}
    write(root / "source" / "counts" / "counts.ipynb", "raise NotImplementedError", hidden, flags)
    for student, file in (("ada", "right.py"), ("jakob", "wrong.py")):
        write(root / "submitted" / student / "counts" / "counts.ipynb", FILES[file], "", flags)
    return root


def write(path, answer, tests, flags):
    path.parent.mkdir(parents=True)
    solution = flags | {"grade_id": "answer", "grade": False, "solution": True, "locked": False}
    graded = flags | {"grade_id": "poisson_log_pmf", "grade": True, "solution": False, "locked": True, "points": 3}
    nbformat.write(
        new_notebook(
            cells=[
                new_code_cell(f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION", metadata={"nbgrader": solution}),
                new_code_cell(tests, metadata={"nbgrader": graded}),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        ),
        path,
    )


@pytest.mark.slow
@pytest.mark.sandbox
def test_whose_marks_a_changed_weight_would_change(poisson):
    status, said = grade(poisson, "--unproved")
    assert status == 0, said
    status, said = grade(poisson, "--diff")
    assert (status, "No mark of 2 notebooks would change." in said) == (0, True), said

    before = rows(poisson)
    name = '"stays finite for large counts",'
    (poisson / EXERCISE).write_text(FILES[EXERCISE].replace(name, f"{name} weight=4.0,"))
    status, said = grade(poisson, "--diff", "--show-students")
    assert status == 0, said
    assert re.search(r"^jakob, counts: -\d", said, re.MULTILINE), said
    assert re.search(
        r"^  poisson_log_pmf \d\S* → \d\S*: .*“stays finite for large counts” is worth 2 instead of 1, and fails",
        said,
        re.MULTILINE,
    ), said
    assert "ada" not in said
    assert "1 mark in 1 notebook would change, 1 would stay" in said
    assert rows(poisson) == before, "nothing is written"

    status, told = grade(poisson, "--unproved")
    assert status == 0, told
    (new,) = re.findall(r"poisson_log_pmf \S+ → (\d\S*):", said)
    marks = {row[0]: row[2] for row in rows(poisson)["grade"]}
    assert marks["jakob"] == pytest.approx(float(new), rel=1e-3), "what was announced is what is entered"
    status, said = run(poisson, "autograder", "explain", "jakob", "counts")
    assert status == 0, said
    assert said.count("poisson_log_pmf –") == 1
    assert re.search(rf"poisson_log_pmf \d\S* → {re.escape(new)}$", said, re.MULTILINE), said


@pytest.mark.slow
@pytest.mark.sandbox
def test_without_a_gradebook_there_is_nothing_to_compare_with(poisson):
    status, said = grade(poisson, "--diff")
    assert (status, "has no gradebook yet" in said) == (2, True), said
    assert not (poisson / "gradebook.db").exists()
    status, said = grade(poisson, "--diff", "--results", "r.jsonl")
    assert (status, "leave out --results" in said) == (2, True), said


# --- what is printed -------------------------------------------------------------------------------------


def changed(old, new, manual=None, grade_id="f"):
    return Change(replace(cell(new), grade_id=grade_id), old, "", manual)


def test_the_changes_of_a_notebook_are_added_up_without_what_a_person_decided(capsys):
    rising = [changed(1.0, 2.5), changed(None, 1.0), changed(3.0, None), changed(0.0, 9.0, manual=1.0)]
    found = [(report(cell(1.0)), False, rising), (report(cell(1.0)), False, [])]
    _print(found, named=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == ["ada, a: -0.5", "  f 1 → 2.5", "  f – → 1", "  f 3 → –", lines[4]]
    assert lines[4] == "  f 0 → 9 (a person gave 1, which stays)"
    assert lines[5].startswith("4 marks in 1 notebook would change, 1 would stay as they are. Nothing was written")
    assert len(lines) == 6


def test_in_a_log_nobody_is_named_and_it_says_how_to_be_told(capsys):
    _print([(report(cell(1.0)), False, [changed(1.0, 2.0)])], named=False)
    said = capsys.readouterr().out
    assert "ada" not in said
    assert said.startswith("1 mark in 1 notebook would change, 0 would stay")
    assert said.endswith("Whose they are: --show-students.\n")


def test_nothing_to_compare_and_nothing_that_changes_are_two_things(capsys):
    _print([], named=True)
    assert capsys.readouterr().out == "There is nothing to compare.\n"
    _print([(report(cell(1.0)), False, [])] * 2, named=False)
    assert capsys.readouterr().out == "No mark of 2 notebooks would change. Nothing was written.\n"


def test_the_head_says_notebook_newness_and_failure():
    one = report(cell(1.0))
    assert _head(one, True, [changed(None, 1.0)]) == "ada, a: new, +1"
    failed = replace(one, notebook="b", message="It is empty.\nAnd more.")
    assert _head(failed, False, [changed(1.0, 0.0)]) == "ada, a/b: -1 (It is empty.)"
    assert _head(replace(one, student="\x1b[2J"), False, []).isprintable()


def test_a_mark_that_is_lost_or_new_is_a_change_and_a_zero_is_a_mark():
    assert [_same(*pair) for pair in ((None, None), (None, 0.0), (0.0, None), (0.0, 0.0), (1.0, 1.0 + 1e-8))] == [
        *(True, False, False, True, False),
    ]
    assert _same(1e6, 1e6 + 1e-4)


def test_the_reason_of_a_new_mark_lists_what_fails():
    checks = [check("is right", 1), check("is stable", 0, "f(9) → nan\nmore"), check("is quick", 0)]
    assert why(cell(1.0, checks), None) == "“is stable” fails: f(9) → nan; “is quick” fails"
    assert why(cell(1.0, checks), cell(1.0)) == why(cell(1.0, checks), None)
    assert why(cell(1.0), None) == ""
    (found,) = changes(
        report(cell(1.0, checks[:1])), {"f": Mark(0.0, None)}, report(cell(0.0, [check("is right", 0)]))
    )
    assert found.why == "“is right” holds"


# --- a run -----------------------------------------------------------------------------------------------


BOB = SubmittedNotebook(Path("bob/a.ipynb"), "bob", "a", "a")
ADA = SubmittedNotebook(Path("ada/a.ipynb"), "ada", "a", "a")
EVE = Refused(Path("eve/a.ipynb"), "is a link.")


@pytest.fixture
def compared(monkeypatch):
    """Compare what was handed in with a gradebook in which Ada's `f` has 3 marks, and Bob has none."""
    asked = []

    def call(*found, refused=(), unknown=(), outcomes=None, show_students=False, has_gradebook=True):
        class Book:
            def match_students(self, notebooks):
                return Collected(tuple(notebooks), tuple(unknown))

            def released(self, assignment, name):
                return None

            def entered_marks(self, assignment):
                return {("ada", "a"): {"f": Mark(3.0, None)}}

            def entered_report(self, student, assignment, name):
                before = report(cell(3.0, [check("is right", 1)]))
                return ("digest", before) if (student, assignment, name) == ("ada", "a", "a") else None

        class Graders:
            slowest = staticmethod(lambda: None)

            def grade(self, course, batch, jobs, *, seconds):
                asked.append((course, batch, jobs, seconds))
                reports = (
                    [report(cell(1.0, [check("is right", 0)]))] * len(batch) if outcomes is None else outcomes
                )
                for (entry, _), each in zip(batch, reports, strict=False):
                    yield SimpleNamespace(report=replace(each, student=entry.student))

        course = SimpleNamespace(root="/course", source=lambda *key: key)
        monkeypatch.setattr(diff, "graders_for", lambda opened: nullcontext(Graders()))
        monkeypatch.setattr(diff, "entered_in", lambda opened: nullcontext(Book() if has_gradebook else None))
        opened = SimpleNamespace(course=course, found=found, refused=refused, seconds=60.0)
        done = diff.run(opened, {"jobs": 2, "show_students": show_students})
        (given,) = asked
        assert given == (course, [(entry, ("a", "a")) for entry in found], 2, 60.0)
        return done

    return call


def test_a_mark_is_compared_with_its_students_own_and_a_student_without_one_is_new(compared, capsys, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(diff, "in_ci", lambda: False)
    assert compared(BOB, ADA) is True
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["bob, a: new, +1", "  f – → 1: “is right” fails"]
    assert said[2:4] == ["ada, a: -2", "  f 3 → 1: “is right” fails"]
    assert said[4].startswith("2 marks in 2 notebooks would change, 0 would stay")
    assert len(said) == 5


@pytest.mark.parametrize("shown", [True, False])
def test_a_log_names_who_is_compared_or_refused_only_on_request(compared, capsys, monkeypatch, shown):
    monkeypatch.setattr(diff, "in_ci", lambda: True)
    unknown = Refused(Path("zoe/a.ipynb"), "has no student.")
    assert compared(BOB, refused=[EVE], unknown=[unknown], show_students=shown) is False
    said = capsys.readouterr().out
    assert [name in said for name in ("bob", "eve", "zoe")] == [shown] * 3
    assert ("a submission is a link." in said, "a submission has no student." in said) == (not shown, not shown)
    assert said.index("is a link.") < said.index("has no student.")


FAILED = replace(report(), status="failed", message="It is empty.")


@pytest.mark.parametrize(
    ("words", "complete"),
    [
        ({}, True),
        ({"outcomes": [report(cell(1.0)), FAILED]}, False),
        ({"outcomes": [FAILED, report(cell(1.0))]}, False),
        ({"outcomes": [report(cell(1.0))]}, False),
        ({"refused": [Superseded(Path("x"), "is an earlier one.")]}, True),
        ({"refused": [Superseded(Path("x"), "is an earlier one."), EVE]}, False),
        ({"unknown": [EVE]}, False),
    ],
)
def test_only_if_all_could_be_graded_the_comparison_is_complete(compared, words, complete):
    assert compared(BOB, ADA, **words) is complete


def test_who_is_left_when_the_time_is_up_is_counted(compared, capsys):
    assert compared(BOB, ADA, BOB, outcomes=[report(cell(1.0))]) is False
    assert "\n2 are not compared: the time for the class was up.\n" in capsys.readouterr().out


def test_without_a_gradebook_nothing_is_graded(compared):
    with pytest.raises(CannotGradeError, match="/course has no gradebook yet"):
        compared(BOB, has_gradebook=False)


def test_the_released_cells_are_compared_with_and_the_source_where_none_is_known():
    course = SimpleNamespace(source=lambda *key: ("source", *key))
    book = SimpleNamespace(released=lambda assignment, name: "released" if name == "a" else None)
    other = SubmittedNotebook(Path("ada/b.ipynb"), "ada", "a", "b")
    found = diff._sources(book, SimpleNamespace(course=course), [BOB, ADA, other])
    assert found == {("a", "a"): "released", ("a", "b"): ("source", "a", "b")}

    def broken(*_):
        raise CourseError("a/b is no notebook.")

    with pytest.raises(CannotGradeError, match="a/b is no notebook"):
        diff._sources(book, SimpleNamespace(course=SimpleNamespace(source=broken)), [other])
