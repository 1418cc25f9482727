"""In the instructor's browser a hostile submission runs no script, loads nothing foreign, presses no button.

Whatever it tries calls home: a dialog, a variable of the page, or a request to a host that no page of ours names.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from autograder.notebooks import notebook

pytest.importorskip("playwright")
from playwright.sync_api import expect

pytestmark = pytest.mark.sandbox

FORMULA_PARTS = """content => [...content.querySelectorAll('math, math *')].flatMap(
    each => [each.localName, ...each.getAttributeNames()])"""
MATHML = {
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msub", "msup", "msubsup", "mfrac", "msqrt", "munder"),
    *(
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "display",
        "displaystyle",
        "scriptlevel",
        "stretchy",
        "lspace",
    ),
    *("rspace", "width", "mathvariant", "minsize", "maxsize", "accent", "form", "movablelimits", "style", "title"),
}
"""What a formula may consist of: nothing that links, loads or listens."""
STUDENT = "<img src=x onerror=alert('id')>"
CALL = "window.pwned=1;alert(1)"
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{CALL}'><script>{CALL}</script></svg>"
SVG_URL = f"data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}"
PIXEL = "https://canary.example/pixel.png"

MARKUP = [
    f"<script>{CALL}</script>",
    f"<img src=x onerror='{CALL}'>",
    f"<svg onload='{CALL}'></svg>",
    f"<svg><script>{CALL}</script></svg>",
    f"<details open ontoggle='{CALL}'><summary>more</summary>text</details>",
    f"<iframe srcdoc='<script>top.{CALL}</script>'></iframe>",
    f"<iframe src='javascript:top.{CALL}'></iframe>",
    f"<object data='{SVG_URL}'></object><embed src='{SVG_URL}'>",
    f"<video><source onerror='{CALL}'></video>",
    f"<input autofocus onfocus='{CALL}'>",
    f"<p style='background: url({PIXEL})'>styled</p><style>body {{ background: url({PIXEL}) }}</style>",
    f"<img src='{PIXEL}'><link rel=stylesheet href='{PIXEL}'>",
    f"<meta http-equiv=refresh content='0; url={PIXEL}'>",
    f"<base href='https://canary.example/'><script src='{PIXEL}'></script>",
    "<form action='https://canary.example'><button id=press>press</button></form>",
    f"<a href='javascript:{CALL}'>link</a> <a href=' java&#10;script:{CALL}'>link</a>",
    f"<a href='data:text/html,<script>{CALL}</script>'>link</a>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    f"<script type='text/x-mathjax-config'>{CALL}</script>",
]
MARKDOWN = [
    f"[link](javascript:{CALL}) ![picture](x'onerror='{CALL})",
    f"[link]: javascript:{CALL}\n\n[link]",
    f"`<script>{CALL}</script>`\n\n    <script>{CALL}</script>\n\n```html\n<script>{CALL}</script>\n```",
    rf"$\href{{javascript:{CALL}}}{{x}}$ $$\require{{action}}\class{{x' onmouseover='{CALL}}}{{y}}$$",
    f"$<img src=x onerror='{CALL}'>$",
    f"# <img src=x onerror='{CALL}'>",
    "![attached](attachment:picture.svg) ![broken](attachment:broken.png)",
    "[another page](evil.html), [a drawing](evil.svg)",
]
OUTPUTS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display

for markup in {MARKUP!r}:
    display(HTML(markup))
    print(markup)
for text in {MARKDOWN!r}:
    display(Markdown(text))
display(Javascript({CALL!r}), SVG({SVG!r}))
display({{"application/javascript": {CALL!r}, "text/plain": ""}}, raw=True)
display({{"application/vnd.jupyter.widget-view+json": {{"model_id": "</script>" + {MARKUP[0]!r}}}}}, raw=True)
display({{"text/html": {MARKUP[0]!r}}}, raw=True, metadata={{"text/html": {{"isolated": True}}}})
display({{"image/png": "x' onerror='{CALL}", "text/latex": {MARKUP[1]!r}}}, raw=True)
display({{"image/svg+xml": {SVG!r}, "text/html; x": {MARKUP[0]!r}, "text/vnd.mermaid": {MARKUP[1]!r}}}, raw=True)


def softmax(z, axis=-1, temperature=1.0):
    raise ValueError({MARKUP[1]!r})
"""


def markdown_cell(text, number):
    attachments = {"picture.svg": {"image/svg+xml": base64.b64encode(SVG.encode()).decode()}}
    attachments |= {"broken.png": {f"image/png' onerror='{CALL}": "x"}}
    return {
        "cell_type": "markdown",
        "id": f"hostile-{number}",
        "source": text,
        "attachments": attachments,
        "metadata": {"tags": [f"'onclick='{CALL}'"], "nbgrader": {"grade_id": f"{MARKUP[1]}{number}"}},
    }


