"""nbconvert's filters as pages of feedback use them: what they return holds nothing active."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from autograder.nbgrader_plugin.template_filters import markdown2html, strip_files_prefix


@pytest.mark.parametrize(
    "html", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">a</a>']
)
def test_rendered_markdown_is_sanitised(html):
    assert "alert" not in strip_files_prefix(f"<p>before</p>{html}<p>after</p>")


def test_harmless_markup_stays():
    assert strip_files_prefix("<p>a <em>word</em></p>") == "<p>a <em>word</em></p>"


def rendered(source):
    """A cell of Markdown as a page shows it."""
    environment = Environment(autoescape=False)
    environment.filters |= {"markdown2html": markdown2html, "strip_files_prefix": strip_files_prefix}
    return environment.from_string("{{ source | markdown2html | strip_files_prefix }}").render(source=source)


@pytest.mark.parametrize("source", ["$x_1$", "$$x_1$$", r"\\(x_1\\)", r"\begin{equation}x_1\end{equation}"])
def test_formulas_are_typeset(source):
    html = rendered(f"Before\n\n{source}\n\nafter")
    assert "<msub><mi>x</mi><mn>1</mn></msub>" in html
    assert "$" not in html


def test_dollars_in_code_are_no_formula():
    assert "<math" not in rendered("`$x$`\n\n    $x$\n")


def test_a_formula_carries_no_markup():
    html = rendered(r"$\text{<img src=x onerror=alert(1)>}$ and $<script>alert(1)</script>$")
    assert "<script" not in html
    assert "<img" not in html
