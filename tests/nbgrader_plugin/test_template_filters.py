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


def rendered(source, filters="markdown2html | strip_files_prefix", **context):
    """A cell of Markdown as a page shows it."""
    environment = Environment(autoescape=False)
    environment.filters |= {"markdown2html": markdown2html, "strip_files_prefix": strip_files_prefix}
    return environment.from_string(f"{{{{ source | {filters} }}}}").render(source=source, **context)


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


def test_a_heading_has_no_link_to_itself_and_markup_in_a_text_is_markup():
    assert rendered("# One\n\na <b>word</b>", "markdown2html") == "<h1>One</h1>\n<p>a <b>word</b></p>\n"


def test_a_formula_of_its_own_lines_is_taken_without_the_blanks_around_it():
    assert rendered("$$\n  x_1\n\n$$", "markdown2html") == '<p><code class="txb">x_1</code></p>\n'
    assert 'class="tex">x_1<' in rendered("$x_1$", "markdown2html")
    environment = r"\begin{align}x\\y\end{align}"
    assert rendered(environment, "markdown2html") == f'<p><code class="txb">{environment}</code></p>\n'
    assert 'display="block"' in rendered("$$x$$")
    assert 'display="block"' not in rendered("$x$")


def test_a_picture_is_that_of_its_own_cell_or_a_sentence():
    cell = {"attachments": {"a.png": {"image/png": "QQ=="}}}
    shown = '<p><img src="data:image/png;base64,QQ==" alt="x"></p>'
    assert rendered("![x](attachment:a.png)", cell=cell).strip() == shown
    sentence = "<p><em>x (a picture that is not in the notebook)</em></p>"
    for context in ({}, {"cell": {}}, {"cell": {"attachments": {"b.png": {"image/png": "QQ=="}}}}):
        assert rendered("![x](attachment:a.png)", **context).strip() == sentence


@pytest.mark.parametrize(
    ("name", "shown"), [("<b>", "&lt;b&gt;"), ('a "b" < c & d', "a &quot;b&quot; &lt; c &amp; d"), ("é", "é")]
)
def test_the_name_of_a_missing_picture_is_text(name, shown):
    html = rendered(f"![{name}](attachment:gone.png)", "markdown2html")
    assert html == f"<p><em>{shown} (a picture that is not in the notebook)</em></p>\n"


def test_a_file_beside_the_notebook_is_found_where_it_lies():
    assert strip_files_prefix('<img src="files/a.png">') == '<img src="a.png">'