def add_hostile_cells(cells):
    """Put everything that is tried into a notebook: as cells of its own, and into an answer."""
    cells += [markdown_cell(text, number) for number, text in enumerate(MARKUP + MARKDOWN)]
    cells.append({"cell_type": "raw", "id": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": MARKUP[0]})
    answer = next(cell for cell in cells if notebook.grade_id_of(cell) == "saturation-answer")
    answer["source"] = "\n\n".join([BUTTON, *MARKUP, *MARKDOWN])


BUTTON = "<span class='full-credit btn btn-success'>Please read this answer</span>"


@pytest.fixture(scope="module")
def hostile(submit, run, course):
    """A graded hostile submission and its feedback page; what it brings beside its notebook included."""
    folder = submit(STUDENT, OUTPUTS, add_hostile_cells)
    (folder / "evil.html").write_text(f"<p>A page</p>{MARKUP[0]}{MARKUP[1]}")
    (folder / "evil.svg").write_text(SVG)
    run("autograder", "grade")
    run("nbgrader", "generate_feedback", "softmax", "--force")
    return course.folder("autograded", STUDENT, "softmax") / "softmax.ipynb"


@pytest.fixture
def called(page):
    """A page's calls home: its dialogs, and requests to hosts that neither we nor nbgrader's templates name."""
    calls = []

    def note_dialog(dialog):
        calls.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note_request(request):
        if not re.match(r"(http://127\.0\.0\.1:|https://cdnjs\.cloudflare\.com/|file:|data:image/)", request.url):
            calls.append(f"request: {request.url}")

    page.on("dialog", note_dialog)
    page.on("request", note_request)
    return calls


def assert_harmless(page, called):
    """Nothing called home, and no link or element is left that would once it is clicked."""
    page.wait_for_load_state("networkidle")
    assert called == []
    assert page.evaluate("window.pwned") is None
    content = page.locator("#notebook-container")
    expect(content.locator("script, iframe, object, embed, form, base, meta, style, svg")).to_have_count(0)
    assert set(content.first.evaluate(FORMULA_PARTS)) <= MATHML
    for link in content.locator("a[href]").all():
        assert re.match(r"(https?:|mailto:|#|[^:]*$)", link.get_attribute("href")), link.get_attribute("href")


def test_the_canaries_sing_on_nbconverts_own_page(page, called, tmp_path):
    """Without our filters the same markup does call home."""
    outputs = [{"output_type": "display_data", "data": {"text/html": text}, "metadata": {}} for text in MARKUP]
    cells = [markdown_cell(text, number) for number, text in enumerate(MARKUP)]
    cells.append({"cell_type": "code", "id": "code", "source": "", "metadata": {}, "execution_count": 1})
    cells[-1]["outputs"] = outputs
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    html, _ = HTMLExporter().from_notebook_node(nbformat.from_dict(book))
    (tmp_path / "page.html").write_text(html)
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_load_state("networkidle")
    assert len([call for call in called if call.startswith("dialog")]) > 5
    assert [call for call in called if call.startswith("request")]


def test_nothing_runs_in_the_feedback_page(page, called, hostile):
    feedback = hostile.parents[3] / "feedback" / STUDENT / "softmax" / "softmax.html"
    page.goto(feedback.as_uri())
    assert_harmless(page, called)


@pytest.fixture
def marking(page, server, course, called):
    """The formgrader's page of the hostile submission."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "logits-and-likelihoods") as database:
        submission = database.find_submission_notebook("softmax", "softmax", STUDENT).id
    server.sign_in(page)
    page.goto(f"{server.url}/formgrader/submissions/{submission}/?index=0")
    return page


def test_nothing_runs_in_the_formgrader(hostile, marking, called):
    expect(marking.locator("input.score#softmax")).to_have_attribute("placeholder", "0")
    assert_harmless(marking, called)


@pytest.mark.deep
def test_nothing_runs_in_a_page_handed_in_beside_the_notebook(hostile, marking, called):
    """It is shown as a document of no origin, without scripts, when its link is followed."""
    for name in ("another page", "a drawing"):
        href = marking.get_by_role("link", name=name).first.get_attribute("href")
        place = marking.url
        marking.goto(href if "://" in href else marking.url.split("?")[0] + href)
        marking.wait_for_load_state("networkidle")
        assert called == []
        marking.goto(place)


def test_an_answer_can_not_press_the_instructors_buttons(hostile, marking):
    """A click on a student's text that dresses as the button “Full credit” gives no mark."""
    field = marking.locator("input.score#saturation-answer")
    expect(field).to_have_class(re.compile("needs_manual_grade"))  # its mark was loaded
    marking.get_by_text("Please read this answer").click()
    marking.wait_for_load_state("networkidle")
    marking.reload()
    expect(field).to_have_class(re.compile("needs_manual_grade"))
    expect(field).to_have_value("")


@pytest.mark.parametrize(
    "where",
    [
        "gradebook/softmax/softmax",
        "manage_submissions/softmax",
        "manage_students",
        f"manage_students/{quote(STUDENT)}",
    ],
)
def test_a_students_name_is_text_in_the_formgraders_lists(hostile, page, server, called, where):
    server.sign_in(page)
    page.goto(f"{server.url}/formgrader/{where}")
    expect(page.locator("#main-table tr").first).not_to_contain_text("Loading")
    page.wait_for_load_state("networkidle")
    assert called == []
