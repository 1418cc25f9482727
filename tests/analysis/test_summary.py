"""The summary of a class: every number defined, or null with its reason."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest
from analysis.classes import cell, check, drawn, of_marks, report
from conftest import CHECKOUT

from autograder.analysis.model import schema, to_json
from autograder.analysis.summary import summarise

KEYS = [
    *("assignment", "students", "graded", "scores", "alpha", "alpha_interval", "questions", "checks", "mistakes"),
    *("together", "unexplained"),
]
QUESTION_KEYS = ["grade_id", "max_score", "mean", "difficulty", "discrimination", "zero", "full", "pending"]


def as_json(reports, **options):
    return json.loads(to_json(summarise(reports, "softmax", **options)))


@pytest.fixture(scope="module")
def validator():
    committed = json.loads((CHECKOUT / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(committed)
    return jsonschema.Draft202012Validator(committed)


def test_the_committed_schema_is_the_present_one():
    """If this fails: write json.dumps(schema(), indent=2) and a newline into report.schema.json."""
    committed = (CHECKOUT / "report.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(schema(), indent=2) + "\n"


def test_the_keys_are_those_of_the_contract():
    wrong = check(passed=False, misconception="no-max-shift", message="softmax(1) → 2, expected 3\nShift.")
    other = check(passed=False, message="softmax(1) → 5, expected 3")
    reports = [
        report("a", [cell("s", 0.0, exercise="s", checks=[wrong], misconceptions=["no-max-shift", "sum"])]),
        *(report(name, [cell("s", 0.0, exercise="s", checks=[other])]) for name in "bc"),
    ]
    found = as_json(reports)
    assert set(KEYS) <= found.keys()
    assert {"mean", "median", "max"} <= found["scores"].keys()
    assert set(QUESTION_KEYS) <= found["questions"][0].keys()
    assert {"grade_id", "name", "lost"} <= found["checks"][0].keys()
    assert {"exercise", "name", "students", "message"} <= found["mistakes"][0].keys()
    assert {"a", "b", "students"} <= found["together"][0].keys()
    assert {"exercise", "students", "example", "answer"} <= found["unexplained"][0].keys()


def test_the_numbers_of_a_class_of_200_are_those_of_the_marks():
    marks = drawn()
    found = as_json(of_marks(marks))
    totals = marks.sum(axis=1)
    assert (found["students"], found["graded"], found["alpha_students"]) == (200, 200, 200)
    assert found["scores"]["mean"] == pytest.approx(sum(totals) / 200, rel=1e-9)
    assert found["scores"]["median"] == pytest.approx(sorted(totals)[99] / 2 + sorted(totals)[100] / 2, rel=1e-9)
    assert found["scores"]["max"] == max(totals)
    assert sum(each["students"] for each in found["distribution"]) == 200
    for place, question in enumerate(found["questions"]):
        column = marks[:, place]
        assert question["difficulty"] == pytest.approx(sum(column) / 200 / 4, rel=1e-9)
        right = np.corrcoef(column, totals - column)[0, 1]
        assert question["discrimination"] == pytest.approx(right, rel=1e-9)
        low, high = question["discrimination_interval"]
        assert low < right < high
        assert (question["zero"], question["full"]) == (sum(column == 0), sum(column == 4))
        rest = np.cov(np.delete(marks, place, axis=1), rowvar=False)
        without = 6 / 5 * (1 - np.trace(rest) / rest.sum())
        assert question["alpha_without"] == pytest.approx(without, rel=1e-9)
        assert question["lower"] < question["mean"] < question["upper"]


def test_a_mark_that_waits_counts_as_pending_alone_and_keeps_nobody_from_being_compared():
    marks = drawn(40, 4)
    waiting = marks.copy()
    waiting[::2, 3] = np.nan
    full, found = as_json(of_marks(marks[:, :3])), as_json(of_marks(waiting))
    question = found["questions"][3]
    assert (question["pending"], question["marked"]) == (20, 20)
    assert question["mean"] == pytest.approx(marks[1::2, 3].mean())
    assert question["zero"] + question["full"] <= 20
    assert [q["discrimination"] for q in found["questions"][:3]] == [
        q["discrimination"] for q in full["questions"]
    ]
    assert found["alpha"] == full["alpha"]
    assert question["discrimination"] == pytest.approx(
        np.corrcoef(marks[1::2, 3], marks[1::2, :3].sum(axis=1))[0, 1], rel=1e-9
    )


def test_a_question_that_a_person_has_marked_throughout_counts_among_the_others():
    marks = drawn(30, 3)
    reports = [
        report(str(n), [cell("a", row[0]), cell("b", row[1]), cell("c", row[2], mode="manual")])
        for n, row in enumerate(marks.tolist())
    ]
    found = as_json(reports)
    right = np.corrcoef(marks[:, 0], marks[:, 1:].sum(axis=1))[0, 1]
    assert found["questions"][0]["discrimination"] == pytest.approx(right, rel=1e-9)
    matrix = np.cov(marks[:, :2], rowvar=False)
    assert found["alpha"] == pytest.approx(2 * (1 - np.trace(matrix) / matrix.sum()), rel=1e-9)


FAILED = report("x", [cell("q0", 0.0), cell("q1", 0.0)], status="failed", message="submitted/x is no notebook.")
BAD = {
    "nobody": [],
    "0 graded": [FAILED],
    "1 student": of_marks(drawn(1, 3)),
    "2 students": of_marks(drawn(2, 3)),
    "one question": of_marks(drawn(20, 1)),
    "all marks equal": of_marks(np.full((20, 3), 0.1)),
    "all marks waiting": of_marks(np.full((20, 2), np.nan)),
    "worth nothing": of_marks(np.zeros((20, 2)), max_score=0.0),
    "no questions": [report("a", []), report("b", [])],
    "negative marks": of_marks(drawn(20, 3) - 5),
}


@pytest.mark.parametrize("reports", BAD.values(), ids=BAD)
def test_every_number_of_a_bad_class_is_defined_or_null_with_a_reason(reports, validator):
    found = as_json(reports)
    validator.validate(found)
    assert (found["alpha"] is None) == ("alpha" in found["reasons"])
    assert (found["scores"]["mean"] is None) == ("scores" in found["reasons"])
    assert all(found["reasons"].values())
    for question in found["questions"]:
        for key in ("mean", "difficulty", "discrimination", "discrimination_interval", "upper", "alpha_without"):
            assert (question[key] is None) == bool(question["reasons"].get(key)), (key, question)
    assert not {"NaN", "Infinity"} & set(json.dumps(found).replace(",", " ").split())


def test_a_failed_notebook_counts_as_handed_in_and_for_no_question():
    found = as_json([*of_marks(drawn(12, 2)), FAILED])
    assert (found["students"], found["graded"]) == (13, 12)
    assert [question["marked"] for question in found["questions"]] == [12, 12]
    assert found["failed"] == [{"reason": "A submission could not be graded.", "students": 1}]


def test_a_small_class_is_warned_of():
    assert as_json(of_marks(drawn(200)))["warnings"] == []
    assert "rough" in as_json(of_marks(drawn(29)))["warnings"][0]
    assert "say nothing" in as_json(of_marks(drawn(9)))["warnings"][0]


def test_results_that_hold_marks_alone_say_so():
    bare, said = check(passed=False), check(passed=False, message="f(1) → 2, expected 3")
    classes = [[report("a", [cell("f", 0.0, exercise="f", checks=[each])])] for each in (bare, said, check())]
    assert ["--feedback score" in " ".join(as_json(each)["warnings"]) for each in classes] == [True, False, False]


def test_students_are_named_only_if_asked():
    wrong = check(passed=False, misconception="sum", message="softmax(1) → 2, expected 3\nIt sums.")
    cells = [cell("s", 0.0, exercise="s", checks=[wrong], misconceptions=["sum"])]
    reports = [report(name, cells) for name in ("ada-lovelace", "alan-turing")]
    reports += [report("kurt", cells, status="failed", message="submitted/kurt/softmax.ipynb is empty.")]
    silent, named = (json.dumps(as_json(reports, names=names)) for names in (False, True))
    for student in ("ada-lovelace", "alan-turing", "kurt"):
        assert student not in silent
        assert student in named


def test_a_course_adds_up_the_assignments_of_each_student():
    reports = [
        report("a", [cell("q", 1.0)], assignment="bayes"),
        report("a", [cell("q", 2.0)], assignment="softmax"),
        report("b", [cell("q", 4.0)], assignment="softmax"),
    ]
    found = json.loads(to_json(summarise(reports)))
    assert found["assignment"] is None
    assert (found["students"], found["scores"]["mean"], found["scores"]["max_score"]) == (2, 3.5, 8.0)
    assert [(each["assignment"], each["mean"]) for each in found["assignments"]] == [
        ("bayes", 1.0),
        ("softmax", 3.0),
    ]
    assert [(q["assignment"], q["marked"]) for q in found["questions"]] == [("bayes", 1), ("softmax", 2)]
