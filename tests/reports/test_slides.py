"""The slides of a lecture: what a class got wrong, a page each, and nothing that isn't known."""

from __future__ import annotations

import html5lib
import pytest

from autograder.reports.slides import Slide, slides_as_page

SUM = "def f(x):\n    y = np.exp(x)\n    return np.sum(y)"
LOOP = "def f(x):\n    for i in x: print('<i>')"


def tree(*slides, title="softmax"):
    page = slides_as_page(title, slides)
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def slide(**fields):
    return Slide(**{"exercise": "f", "name": "sum", "students": 7, "graded": 20, "message": "It sums.", **fields})


def said(element):
    return "".join(element.itertext())


def test_slides_stand_in_order_each_with_its_heading_and_count():
    found = tree(slide(), slide(exercise="g", name="<b>", students=5, graded=9), title="A <class>")
    assert [said(head) for head in found.iter("h2")] == ["f: sum", "g: <b>"]
    ids = [head.get("id") for head in found.iter("h2")]
    assert [each.get("aria-labelledby") for each in found.iter("section")] == ids == ["slide-1", "slide-2"]
    assert [said(each) for each in found.iter("p")] == [
        "7 of 20 students.", "It sums.", "5 of 9 students.", "It sums.",
    ]  # fmt: skip
    assert said(found.find(".//h1")) == said(found.find(".//title")) == "A <class>"


@pytest.mark.parametrize(
    ("also", "text"),
    [
        ([], "7 of 20 students."),
        (["g (3)"], "7 of 20 students. Also in g (3)."),
        (["g (3)", "h<i> (1)"], "7 of 20 students. Also in g (3), h<i> (1)."),
    ],
)
def test_other_functions_with_the_mistake_are_all_named(also, text):
    assert said(next(tree(slide(also=also)).iter("p"))) == text


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        ({}, []),
        ({"example": "f(1)", "right": "3"}, []),
        ({"gives": "2", "right": "3"}, []),
        ({"example": "f(1)", "gives": "2"}, ["askedf(1)", "it gives2"]),
        ({"example": "f(1)", "gives": "0", "right": "<3>"}, ["askedf(1)", "it gives0", "right<3>"]),
    ],
)
def test_a_call_is_shown_with_what_it_gives_and_what_is_right_if_known(fields, rows):
    assert [said(row) for row in tree(slide(**fields)).iter("tr")] == rows


def test_a_formula_has_all_its_lines_and_other_code_stays_code():
    assert len([each for each in tree(slide(code=SUM)).iter("div") if each.get("class") == "formula"]) == 2
    assert list(tree(slide(code=SUM)).iter("pre")) == []
    assert [said(each) for each in tree(slide(code=LOOP)).iter("pre")] == [LOOP]
    assert list(tree(slide()).iter("pre")) == list(tree(slide()).iter("math")) == []


def test_a_picture_is_html_already():
    assert said(tree(slide(picture="<figure>Drawn</figure>")).find(".//figure")) == "Drawn"


def test_without_slides_the_page_says_so():
    assert [said(each) for each in tree().iter("p")] == ["No named mistake was made by enough students to show."]
