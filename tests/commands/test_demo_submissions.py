"""A released notebook filled with a student's code: each function in its cell, the rest before the first."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from dozen import REPORTS
from msgspec.structs import replace
from notebook_files import as_bytes, code

from autograder.commands import demo
from autograder.commands.demo import submissions
from autograder.commands.demo.submissions import fill_in
from autograder.commands.opening import CannotGradeError
from autograder.notebooks import notebook
from autograder.results import CellResult, CheckResult

BLANK = notebook.read(
    as_bytes(
        code("import numpy", id="setup", metadata={"nbgrader": {"grade_id": "setup", "locked": True}}),
        *(
            code("raise", id=n, metadata={"nbgrader": {"grade_id": f"{n}-solution", "solution": True}})
            for n in "fgh"
        ),
        code("f(1)", id="t", metadata={"nbgrader": {"grade_id": "f", "grade": True, "locked": True}}),
    )
)


def filled(text, rest=""):
    before = copy.deepcopy(BLANK)
    cells = fill_in(BLANK, text, rest)["cells"]
    assert before == BLANK, "the released notebook is not changed"
    return [cell["source"] for cell in cells]


@pytest.mark.parametrize(
    ("text", "rest", "sources"),
    [
        ("def f(x):\n    return 1", "", ["def f(x):\n    return 1", "raise", "raise"]),
        ("g = abs\n\nclass h: pass", "", ["raise", "g = abs", "class h: pass"]),
        (
            "def f(): return 1",
            "def f(): return 2\ndef g(): return 3",
            ["def f(): return 1", "def g(): return 3", "raise"],
        ),
        (
            '"""A text."""\nimport os\nx = 1\ndef f(): ...',
            "",
            ["import os\nx = 1", "def f(): ...", "raise", "raise"],
        ),
        ("def f(:", "def f(): ...", ["def f(:", "def f(): ...", "raise", "raise"]),
        ('"""A text alone."""', "", ["raise", "raise", "raise"]),
        ("", "helper = 1\ndef h(): ...", ["raise", "raise", "def h(): ..."]),
    ],
)
def test_each_function_goes_into_its_cell_and_what_is_none_before_the_first(text, rest, sources):
    assert filled(text, rest) == ["import numpy", *sources, "f(1)"]


# --- damage ----------------------------------------------------------------------------------------------

SOFTMAX = notebook.read(
    as_bytes(
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "“Text” " * 900},
        code("raise", id="s", metadata={"nbgrader": {"grade_id": "softmax-solution", "solution": True}}),
        code("", id="t", metadata={"nbgrader": {"grade_id": "softmax", "grade": True, "points": 4}}),
        code("", id="o", metadata={"nbgrader": {"grade_id": "other", "grade": True, "points": 2}}),
        code("x", id="x", metadata={"tags": ["a"]}),
    )
)


def damaged(damage):
    before = copy.deepcopy(SOFTMAX)
    content = submissions.DAMAGES[f"damaged_{damage}"](SOFTMAX)
    assert before == SOFTMAX, "the good notebook is not changed"
    return content


def cells_after(damage):
    return json.loads(damaged(damage))["cells"]


def names(cells):
    return [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]


def test_a_notebook_is_written_whole_and_as_text():
    content = submissions.write(SOFTMAX)
    assert json.loads(content) == SOFTMAX
    assert "“Text”".encode() in content


def test_an_upload_that_broke_off_is_a_beginning_and_an_empty_file_is_empty():
    whole, part = submissions.write(SOFTMAX), damaged("truncated")
    assert whole.startswith(part)
    assert 0 < len(part) < len(whole)
    assert damaged("empty") == b""


def test_another_assignments_notebook_has_none_of_the_names():
    found = names(cells_after("other_assignment"))
    assert found == [None, "bayes-softmax-solution", "bayes-softmax", "bayes-other", None]


def test_without_its_tests_it_has_every_other_cell():
    assert names(cells_after("without_tests")) == [None, "softmax-solution", None]


def test_without_metadata_it_has_every_cell():
    cells = cells_after("without_metadata")
    assert [cell["metadata"] for cell in cells] == [{}] * 5
    assert [cell["source"] for cell in cells] == [cell["source"] for cell in SOFTMAX["cells"]]


def test_the_cell_that_is_pasted_twice_is_the_test_and_comes_last():
    cells = cells_after("doubled")
    assert names(cells) == [*names(SOFTMAX["cells"]), "softmax"]
    assert cells[-1] == cells[2]


def test_a_rewritten_test_claims_100_marks_beside_a_wrong_answer():
    cells = cells_after("rewritten_tests")
    test, solution = cells[2], cells[1]
    assert (test["source"], test["metadata"]["nbgrader"]["points"]) == ("100.0", 100)
    assert [output["data"]["text/plain"] for output in test["outputs"]] == ["100.0"]
    scope = {}
    exec(solution["source"], scope)
    assert scope["softmax"]([0.0]) == 1.0
    assert (cells[0], cells[3], cells[4]) == tuple(json.loads(json.dumps(SOFTMAX["cells"][n])) for n in (0, 3, 4))


# --- the class -------------------------------------------------------------------------------------------


def test_a_scratch_course_is_made_in_an_empty_folder_alone(tmp_path):
    course = demo._make_course(tmp_path / "new" / "course")
    assert list(course.assignments) == ["softmax"]
    assert course.root == tmp_path / "new" / "course"
    with pytest.raises(CannotGradeError, match=r"course is not empty; name another folder\."):
        demo._make_course(tmp_path / "new" / "course")
    (tmp_path / "empty").mkdir()
    assert demo._make_course(tmp_path / "empty").root == tmp_path / "empty"


def test_a_scratch_course_may_be_named_from_where_one_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert demo._make_course(Path("here")).root == tmp_path / "here"


def test_each_behaviour_each_damage_and_a_link_is_a_students_submission(tmp_path):
    course = demo._make_course(tmp_path / "course")
    release = course.folder("release", assignment="softmax")
    (release / "data").mkdir(parents=True)
    (release / "data" / "x.csv").write_text("1")
    cells = [*SOFTMAX["cells"][1:3], code("", id="g", metadata={"nbgrader": {"grade_id": "g-solution"}})]
    (release / "softmax.ipynb").write_bytes(as_bytes(*cells))
    texts = {
        "perfect": "def softmax(): return 'right'\ndef g(): return 'too'",
        "naive": "def softmax(): return 'wrong'",
        "broken": '"""It leaves out everything else."""\ndef softmax(): return 1',
    }
    (tmp_path / "in").mkdir()
    for name, text in texts.items():
        (tmp_path / "in" / f"{name}.py").write_text(text)
    demo._submit(course, tmp_path / "in")
    handed_in = course.root / "submitted"
    assert {path.name for path in handed_in.iterdir()} == {*texts, *submissions.DAMAGES, "linked"}

    def sources(student):
        path = handed_in / student / "softmax" / "softmax.ipynb"
        return [cell["source"] for cell in json.loads(path.read_bytes())["cells"]]

    assert sources("naive") == ["def softmax(): return 'wrong'", "", "def g(): return 'too'"]
    assert sources("broken") == ["def softmax(): return 1", "", ""]
    assert sources("damaged_without_metadata") == ["def softmax(): return 'right'", "", "def g(): return 'too'"]
    assert (handed_in / "naive" / "softmax" / "data" / "x.csv").read_text() == "1"
    assert (handed_in / "linked" / "softmax" / "softmax.ipynb").is_symlink()
    assert json.loads((release / "softmax.ipynb").read_bytes())["cells"][0]["source"] == "raise"


def test_the_feedback_that_is_shown_is_the_students_on_the_first_function_with_a_known_mistake(capsys):
    def cell(name, *mistakes):
        check = CheckResult(name=f"holds for {name}", passed=False, score=0.0, max_score=1.0)
        marks = {"mode": "sealed", "score": 0.0, "max_score": 1.0}
        return CellResult(grade_id=name, exercise=name, **marks, checks=[check], misconceptions=list(mistakes))

    def report(student, *cells):
        return replace(REPORTS[0], student=student, cells=list(cells))

    naive = report("naive", cell("one"), cell("two", "slip"), cell("three", "slip"))
    demo._print_feedback([report("ada", cell("zero", "slip")), naive])
    said = capsys.readouterr().out
    assert said.startswith("\nWhat naive reads about two:\n\n")
    assert "holds for two" in said
    assert not any(f"holds for {name}" in said for name in ("zero", "one", "three"))


@pytest.mark.parametrize(("students", "jobs"), [("abcdefg", 3), ("ab", 4), ("a", 1)])
def test_every_student_gets_a_page_whatever_the_number_of_processes(students, jobs, monkeypatch):
    shares = []

    class Processes:
        def __init__(self, number, context):
            assert number == jobs

        def map(self, work, courses, given):
            shares.extend(given)
            return iter([None] * len(given))

    Processes.__enter__ = lambda self: self
    Processes.__exit__ = lambda *_: None
    monkeypatch.setattr(demo, "ProcessPoolExecutor", Processes)
    demo._make_pages(None, students, jobs)
    assert len(shares) == jobs
    assert sorted("".join(shares)) == list(students)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_without_the_projects_repository_the_demo_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "CHECKOUT", tmp_path)
    with pytest.raises(CannotGradeError, match="clone the project's repository"):
        demo.run(tmp_path / "course", None)
    assert not (tmp_path / "course").exists()
