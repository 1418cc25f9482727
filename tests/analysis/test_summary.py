"""The summary of a class: every number defined, or null with its reason."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest
from conftest import CHECKOUT
from msgspec.structs import replace

from analysis.classes import cell, check, drawn, of_marks, report
from autograder.analysis.model import schema, to_json
from autograder.analysis.summary import MARKS_ALONE, _highest, summarise

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


def test_a_summary_is_written_in_lines_that_can_be_compared_and_ends_with_one():
    text = to_json(summarise(of_marks(drawn(3, 2)))).decode()
    assert text.startswith('{\n "assignment": null,\n "students": 3,\n "graded": 3,\n "scores": {\n  "mean"')
    assert text.endswith("\n}\n")


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


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([{"passed": False}, {"passed": False}], True),
        ([{"passed": False}, {"passed": True, "message": "It is right."}], True),
        ([{"passed": False}, {"passed": None, "message": "It was not run."}], True),
        ([{"passed": False}, {"passed": False, "message": "f(1) → 2, expected 3"}], False),
        ([{"passed": False}, {"passed": False, "misconception": "sum"}], False),
        ([{"passed": True}], False),
        ([], False),
    ],
)
def test_marks_stand_alone_where_checks_failed_and_not_one_says_how(checks, said):
    cells = [cell("f", 0.0, exercise="f", checks=[check(**each)]) for each in checks]
    for reports in ([report("a", cells)], [report(f"s{n}", [each]) for n, each in enumerate(cells)]):
        assert (MARKS_ALONE in summarise(reports).warnings) == said


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


# --- counts, orders and caps -------------------------------------------------------------------------------


def test_exactly_30_are_not_few_and_exactly_10_say_something():
    warned = [as_json(of_marks(drawn(n, 1)))["warnings"] for n in (30, 10)]
    assert warned[0] == []
    assert "rough" in warned[1][0]


def test_the_ten_slowest_submissions_are_listed_the_slowest_first():
    reports = [report(f"s{n}", [], seconds=float(n * 7 % 12)) for n in range(12)]
    found = as_json(reports, names=True)["slowest"]
    assert [each["seconds"] for each in found] == [11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0]
    assert [each["student"] for each in found[:2]] == ["s5", "s10"]


def failed(student, message="", **more):
    return report(student, [cell("q", 0.0)], status="failed", message=message, **more)


def test_why_notebooks_failed_is_counted_by_students_the_most_frequent_reason_first():
    reports = [
        report("ok", [cell("q", 1.0)]),
        failed("a", "x"),
        failed("b", "y"),
        failed("c", "x"),
        failed("c", "x"),
    ]
    reasons = {1: "It is empty.", 2: "It is a film.", 3: "It is a film.", 4: "It is a film."}
    told = [(each["reason"], each["students"]) for each in as_json(reports, failures=reasons)["failed"]]
    assert told == [("It is a film.", 2), ("It is empty.", 1)]
    assert [(each["reason"], each["names"]) for each in as_json(reports, names=True)["failed"]] == [
        ("x", ["a", "c"]),
        ("y", ["b"]),
    ]


def test_a_student_with_two_notebooks_counts_once():
    waits = [cell("q", None, mode="manual")]
    reports = [report("a", waits), report("a", waits, assignment="bayes"), report("b", [cell("q", 1.0)])]
    found = as_json(reports)
    assert (found["students"], found["graded"], found["pending"]) == (2, 2, 1)


def test_the_distribution_reaches_from_0_to_the_maximum_and_holds_everybody():
    found = as_json([report(str(n), [cell("q", mark, 10.0)]) for n, mark in enumerate((0.0, 0.5, 1.0, 10.0))])
    assert [(each["low"], each["high"], each["students"]) for each in found["distribution"]] == [
        (float(low), low + 1.0, {0: 2, 1: 1, 9: 1}.get(low, 0)) for low in range(10)
    ]


def test_the_distribution_goes_on_to_marks_beyond_0_and_the_maximum():
    found = as_json([report(str(n), [cell("q", mark, 4.0)]) for n, mark in enumerate((-2.0, 8.0))])["distribution"]
    assert (found[0]["low"], found[-1]["high"]) == (-2.0, 8.0)
    assert sum(each["students"] for each in found) == 2
    nothing = as_json([report("a", [cell("q", 0.0, 0.0)])])["distribution"]
    assert (nothing[0]["low"], nothing[-1]["high"], nothing[0]["students"]) == (0.0, 1.0, 1)


def test_the_maximum_is_the_largest_of_a_notebook_s_and_the_sum_of_the_notebooks():
    reports = [
        report("a", [cell("q", 1.0, 4.0)]),
        report("b", [cell("q", 3.0, 6.0)]),
        report("c", [cell("q", 2.0, 5.0)]),
    ]
    reports.append(report("a", [cell("q", 1.0, 3.0)], assignment="bayes"))
    scores = as_json(reports)["scores"]
    assert scores == {"mean": 7 / 3, "median": 2.0, "min": 2.0, "max": 3.0, "max_score": 9.0}


def test_assignments_are_sorted_and_count_who_handed_in_and_who_was_graded():
    reports = [report("a", [cell("q", 1.0)], assignment=name) for name in ("softmax", "bayes")]
    reports.append(failed("b"))
    assert [
        (each["assignment"], each["students"], each["graded"]) for each in as_json(reports)["assignments"]
    ] == [
        ("bayes", 1, 1),
        ("softmax", 2, 1),
    ]


def test_the_catalogue_s_sentence_is_told_for_its_exercise_alone():
    cells = [cell(name, 0.0, exercise=name, misconceptions=["sum"]) for name in ("f", "g")]
    found = as_json([report("a", cells)], sentences={("f", "sum"): "It sums."})["mistakes"]
    assert [(each["exercise"], each["message"]) for each in found] == [("f", "It sums."), ("g", "")]


def test_notebooks_of_one_name_in_two_assignments_both_count_to_the_highest_mark():
    one, other = (report("ada", [cell("q", 1.0, maximum)]) for maximum in (4.0, 3.0))
    assert _highest([one, replace(other, assignment="another")]) == 7
    assert _highest([one, other]) == 4
