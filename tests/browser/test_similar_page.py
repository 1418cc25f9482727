"""The page of look-alikes in the browser: at three widths, by keyboard, in the dark, and axe finds nothing."""

from __future__ import annotations

import itertools
import json

import pytest
from sampling import sampled

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")
from axe_playwright_python.sync_playwright import Axe

from autograder.reports.similar_page import similar_as_page
from autograder.similar.model import Similar, SimilarCell, SimilarPair
from autograder.similar.reading import ShownCell

EVIL = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
TEXT = f"def softmax(z):\n\treturn z  # {EVIL}\n" + "very_long = " + "x + " * 200
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"


@pytest.fixture
def shown(page, tmp_path):
    """The page of two pairs, one with a student and code that hold markup."""
    cells = [SimilarCell(grade_id="softmax", score=0.9)]
    pairs = [
        SimilarPair(a="S001", b=EVIL, score=0.97, cells=cells, shared_mistakes=[f"softmax: {EVIL}"]),
        SimilarPair(a="S002", b="S003", score=0.1, cells=cells, shared_mistakes=[]),
    ]
    side = [ShownCell("softmax", TEXT, [(0, 16), (18, 30)]), ShownCell("other", "y = 1", [])]
    found = Similar(assignment="softmax", students=3, pairs=pairs)
    path = tmp_path / "alike.html"
    path.write_text(
        similar_as_page(found, {0: (side, side[:1]), 1: (side, side)}, ["3 submissions are few."]),
        encoding="utf-8",
    )
    page.goto(path.as_uri())
    return page


SCREENS = list(itertools.product([390, 800, 1280], ["light", "dark"]))


@pytest.mark.parametrize("case", sampled(SCREENS, every=0, rest=5, ident="{0[0]}-{0[1]}".format))
def test_axe_finds_nothing_and_the_page_is_no_wider_than_its_screen(shown, case):
    width, scheme = case
    shown.set_viewport_size({"width": width, "height": 800})
    shown.emulate_media(color_scheme=scheme)
    for opened in ("", OPEN_ALL):
        shown.evaluate(opened)
        found = Axe().run(shown).response["violations"]
        assert found == [], json.dumps(found, indent=1)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert "Who wrote alike" in shown.title(), "no script of a student's has run"


def test_a_pair_is_opened_by_keyboard_and_shows_both_sides(shown):
    second = shown.locator("details").nth(1)
    assert not second.get_by_text("def softmax").first.is_visible()
    second.locator("summary").focus()
    shown.keyboard.press("Enter")
    assert second.get_by_text("def softmax").count() == 2
    assert second.locator("figcaption").all_text_contents() == ["S002", "S003", "S002", "S003"]
    assert second.locator("mark").first.text_content() == TEXT[:16]
