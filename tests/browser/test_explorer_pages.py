"""An explorer of the documentation site: it answers keys without a kernel, and axe finds nothing."""

from __future__ import annotations

import importlib.util
import json

import pytest
from conftest import CHECKOUT

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")
pytest.importorskip("ipywidgets")
pytest.importorskip("PIL")
import ipywidgets as widgets
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def explorers():
    spec = importlib.util.spec_from_file_location("explorers", CHECKOUT / "docs" / "explorers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def picture(text):
    svg = f"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E%3C!--{text}--%3E"
    return {"src": svg, "alt": f"Figure: {text}"}


def slider(label, texts, at):
    return {"label": label, "at": at, "texts": texts, "pictures": [picture(f"{label} {text}") for text in texts]}


def test_keys_move_one_slider_and_bring_the_others_back(explorers, page, tmp_path):
    heat, logit = slider("temperature", ["0.5", "1", "2"], 1), slider("logit <0>", ["-1", "0"], 0)
    style = (CHECKOUT / "docs" / "_static" / "site.css").read_text()
    head = f'<html lang="en"><head><title>Explorer</title><style>{style}</style></head>'
    path = tmp_path / "page.html"
    path.write_text(f"{head}<body><main><h1>Explorer</h1>{explorers.as_html([heat, logit])}</main></body></html>")
    page.goto(path.as_uri())
    assert Axe().run(page).response["violations"] == [], json.dumps(Axe().run(page).response["violations"])

    shown, first, second = page.locator("img"), page.get_by_label("temperature"), page.get_by_label("logit <0>")
    expect(shown).to_have_attribute("alt", "Figure: temperature 1")
    first.press("ArrowRight")
    expect(shown).to_have_attribute("alt", "Figure: temperature 2")
    expect(shown).to_have_attribute("src", heat["pictures"][2]["src"])
    expect(first).to_have_attribute("aria-valuetext", "2")
    second.press("ArrowRight")
    expect(shown).to_have_attribute("alt", "Figure: logit <0> 0")
    expect(first).to_have_attribute("aria-valuetext", "1")
    assert page.locator("output").all_inner_texts() == ["1", "0"]


@pytest.mark.parametrize(
    ("control", "first", "last"),
    [
        (widgets.FloatSlider(value=1.7, min=-4, max=4, step=0.1), -4.0, 4.0),
        (widgets.FloatLogSlider(value=1.0, min=-1.5, max=2, step=0.05), 10**-1.5, 100.0),
        (widgets.IntSlider(value=3, min=0, max=9), 0, 9),
        (widgets.SelectionSlider(value=0.1, options=[1e-4, 0.1, 0.9]), 1e-4, 0.9),
        (widgets.ToggleButtons(value="b", options=[("one", "a"), ("two", "b")]), "a", "b"),
    ],
)
def test_a_slider_has_few_positions_and_its_own_is_one_of_them(explorers, control, first, last):
    found = [value for _, value in explorers.positions(control)]
    assert len(found) <= explorers.POSITIONS
    assert found.count(control.value) == 1
    assert found[0] == pytest.approx(first)
    assert found[-1] == pytest.approx(last)
    assert all(type(value) is type(control.value) for value in found)
