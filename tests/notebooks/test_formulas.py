"""Formulas become MathML; what can't be converted stays text, and nothing in a formula is obeyed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import escape
from xml.etree import ElementTree as ET

import pytest
from conftest import CHECKOUT
from html_pages import Page
from hypothesis import given
from hypothesis import strategies as st

from autograder.exercises import TOPICS
from autograder.notebooks.formulas import MAX_LENGTH, as_mathml, marked, typeset
from autograder.notebooks.sanitise import clean_html

HOSTILE = [
    r"\text{<img src=x onerror=alert(1)>}",
    r"<script>alert(1)</script>",
    r"\href{javascript:alert(1)}{x}",
    r"\style{background: url(https://evil.example)}{x}",
    r"\class{full-credit}{x}",
    r"\color{red\"onload=alert(1)}{x}",
    r"\hspace{99999cm}x",
    r"\def\a{\a\a}\a",
    r"\unicode{x}",
    r"\frac{1}",
    "\x00\ud800",
    "</math><script>alert(1)</script>",
    r"\mbox{</mtext></math><script>alert(1)</script>}",
]
SIGNS = [
    "\\",
    "{",
    "}",
    "<",
    ">",
    '"',
    "'",
    "&",
    "^",
    "_",
    "a",
    " ",
    "\\text{",
    "\\color{",
    "\\href{",
    "\\frac",
    "$",
    "#",
]


def formulas(topic):
    """Each formula of a topic's notebook, and whether it stands on a line of its own."""
    cells = json.loads((CHECKOUT / "source" / topic / f"{topic}.ipynb").read_text())["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    without_code = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for found in re.finditer(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$", without_code, re.DOTALL):
        yield found[1] or found[2], bool(found[1])


@pytest.mark.parametrize("topic", TOPICS)
def test_every_formula_of_the_course_is_typeset(topic):
    found = list(formulas(topic))
    assert len(found) > 20
    assert [tex for tex, block in found if as_mathml(tex, block=block) is None] == []


def test_a_formula_is_typeset_within_sanitised_html():
    html = clean_html(f"<p>For {marked('x < 1', 'inline')} and {marked('y', 'block')}.</p>")
    assert typeset(html) == (
        '<p>For <math><mi>x</mi><mo>&lt;</mo><mn>1</mn></math> and <math display="block"><mi>y</mi></math>.</p>'
    )


@pytest.mark.parametrize("tex", [r"\unknown{x} < 1", r"\frac{1}", "x" * (MAX_LENGTH + 1)])
def test_what_can_not_be_converted_stays_readable(tex):
    assert typeset(marked(tex, "inline")) == f"${escape(tex)}$"
    assert typeset(marked(tex, "block")) == f"$${escape(tex)}$$"


def test_a_long_formula_can_be_scrolled_by_keys():
    page = Page(typeset(marked("+".join("abcdefghijklmnop"), "block")))
    assert ("tabindex", "0") in page.attributes
    assert ("tabindex", "0") not in Page(typeset(marked("a + b", "block"))).attributes


def test_a_formula_at_the_head_of_a_column_has_a_name():
    assert 'title="p_y &lt; 1"' in typeset(f"<table><tr><th>{marked('p_y < 1', 'inline')}</th></tr></table>")


def assert_harmless(html):
    page = Page(html)
    assert not {"script", "img", "a", "style", "iframe"} & set(page.tags)
    for name, value in page.attributes:
        assert name in {"tabindex", "role", "aria-label", "class", "title"} or re.fullmatch(r"[\w .;:-]*", value)
        assert name not in {"href", "src"}
        assert not name.startswith("on")
        assert name != "class" or value in {"wide tex", "wide txb", "tex", "txb"}


@pytest.mark.parametrize("kind", ["inline", "block"])
@pytest.mark.parametrize("tex", HOSTILE)
def test_nothing_in_a_formula_is_obeyed(tex, kind):
    assert_harmless(typeset(marked(tex, kind)))
    mathml = as_mathml(tex, block=kind == "block")
    if mathml is not None:
        ET.fromstring(mathml.replace("&nbsp;", " "))


@given(st.lists(st.sampled_from(SIGNS), max_size=12))
def test_no_row_of_signs_opens_a_hole(signs):
    assert_harmless(typeset(f"<p>{marked(''.join(signs), 'inline')}</p>"))


def test_a_student_who_writes_the_mark_gets_a_formula_and_no_more():
    assert_harmless(
        typeset(clean_html('<code class="tex">\\text{<b>x</b>}</code><code class="tex">&lt;b&gt;</code>'))
    )


@pytest.mark.parametrize("sign", ["{", r"\left(", r"\frac1{", r"\sqrt ", "x^{"])
def test_a_formula_of_the_greatest_length_ends_no_process(sign):
    """The converter is recursive: a longer formula would overflow the stack of its process."""
    tex = (sign * MAX_LENGTH)[:MAX_LENGTH]
    code = f"from autograder.notebooks.formulas import as_mathml; as_mathml({tex!r}, block=True)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_of_the_converters_output_only_what_is_listed_is_kept():
    """A blank as wide as a house is refused, a colour is dropped, and so is a class of the page around it."""
    assert as_mathml(r"\hspace{99999cm}x", block=False) is None
    assert as_mathml(r"\hspace{1cm}x", block=False) is not None
    assert "style" not in as_mathml(r"\color{red}{x}", block=False)
    assert "class" not in as_mathml(r"\cancel{x}", block=False)


def test_a_surrogate_and_a_control_character_are_no_formula():
    assert as_mathml("\ud800", block=False) is None
    assert as_mathml("\x00", block=False) is None


@pytest.mark.parametrize(("kind", "fence"), [("inline", "$"), ("block", "$$")])
def test_a_formula_is_marked_and_typeset_by_its_kind(kind, fence):
    assert typeset(marked("x", kind)) == as_mathml("x", block=kind == "block")
    assert typeset(marked(r"\nothing <", kind)) == rf"{fence}\nothing &lt;{fence}"
    assert typeset(f"{marked('x', kind)}, {marked('y', kind)}").count("<math") == 2


def test_a_formula_may_be_wide_from_25_signs():
    for count, is_wide in ((24, False), (25, True)):
        assert ('class="wide tex"' in typeset(marked("x" * count, "inline"))) is is_wide
    assert 'class="wide txb"' in typeset(marked("x" * 25, "block"))
    assert "wide" not in typeset(f"<th>{marked('x' * 25, 'inline')}</th>")


def test_a_formula_at_the_head_of_a_column_keeps_the_head_and_one_that_can_not_be_converted_too():
    assert typeset(f'<th scope="col">{marked("x", "inline")}</th>').startswith('<th scope="col"><math title="x">')
    assert typeset(f"<th>{marked(chr(92) + 'nothing', 'inline')}</th>") == r"<th>$\nothing$</th>"


def test_of_the_greatest_length_a_formula_is_still_typeset():
    assert as_mathml("x" * MAX_LENGTH, block=False) is not None
    assert as_mathml("x" * (MAX_LENGTH + 1), block=False) is None
