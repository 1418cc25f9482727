"""The page of a class: one file that loads nothing, names nobody, and shows every text as text."""

from __future__ import annotations

import re

import html5lib
import numpy as np
import pytest
from analysis.classes import cell, check, drawn, of_marks, report

from autograder.analysis.summary import summarise
from autograder.reports.class_facts import ExerciseFacts, stub_of
from autograder.reports.class_page import class_as_page
from autograder.reports.slides import Slide, slides_as_page

MARKUP = '<script>alert("x")</script>&amp;'


def class_of(counts, *, misconceptions=True):
    """A class in which so many students make mistake 0, 1, ..."""
    cells = []
    for number, count in enumerate(counts):
        name = f"mistake-{number}"
        wrong = check(
            passed=False,
            misconception=name if misconceptions else None,
            example="f(1)",
            answer=f"{number}.75125",
            message=f"f(1) → {number}.75125, expected 3\nSentence {number}.",
        )
        found = [name] if misconceptions else []
        cells += [cell("f", 0.0, exercise="f", checks=[wrong], misconceptions=found)] * count
    return [report(f"student-{n:03d}", [each]) for n, each in enumerate(cells)]


def page_of(reports, *, named=False, facts=None):
    return class_as_page(summarise(reports, "softmax", names=named), facts or {}, named=named)


def parsed(page):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


@pytest.mark.parametrize("reports", [[], of_marks(drawn()), of_marks(drawn(1, 1)), class_of([5, 3])], ids=len)
def test_the_page_is_valid_html_that_loads_nothing(reports):
    page = page_of(reports)
    tree = parsed(page)
    policy = next(meta for meta in tree.iter("meta") if meta.get("http-equiv"))
    assert policy.get("content").startswith("default-src 'none';")
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    links = {each.get("href")[1:] for each in tree.iter("a")}
    assert links <= {each.get("id") for each in tree.iter() if each.get("id")}


def test_every_picture_has_a_text_and_every_table_heads_that_are_buttons():
    tree = parsed(page_of([*class_of([5, 3]), *of_marks(drawn())]))
    pictures = list(tree.iter("{http://www.w3.org/2000/svg}svg"))
    assert len(pictures) >= 3
    assert all(picture.get("role") == "img" and picture.get("aria-label") for picture in pictures)
    heads = [head for table in tree.iter("table") for head in table.iter("th")]
    assert heads
    assert all(head.get("scope") == "col" and head.find("button") is not None for head in heads)


def test_nobody_is_named_and_groups_below_three_are_not_shown_singly():
    reports = class_of([4, 2, 1])
    silent, named = page_of(reports), page_of(reports, named=True)
    assert "student-0" not in silent
    assert "mistake-0" in silent
    assert "mistake-1" not in silent
    assert "2.75125" not in silent
    assert "2 more named mistakes were made, each by fewer than 3 students." in silent
    assert "student-006" in named
    assert "mistake-2" in named


def test_an_unexplained_answer_of_three_is_shown_and_one_of_two_is_not():
    page = page_of(class_of([3, 2], misconceptions=False))
    assert "<code>0.75125</code>" in page
    assert "1.75125" not in page


def test_texts_are_shown_as_texts_wherever_they_come_from():
    wrong = check(
        MARKUP, passed=False, misconception=MARKUP, example=MARKUP, answer=MARKUP, message=f"{MARKUP}\n{MARKUP}"
    )
    cells = [cell(MARKUP, 0.0, exercise=MARKUP, checks=[wrong], misconceptions=[MARKUP])]
    plain = [
        cell(MARKUP, 0.0, exercise=MARKUP, checks=[check(MARKUP, passed=False, example=MARKUP, answer=MARKUP)])
    ]
    reports = [report(f"{MARKUP}{n}", cells if n < 4 else plain, assignment=MARKUP) for n in range(8)]
    reports.append(report(MARKUP, [], status="failed", message=MARKUP))
    page = class_as_page(summarise(reports, MARKUP, names=True), {MARKUP: ExerciseFacts(file=MARKUP)}, named=True)
    scripts = list(parsed(page).iter("script"))
    assert len(scripts) == 1
    assert MARKUP not in page
    assert "alert" not in scripts[0].text


def test_a_question_that_is_not_defined_says_why():
    page = page_of(of_marks(np.full((5, 2), 2.0)))
    assert "the marks don't vary" in page.replace("&#x27;", "'")
    assert "all students have the same sum of marks" in page


def test_the_stub_is_a_known_mistake_to_fill_in():
    (cluster,) = summarise(class_of([3], misconceptions=False)).unexplained
    facts = {"f": ExerciseFacts("x, axis=-1", "exercises/f.py", {"f(1)": "3"})}
    assert stub_of(cluster, facts).splitlines() == [
        '@mistake("a-name-for-it")',
        "def _(x, axis=-1):",
        '    """What goes wrong, and a hint at the remedy that doesn\'t give the answer away."""',
        "    # 3 students: f(1) → 0.75125",
        "    # right is 3",
        '    raise NotImplementedError("write the wrong formula here, and return what it gives")',
    ]
    assert "def _(*args):" in stub_of(cluster, {})


def test_slides_show_the_wrong_formula_as_mathematics_or_as_code():
    slide = Slide("f", "sum", 7, 20, "It sums.", ["g (3)"], "def f(x):\n    return np.sum(x)", "f(1)", "2", "3")
    looped = Slide("g", "loop", 5, 20, MARKUP, (), "def g(x):\n    for i in x: print(i)")
    page = slides_as_page("softmax", [slide, looped])
    tree = parsed(page)
    assert len([each for each in tree.iter("section") if each.get("class") == "slide"]) == 2
    assert "<math" in page
    assert "for i in x" in page
    assert "7 of 20 students. Also in g (3)." in page
    assert not list(tree.iter("script"))
    assert "enough students" in slides_as_page("softmax", [])
