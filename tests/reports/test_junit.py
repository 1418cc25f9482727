"""JUnit: Jenkins's schema accepts it, and GitLab drops nothing of it."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import msgspec
import pytest
import xmlschema
from conftest import CHECKOUT
from dozen import DOZEN, HOSTILE, HOSTILE_EVERYWHERE, PARTIAL, PERFECT, REPORTS
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.junit import files_as_junit, reports_as_junit
from autograder.results import FileResult


@pytest.fixture(scope="module")
def schema():
    return xmlschema.XMLSchema(CHECKOUT / "tests" / "schemas" / "junit-10.xsd")


def cases(content):
    return list(ET.fromstring(content).iter("testcase"))


def outcomes(content):
    return [next((child.tag for child in case), "passed") for case in cases(content)]


def renamed(student):
    return msgspec.structs.replace(PARTIAL, student=student)


def of_file(report):
    cell = report.cells[0]
    return FileResult(
        exercise=cell.exercise or "f",
        file=report.file,
        score=cell.score or 0.0,
        max_score=cell.max_score,
        passed=cell.score == cell.max_score,
        isolation=report.isolation,
        seconds=report.seconds,
        message=cell.message,
        checks=cell.checks,
        misconceptions=cell.misconceptions,
    )


def test_jenkinss_schema_accepts_every_report(schema):
    schema.validate(io.BytesIO(reports_as_junit(REPORTS)))
    schema.validate(io.BytesIO(files_as_junit(map(of_file, REPORTS))))
    schema.validate(io.BytesIO(reports_as_junit([], [HOSTILE, HOSTILE])))
    schema.validate(io.BytesIO(reports_as_junit([])))


def test_a_file_that_was_never_run_is_an_error_and_a_wrong_one_a_failure():
    wrong = msgspec.structs.replace(of_file(PARTIAL), passed=False, message="It ended.", checks=[])
    unread = msgspec.structs.replace(wrong, isolation=None, message="It can't be read.")
    assert outcomes(files_as_junit([wrong, unread])) == ["failure", "error"]


def test_the_schema_refuses_what_is_no_junit(schema):
    assert not schema.is_valid(io.BytesIO(reports_as_junit(REPORTS).replace(b"classname=", b"class_name=")))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("perfect", ["passed"] * 3),
        ("partial", ["passed", "failure", "passed"]),
        ("zero", ["failure", "skipped", "skipped"]),
        ("needs_person", ["passed"] * 3 + ["skipped", "failure"]),
        ("refused", ["error"]),
        ("missing", ["failure"]),
    ],
)
def test_a_check_is_a_testcase_and_so_is_a_cell_without_checks(kind, expected):
    assert outcomes(reports_as_junit([DOZEN[kind]])) == expected


def test_what_could_not_be_opened_is_an_error():
    content = reports_as_junit([PERFECT], ["a.zip is encrypted.", "b.zip is encrypted."])
    assert outcomes(content) == ["passed"] * 3 + ["error"] * 2
    assert cases(content)[-1].find("error").text == "b.zip is encrypted."


def test_file_and_class_name_the_notebook_and_the_cell():
    case = cases(reports_as_junit([PARTIAL]))[1]
    assert case.get("file") == PARTIAL.file
    assert case.get("classname") == "softmax.softmax.softmax"
    assert case.get("name") == "4712: softmax/softmax: stays finite for large logits"
    failure = case.find("failure")
    assert failure.get("type") == "no-max-shift"
    assert failure.text == PARTIAL.cells[0].checks[1].message


def test_the_counts_are_those_of_the_testcases():
    content = reports_as_junit(REPORTS)
    root, found = ET.fromstring(content), outcomes(content)
    assert int(root.get("tests")) == len(found)
    for tag in ("failure", "error"):
        assert int(root.get(f"{tag}s")) == found.count(tag)
    assert float(root.get("time")) == pytest.approx(sum(report.seconds for report in REPORTS))


def test_no_name_stands_twice():
    """GitLab keeps one test case of each name."""
    names = [
        case.get("name") for case in cases(reports_as_junit([*REPORTS, *REPORTS, renamed("x"), renamed("x ")]))
    ]
    assert len(set(names)) == len(names)


def test_what_was_refused_is_numbered_in_order():
    """Even beside names that look numbered."""
    names = [case.get("name") for case in cases(reports_as_junit([], ["is empty."] * 4))]
    start = "could not be opened or placed"
    assert names == [start, f"{start} (2)", f"{start} (3)", f"{start} (4)"]
    students = [renamed(name) for name in ("x", "x (2)", "x", "x (2)", "x")]
    names = [case.get("name") for case in cases(reports_as_junit(students))]
    assert len(set(names)) == len(names)


@given(st.text(st.characters(codec=None), max_size=30))
def test_any_text_can_be_read_again(text):
    report = msgspec.structs.replace(PARTIAL, student=text, message=text, file=text, repairs=[text])
    assert len(cases(reports_as_junit([report, report.as_failed(text)]))) == 4


def test_a_hostile_text_is_a_text():
    content = reports_as_junit([HOSTILE_EVERYWHERE])
    assert {element.tag for element in ET.fromstring(content).iter()} == {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "skipped",
    }  # fmt: skip
    assert "<script>alert(1)</script>" in cases(content)[1].find("failure").text
    assert HOSTILE[:4] in cases(content)[1].get("name")


def test_a_large_class_fits_into_what_gitlab_reads():
    """Messages are cut first; passed checks are left out only if that is not enough."""
    long = msgspec.structs.replace(PARTIAL.cells[0].checks[1], message="x" * 50_000)
    cell = msgspec.structs.replace(PARTIAL.cells[0], checks=[PERFECT.cells[0].checks[0], long])
    reports = [msgspec.structs.replace(PARTIAL, student=str(n), cells=[cell]) for n in range(50)]
    for limit, kept in ((10**9, 100), (100_000, 100), (45_000, 100), (35_000, 50)):
        content = reports_as_junit(reports, limit=limit)
        assert len(content) <= limit
        assert len(cases(content)) == kept
