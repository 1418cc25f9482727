"""Sanitising: hostile markup is dropped, harmless markup survives."""

from __future__ import annotations

import re
from html import escape

import pytest
from html_pages import Page
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.notebooks.plain_html import SMALL
from autograder.notebooks.sanitise import _only_harmless_values, clean_html

PNG = "data:image/png;base64,iVBORw0KGgo="
ACTIVE = {"script", "style", "iframe", "object", "embed", "form", "input", "button", "meta", "link", "base", "svg"}
KNOWN = {"href", "src", "alt", "title", "class", "id", "rel", "width", "height", "colspan", "rowspan", "start"}
TEXT = {"alt", "title"}
"""Attributes that a browser shows as text, whatever they hold."""
ACTIVE |= {"math", "video", "audio", "source", "textarea", "select", "template", "noscript", "frame", "portal"}


# --- hostile markup --------------------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<SCRIPT SRC='https://evil.example/x.js'></SCRIPT>",
    "<img src='x' onerror='alert(1)'>",
    "<body onload=alert(1)>",
    "<p onclick='alert(1)'>text</p>",
    "<details ontoggle=alert(1) open><summary>a</summary></details>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='vbscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='  DATA:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<img src='javascript:alert(1)'>",
    "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src='data:image/png,<svg onload=alert(1)>'>",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<iframe src='https://evil.example'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='https://evil.example/x.swf'></object>",
    "<embed src='https://evil.example/x.swf'>",
    "<style>body { background: url(https://evil.example/x.png) }</style>",
    "<p style='background: url(https://evil.example/x.png)'>text</p>",
    "<link rel='stylesheet' href='https://evil.example/x.css'>",
    "<form action='https://evil.example'><input name='password'><button>ok</button></form>",
    "<meta http-equiv='refresh' content='0; url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<img src='https://evil.example/pixel.png'>",
    "<img src='http://evil.example/pixel.png'>",
    "<img src='HTTPS://evil.example/pixel.png'>",
    "<img src='//evil.example/pixel.png'>",
    "<img src='\\\\evil.example\\pixel.png'>",
    "<img src='/\\evil.example/pixel.png'>",
    "<img src='x.png' srcset='https://evil.example/pixel.png 2x'>",
    "<table background='https://evil.example/pixel.png'><tr><td background='https://evil.example/p'>1</table>",
    "<video src='https://evil.example/x.mp4' poster='https://evil.example/x.png'></video>",
    "<a href='https://example.org' ping='https://evil.example'>x</a>",
    "<p>text</p><!-- <script>alert(1)</script> --><![CDATA[<script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "<p id='x' name='y'>text</p><div data-x='1' contenteditable autofocus tabindex=1>text</div>",
]


def assert_harmless(html):
    page = Page(clean_html(html))
    assert not ACTIVE & set(page.tags)
    for name, value in page.attributes:
        assert name in KNOWN
        assert name != "href" or re.match(r"https?:|mailto:|#|[^:]*$", value)
        assert name != "src" or re.match(r"data:image/png;|(?!/|\\)[^:]*$", value)
        assert "evil.example" not in value
        assert name in TEXT or "alert(1)" not in value


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "around", ["{}", "<div><p>before</p>{}<p>after</p></div>", "<table><tr><td>{}</td></tr></table>"]
)
def test_hostile_markup_is_dropped(attack, around):
    assert_harmless(around.format(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_cleaning_what_is_clean_changes_nothing(attack):
    """What one pass lets through, no later parser may read in another way."""
    once = clean_html(attack)
    assert clean_html(once) == once


@given(
    st.lists(
        st.sampled_from([*ATTACKS, "<", ">", "'", '"', "</p>", "<p>", "&lt;", "<!--", "-->", "\x00"]), max_size=4
    )
)
@example(["<svg onload=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>"])
def test_no_row_of_attacks_opens_a_hole(pieces):
    assert_harmless("".join(pieces))


# --- harmless markup -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<h1>One</h1><h2>Two</h2><h3>Three</h3><h6>Six</h6>",
        "<p>A <strong>bold</strong>, <em>slanted</em> and <code>coded</code> word<br>and a line.</p>",
        "<ul><li>one</li><li>two</li></ul><ol start='3'><li>three</li></ol>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td colspan='2'>1</td></tr></tbody></table>",
        "<pre><code>x = 1</code></pre><blockquote><p>said</p></blockquote><hr>",
        "<details><summary>Hint</summary><p>text</p></details>",
        "<figure><img src='figures/curve.png' alt='a curve'><figcaption>A curve</figcaption></figure>",
        f"<p><img src='{PNG}' alt='dot' width='3' height='4'></p>",
        "<p><img src='../a%20b.jpg?x=1#y'></p>",
        "<p>H<sub>2</sub>O, x<sup>2</sup>, <del>old</del> <kbd>Ctrl</kbd></p>",
        "<div class='alert alert-info' title='a note'><p>text</p></div>",
        "<div class='highlight hl-python'><pre><span class='kn'>import</span></pre></div>",
        "<p>$\\frac{a}{b} \\lt 1$ and a &lt; b &amp; c</p>",
    ],
)
def test_harmless_markup_survives(html):
    before, after = Page(html), Page(clean_html(html))
    assert after.tags == before.tags
    assert after.text == before.text
    assert set(after.attributes) >= set(before.attributes)


