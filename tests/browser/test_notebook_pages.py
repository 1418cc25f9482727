"""An executed notebook as a page: axe finds nothing in what the course writes."""

from __future__ import annotations

import json

import nbformat
import pytest
from conftest import CHECKOUT
from in_kernel import executed

pytest.importorskip("axe_playwright_python")
from axe_playwright_python.sync_playwright import Axe
from nbconvert import HTMLExporter

from autograder.notebooks.source import visible_part

OF_THE_TEMPLATE = {"color-contrast", "link-in-text-block"}
"""What axe finds in any page of nbconvert's: the colours of its prompts, of code, and of links without a line."""
RULES = {"rules": {rule: {"enabled": False} for rule in OF_THE_TEMPLATE}}


def violations(page):
    return [found["id"] for found in Axe().run(page, options=RULES).response["violations"]]


@pytest.mark.deep
@pytest.mark.parametrize("topic", ["divergence", "softmax"])
def test_axe_finds_nothing_in_a_rendered_notebook_but_what_its_template_brings(page, topic, tmp_path):
    path = CHECKOUT / "source" / topic / f"{topic}.ipynb"
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.source = visible_part(cell.source)
    html, _ = HTMLExporter().from_notebook_node(executed(nb, path.parent, timeout=120))
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("summary", has_text="The answer").count() > 5, "an answer is folded under its prediction"
    assert violations(page) == [], json.dumps(violations(page))
    page.evaluate("document.querySelector('img[alt]').removeAttribute('alt')")
    assert violations(page) == ["image-alt"], "what looks for faults finds one that is there"
