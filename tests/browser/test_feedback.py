"""A student's feedback in the browser: on a phone, by keyboard, offline, and with nothing that axe finds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CHECKOUT
from sampling import sampled

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.notebooks import notebook
from browser.conftest import behaviour

pytestmark = pytest.mark.sandbox

CRASHES = """
def softmax(z, axis=-1, temperature=1.0):
    import os
    os._exit(3)


def cross_entropy(logits, y):
    return undefined_name
"""
ANSWER = r"It vanishes: $$\frac{\partial \ell}{\partial z_k} = \frac{e^{z_k}}{\sum_j e^{z_j}} - [k = y].$$"
STUDENTS = {"bad": behaviour("naive"), "good": "", "crashed": CRASHES}
FOLDS = {"opened": "document.querySelectorAll('details').forEach(each => each.open = true)", "closed": ""}
ON_SCREENS = [
    (student, kind, width, folds)
    for student in STUDENTS
    for kind in ("nbgrader", "own")
    for width in (390, 1280)
    for folds in FOLDS
]


@pytest.fixture(scope="module")
def course(released_course, blank, tmp_path_factory):
    """A course with three graded submissions, and both kinds of page of each."""
    made = Course(tmp_path_factory.mktemp("feedback") / "course")
    shutil.copytree(released_course.root, made.root)
    for student, text in STUDENTS.items():
        folder = made.folder("submitted", student, "softmax")
        shutil.copytree(CHECKOUT / "release" / "softmax", folder)
        book = submissions.fill_in(blank, text, behaviour("perfect"))
        answer = next(cell for cell in book["cells"] if notebook.grade_id_of(cell) == "saturation-answer")
        answer["source"] = ANSWER
        (folder / "softmax.ipynb").write_bytes(submissions.write(book))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in ("autograder grade --feedback-dir own", "nbgrader generate_feedback softmax"):
        subprocess.run(command.split(), cwd=made.root, env=os.environ | {"PATH": path}, check=True)
    return made


@pytest.fixture
def shown(course, page):
    """Open a student's page of a kind, with its folds closed, on a screen of a width."""

    def show(student, kind, width):
        page.set_viewport_size({"width": width, "height": 800})
        (own,) = (course.root / "own" / student).rglob("*.html")
        page.goto(
            (
                course.folder("feedback", student, "softmax") / "softmax.html" if kind == "nbgrader" else own
            ).as_uri()
        )
        return page

    return show


@pytest.mark.parametrize("case", sampled(ON_SCREENS, every=0, rest=25, ident="{0[0]}-{0[1]}-{0[2]}-{0[3]}".format))
def test_axe_finds_nothing_and_no_page_is_wider_than_its_screen(shown, case):
    *which, width, folds = case
    page = shown(*which, width)
    page.evaluate(FOLDS[folds])
    found = Axe().run(page).response["violations"]
    assert found == [], json.dumps(found, indent=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_finds_a_page_without_a_language(shown):
    """What looks for faults finds one that is there."""
    page = shown("good", "own", 1280)
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert [found["id"] for found in Axe().run(page).response["violations"]] == ["html-has-lang"]


@pytest.mark.parametrize("kind", ["nbgrader", "own"])
def test_what_lost_marks_is_found_by_keys(shown, kind):
    """Tab to a function's name in the contents, Enter, and its section is in sight; its fold opens by Enter."""
    page = shown("bad", kind, 390)
    names = page.locator("ol").first.get_by_role("link").all_inner_texts()
    assert names[:2] == ["softmax", "logsumexp"]
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="logsumexp: 2.5 / 3")
    expect(heading).to_be_in_viewport()
    fold = page.locator("details", has_text="5 checks passed").nth(1)
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("open", "")


def test_the_page_of_nbgrader_is_typeset_and_whole_without_a_network(shown):
    """Formulas are MathML, a waiting answer says so, and neither a mark nor a figure is left as raw text."""
    page = shown("bad", "nbgrader", 1280)
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.reload()
    page.evaluate(FOLDS["opened"])
    text = page.locator("body").inner_text()
    assert page.locator("math").count() > 100
    assert page.locator("math mfrac").first.bounding_box()["height"] > 20
    assert "$" not in text
    assert "waits for a person (2 to give)" in text
    assert "Not drawn while grading" in text
    for stray in ("Out[", "In [", "<Figure size"):
        assert stray not in text
    assert [url for url in requested if not url.startswith(("file:", "data:"))] == []
    picture = page.locator("figure img").first
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
