"""Feedback as Markdown: a text stays text, and reads as it was written."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from dozen import DOZEN, HOSTILE, HOSTILE_EVERYWHERE, REPORTS
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.reports.github import step_summary
from autograder.reports.markdown import code, one_line, plain, report_as_markdown

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
