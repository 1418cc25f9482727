"""`autograder similar`: a ranking for a person, by file and by page, of whatever students handed in."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import nullcontext
from pathlib import Path
from random import Random
from types import SimpleNamespace

import html5lib
import jsonschema
import lookalikes
import pytest
import tiny_course
from click.testing import CliRunner
from conftest import CHECKOUT

from autograder.cli import main
from autograder.commands import similar
from autograder.commands.opening import CannotGradeError
from autograder.commands.similar import (
    Person,
    _as_result,
    _earlier,
    _mistakes,
    _name,
    _notes,
    _people,
    _print,
    _questions,
    _read,
)
from autograder.course import Course
from autograder.intake import SubmittedNotebook
from autograder.results import CellResult, CheckResult, Report, to_json
from autograder.similar.compare import Pair
from autograder.similar.model import schema
from autograder.similar.reading import NotReadError
from benchmarks.assignments import Assignment

CLASS = 24
KEYS = {"assignment", "students", "pairs"}
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def assignment():
    return Assignment("softmax", lean=True)


@pytest.fixture(scope="module")
def alike(assignment, tmp_path_factory):
    """A course whose last student has renamed everything of the first, and a folder of the year before."""
    root = tmp_path_factory.mktemp("alike") / "course"
    root.mkdir()
    assignment.copy_source(root)
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    rng = Random(1)
    keep = {"np", "math", *assignment.functions}
    students = [lookalikes.independent(assignment, rng) for _ in range(CLASS)]
    students[-1] = lookalikes.copied(students[0], students[0], "renamed", rng, keep)
    earlier = [lookalikes.independent(assignment, rng) for _ in range(3)]
    earlier[1] = lookalikes.copied(students[5], students[5], "reformatted", rng, keep)
    for number, answers in enumerate(students):
        hand_in(root / "submitted", f"student-{number}", lookalikes.written(assignment.blank, answers))
    for number, answers in enumerate(earlier):
        hand_in(root.parent / "last-year", f"old-{number}", lookalikes.written(assignment.blank, answers))
    return root


def hand_in(folder, student, content):
    place = folder / student / "softmax"
    place.mkdir(parents=True, exist_ok=True)
    (place / "softmax.ipynb").write_bytes(content)


def run(root, *words, expect=0):
    command = ["similar", "softmax", "--course", str(root), "--jobs", "2", *map(str, words)]
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == expect, done.output
    return done.output


@pytest.mark.slow
def test_the_pair_comes_first_in_the_file_and_nobody_is_named(alike, tmp_path):
    said = run(alike, "--json", tmp_path / "alike.json", "--html", tmp_path / "alike.html")
    found = json.loads((tmp_path / "alike.json").read_text())
    jsonschema.validate(found, schema())
    assert found.keys() == KEYS
    assert (found["assignment"], found["students"]) == ("softmax", CLASS)
    first, *others = found["pairs"]
    assert first.keys() == {"a", "b", "score", "cells", "shared_mistakes"}
    assert {re.fullmatch(r"S\d{3}", first[side]) is not None for side in "ab"} == {True}
    assert {cell["grade_id"] for cell in first["cells"]} <= set(assignment_cells(alike))
    scores = [pair["score"] for pair in found["pairs"]]
    assert scores == sorted(scores, reverse=True)
    assert first["score"] > 2 * others[0]["score"]
    page = (tmp_path / "alike.html").read_text()
    for text in (said, page, json.dumps(found)):
        assert "student-" not in text
        assert "no verdict" in text or text.startswith("{")

    named = run(alike, "--names", "--json", tmp_path / "named.json")
    first = json.loads((tmp_path / "named.json").read_text())["pairs"][0]
    assert {first["a"], first["b"]} == {"student-0", f"student-{CLASS - 1}"}
    assert f"student-0 and student-{CLASS - 1}" in named


def assignment_cells(root):
    nb = json.loads((root / "source" / "softmax" / "softmax.ipynb").read_text())
    return [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in nb["cells"]]


@pytest.mark.slow
def test_the_page_shows_the_cells_beside_each_other_with_the_matching_parts_marked(alike, tmp_path):
    run(alike, "--html", tmp_path / "alike.html", "--names")
    text = (tmp_path / "alike.html").read_text()
    assert "http:" not in text.replace("http://www.w3.org", "")
    assert "<script" not in text
    parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    first = parsed.find(".//details")
    assert "student-0 and student-23" in "".join(first.find("summary").itertext())
    rows = first.findall(".//div[@class='sides']")
    sides = ["".join("".join(row[place].itertext()) for row in rows) for place in (0, 1)]
    assert all("def logsumexp" in side for side in sides)
    marked = ["".join("".join(mark.itertext()) for mark in row[0].iter("mark")) for row in rows]
    assert sum(map(len, marked)) > 100
    assert sides[0] != sides[1], "the copy has other names"


def test_a_copy_of_an_earlier_year_is_found(alike, tmp_path):
    run(alike, "--against", alike.parent / "last-year", "--json", tmp_path / "a.json", "--names")
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["students"] == CLASS
    pairs = [{pair["a"], pair["b"]} for pair in found["pairs"]]
    assert {"student-5", "last-year/old-1"} in pairs[:3]
    assert not any(all(name.startswith("last-year/") for name in pair) for pair in pairs)


def result(student, *mistakes, message="softmax([1]) → [2], expected [1]"):
    check = CheckResult(name="is right", passed=False, score=0.0, max_score=1.0, message=message)
    cell = CellResult(
        grade_id="softmax",
        exercise="softmax",
        mode="sealed",
        score=0.0,
        max_score=1.0,
        checks=[check],
        misconceptions=list(mistakes),
    )
    key = {"student": student, "assignment": "softmax", "notebook": "softmax", "file": "", "message": None}
    marks = {"score": 0.0, "max_score": 1.0, "isolation": None, "seconds": 0.0}
    return to_json(Report(**key, **marks, status="graded", cells=[cell]))


@pytest.mark.slow
def test_mistakes_that_few_made_stand_beside_the_pair_that_shares_them(alike, tmp_path):
    """A named one and a wrong answer; not what everybody got wrong, nor what an exception says."""
    lines = [result(f"student-{n}", "common", message=f"softmax([1]) → [{n}]") for n in range(CLASS)]
    for n in (0, CLASS - 1):
        lines[n] = result(f"student-{n}", "common", "rare", message="softmax([1]) → [77]")
    for n in (5, 6):
        lines[n] = result(f"student-{n}", "common", message="softmax([1]) raised ValueError: I → am")
    (tmp_path / "r.jsonl").write_text("\n".join(lines))
    run(alike, "--results", tmp_path / "r.jsonl", "--json", tmp_path / "a.json")
    pairs = json.loads((tmp_path / "a.json").read_text())["pairs"]
    assert pairs[0]["shared_mistakes"] == ["softmax: rare", "softmax: softmax([1]) → [77]"]
    assert not any(pair["shared_mistakes"] for pair in pairs[1:])


@pytest.mark.slow
def test_whatever_is_handed_in_harms_nobody_else(assignment, alike, tmp_path):
    """Markup, an endless line, no Python, no notebook, no cells, and a link: the others are compared."""
    root = tmp_path / "course"
    root.mkdir()
    shutil.copytree(alike / "source", root / "source")
    blank = assignment.blank
    for number in range(3):
        hand_in(root / "submitted", f"s{number}", lookalikes.written(blank, assignment.perfect))
    bad = {
        EVIL: {name: f"def {name}(:\n  '''{EVIL}\n" for name in assignment.functions},
        f"{EVIL}2".replace("/", ""): {name: f"def {name}(:\n  '''{EVIL}\n" for name in assignment.functions},
        "endless": {"softmax": "x = " + "(" * 300_000},
        "binary": {"softmax": "\x00\x1b[2J\u202e" * 1000},
    }
    for student, answers in bad.items():
        hand_in(root / "submitted", student, lookalikes.written(blank, assignment.perfect | answers))
    hand_in(root / "submitted", "empty", b"")
    hand_in(root / "submitted", "deep", b'{"cells": ' + b"[" * 100_000)
    hand_in(root / "submitted", "bare", b'{"cells": []}')
    hand_in(root / "submitted", "link", b"")
    (root / "submitted" / "link" / "softmax" / "softmax.ipynb").unlink()
    (root / "submitted" / "link" / "softmax" / "softmax.ipynb").symlink_to("/etc/passwd")
    said = run(root, "--html", tmp_path / "a.html", "--json", tmp_path / "a.json", "--names", expect=1)
    assert "Not compared: empty. The notebook is empty." in said
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["students"] == 8
    page = (tmp_path / "a.html").read_text()
    assert "<img" not in page
    assert {found["pairs"][0]["a"], found["pairs"][0]["b"]} == {EVIL, f"{EVIL}2"}
    assert "root:" not in page
    unnamed = run(root, expect=1)
    assert "empty" not in unnamed.replace("is empty", "")


def test_nothing_to_compare_is_said(assignment, alike, tmp_path):
    root = tmp_path / "course"
    root.mkdir()
    shutil.copytree(alike / "source", root / "source")
    assert "Nobody has handed in “softmax”" in run(root, expect=2)
    hand_in(root / "submitted", "ada", lookalikes.written(assignment.blank, assignment.perfect))
    said = run(root, "--json", tmp_path / "one.json", "--html", tmp_path / "one.html")
    assert "nothing to compare" in said
    assert json.loads((tmp_path / "one.json").read_text()) == {"assignment": "softmax", "students": 1, "pairs": []}
    assert "There is no folder x: --against names one" in run(root, "--against", "x", expect=2)
    (tmp_path / "empty").mkdir()
    assert "holds no notebook of “softmax”" in run(root, "--against", tmp_path / "empty", expect=2)
    assert "can't be read" in run(root, "--results", tmp_path / "none.jsonl", expect=2)
    command = ["similar", "sofmax", "--course", str(root)]
    assert "There are: softmax." in CliRunner().invoke(main, command).output


def test_the_schema_is_committed():
    """If this fails: write json.dumps(schema(), indent=2) and a newline into similar.schema.json."""
    assert (CHECKOUT / "similar.schema.json").read_text() == json.dumps(schema(), indent=2) + "\n"


# --- each part by itself ---------------------------------------------------------------------------------


def books(*places):
    return [
        SubmittedNotebook(Path(f"{student}/{name}.ipynb"), student, "softmax", name) for student, name in places
    ]


def test_the_notebooks_of_a_student_belong_together_in_the_order_of_the_students():
    entries = books(("b", "one"), ("a", "one"), ("b", "two"))
    found = _people(entries, "2025/", earlier=True)
    assert [(p.student, p.earlier, p.notebooks) for p in found] == [
        *(("2025/b", True, [entries[0], entries[2]]), ("2025/a", True, [entries[1]])),
    ]


def test_everybody_has_a_number_of_the_own_year_or_the_name():
    people = [Person(f"s{n}", earlier=n % 2 == 1) for n in range(5)]
    _name(people, named=False)
    assert {p.label for p in people if not p.earlier} == {"S001", "S002", "S003"}
    assert {p.label for p in people if p.earlier} == {"E001", "E002"}
    orders = set()
    crowd = [Person(f"s{n}", earlier=False) for n in range(50)]
    for _ in range(2):
        _name(crowd, named=False)
        orders.add(tuple(p.label for p in crowd))
    assert len(orders) == 2, "the order of the numbers tells nothing"
    _name(people, named=True)
    assert [p.label for p in people] == ["s0", "s1", "s2", "s3", "s4"]


def test_who_is_read_in_part_is_compared_and_named_as_unread(monkeypatch):
    added = []
    monkeypatch.setattr("autograder.commands.similar.add", lambda work, answer: added.append((work, answer)))
    people = _people(books(("a", "one"), ("a", "two"), ("b", "one")))

    class Readers:
        def prints(self, entries):
            return [NotReadError("is empty.") if entry.notebook == "one" else entry.notebook for entry in entries]

    assert _read(Readers(), people) == [(people[0], "is empty."), (people[1], "is empty.")]
    assert [p.was_read for p in people] == [True, False]
    assert added == [(people[0].work, "two")]


def test_mistakes_are_those_of_the_assignment_in_all_notebooks_of_a_student(tmp_path):
    path = tmp_path / "r.jsonl"
    other = json.dumps(json.loads(result("a", "elsewhere")) | {"assignment": "bayes"})
    second = json.dumps(json.loads(result("a", "second", message="")) | {"notebook": "two"})
    path.write_text("\n".join([result("a", "first", message=""), other, second, result("b", message="")]))
    found = _mistakes(None, "softmax", [], path)
    assert set(found) == {"a", "b"}
    assert {name for name in found["a"] if "first" in name or "second" in name} == found["a"]
    assert len(found["a"]) == 2


def test_the_result_has_the_most_alike_cells_first_and_counts_this_year_s_students():
    people = [Person("a", earlier=False, label="S001"), Person("b", earlier=True, label="E001")]
    pair = Pair(0, 1, 2.5, 9.0, {"low": 0.5, "high": 2.0, "mid": 1.0}, [])
    found = _as_result("softmax", people, [pair])
    assert (found.assignment, found.students) == ("softmax", 1)
    (shown,) = found.pairs
    assert (shown.a, shown.b, shown.score) == ("S001", "E001", 2.5)
    assert [cell.grade_id for cell in shown.cells] == ["high", "mid", "low"]


def test_a_small_class_is_told_so_and_those_of_earlier_years_do_not_count():
    def notes(now, before=0):
        people = [Person(f"s{n}", earlier=n >= now) for n in range(now + before)]
        return [note.partition(" ")[0] for note in _notes(people, [], named=False)]

    assert [notes(1), notes(2), notes(19), notes(20), notes(19, 9), notes(1, 1)] == [
        *(["Only"], ["2"], ["19"], [], ["19"], ["1"]),
    ]


def test_the_unread_are_grouped_by_reason_and_ten_are_named():
    people = [Person(f"s{n:02}", earlier=False) for n in range(30)]
    unread = [(person, "is empty.") for person in people[:11]] + [(people[11], "is a link.")]
    assert list(_notes(people, unread, named=False)) == [
        *("Not compared: 11. The notebook is empty.", "Not compared: 1. The notebook is a link."),
    ]
    first, second = _notes(people, unread, named=True)
    assert first == f"Not compared: {', '.join(f's{n:02}' for n in range(10))}. The notebook is empty."
    assert second == "Not compared: s11. The notebook is a link."


def test_ten_pairs_are_printed_with_three_cells_and_the_mistakes_of_both(capsys):
    people = [Person(f"s{n}", earlier=False, label=f"S{n}") for n in range(12)]
    cells = {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}
    pairs = [Pair(0, n, 12.0 - n, 9.0, cells, ["f: m"] if n == 1 else []) for n in range(1, 12)]
    _print(_as_result("softmax", people, pairs), ["A note."], {"html": "a.html", "json": None})
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "A note.",
        "  1. S0 and S1: 11.000 (a, b, c; both made: f: m)",
        "  2. S0 and S2: 10.000 (a, b, c)",
    ]
    assert lines[10].startswith(" 10. S0 and S10")
    assert lines[11].startswith("A ranking for a person to read, and no verdict")
    assert lines[12:] == ["HTML: a.html"]
    _print(_as_result("softmax", people, []), [], {"html": None, "json": None})
    assert capsys.readouterr().out == "No two students share anything that is not shared by most.\n"


# --- a run over a small course ---------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path):
    """A course whose `hw` nobody has handed in."""
    return Course(tiny_course.make(tmp_path / "course"))


def test_earlier_years_come_with_their_folders_name_and_one_without_the_assignment_is_refused(tiny, tmp_path):
    for year, student in (("2024", "ada"), ("2025", "ada"), ("2025", "bob")):
        place = tmp_path / year / student / "hw"
        place.mkdir(parents=True)
        (place / "hw.ipynb").write_bytes(tiny_course.handed_in())
    found = list(_earlier(tiny, "hw", [tmp_path / "2025", tmp_path / "2024"]))
    assert [(p.student, p.earlier, len(p.notebooks)) for p in found] == [
        *(("2025/ada", True, 1), ("2025/bob", True, 1), ("2024/ada", True, 1)),
    ]
    with pytest.raises(CannotGradeError, match="There is no folder gone"):
        list(_earlier(tiny, "hw", [Path("gone")]))
    (tmp_path / "none").mkdir()
    with pytest.raises(CannotGradeError, match="none holds no notebook of “hw”"):
        list(_earlier(tiny, "hw", [tmp_path / "2025", tmp_path / "none"]))


def test_what_students_were_given_is_the_release_and_nothing_where_it_is_missing_or_none(tiny):
    assert _questions(tiny, "hw", "hw").released == ()
    place = tiny.folder("release", assignment="hw")
    place.mkdir(parents=True)
    (place / "hw.ipynb").write_bytes(tiny_course.as_bytes(tiny_course.code("one"), tiny_course.code("two")))
    assert _questions(tiny, "hw", "hw").released == ("one", "two")
    (place / "hw.ipynb").write_bytes(b"none")
    assert _questions(tiny, "hw", "hw").released == ()


def test_the_gradebooks_mistakes_are_those_of_this_years_students_in_every_notebook(monkeypatch):
    asked = []

    class Book:
        def knows(self, assignment):
            return assignment == "softmax"

        def entered_report(self, student, assignment, name):
            asked.append((student, assignment, name))
            return None if name == "unread" else ("digest", f"{student}/{name}")

    monkeypatch.setattr(similar, "entered_in", lambda _: nullcontext(Book()))
    monkeypatch.setattr(similar, "mistakes_in", frozenset)
    people = _people(books(("a", "one"), ("b", "unread"), ("a", "two")))
    people += _people(books(("old", "one")), "2025/", earlier=True)
    found = _mistakes(None, "softmax", people, None)
    assert found == {"a": frozenset({"a/one", "a/two"}), "b": frozenset()}
    assert asked == [("a", "softmax", "one"), ("a", "softmax", "two"), ("b", "softmax", "unread")]
    assert _mistakes(None, "other", people, None) == {}
    monkeypatch.setattr(similar, "entered_in", lambda _: nullcontext(None))
    assert _mistakes(None, "softmax", people, None) == {}


def test_the_cells_of_forty_pairs_are_shown_each_students_in_order():
    class Readers:
        def shown(self, entry, shared):
            return [f"{entry.student}/{entry.notebook} {shared}"]

    people = _people(books(("b", "one"), ("a", "one"), ("b", "two")))
    pairs = [Pair(0, 1, 1.0, 9.0, {}, [])] * 41
    found = list(similar._sides(Readers(), people, SimpleNamespace(shared=lambda pair: pair.score), pairs))
    assert [place for place, _ in found] == list(range(40))
    assert found[0][1] == (["b/one 1.0", "b/two 1.0"], ["a/one 1.0"])


@pytest.fixture
def ranked(tiny, monkeypatch):
    """Run the command over three students, of whom those in ``unread`` can't be read."""
    state = SimpleNamespace(unread=set(), given=None, jobs=[])

    class Readers:
        def __init__(self, sources, jobs):
            assert list(sources) == ["hw"]
            state.jobs.append(jobs)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def prints(self, entries):
            return [NotReadError("is empty.") if e.student in state.unread else e.student for e in entries]

    class Comparison:
        def __init__(self, works, forced):
            state.given = works

        def ranked(self):
            return [Pair(0, 1, 2.5, 9.0, {"entropy": 2.5}, [])]

    monkeypatch.setattr(similar, "Readers", Readers)
    monkeypatch.setattr(similar, "Comparison", Comparison)
    monkeypatch.setattr(similar, "add", lambda work, answer: None)
    monkeypatch.setattr(similar, "forced_by", lambda _: {1})
    monkeypatch.setattr(similar, "_mistakes", lambda *_: {"cleo": frozenset({"slip"})})
    monkeypatch.setattr(similar, "_sides", lambda *_: iter([]))

    def call(**options):
        for student in ("ada", "bob", "cleo"):
            tiny_course.submit(tiny.root, student)
        given = dict.fromkeys(("jobs", "results", "html", "json")) | {"against": (), "names": True} | options
        return similar.run(tiny.root, "hw", given)

    return state, call


