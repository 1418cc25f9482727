"""The lines of results: the keys of CONTRACT.md, one line each, valid by the committed schema."""

from __future__ import annotations

import json
import math
import os

import jsonschema
import msgspec
import pytest
from conftest import CHECKOUT

from autograder.grading.submission import Submission, failed
from autograder.results import CellResult, CheckResult, FileResult, Report, from_json, schema, to_json

CHECK_KEYS = ["name", "passed", "score", "max_score", "message", "misconception"]
FILE_KEYS = [
    "exercise",
    "file",
    "score",
    "max_score",
    "passed",
    "isolation",
    "seconds",
    "message",
    "checks",
    "misconceptions",
]
REPORT_KEYS = {
    "student",
    "assignment",
    "notebook",
    "file",
    "status",
    "message",
    "score",
    "max_score",
    "isolation",
    "seconds",
    "cells",
}
CELL_KEYS = {"grade_id", "exercise", "score", "max_score", "checks", "misconceptions"}

CHECK = CheckResult(
    name="stays finite for large logits",
    passed=False,
    score=0.0,
    max_score=1.0,
    message="softmax([[1000, 1001]]) → [[nan, nan]]\nexp overflows.\r\n\u2028",
    misconception="no-max-shift",
)
WAITING = CheckResult(name="takes lists", passed=None, score=0.0, max_score=0.5, message="not run: it waits")
FILE = FileResult(
    exercise="softmax",
    file="mine.py",
    score=3.0,
    max_score=4.0,
    passed=False,
    isolation="landlock",
    seconds=0.03,
    message=None,
    checks=[CHECK, WAITING],
    misconceptions=["no-max-shift"],
)
CELLS = [
    CellResult(grade_id="softmax", exercise="softmax", mode="sealed", score=1.5, max_score=4.0, checks=[CHECK]),
    CellResult(grade_id="why", exercise=None, mode="manual", score=None, max_score=2.0, message="waits"),
    CellResult(grade_id="own", exercise=None, mode="in-process", score=1.0, max_score=1.0),
]
REPORT = Report(
    student="ada",
    assignment="softmax",
    notebook="softmax",
    file="submitted/ada/softmax/softmax.ipynb",
    status="graded",
    message=None,
    score=2.5,
    max_score=7.0,
    isolation="none",
    seconds=1.25,
    cells=CELLS,
    repairs=["put back what was missing: “softmax”"],
)


@pytest.fixture(scope="module")
def validator():
    committed = json.loads((CHECKOUT / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(committed)
    return jsonschema.Draft202012Validator(committed)


def test_the_committed_schema_is_the_present_one():
    """If this fails: write json.dumps(schema(), indent=2) and a newline into results.schema.json."""
    committed = (CHECKOUT / "results.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(schema(), indent=2) + "\n"


def test_a_line_of_check_has_exactly_the_keys_of_the_contract_in_its_order():
    line = json.loads(to_json(FILE))
    assert list(line) == FILE_KEYS
    assert [list(check) for check in line["checks"]] == [CHECK_KEYS, CHECK_KEYS]


def test_a_line_of_grade_has_the_keys_of_the_contract():
    line = json.loads(to_json(REPORT))
    assert line.keys() == REPORT_KEYS | {"repairs"}
    assert all(cell.keys() == CELL_KEYS | {"mode", "message"} for cell in line["cells"])
    assert list(line["cells"][0]["checks"][0]) == CHECK_KEYS


def test_values_come_back_as_they_were():
    line = json.loads(to_json(FILE))
    assert line["checks"][0]["message"] == CHECK.message
    assert [check["passed"] for check in line["checks"]] == [False, None]
    assert (line["score"], line["isolation"], line["message"]) == (3.0, "landlock", None)
    assert json.loads(to_json(REPORT))["cells"][1]["score"] is None


@pytest.mark.parametrize("result", [FILE, REPORT], ids=["file", "report"])
def test_a_result_is_one_line_whatever_its_texts_hold(result):
    assert not {"\n", "\r"} & set(to_json(result))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_becomes_null(number):
    cell = CellResult(grade_id="q", exercise=None, mode="in-process", score=number, max_score=1.0)
    assert json.loads(to_json(_with(cells=[cell])))["cells"][0]["score"] is None


def test_who_needs_a_person_is_told():
    assert REPORT.needs_person == ["why"]


def _with(**changes):
    return Report(**{**{name: getattr(REPORT, name) for name in REPORT.__struct_fields__}, **changes})


# --- against the schema ----------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [FILE, REPORT, _with(cells=[], status="failed", isolation=None)], ids=repr)
def test_results_are_valid_by_the_schema(result, validator):
    validator.validate(json.loads(to_json(result)))


def test_the_report_of_a_submission_that_failed_is_valid(source, validator):
    line = json.loads(to_json(failed(source, Submission(b"", student="ada"), "it is empty.")))
    validator.validate(line)
    assert (line["status"], line["score"], line["isolation"]) == ("failed", 0.0, None)
    assert all((cell["score"], cell["message"]) == (0.0, "it is empty.") for cell in line["cells"])


@pytest.mark.sandbox
def test_the_report_of_a_graded_notebook_is_valid(grader, source, blank, validator):
    line = json.loads(to_json(grader.grade_notebook(source, blank, Submission(b"", student="ada")).report))
    validator.validate(line)
    assert [cell["grade_id"] for cell in line["cells"]] == [cell.grade_id for cell in source.marked]
    assert line["score"] == sum(cell["score"] or 0 for cell in line["cells"])


@pytest.mark.sandbox
@pytest.mark.parametrize("content", [b"", b"softmax = 1", b"def softmax(z): return z", b"\xff"])
def test_the_result_of_a_graded_file_is_valid(content, grader, validator):
    line = json.loads(to_json(grader.grade_file("softmax", content, file="mine.py", student="")))
    validator.validate(line)
    assert (line["score"], line["passed"]) == (0.0, False)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**json.loads(to_json(FILE)), "isolation": "docker"},
        {**json.loads(to_json(FILE)), "score": "3"},
        {**json.loads(to_json(REPORT)), "status": "done"},
        {**json.loads(to_json(REPORT)), "cells": [{}]},
        {name: value for name, value in json.loads(to_json(FILE)).items() if name != "seconds"},
    ],
    ids=lambda line: str(sorted(line))[:30],
)
def test_what_is_no_result_is_not_valid(broken, validator):
    assert not validator.is_valid(broken)