@pytest.mark.parametrize("link", ["https://example.org/a?b=c#d", "mailto:a@example.org", "other.html"])
def test_harmless_links_survive_and_hand_nothing_over(link):
    attributes = dict(Page(clean_html(f"<a href='{link}'>x</a>")).attributes)
    assert attributes["href"] == link
    assert set(attributes["rel"].split()) >= {"noopener", "noreferrer"}


def test_links_within_a_text_lead_to_its_own_headings_alone():
    """An id that a part of the page around it has can't be taken, and a link still finds its heading."""
    heading, link = Page(clean_html("<h2 id='softmax'>Softmax</h2><a href='#softmax'>up</a>")).attributes[:2]
    assert heading[0] == "id"
    assert heading[1] != "softmax"
    assert link == ("href", f"#{heading[1]}")


@pytest.mark.parametrize(
    "name", ["full-credit", "no-credit", "mark-graded", "score", "comment", "navbar-fixed-top"]
)
def test_a_text_can_not_take_the_class_of_a_button(name):
    assert "class" not in dict(Page(clean_html(f"<span class='{name}'>x</span>")).attributes)


# --- what browsers ignore, and what parsers choke on ------------------------------------------------------


@pytest.mark.parametrize(
    "src",
    [
        " https://evil.example/p.png",
        "\n//evil.example/p.png",
        "/\t/evil.example/p.png",
        "ht\ttps://evil.example/p.png",
        "\x01https://evil.example/p.png",
    ],
)
def test_white_space_that_browsers_ignore_hides_no_remote_image(src):
    assert "evil.example" not in clean_html(f'<img src="{src}">')


@pytest.mark.parametrize("href", ["da\tta:text/html,x", "\x01data:text/html,x", " data:text/html,x"])
def test_white_space_that_browsers_ignore_hides_no_data_link(href):
    assert "text/html" not in clean_html(f'<a href="{href}">x</a>')


def test_a_citation_carries_no_link():
    assert "javascript" not in clean_html("<q cite='javascript:alert(1)'>x</q>")


def test_markup_nested_beyond_reason_is_shown_as_text():
    """A parser takes time that grows with the square of the depth: 98 seconds for 200 000 tags."""
    for deep in ("<div>" * 40_000, "<div><table><tr><td></div>" * 10_000, "<b><i>" * 20_000, "<svg><g>" * 20_000):
        assert clean_html(deep) == f"<pre>{escape(deep)}</pre>"


def test_a_long_table_is_no_deep_one():
    table = "<table>" + "<tr>" + "<td>1</td>" * 20 + "</tr>" * 1 + "<tr><td>1</td></tr>" * 2_000 + "</table>"
    assert clean_html(table).count("<td>") == 2_020


@pytest.mark.parametrize(
    ("tag", "attribute", "value", "kept"),
    [
        ("p", "class", "highlight x button hl-a dataframe", "highlight x hl-a dataframe"),
        ("p", "class", "button", None),
        ("p", "class", "", None),
        ("p", "class", "alert alert-info", "alert alert-info"),
        ("p", "class", "abcd", None),
        ("p", "title", "javascript:x", "javascript:x"),
        ("img", "alt", "data:x", "data:x"),
        ("img", "src", "a/b.png", "a/b.png"),
        ("img", "src", " a\n.png ", "a.png"),
        ("img", "src", "//evil.example/a.png", None),
        ("img", "src", "https://evil.example/a.png", None),
        ("img", "src", "\\\\evil.example\\a.png", None),
        ("img", "src", "data:image/png;base64,iVBO", "data:image/png;base64,iVBO"),
        ("img", "src", "data:image/svg+xml;base64,iVBO", None),
        ("img", "src", "data:text/html,x", None),
        ("source", "src", "a.png", None),
        ("a", "href", "#part", "#own-part"),
        ("a", "href", "\t#part", "#own-part"),
        ("a", "href", "https://example.org/#part", "https://example.org/#part"),
        ("a", "href", "DATA:text/html,x", None),
        ("a", "href", "da\nta:text/html,x", None),
    ],
)
def test_a_value_is_kept_if_it_is_harmless_as_a_browser_reads_it(tag, attribute, value, kept):
    assert _only_harmless_values(tag, attribute, value) == kept


def test_only_what_is_long_and_not_plain_is_shown_as_text():
    unusual = "<b><p>x</b></p>"
    assert not clean_html(unusual * (SMALL // len(unusual))).startswith("<pre>")
    assert clean_html(unusual * (SMALL // len(unusual) + 1)).startswith("<pre>&lt;b&gt;")
    assert clean_html("<p>x</p>" * SMALL) == "<p>x</p>" * SMALL
    assert clean_html("<p>x</p><!--" + "<b>" * SMALL + "-->") == "<p>x</p>", "what is ignored does not count"
