"""Feedback as a page: valid HTML that loads nothing and runs no student's markup."""

from __future__ import annotations

import base64
import re

import html5lib
import pytest
from dozen import DOZEN, HOSTILE, HOSTILE_EVERYWHERE, NEEDS_PERSON, PARTIAL

from autograder.notebooks.plain_svg import PREFIX, is_plain_svg
from autograder.reports.page import report_as_page

EMPTY = PREFIX + base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"></svg>').decode()

OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "strong", "code", "div", "ul",
    "ol", "li", "a", "br", "figure", "figcaption", "img", "details", "summary",
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
        assert set(element.keys()) <= {
            *("lang", "charset", "http-equiv", "content", "name", "src", "alt", "width", "height"),
            *("id", "href", "rel"),
        }
        assert is_plain_svg(element.get("src", EMPTY))
        assert re.fullmatch(r"#own-cell-\d", element.get("href", "#own-cell-0"))


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


def test_the_contents_name_each_cell_and_lead_to_it():
    root = page(NEEDS_PERSON)
    ids = {element.get("id"): "".join(element.itertext()) for element in root.iter("h3")}
    links = {"".join(link.itertext()): link.get("href") for link in root.iter("a")}
    assert set(links) == {"softmax", "why", "when"}
    assert all(ids[href.removeprefix("#")].startswith(name) for name, href in links.items())


def test_what_waits_for_a_person_says_so_and_what_lost_marks_comes_first():
    root = page(NEEDS_PERSON)
    titles = ["".join(element.itertext()) for element in root.iter() if element.tag in {"h2", "h3"}]
    assert titles == [
        *("What lost marks", "when: 0 / 1"),
        *("Waits for a person", "why: waits for a person (2 to give)"),
        *("Full marks", "softmax: 2.5 / 2.5"),
    ]
    assert "2 of the points still wait for a person." in "".join(root.itertext())


def test_a_page_says_its_language():
    assert page(PARTIAL).get("lang") == "en"
