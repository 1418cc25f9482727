"""The panel of a graded cell: hostile text is escaped, and the sanitiser changes nothing."""

from __future__ import annotations

import pytest
from html_pages import Page

from autograder.notebooks.sanitise import clean_html
from autograder.reports.html import cell_as_html
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
        {"exercise": HOSTILE},
        {"exercise": None, "grade_id": HOSTILE},
        {"checks": [check(True, HOSTILE)]},
        {"checks": [check(False, HOSTILE)]},
        {"checks": [check(None, HOSTILE)]},
        {"checks": [check(False, "evidence", name=HOSTILE)]},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_hostile_text_is_shown_and_not_obeyed(fields):
    page = Page(panel(**fields))
    assert set(page.tags) <= {"div", "p", "strong", "ul", "li", "br", "code"}
    assert page.attributes == []
    assert "".join(HOSTILE.split()) in "".join(page.text.split())


@pytest.mark.parametrize("passed", [True, False, None])
def test_a_panel_survives_its_own_sanitiser(passed):
    html = panel(checks=[check(passed, 'f([1]) → nan, it\'s "<b>"\nA cause.')])
    before, after = Page(html), Page(clean_html(html))
    assert (after.tags, after.text, after.attributes) == (before.tags, before.text, [])


def test_a_panel_shows_marks_checks_evidence_and_cause():
    text = Page(panel(checks=[check(True, name="holds"), check(False, "f(1) → 2\nA cause.")])).text
    for part in ("softmax: 1 / 4", "✓ holds", "✗ stays finite (0 / 1)", "f(1) → 2", "A cause."):
        assert part in text