def test_who_could_not_be_read_is_not_compared_and_the_status_tells_it(ranked, capsys):
    state, call = ranked
    assert call(jobs=3) == 0
    assert [work.mistakes for work in state.given] == [frozenset(), frozenset(), frozenset({"slip"})]
    assert " 1. ada and bob: 2.500 (entropy)" in capsys.readouterr().out
    state.unread = {"ada"}
    assert call(jobs=None) == 1
    assert [work.mistakes for work in state.given] == [frozenset(), frozenset({"slip"})]
    said = capsys.readouterr().out
    assert " 1. bob and cleo: 2.500 (entropy)" in said
    assert "Not compared: ada. The notebook is empty." in said
    assert state.jobs[0] == 3
    assert state.jobs[1] >= 1


def test_a_file_on_standard_output_is_alone_there_and_one_elsewhere_makes_its_folders(ranked, capsys, tmp_path):
    _, call = ranked
    call(json=similar.STDOUT, html=tmp_path / "a" / "b.html")
    assert json.loads(capsys.readouterr().out)["students"] == 3
    assert "ada" in (tmp_path / "a" / "b.html").read_text()
    call(json=tmp_path / "c.json")
    assert capsys.readouterr().out.endswith(f"JSON: {tmp_path / 'c.json'}\n")
    assert json.loads((tmp_path / "c.json").read_text())["pairs"][0]["a"] == "ada"
    with pytest.raises(CannotGradeError, match="can't be written: "):
        call(json=tmp_path / "c.json" / "d.json")


def test_nobody_and_no_assignment_are_sentences(tiny):
    options = dict.fromkeys(("jobs", "results", "html", "json", "against", "names"))
    with pytest.raises(CannotGradeError, match=f"Nobody has handed in “hw” in {tiny.root}"):
        similar.run(tiny.root, "hw", options)
    with pytest.raises(CannotGradeError, match="There is no assignment “hv”"):
        similar.run(tiny.root, "hv", options)
