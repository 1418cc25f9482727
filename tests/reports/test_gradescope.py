"""Gradescope's results.json: the keys it documents and no others."""

from __future__ import annotations

import json

import jsonschema
import pytest
from conftest import CHECKOUT
from dozen import DOZEN, IN_PROCESS, NEEDS_PERSON, PARTIAL, PERFECT, REFUSED, SECOND_BOOK

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
