"""A class's page in the browser: at three widths, dark and light, by keyboard, with nothing that axe finds."""

from __future__ import annotations

import itertools
import json

import pytest
from analysis.classes import drawn, of_marks, report
from commands.test_report import graded
from reports.test_class_page import class_of
from sampling import sampled

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")
from axe_playwright_python.sync_playwright import Axe

from autograder import exercises
from autograder.analysis.summary import summarise
from autograder.commands.class_facts import facts_of
from autograder.commands.lecture import slides_of
from autograder.reports.class_page import class_as_page
from autograder.reports.slides import slides_as_page

OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
MISTAKES = ("no-max-shift", "global-max-shift", "exp-forgotten", "softmax-twice")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The page and the slides of a class with named mistakes, unexplained ones, and 200 students' marks."""
    exercise = exercises.find("softmax")
    known = {mistake.name: mistake.function for mistake in exercise.misconceptions}
    reports = [report(f"s{n}", [graded(exercise, known[name])]) for n, name in enumerate(MISTAKES * 3)]
    reports += [*class_of([4, 3], misconceptions=False), *of_marks(drawn())]
    summary, facts = summarise(reports, "softmax"), facts_of(reports)
    folder = tmp_path_factory.mktemp("class")
    (folder / "page.html").write_text(class_as_page(summary, facts))
    (folder / "slides.html").write_text(slides_as_page("softmax", slides_of(summary, facts, named=False)))
    return folder


SCREENS = list(itertools.product(["page", "slides"], [390, 768, 1280], ["light", "dark"]))


@pytest.mark.parametrize("case", sampled(SCREENS, every=0, rest=5, ident="{0[0]}-{0[1]}-{0[2]}".format))
def test_axe_finds_nothing_and_no_page_is_wider_than_its_screen(files, page, case):
    name, width, scheme = case
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((files / f"{name}.html").as_uri())
    page.evaluate(OPEN_ALL)
    found = Axe().run(page).response["violations"]
    assert found == [], json.dumps(found, indent=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_table_is_sorted_by_keys(files, page):
    page.goto((files / "page.html").as_uri())
    table = page.locator("table.sortable", has_text="discrimination").first
    head = table.get_by_role("button", name="difficulty")

    def column():
        return table.locator("tbody tr td:nth-child(4)").evaluate_all(
            "cells => cells.map(c => Number(c.dataset.value))"
        )

    before = column()
    head.focus()
    page.keyboard.press("Enter")
    assert column() == sorted(before, reverse=True)
    page.keyboard.press("Enter")
    assert column() == sorted(before)
    assert table.locator("th[aria-sort=ascending]").inner_text().startswith("difficulty")


def test_slides_print_a_page_each(files, page):
    page.goto((files / "slides.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == len(MISTAKES)
