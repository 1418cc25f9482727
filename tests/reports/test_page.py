"""Feedback as a page: valid HTML that loads nothing and runs no student's markup."""

from __future__ import annotations

import re

import html5lib
import pytest
from dozen import DOZEN, HOSTILE, HOSTILE_EVERYWHERE, PARTIAL

from autograder.reports.page import report_as_page

OURS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "strong", "code", "div", "ul", "li", "br",
    "figure", "figcaption", "img",
}  # fmt: skip


def page(report):
    """Parse a page as a browser would; every parse error is a failure."""
    text = report_as_page(report).encode("utf-8")
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text, transport_encoding="utf-8")


@pytest.mark.parametrize("kind", DOZEN)
def test_a_page_is_html_without_a_parse_error(kind):
    assert {element.tag for element in page(DOZEN[kind]).iter()} <= OURS


@pytest.mark.parametrize(
    "report", [HOSTILE_EVERYWHERE, HOSTILE_EVERYWHERE.as_failed(HOSTILE)], ids=["graded", "failed"]
)
def test_hostile_text_is_shown_and_not_obeyed(report):
    root = page(report)
    shown = "".join(root.find("body").itertext())
    assert shown.count("<script>alert(1)</script>") == shown.count("<img src=x onerror=alert(1)>") > 2
    for element in root.iter():
        assert set(element.keys()) <= {"lang", "charset", "http-equiv", "content", "name", "src", "alt", "width"}
        assert element.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")


def test_a_page_needs_nothing_but_itself():
    text = report_as_page(PARTIAL)
    assert not re.search(r"https?://|<link|<script|url\(", text)
    assert "default-src 'none'" in text


def test_a_picture_comes_with_the_page():
    (image,) = page(PARTIAL).iter("img")
    assert image.get("alt") == PARTIAL.cells[0].curve.text


def test_what_a_student_reads_is_on_it():
    read = "".join(page(PARTIAL).itertext())
    for check in PARTIAL.cells[0].checks:
        for line in (check.name, *(check.message or "").splitlines()):
            assert line in read
    assert "1.5 / 2.5" in read
