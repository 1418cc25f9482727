"""The panel of a graded cell: hostile text is escaped, and the sanitiser changes nothing."""

from __future__ import annotations

import pytest
from html_pages import Page

from autograder.notebooks.sanitise import clean_html
from autograder.reports.html import cell_as_html, said, shown
from autograder.results import CellResult, CheckResult

HOSTILE = "<script>alert(1)</script>\n<img src=x onerror='alert(1)'> & \"</code></li></ul>"


def panel(**fields):
    usual = {"grade_id": "softmax", "exercise": "softmax", "mode": "sealed", "score": 1.0, "max_score": 4.0}
    return cell_as_html(CellResult(**{**usual, **fields}))


def check(passed, message=None, name="stays finite"):
    return CheckResult(name=name, passed=passed, score=0.0, max_score=1.0, message=message)


@pytest.mark.parametrize(
    "fields",
    [
        {"message": HOSTILE},
        {"exercise": HOSTILE, "checks": [check(False)]},
        {"exercise": None, "grade_id": HOSTILE, "checks": [check(False)]},
        {"checks": [check(True, HOSTILE)]},
        {"checks": [check(False, HOSTILE)]},
        {"checks": [check(None, HOSTILE)]},
        {"checks": [check(False, "evidence", name=HOSTILE)]},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_hostile_text_is_shown_and_not_obeyed(fields):
    page = Page(panel(**fields))
    assert set(page.tags) <= {"div", "p", "strong", "ul", "li", "br", "code", "details", "summary"}
    assert page.attributes == []
    assert "".join(HOSTILE.split()) in "".join(page.text.split())


@pytest.mark.parametrize("passed", [True, False, None])
def test_a_panel_survives_its_own_sanitiser(passed):
    html = panel(checks=[check(passed, 'f([1]) → nan, it\'s "<b>"\nA cause.')])
    before, after = Page(html), Page(clean_html(html))
    assert (after.tags, after.text, after.attributes) == (before.tags, before.text, [])


def test_a_panel_shows_what_lost_marks_first_and_folds_what_passed():
    text = Page(panel(checks=[check(True, name="holds"), check(False, "f(1) → 2\nA cause.")])).text
    parts = ["✗ stays finite (0 / 1)", "f(1) → 2", "A cause.", "Next:", "✓ 1 check passed", "✓ holds"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    folded = panel(checks=[check(True, name="holds")]).partition("<details>")[2]
    assert "holds" in folded


def test_the_checks_that_were_not_run_are_one_line():
    reason = "not run: it counts once “matches” holds"
    html = panel(checks=[check(False, "f(1) → 2"), check(None, reason, "a"), check(None, reason, "b")])
    assert html.count("not run") == 1
    assert "· 2 checks (0 / 2) not run: they count once “matches” holds" in Page(html).text


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"checks": [check(False, "f(1) → 2")]}, "call softmax in your notebook with an input of this kind"),
        ({"checks": [check(False, "x"), check(False, "y", "b")]}, "of the first kind, “stays finite”"),
        ({"message": "softmax is not defined."}, "restart the kernel"),
        ({"checks": [check(False, "softmax() → “a”")]}, "read the question again"),
        ({"checks": [check(False, "softmax(1) did not end within 3 s and was stopped.")]}, "interrupt it"),
        ({"checks": [check(False, "f still raises NotImplementedError: write it.")]}, None),
        ({"checks": [check(True)], "score": 4.0}, None),
        ({"mode": "in-process", "message": "stopped with NameError"}, None),
    ],
)
def test_a_panel_says_what_to_do_next_where_its_message_does_not(fields, advice):
    text = Page(panel(**fields)).text
    assert ("Next:" in text) == (advice is not None)
    assert (advice or "") in text


def test_evidence_is_code_where_it_shows_a_call_and_else_a_sentence():
    html = panel(checks=[check(False, "softmax([1]) → 2"), check(False, "Half of the marks: right.", "b")])
    assert "<code>softmax([1]) → 2</code>" in html
    assert "<br>Half of the marks: right." in html


def test_what_is_said_of_several_checks_is_said_once():
    said = "Half of the marks: right but for the mistake named above."
    checks = [
        CheckResult(
            name="first",
            passed=False,
            score=0.0,
            max_score=1.0,
            message="f(`x`) → 1, expected 2\nNot `x` but `y`.",
        ),
        CheckResult(name="second", passed=False, score=0.25, max_score=0.5, message=said),
        CheckResult(name="third", passed=False, score=0.5, max_score=1.0, message=said),
    ]
    page = panel(checks=checks)
    assert page.count(said) == 1
    assert "<strong>second</strong> (0.25 / 0.5), <strong>third</strong> (0.5 / 1)" in page
    assert "Not <code>x</code> but <code>y</code>." in page
    assert "<code>f(`x`) → 1, expected 2</code>" in page, "a call is shown as it is"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\r\nc", "a\nb\nc"),
        ("<&>\"'", "&lt;&amp;&gt;&quot;&#x27;"),
        ("\x1b\x00é🙂", "\ufffd\ufffdé🙂"),
        ("", ""),
    ],
)
def test_a_text_is_shown_unchanged(text, html):
    assert shown(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Use `a < b` and `c`.", "Use <code>a &lt; b</code> and <code>c</code>."),
        ("one ` alone", "one ` alone"),
        ("``", "``"),
        ("`a\nb`", "`a\nb`"),
    ],
)
def test_what_stands_between_backticks_is_code(text, html):
    assert said(text) == html


def test_a_check_without_a_verdict_and_a_reason_is_listed_with_what_lost_marks():
    html = panel(
        checks=[
            check(None),
            check(True, "It warned.", "a"),
            check(True, "It warned.", "b"),
            check(True, None, "c"),
        ]
    )
    listed, _, folded = html.partition("<details>")
    assert "· <strong>stays finite</strong> (0 / 1)" in listed
    assert "3 checks passed" in folded
    assert folded.count("It warned.") == 1
    assert folded.count("<li>") == 2


def test_equal_messages_of_right_and_wrong_checks_stand_apart():
    html = panel(checks=[check(False, "same", "a"), check(None, None, "b"), check(False, "same", "c")])
    assert html.count("<li>") == 2
    assert "<strong>a</strong> (0 / 1), <strong>c</strong> (0 / 1)" in html


@pytest.mark.parametrize(
    "fields", [{"score": None}, {"score": 4.0}, {"score": 4.5}, {"mode": "in-process"}], ids=str
)
def test_nothing_is_next_where_nothing_is_lost_or_no_function_is_asked_for(fields):
    assert "Next:" not in panel(checks=[check(False, "softmax(1) → 2")], **fields)
    assert "Next:" not in panel(message="It waits.", **fields)


def test_what_is_next_names_the_exercise_or_else_the_cell():
    checks = [check(None, "late", "x"), check(False, "q() → 2"), check(False, "f(1) NotImplementedError", "b")]
    assert "Next: read the question" not in Page(panel(checks=checks)).text
    assert "call softmax in" in Page(panel(checks=checks, grade_id="q")).text
    assert "Next: read the question" in Page(panel(checks=checks, grade_id="q", exercise=None)).text
    assert "Next: restart the kernel" in Page(panel(checks=[check(None, "late")])).text
    assert "Next: restart the kernel" in Page(panel()).text
