"""A page is made in a fork: what it returns is the converter's, and every failure is a sentence about the file."""

from __future__ import annotations

import os

import html5lib
import nbconvert.exporters.html
import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.envelope.worker import DiedError, ExhaustedError, RequestError
from autograder.intake import RefusedError
from autograder.nbgrader_plugin import pages
from autograder.nbgrader_plugin.pages import ENVELOPE, BoundedExporter


def converting(monkeypatch, result):
    """Let nbconvert return this; return what it is asked."""

    def convert(self, filename, resources=None, **kw):
        return result(filename, resources, kw)

    monkeypatch.setattr(HTMLExporter, "from_filename", convert)


def test_a_page_is_the_converters_with_its_pictures_and_what_was_known_before(monkeypatch):
    def convert(filename, resources, kw):
        resources["seen"] = True  # in the fork alone
        text = f"{filename} {resources['nbgrader']} {kw} {os.getpid() == parent}"
        return text, {"outputs": {"a.png": b"\x00\xff"}, "output_extension": ".html", "more": 1}

    parent = os.getpid()
    converting(monkeypatch, convert)
    given = {"nbgrader": "ada", "outputs": "old"}
    text, resources = BoundedExporter().from_filename("a.ipynb", given, x=1)
    assert text == "a.ipynb ada {'x': 1} False"
    assert resources == {"nbgrader": "ada", "outputs": {"a.png": b"\x00\xff"}, "output_extension": ".html"}
    assert given == {"nbgrader": "ada", "outputs": "old"}


def test_a_page_without_pictures_and_without_anything_known_is_one(monkeypatch):
    converting(monkeypatch, lambda *_: ("é 🙂", {"outputs": None, "output_extension": ".html"}))
    assert BoundedExporter().from_filename("a.ipynb") == ("é 🙂", {"outputs": {}, "output_extension": ".html"})


def test_what_the_converter_can_not_show_is_named_with_its_error(monkeypatch):
    converting(monkeypatch, lambda *_: {}["bin"])
    with pytest.raises(RefusedError) as error:
        BoundedExporter().from_filename("a.ipynb")
    assert str(error.value) == "a.ipynb can't be shown: KeyError: 'bin'"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ExhaustedError("took more than 30 s"), "a.ipynb took more than 30 s to be shown."),
        (DiedError(), "a.ipynb can't be shown: the process that showed it died."),
        (RequestError("KeyError", "'bin'"), "a.ipynb can't be shown: KeyError: 'bin'"),
    ],
)
def test_each_way_to_fail_is_a_sentence_about_the_file(monkeypatch, error, said):
    asked = []

    def fail(_, envelope):
        asked.append(envelope)
        raise error

    monkeypatch.setattr(pages, "in_fork", fail)
    with pytest.raises(RefusedError) as refused:
        BoundedExporter().from_filename("a.ipynb", {})
    assert str(refused.value) == said
    assert asked == [ENVELOPE]


def test_a_page_may_use_half_a_minute_and_a_gigabyte():
    assert (ENVELOPE.seconds, ENVELOPE.processor_seconds, ENVELOPE.memory) == (120, 30, 2**30)


# --- what nbconvert does last ----------------------------------------------------------------------------

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SVG = "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0h1'/></svg>"
SHOWN = (
    {"image/png": PNG},
    {"image/png": PNG, "text/plain": "a picture"},
    {"image/svg+xml": SVG},
    {"text/html": "<img src='a' alt='said'> <img src=b><b title=\"x > y\">bold</b> &lt;img &quot;q&quot; &amp; é"},
    {"text/html": "<img src='c' title='a > b' class=\"it's\">"},
    {"text/plain": "<img src='text'> & é"},
)
NOTEBOOK = new_notebook(
    cells=[
        new_markdown_cell("# A title\n\n![said](data:image/png;base64,AAAA) and $a < b$"),
        new_code_cell(
            "f('<img>') and \"x\"",
            outputs=[new_output("display_data", data, metadata={}) for data in SHOWN],
            execution_count=1,
        ),
    ]
)


def trees(template):
    """What a browser makes of a page: nbconvert's, and ours."""
    made = [
        exporter(template_name=template).from_notebook_node(nbformat.from_dict(NOTEBOOK))[0]
        for exporter in (HTMLExporter, BoundedExporter)
    ]
    return [html5lib.parse(text) for text in made]


def elements(tree):
    """Its tags, attributes and texts, but for how much space there is where there is nothing else."""
    return [
        (
            element.tag,
            {name: value.split() for name, value in element.items()},
            *map(text_or_space, (element.text, element.tail)),
        )
        for element in tree.iter()
    ]


def text_or_space(text):
    return text if text and text.strip() else bool(text)


@pytest.mark.parametrize("template", ["classic", "lab"])
def test_a_page_is_to_a_browser_what_nbconvert_makes_of_it(template):
    theirs, ours = map(elements, trees(template))
    assert ours == theirs


def test_a_picture_without_a_description_gets_one_and_no_other_is_changed():
    _, ours = trees("classic")
    described = [element.get("alt") for element in ours.iter("{http://www.w3.org/1999/xhtml}img")]
    assert sorted(set(described)) == ["No description has been provided for this image", "said"]
    assert described.count("said") == 2
    assert len(described) == 7


def test_the_finished_page_is_parsed_only_where_it_has_jupyterlabs_look(monkeypatch):
    parsed = []
    usual = nbconvert.exporters.html.BeautifulSoup

    def parse(text, **more):
        parsed.append(bool(text))
        return usual(text, **more)

    monkeypatch.setattr(nbconvert.exporters.html, "BeautifulSoup", parse)
    for template in ("classic", "lab", "classic"):
        BoundedExporter(template_name=template).from_notebook_node(nbformat.from_dict(NOTEBOOK))
    assert parsed == [False, True, False]
