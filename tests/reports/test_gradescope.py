"""Gradescope's results.json: the keys it documents and no others."""

from __future__ import annotations

import json

import jsonschema
import pytest
from conftest import CHECKOUT
from dozen import BARE, DOZEN, IN_PROCESS, NEEDS_PERSON, PARTIAL, PERFECT, REFUSED, REPAIRED, SECOND_BOOK, ZERO
from msgspec.structs import replace

from autograder.reports.gradescope import ManyStudentsError, as_gradescope

SCHEMA = json.loads((CHECKOUT / "tests" / "schemas" / "gradescope.schema.json").read_text())


@pytest.mark.parametrize("visibility", ["visible", "hidden", "after_due_date", "after_published"])
@pytest.mark.parametrize("kind", DOZEN)
def test_it_follows_the_documented_format(kind, visibility):
    content = json.loads(json.dumps(as_gradescope([DOZEN[kind]], visibility)))
    jsonschema.validate(content, SCHEMA)
    assert {content["visibility"], *(test["visibility"] for test in content["tests"])} == {visibility}
    assert content["stdout_visibility"] == "hidden"


def test_the_schema_refuses_an_unknown_key_and_a_time_that_is_no_number():
    for change in ({"points": 1}, {"execution_time": "0.1"}, {"score": None}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(as_gradescope([PERFECT]) | change, SCHEMA)


@pytest.mark.parametrize("kind", DOZEN)
def test_the_tests_add_up_to_the_score(kind):
    content = as_gradescope([DOZEN[kind]])
    assert sum(test.get("score", 0.0) for test in content["tests"]) == content["score"] == DOZEN[kind].score


def test_two_notebooks_are_one_submission():
    content = as_gradescope([IN_PROCESS, SECOND_BOOK])
    assert content["score"] == IN_PROCESS.score + SECOND_BOOK.score
    assert [test["name"] for test in content["tests"]] == ["problem1/test1", "problem2/test1"]


def test_what_a_person_marks_has_no_score_yet():
    waiting = next(test for test in as_gradescope([NEEDS_PERSON])["tests"] if test["name"] == "why")
    assert not {"score", "max_score", "status"} & set(waiting)


def test_a_failed_submission_says_why():
    assert "could not be graded" in as_gradescope([REFUSED])["output"]


def test_two_students_do_not_fit_into_one_file():
    with pytest.raises(ManyStudentsError, match="one submission"):
        as_gradescope([PERFECT, PARTIAL])


def test_a_student_of_another_assignment_is_another_submission():
    with pytest.raises(ManyStudentsError):
        as_gradescope([PERFECT, replace(PERFECT, assignment="other")])
    with pytest.raises(ManyStudentsError):
        as_gradescope([IN_PROCESS, SECOND_BOOK, replace(SECOND_BOOK, student="4719")])


def test_each_check_is_a_test_with_its_number_marks_and_mistake():
    tests = as_gradescope([PARTIAL])["tests"]
    keys = ("number", "name", "score", "max_score", "status", "tags", "extra_data", "visibility")
    assert [tuple(test[key] for key in keys) for test in tests] == [
        (str(n), f"softmax: {name}", *marks, ["softmax"], {"misconception": mistake}, "visible")
        for n, name, marks, mistake in (
            (1, "matches the definition", (1.0, 1.0, "passed"), None),
            (2, "stays finite for large logits", (0.0, 1.0, "failed"), "no-max-shift"),
            (3, "normalises along its axis", (0.5, 0.5, "passed"), None),
        )
    ]
    assert tests[1]["output"] == PARTIAL.cells[0].checks[1].message
    assert [test["status"] for test in as_gradescope([ZERO])["tests"]] == ["failed"] * 3


def test_the_numbers_of_two_notebooks_go_on_and_their_times_and_isolation_stand_together():
    both = [replace(IN_PROCESS, seconds=1.00049), replace(SECOND_BOOK, seconds=2.0, isolation=None)]
    content = as_gradescope(both)
    assert [test["number"] for test in content["tests"]] == ["1", "2"]
    assert content["execution_time"] == 3.0
    assert content["extra_data"] == {"isolation": ["landlock", None]}
    assert content["output"] == "problem1: 1.5 / 2\nproblem2: 0 / 1"
    assert content["score"] == 1.5


def test_a_whole_cell_passes_with_full_marks_and_says_its_marks_if_nothing_else():
    full = replace(IN_PROCESS.cells[0], score=2.0)
    nothing = replace(full, score=0.0, max_score=0.0)
    tests = as_gradescope([replace(IN_PROCESS, cells=[full, nothing, *IN_PROCESS.cells, *SECOND_BOOK.cells])])[
        "tests"
    ]
    assert [(test["status"], test["output"]) for test in tests] == [
        ("passed", "2 / 2"), ("passed", "0 / 0"), ("failed", "1.5 / 2"),
        ("failed", "stopped with NameError: name 'f'"),
    ]  # fmt: skip


def test_what_stands_above_the_tests_is_the_warning_the_marks_and_what_was_repaired():
    assert as_gradescope([replace(BARE, repairs=["one\x1b", "two\nlines"])])["output"].splitlines() == [
        "Graded WITHOUT isolation: these marks could have been forged.", "softmax: 1.5 / 2.5",
        "Repaired before grading: one\ufffd", "Repaired before grading: two", "lines",
    ]  # fmt: skip
    assert "Repaired" in as_gradescope([REPAIRED])["output"]
    assert "isolation" not in as_gradescope([REPAIRED])["output"]
    assert as_gradescope([REFUSED])["output"] == f"softmax could not be graded. {REFUSED.message}"
