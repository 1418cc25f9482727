"""Feedback as Markdown: a text stays text, and reads as it was written."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from dozen import CURVE, DOZEN, HOSTILE, HOSTILE_EVERYWHERE, REPORTS
from dozen import cell as cell_of
from dozen import check as check_of
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from autograder.reports.github import step_summary
from autograder.reports.markdown import WARNING, code, one_line, plain, report_as_markdown

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
FAILED = HOSTILE_EVERYWHERE.as_failed(HOSTILE)
OURS = {
    "heading", "paragraph", "text", "inline", "bullet_list", "list_item", "strong", "code_inline", "em",
    "hardbreak", "softbreak", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def kinds(text):
    found = set()
    for token in RENDERER.parse(text):
        found |= {re.sub("_(open|close)$", "", each.type) for each in (token, *(token.children or []))}
    return found


class Text(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    "text",
    [
        report_as_markdown(HOSTILE_EVERYWHERE),
        report_as_markdown(FAILED),
        step_summary([*REPORTS, FAILED], [HOSTILE]),
    ],
)
def test_no_markup_of_a_students_survives(text):
    assert kinds(text) <= OURS


@given(st.text(max_size=40))
@example(HOSTILE)
@example("a_b __c__ *d* - 1. # x")
@example("&lt;b&gt; \\* www.x.org https://x.org")
def test_a_text_reads_as_it_was_written(text):
    read = Text(RENDERER.renderInline(f"is {plain(text)}.")).text
    assert read.replace("\N{WORD JOINER}", "") == f"is {one_line(text)}.".replace("\N{WORD JOINER}", "")


@given(st.text("|\\a b_", max_size=20))
def test_a_text_stays_in_its_table_cell(text):
    html = RENDERER.render(f"| a | b |\n|---|---|\n| {plain(text)} | end |\n")
    cells = re.findall("<td>(.*?)</td>", html)
    assert cells == [one_line(text), "end"]


@given(st.text("`a b", min_size=1, max_size=20))
def test_code_is_one_span_whatever_backticks_are_in_it(text):
    if not one_line(text):
        assert code(text) == ""
        return
    (token,) = RENDERER.parseInline(code(text))[0].children
    assert (token.type, token.content) == ("code_inline", one_line(text))


@pytest.mark.parametrize("kind", ["perfect", "partial", "zero", "limit_hit", "needs_person"])
def test_sentence_evidence_cause_and_hint_are_all_there(kind):
    read = Text(RENDERER.render(report_as_markdown(DOZEN[kind]))).text
    for cell in DOZEN[kind].cells:
        for check in (check for check in cell.checks if check.passed is not None):
            assert check.name in read
            for line in (check.message or "").splitlines():
                assert line in read
        assert cell.grade_id in read


@pytest.mark.parametrize("kind", ["zero", "limit_hit"])
def test_the_checks_that_were_not_run_are_one_line(kind):
    read = Text(RENDERER.render(report_as_markdown(DOZEN[kind]))).text
    assert read.count("not run") == 1
    assert "2 checks (0 / 1.5) not run: they count once “matches the definition” holds" in read


def test_what_could_not_be_graded_says_why_and_lists_no_checks():
    read = report_as_markdown(DOZEN["refused"])
    assert "This notebook could not be graded." in read
    assert "##" not in read


def test_a_mark_without_isolation_says_so():
    assert "WITHOUT isolation" in report_as_markdown(DOZEN["bare"])


def lines_of(*cells, **fields):
    made = replace(DOZEN["perfect"], cells=list(cells), **fields)
    return report_as_markdown(made).splitlines()


def test_the_title_has_the_notebook_where_it_is_another():
    assert lines_of()[0] == "# softmax: 2.5 / 2.5"
    assert lines_of(notebook="part_2")[0] == "# softmax: part_2: 2.5 / 2.5"


def test_what_stands_above_the_cells_comes_in_order():
    open_cells = [cell_of(name, score=None, points=1.0) for name in ("why", "when")]
    found = lines_of(*open_cells, isolation="none", message="It *is* old.", repairs=["one", "two"])
    assert [line for line in found if line] == [
        "# softmax: 2.5 / 2.5", WARNING, "This notebook could not be graded. It \\*is\\* old.",
        "A person still has to mark `why`, `when`.", "## why: – / 1", "## when: – / 1",
        "## Repaired before grading", "- one", "- two",
    ]  # fmt: skip


def test_a_message_of_a_cell_stands_for_its_checks_and_its_picture():
    found = lines_of(
        cell_of("f", [check_of("a", False, "no")], message="It stopped.", curve=CURVE),
        cell_of("g", score=0, points=1),
    )
    assert [line for line in found[2:] if line] == ["## f: 0 / 1", "Result: It stopped.", "## g: 0 / 1"]


def test_a_picture_is_told_and_checks_of_one_reason_are_one_line():
    checks = [
        check_of("a", None, "late"), check_of("b", True, "It *warned*.\n\ntwice"), check_of("c", None, "late"),
        check_of("d", None), check_of("e", False, "f(1) → *\n  \n*why*"),
    ]  # fmt: skip
    found = lines_of(cell_of("f", checks, curve=CURVE))
    assert found[2:] == [
        "## f: 1 / 5", "",
        "- ✓ **b** (1 / 1)\\", "  It \\*warned\\*.\\", "  twice",
        "- · **d** (0 / 1)",
        "- ✗ **e** (0 / 1)\\", "  `f(1) → *`\\", "  \\*why\\*",
        "- · 2 checks (0 / 2) late", "",
        f"Picture: {plain(CURVE.text)}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b _c_ d_", r"a_b \_c\_ d\_"),
        ("日_本 é_é 1_2", "日_本 é_é 1_2"),
        ("http://a.b //c", r"http:\/\/a.b //c"),
        ("www.a.b WWW.a a.www.b", r"www\.a.b WWW\.a a.www\.b"),
        ("a@b #1 !x ~y~ $z$", "a@\N{WORD JOINER}b \\#1 \\!x \\~y\\~ \\$z\\$"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("  a\n\tb\x1b ", "a b\ufffd"),
        ("1. - +", "1. - +"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_what_would_be_markup_is_escaped(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a``", "``` a`` ```"),
        ("a\nb", "`a b`"),
        (" ", ""),
        ("", ""),
    ],
)
def test_a_code_span_has_one_backtick_more_than_its_text(text, shown):
    assert code(text) == shown
