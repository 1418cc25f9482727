"""Feedback as a page: valid HTML that loads nothing and runs no student's markup."""

from __future__ import annotations

import base64
import hashlib
import re

import html5lib
import pytest
from dozen import DOZEN, HOSTILE, HOSTILE_EVERYWHERE, NEEDS_PERSON, PARTIAL
from msgspec.structs import replace

from autograder.notebooks.plain_svg import PREFIX, is_plain_svg
from autograder.reports.document import as_document
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


def test_a_document_allows_its_one_script_by_its_hash_and_none_without():
    def policy(text):
        return re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].split("; ")

    allowed = ["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"]
    bare = as_document("a <b>", "<p>c</p>", "x{}")
    assert policy(bare) == allowed
    assert "<script" not in bare
    digest = base64.b64encode(hashlib.sha256("alert('é')".encode()).digest()).decode()
    active = as_document("a", "b", "c", "alert('é')")
    assert policy(active) == [*allowed, f"script-src 'sha256-{digest}'"]
    assert "<script>alert('é')</script>" in active
    assert policy(as_document("a", "b", "c")) == allowed, "what one page may do, another may not"
    assert bare.count("a &lt;b&gt;") == 2
    assert "<style>\nx{}\n</style>" in bare
    assert "<p>c</p>" in bare


def headings(report):
    return [("".join(each.itertext())) for each in page(report).iter() if each.tag in ("h1", "h2", "h3")]


def test_a_page_is_titled_by_its_assignment_and_by_its_notebook_where_that_is_another():
    assert headings(PARTIAL)[0] == "softmax: 1.5 / 2.5"
    assert headings(replace(PARTIAL, notebook="two"))[0] == "softmax: two: 1.5 / 2.5"


def test_cells_stand_in_three_groups_in_order_and_a_group_without_cells_has_no_heading():
    bare = replace(PARTIAL.cells[0], curve=None)
    cells = [
        replace(bare, grade_id=name, exercise=None, checks=[], score=score, max_score=points)
        for name, score, points in (
            ("a", 1.0, 1.0), ("b", None, 2.0), ("c", 0.5, 1.0), ("d", 0.0, 0.0), ("e", 0.0, 1.0), ("f", None, 0.5),
        )
    ]  # fmt: skip
    made = replace(PARTIAL, cells=cells)
    assert headings(made)[1:] == [
        "What lost marks", "c: 0.5 / 1", "e: 0 / 1", "Waits for a person", "b: waits for a person (2 to give)",
        "f: waits for a person (0.5 to give)", "Full marks", "a: 1 / 1", "d: 0 / 0",
    ]  # fmt: skip
    tree = page(made)
    assert ["".join(each.itertext()).partition(":")[0] for each in tree.find(".//ol")] == list("cebfad")
    assert "2.5 of the points still wait for a person." in "".join(tree.itertext())
    assert headings(replace(PARTIAL, cells=cells[:1]))[1:] == ["Full marks", "a: 1 / 1"]
    assert page(replace(PARTIAL, cells=cells[:1])).find(".//ol") is None


def test_a_page_says_what_went_wrong_and_what_was_repaired_and_shows_no_cell_of_a_failed_one():
    made = replace(PARTIAL, isolation="none", message="It <is> old.", repairs=["one", "two"], status="failed")
    tree = page(made)
    text = "".join(tree.itertext())
    assert "This notebook could not be graded. It <is> old." in text
    assert "WITHOUT isolation" in text
    assert headings(made)[1:] == ["Repaired before grading"]
    assert ["".join(each.itertext()) for each in tree.iter("li")] == ["one", "two"]
    assert "WITHOUT isolation" not in "".join(page(PARTIAL).itertext())
