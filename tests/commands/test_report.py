"""``autograder report``: from a results file and from a gradebook, to a page, slides and numbers."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from analysis.classes import cell, check, drawn, of_marks, report
from click.testing import CliRunner
from conftest import CHECKOUT

from autograder import Misconceptions, exercises
from autograder.cli import main
from autograder.commands.grade import grade_into
from autograder.grading.batch import OneMachine
from autograder.judging.assess import assess
from autograder.judging.calls import answer_of, asking
from autograder.notebooks import notebook
from autograder.results import to_json

SCHEMA = json.loads((CHECKOUT / "report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*words, expect=0):
        done = CliRunner().invoke(main, ["report", *map(str, words)], catch_exceptions=False)
        assert done.exit_code == expect, done.output
        return done.output

    return call


def written(path, reports):
    path.write_text("".join(f"{to_json(each)}\n" for each in reports), encoding="utf-8")
    return path


def valid(text):
    found = json.loads(text)
    jsonschema.validate(found, SCHEMA)
    return found


# --- from a file -----------------------------------------------------------------------------------------


def test_a_results_file_becomes_a_page_slides_and_numbers(run, tmp_path):
    results = written(tmp_path / "r.jsonl", of_marks(drawn()))
    files = {kind: tmp_path / f"out.{kind}" for kind in ("html", "json", "slides")}
    said = run("softmax", "--results", results, *(word for k, path in files.items() for word in (f"--{k}", path)))
    assert "200 handed in, 200 graded" in said
    assert valid(files["json"].read_text())["students"] == 200
    assert "what the class got wrong" in files["html"].read_text()
    assert "mistakes to talk about" in files["slides"].read_text()


def test_numbers_on_standard_output_are_json_alone(run, tmp_path):
    results = written(tmp_path / "r.jsonl", [report("a", [])])
    assert valid(run("softmax", "--results", results, "--json", "-"))["students"] == 1


def test_without_an_assignment_the_report_is_about_the_course(run, tmp_path):
    reports = [report("a", [cell("q", 1.0)], assignment=name) for name in ("bayes", "softmax")]
    results = written(tmp_path / "r.jsonl", reports)
    assert len(valid(run("--results", results, "--json", "-"))["questions"]) == 2
    assert len(valid(run("bayes", "--results", results, "--json", "-"))["questions"]) == 1


def test_lines_without_the_key_mode_are_read(run, tmp_path):
    lines = [json.loads(to_json(each)) for each in of_marks(drawn(5, 2))]
    for line in lines:
        line["cells"].append({"grade_id": "why", "exercise": None, "score": None, "max_score": 2.0})
        for each in line["cells"]:
            each.pop("mode", None)
    path = tmp_path / "r.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    found = valid(run("softmax", "--results", path, "--json", "-"))
    assert [question["pending"] for question in found["questions"]] == [0, 0, 5]
    assert found["alpha"] is not None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Line 1 of"),
        ("[]", "Line 1 of"),
        ('{"cells": [1]}', "Line 1 of"),
        (to_json(report("a", [], assignment="bayes")), "has no results of “softmax”; it has: bayes."),
        ("\n".join([to_json(report("a", []))] * 2), "There are two reports of softmax"),
    ],
)
def test_a_file_without_results_is_refused_with_the_reason(run, tmp_path, line, said):
    path = tmp_path / "r.jsonl"
    path.write_text(line)
    assert said in run("softmax", "--results", path, expect=2)


def test_what_cannot_be_read_or_written_is_named(run, tmp_path):
    assert "can't be read" in run("softmax", "--results", tmp_path / "none.jsonl", expect=2)
    empty = written(tmp_path / "empty.jsonl", [])
    assert "empty.jsonl holds no results" in run("softmax", "--results", empty, expect=2)
    results = written(tmp_path / "r.jsonl", [report("a", [])])
    assert "can't be written" in run(
        "softmax", "--results", results, "--html", tmp_path / "no" / "x.html", expect=2
    )
    assert "is no nbgrader course" in run("softmax", expect=2)


def test_students_stand_in_no_file_unless_asked(run, tmp_path):
    shown = check(passed=False, misconception="sum", message="f(1) → 2, expected 3")
    wrong = [cell("f", 0.0, exercise="f", checks=[shown], misconceptions=["sum"])]
    reports = [report(f"person-{n}", wrong) for n in range(4)]
    reports.append(report("person-x", wrong, status="failed", message="submitted/person-x/f.ipynb is empty."))
    results = written(tmp_path / "r.jsonl", reports)
    for words, named in (((), False), (("--names",), True)):
        for kind in ("html", "json", "slides"):
            text = run("softmax", "--results", results, f"--{kind}", "-", *words)
            assert ("person-" in text) == (named and kind != "slides"), (kind, named)


@pytest.mark.deep
@pytest.mark.slow
def test_a_class_of_thirty_thousand_is_reported(run, tmp_path):
    """Each file is bounded by the kinds of answer, not by the students."""
    marks = drawn(30_000, 6)
    results = written(tmp_path / "r.jsonl", of_marks(marks))
    found = valid(run("softmax", "--results", results, "--json", "-", "--html", tmp_path / "p.html"))
    assert found["questions"][2]["mean"] == pytest.approx(marks[:, 2].mean(), rel=1e-9)
    assert (tmp_path / "p.html").stat().st_size < 100_000


def test_in_short_the_five_most_frequent_mistakes_and_the_files_are_said(run, tmp_path):
    def made(name, count):
        cells = [
            cell("f", 1.0, exercise="f", checks=[check(passed=False, misconception=name)], misconceptions=[name])
        ]
        return [report(f"{name}-{n}", cells) for n in range(count)]

    reports = [each for count in range(2, 10) for each in made(f"m{count}", count)]
    results = written(tmp_path / "r.jsonl", [*reports, report("x", [], status="failed", message="It is empty.")])
    lines = run("softmax", "--results", results).splitlines()
    assert lines[0] == "softmax: 45 handed in, 44 graded."
    assert lines[1].startswith("Marks: mean 1, median 1, of 4")
    assert [line.split()[-1] for line in lines if ": m" in line][1:] == ["m9", "m8", "m7", "m6", "m5"]
    assert lines[-1] == "For the page: --html FILE; for the numbers: --json FILE."
    said = run("--results", results, "--html", "a.html", "--json", "b.json")
    assert said.startswith("The whole course: 45 handed in")
    assert said.endswith("Written: a.html, b.json.\n")


def test_what_few_made_is_printed_only_where_students_may_be_named(run, tmp_path):
    cells = [
        cell("f", 1.0, exercise="f", checks=[check(passed=False, misconception="sum")], misconceptions=["sum"])
    ]
    results = written(tmp_path / "r.jsonl", [report(name, cells) for name in "ab"])
    assert "f: sum" not in run("softmax", "--results", results)
    assert "f: sum" in run("softmax", "--results", results, "--names")


# --- a mistake that no catalogue has ---------------------------------------------------------------------


def planted(z, axis=-1, temperature=1.0):
    weights = np.logaddexp(0, np.asarray(z, float) / temperature)
    return weights / weights.sum(axis=axis, keepdims=True)


def graded(exercise, function):
    found = assess(exercise, asking(lambda call: answer_of(function, call)), seed=b"seed")
    parts = {"checks": found.checks, "misconceptions": found.misconceptions, "message": found.message}
    return cell("softmax", found.score, exercise="softmax", mode="sealed", **parts)


def class_of(exercise, students=60):
    """A third has one of four known mistakes; a fifth has the one that the catalogue lacks."""
    known = [mistake.function for mistake in exercise.misconceptions[:4]]
    made = [
        planted if n % 5 == 0 else known[n % len(known)] if n % 3 == 0 else exercise.reference
        for n in range(students)
    ]
    cells = {function: graded(exercise, function) for function in dict.fromkeys(made)}
    return [report(f"s{n}", [cells[function]]) for n, function in enumerate(made)]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_mistake_that_no_catalogue_has_comes_first_and_its_stub_filled_in_names_it(run, tmp_path):
    exercise = exercises.find("softmax")
    results = written(tmp_path / "r.jsonl", class_of(exercise))
    found = valid(run("softmax", "--results", results, "--json", "-"))
    first = found["unexplained"][0]
    assert (first["exercise"], first["students"]) == ("softmax", 12)
    assert first["example"] == f"softmax({exercise.checks[0].example})"

    page = run("softmax", "--results", results, "--html", "-")
    stub = page.split("for exercises/softmax/softmax.py</summary><pre>")[1].split("</pre>")[0]
    stub = stub.replace("&quot;", '"').replace("&#x27;", "'").replace("&gt;", ">")
    assert "def _(z, axis=-1, temperature=1.0):" in stub
    stub = stub.replace("a-name-for-it", "softplus-for-exp")
    head, _, _ = stub.partition("    raise NotImplementedError")
    filled = (
        f"{head}    w = np.logaddexp(0, np.asarray(z) / temperature)\n    return w / w.sum(axis, keepdims=True)\n"
    )
    mistake = Misconceptions()
    exec(filled, {"mistake": mistake, "np": np})  # what an instructor would put into the file
    taught = replace(exercise, misconceptions=(*exercise.misconceptions, *mistake))

    again = valid(run("softmax", "--results", written(tmp_path / "again.jsonl", class_of(taught)), "--json", "-"))
    named = {each["name"]: each["students"] for each in again["mistakes"]}
    assert named["softplus-for-exp"] == 12
    assert all(each["answer"] != first["answer"] for each in again["unexplained"])


# --- from a gradebook ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_gradebook_says_the_same_as_the_results_and_a_persons_mark_counts(run, course, workers, lean, tmp_path):
    from autograder.commands.demo import submissions
    from autograder.gradebook.gradebook import Gradebook

    folder = CHECKOUT / "tests" / "submissions" / "softmax"
    for student, name in {"ada": "naive", "bob": "naive", "eve": "perfect"}.items():
        place = course.folder("submitted", student, "softmax")
        place.mkdir(parents=True)
        book = submissions.fill_in(lean, (folder / f"{name}.py").read_text(), (folder / "perfect.py").read_text())
        answer = next(each for each in book["cells"] if notebook.grade_id_of(each) == "saturation-answer")
        answer["source"] = "It vanishes."
        (place / "softmax.ipynb").write_bytes(submissions.write(book))
    with Gradebook(course) as gradebook:
        found = course.submitted("softmax").notebooks
        options = {"jobs": 1, "force": False, "results": None}
        reports = grade_into(gradebook, OneMachine(workers), found, options)
    results = written(tmp_path / "r.jsonl", reports)
    from_file = valid(run("softmax", "--course", course.root, "--results", results, "--json", "-"))
    from_book = valid(run("softmax", "--course", course.root, "--json", "-"))
    assert from_book == from_file
    mistakes = {(each["exercise"], each["name"]): each["students"] for each in from_book["mistakes"]}
    assert mistakes["softmax", "no-max-shift"] == 2
    assert all(each["message"] for each in from_book["mistakes"])

    by_hand = next(q for q in from_book["questions"] if q["pending"] == 3)
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database, database:
        database.execute(
            "update grade set manual_score = 1 where cell_id in (select id from base_cell where name = ?)",
            [by_hand["grade_id"]],
        )
    after = next(
        q
        for q in valid(run("softmax", "--course", course.root, "--json", "-"))["questions"]
        if q["grade_id"] == by_hand["grade_id"]
    )
    assert (after["pending"], after["mean"], after["marked"]) == (0, 1.0, 3)

    # as after stock nbgrader: marks alone
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database, database:
        database.execute("delete from autograder_report")
    stock = valid(run("softmax", "--course", course.root, "--json", "-"))
    assert stock["mistakes"] == []
    assert stock["scores"]["mean"] == from_book["scores"]["mean"] + 1
    means = [
        {q["grade_id"]: q["mean"] for q in each["questions"] if q is not by_hand} for each in (stock, from_book)
    ]
    assert {**means[1], by_hand["grade_id"]: 1.0} == means[0]
