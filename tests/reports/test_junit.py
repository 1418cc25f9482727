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
from autograder.results import CellResult, FileResult


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


def whole(name, score, points=2.0, **fields):
    return CellResult(grade_id=name, exercise=None, mode="in-process", score=score, max_score=points, **fields)


def of_cells(*cells, **fields):
    return msgspec.structs.replace(PARTIAL, cells=list(cells), **fields)


def verdicts(*cells, **fields):
    """The name, the outcome, its first line, kind and text of each test case."""
    return [
        (case.get("name"), *next(((e.tag, e.get("message"), e.get("type"), e.text) for e in case), ("passed",)))
        for case in cases(reports_as_junit([of_cells(*cells, student="ada", notebook="nb", **fields)]))
    ]


def test_a_cell_without_checks_passes_fails_or_is_skipped_by_its_marks():
    assert verdicts(
        whole("full", 2.0),
        whole("warned", 2.0, message="It warned."),
        whole("half", 1.0),
        whole("named", 0.0, message="It\nstopped.", misconceptions=["sum", "sign"]),
        whole("open", None),
        whole("told", None, message="no response yet"),
        whole("free", 0.0, 0.0),
    ) == [
        ("ada: nb/full", "passed"),
        ("ada: nb/warned", "passed"),
        ("ada: nb/half", "failure", "1 / 2", None, "1 / 2"),
        ("ada: nb/named", "failure", "It", "sum sign", "It\nstopped."),
        ("ada: nb/open", "skipped", "waits to be marked by a person", None, "waits to be marked by a person"),
        ("ada: nb/told", "skipped", "no response yet", None, "no response yet"),
        ("ada: nb/free", "passed"),
    ]


def test_of_what_could_not_be_graded_each_cell_is_an_error_and_so_is_a_notebook_without_cells():
    failed = {"status": "failed", "message": "It is old."}
    assert verdicts(whole("a", 0.0, message="It is old."), whole("b", None), **failed) == [
        ("ada: nb/a", "error", "It is old.", None, "It is old."), ("ada: nb/b", "error", None, None, None),
    ]  # fmt: skip
    assert verdicts(**failed) == [("ada: nb/nb", "error", "It is old.", None, "It is old.")]
    assert verdicts(score=0.0, max_score=0.0) == [("ada: nb/nb", "passed")]


def test_a_message_of_a_cell_stands_for_its_checks():
    cell = msgspec.structs.replace(PARTIAL.cells[0], message="It stopped.")
    assert [found[:2] for found in verdicts(cell)] == [("ada: nb/softmax", "failure")]


def test_a_file_is_its_checks_or_one_case_by_whether_it_passed():
    wrong = msgspec.structs.replace(of_file(PARTIAL), file="f.py", exercise="g")
    assert [case.get("name") for case in cases(files_as_junit([wrong]))] == [
        f"f.py: g: {check.name}" for check in wrong.checks
    ]
    bare = msgspec.structs.replace(wrong, checks=[], message=None)
    for fields, outcome in (
        ({"passed": True}, "passed"), ({"passed": False}, "failure"),
        ({"passed": True, "isolation": None}, "passed"),
        ({"passed": False, "isolation": None}, "error"), ({"passed": False, "message": "Why."}, "failure"),
    ):  # fmt: skip
        content = files_as_junit([msgspec.structs.replace(bare, **fields)])
        assert outcomes(content) == [outcome]
        assert [case.get("name") for case in cases(content)] == ["f.py: g"]
        assert (cases(content)[0].get("classname"), cases(content)[0].get("file")) == ("g", "f.py")


def test_a_suite_says_its_marks_isolation_repairs_counts_and_time():
    report = of_cells(whole("a", 0.0), whole("b", None), seconds=1.23456, repairs=["one\ntwo", "three"])
    other = msgspec.structs.replace(PERFECT, isolation=None, seconds=2.0)
    root = ET.fromstring(reports_as_junit(iter([report, other]), iter(["x is old."])))
    suites = root.findall("testsuite")
    properties = [[(each.get("name"), each.get("value")) for each in suite.iter("property")] for suite in suites]
    assert properties == [
        [("marks", "1.5 / 2.5"), ("isolation", "landlock"), ("repaired", "one two"), ("repaired", "three")],
        [("marks", "2.5 / 2.5"), ("isolation", "nothing was run")],
        [],
    ]
    keys = ("name", "tests", "failures", "errors", "skipped", "time")
    assert [tuple(suite.get(key) for key in keys) for suite in suites] == [
        ("4712: softmax/softmax", "2", "1", "0", "1", "1.235"),
        ("4711: softmax/softmax", "3", "0", "0", "0", "2.0"),
        ("could not be opened or placed", "1", "0", "1", "0", "0.0"),
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("time")) == (
        "6",
        "1",
        "1",
        "3.235",
    )


def test_line_ends_are_xmls_and_what_xml_cannot_hold_is_replaced():
    ((_, _, first, _, text),) = verdicts(whole("a", 0.0, message="a\r\nb\rc\x00\ufffe\t\U0001f642"))
    assert (first, text) == ("a", "a\nb\nc\ufffd\ufffd\t\U0001f642")


def test_a_message_is_cut_where_the_file_would_be_too_large_and_no_earlier():
    report = of_cells(whole("a", 0.0, message="x" * 9_000))
    for limit, length in ((10**6, 8_000), (9_000, 800), (1_500, 80), (10, 80)):
        text = cases(reports_as_junit([report], limit=limit))[0].find("failure").text
        assert len(text) == length
    exact = len(reports_as_junit([report]))
    assert len(reports_as_junit([report], limit=exact)) == exact
    assert len(reports_as_junit([report], limit=exact - 1)) < exact


def test_without_what_was_refused_there_is_no_suite_of_it_and_a_check_needs_no_message():
    bare = msgspec.structs.replace(PARTIAL.cells[0].checks[1], message=None)
    content = reports_as_junit([of_cells(msgspec.structs.replace(PARTIAL.cells[0], checks=[bare]))])
    assert len(ET.fromstring(content).findall("testsuite")) == 1
    assert outcomes(content) == ["failure"]