def test_a_file_name_that_is_not_utf8_still_makes_a_line():
    result = FileResult(
        exercise="a",
        file=os.fsdecode(b"\xff.py"),
        score=0.0,
        max_score=1.0,
        passed=False,
        isolation=None,
        seconds=0.0,
        message=None,
        checks=[],
        misconceptions=[],
    )
    assert json.loads(to_json(result).encode())["file"] == "?.py"


# --- reports that failed, and faults -----------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "score"), [(False, 0.0), (True, None)])
def test_a_report_that_failed_says_why_in_every_cell_and_has_marks_of_0_or_none(fault, score):
    failed_one = REPORT.as_failed("it took too long.", fault=fault)
    assert (failed_one.status, failed_one.message, failed_one.score) == ("failed", "it took too long.", 0.0)
    assert (failed_one.student, failed_one.max_score) == ("ada", 7.0)
    assert failed_one.cells == [
        CellResult(
            grade_id=cell.grade_id,
            exercise=cell.exercise,
            mode=cell.mode,
            score=score,
            max_score=cell.max_score,
            message="it took too long.",
        )
        for cell in CELLS
    ]


def test_a_cell_without_marks_waits_for_a_person_and_one_with_0_marks_does_not():
    zero = CellResult(grade_id="zero", exercise=None, mode="in-process", score=0.0, max_score=1.0)
    assert _with(cells=[*CELLS, zero]).needs_person == ["why"]


def test_a_fault_is_told_by_whether_the_cell_has_marks_be_they_0():
    def faulty(grade_id, score):
        return CellResult(
            grade_id=grade_id, exercise="f", mode="sealed", score=score, max_score=1.0, fault="KeyError"
        )

    faults = _with(cells=[CELLS[0], faulty("a", None), faulty("b", 0.0), faulty("c", 1.0)]).faults
    assert [fault.split(" has ")[0] for fault in faults] == ["“a”", "“b”", "“c”"]
    assert ["has no mark" in fault for fault in faults] == [True, False, False]
    assert ["mistakes could not be named" in fault for fault in faults] == [False, True, True]
    assert all("(KeyError)" in fault for fault in faults)


# --- read again ----------------------------------------------------------------------------------------------


def test_a_report_is_read_as_it_was_written():
    assert from_json(to_json(REPORT)) == REPORT


def test_a_line_of_before_cells_had_a_mode_is_read_by_its_marks():
    line = json.loads(to_json(REPORT))
    for cell in line["cells"]:
        del cell["mode"]
    assert from_json(json.dumps(line)) == REPORT
    line["cells"][2]["score"] = 0
    assert from_json(json.dumps(line)).cells[2].mode == "in-process"


@pytest.mark.parametrize("line", ["[]", "{}", '{"cells": [1]}', "3"])
def test_a_line_that_is_no_report_is_refused(line):
    with pytest.raises(msgspec.ValidationError):
        from_json(line)


def test_what_no_one_has_said_is_left_out_of_a_line():
    line = json.loads(to_json(REPORT))
    assert not {"curve", "fault"} & line["cells"][0].keys()
    assert not {"example", "answer", "calls"} & line["cells"][0]["checks"][0].keys()
