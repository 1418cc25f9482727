"""HTML is plain where its tags close in order; then no parser makes a deep tree of it, or repeats much of it."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.notebooks import plain_html
from autograder.notebooks.plain_html import MAX_NESTING, is_plain, without_ignored
from autograder.notebooks.sanitise import MAX_GROWTH, SMALL, clean_html

DATA_FRAME = """<div>
<table border="1" class="dataframe">
  <thead><tr style="text-align: right;"><th></th><th>x &lt; 1</th></tr></thead>
  <tbody>
    <tr><th>0</th><td>1.5</td></tr>
  </tbody>
</table>
<p>1 rows × 1 columns</p>
</div>"""
NOTES = """<h2 id=a>Notes</h2><p>One<p>two<ul><li>a<li><p>b</ul><dl><dt>c<dd>d<dt>e</dl>
<font color='red' size=3><h3>Careful</h3></font><a href=x.html?a=b><div>card</div></a><br/>a < b<hr>
<img src="a.png"width="50%" alt='>' /></body>"""
NOTES = NOTES.replace("alt='>' ", "")


@pytest.mark.parametrize(
    "html",
    [
        "",
        "text",
        "1 < 2 and 3 > 2",
        DATA_FRAME,
        NOTES,
        "<!DOCTYPE html><html lang='en'><head><title>x</title></head><body><p>x</p></body></html>",
        "<table><caption><b>x</b></caption><colgroup><col><col></colgroup><tr><td>1<td>2<tr><th>3</table>",
        "<TABLE><Tr><TD><table><tr><td>inner</td></tr></table></TD></tr></TABLE>",
        "<p>an end too many</div></p>",
        "<pre><span class='k'>def</span> <span>f</span></pre>",
        "<b>left open <i>and this",
        "<div>" * MAX_NESTING,
    ],
)
def test_what_people_and_programs_write_is_plain(html):
    assert is_plain(html)


@pytest.mark.parametrize(
    "html",
    [
        "<b><i></b></i>",
        "<div><b></div>",
        "<p><b></p>",
        "<span><p></span>",
        "<body><li></body>",
        "<div>" * (MAX_NESTING + 1),
        f"<p {' '.join(f'a{n}' for n in range(51))}>",
        "<p title='<b>'>",
        '<p title="a>b">',
        "<p title='",
        "<p ",
        "<div><!--</div>-->",
        "<table><b></b></table>",
        "<table><td>1</table>",
        "<tr><td>1</td></tr>",
        "<html a></html><html b></html>",
        f"<p><b title='{'x' * 1000}'>{'<div>x</div>' * 1000}",
    ],
)
def test_what_a_parser_may_read_in_another_way_is_not(html):
    assert not is_plain(html)


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("a<!-- b -->c", "ac"),
        ("a<!-->b", "ab"),
        ("a<!-- b", "a"),
        ("<style scoped>\n p > b {}\n</style >x", "x"),
        ("<SCRIPT src=x>if (a<b) '</p>'</script>x", "x"),
        ("<script>never closed <b>", ""),
        ("<scripted>x</scripted>", "<scripted>x</scripted>"),
        ("<script><!--</script>--><b>", "--><b>"),
    ],
)
def test_comments_scripts_and_styles_are_left_out(html, kept):
    assert without_ignored(html) == kept


TAGS = "p b i a div span ul li dl dt dd table thead tbody tr td th caption col select option form button h1 br"
TAGS += (
    " svg math mi title textarea style template body html font nobr ruby rt marquee object details iframe noscript"
)
PIECES = st.one_of(
    st.sampled_from([f"<{name}>" for name in TAGS.split()]),
    st.sampled_from([f"</{name}>" for name in TAGS.split()]),
    st.sampled_from(["x", " ", "<!--", "-->", "<b title='</b>'>", "<a id=1>", "<svg/>", "<p x=1>"]),
)


def nested(inner):
    return st.tuples(st.sampled_from(TAGS.split()), inner).map(lambda made: f"<{made[0]}>{made[1]}</{made[0]}>")


DOCUMENTS = st.lists(
    PIECES | st.recursive(PIECES, lambda inner: nested(st.lists(inner, max_size=3).map("".join)), max_leaves=12),
    max_size=12,
).map("".join)


def deepest(tree):
    """The depth of a tree of elements, and how many there are."""
    depths = [(tree, 0)]
    for element, depth in depths:
        depths += [(child, depth + 1) for child in element]
    return max(depth for _, depth in depths), len(depths)


@given(DOCUMENTS, st.integers(1, 30), st.sampled_from([3, 8, 20]))
@example("<p><b></p>", 30, 20)
@example("<b><!--</b>-->", 30, 8)
@example("<div><select></div></select>", 30, 8)
@example("<b><a>", 3, 8)
@example("</p><span><p></span>", 30, 8)
@example("<body><dd></body><body><li></body>", 30, 8)
@example("<i><nobr>", 3, 8)
@example("<p><b><i><u><s><div>x</div><div>x</div><div>x</div></s></u></i></b></p>", 30, 20)
def test_of_plain_html_another_parser_makes_no_deeper_and_no_larger_tree(html, times, limit):
    """One element a tag at most, and what a table lacks; html5lib follows the same algorithm as browsers."""
    html = without_ignored(html * times)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("MAX_NESTING", limit), ("MAX_REPEATED", 0), ("SMALL", 0)):
            patch.setattr(plain_html, name, value)
        plain = is_plain(html)
    if plain:
        depth, elements = deepest(html5lib.parseFragment(html, namespaceHTMLElements=False))
        assert depth <= limit + 4
        assert elements <= html.count("<") + html.count("<tr") + html.count("<col") + 2


# --- what the sanitiser makes of it ----------------------------------------------------------------------

HIDDEN_ENDS = "".join(f"<b id=x{n}><!--</b>--><select></b></select>" for n in range(2000))
ATTRIBUTES = f"<p {' '.join(f'a{n}' for n in range(50_000))}>text</p>"
REPEATED = f"<p>{''.join(f'<b id=x{n}>' for n in range(60))}</p>{'<p>x</p>' * 150}"


@pytest.mark.parametrize("html", [HIDDEN_ENDS, ATTRIBUTES, REPEATED], ids=["ends", "attributes", "repeated"])
def test_html_that_takes_long_to_parse_is_shown_as_text(html):
    assert clean_html(html).startswith("<pre>&lt;")


def test_a_large_table_with_styles_and_comments_is_shown_as_a_table():
    html = f"<style scoped>.x {{}}</style><!-- made by a program -->{DATA_FRAME * 1000}"
    assert clean_html(html).count("<td>1.5</td>") == 1000


def test_a_page_of_html_is_shown_as_it_is_however_it_is_written():
    html = "<p><b>bold <i>both</b> slanted</i>" + " word" * 300
    assert len(html) < SMALL
    assert clean_html(html).startswith("<p><b>bold <i>both</i></b><i> slanted</i>")


@given(DOCUMENTS)
def test_sanitised_html_is_never_many_times_as_long(html):
    assert len(clean_html(html)) <= max(MAX_GROWTH * len(html), 6 * len(html) + len("<pre></pre>"))
