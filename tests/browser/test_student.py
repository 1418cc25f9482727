"""A student in JupyterLab: released notebooks open, run to their first stub, have explorers and are validated."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from conftest import CHECKOUT
from sampling import sampled
from waiting import wait_until

from autograder.commands.demo import submissions
from autograder.notebooks import notebook

pytest.importorskip("playwright")
from playwright.sync_api import expect

from browser.lab import RUN, Lab

NOTEBOOKS = sorted(CHECKOUT.glob("release/*/*.ipynb"))
EXPLORER = re.compile(r"figures\.explore\w*\(")


@pytest.fixture(scope="module")
def lab(new_page, server):
    """One page of JupyterLab for the tests of this file, as a student keeps it open."""
    with new_page() as page:
        yield Lab(page, server)


@pytest.mark.parametrize("path", sampled(NOTEBOOKS, every=0, rest=8, ident=lambda path: path.stem))
def test_a_released_notebook_opens_and_runs_to_its_first_stub(lab, path):
    """Run All stops at the first visible check, with NotImplementedError, and the kernel alive."""
    cells = notebook.read(path.read_bytes())["cells"]
    checks = [i for i, cell in enumerate(cells) if (notebook.grade_id_of(cell) or "").endswith("-visible")]
    opened = lab.open(f"student/{path.stem}/{path.name}")
    expect(opened.cells).to_have_count(len(cells))
    opened.run_all()
    # Jupyter drops the cells after an error, but not always those that it had sent already: the first one counts.
    expect(opened.errors.first).to_be_visible()
    expect(opened.cells.nth(checks[0])).to_contain_text("NotImplementedError")


# --- explorers -------------------------------------------------------------------------------------------


def up_to_its_explorers(topic):
    """A notebook with its functions written, without the code that neither they nor its explorers need."""
    perfect = (CHECKOUT / "tests" / "submissions" / topic / "perfect.py").read_text()
    blank = notebook.read((CHECKOUT / "release" / topic / f"{topic}.ipynb").read_bytes())
    book = submissions.fill_in(blank, perfect)
    last = max(i for i, cell in enumerate(book["cells"]) if EXPLORER.match(cell["source"]))
    kept = book["cells"][: last + 1]
    book["cells"] = [cell for cell in kept if not re.match(r"figures\.(?!explore)", cell["source"])]
    return book


WITH_EXPLORERS = [path.stem for path in NOTEBOOKS if EXPLORER.search(path.read_text())]


@pytest.mark.parametrize("topic", sampled(WITH_EXPLORERS, every=0, rest=8))
def test_every_slider_changes_the_picture_or_its_text(lab, server, topic):
    """A key pressed on a slider changes its number and, a moment later, what stands below; both are announced."""
    folder = server.root / "student" / topic
    (folder / "explorers.ipynb").write_text(json.dumps(up_to_its_explorers(topic)))
    opened = lab.open(f"student/{topic}/explorers.ipynb")
    opened.run_all()
    expect(opened.errors).to_have_count(0)
    explorers = opened.explorers()
    assert explorers
    for explorer in explorers:
        for slider in explorer.sliders():
            before, number = explorer.drawn(), slider.number()
            slider.step()
            expect(slider.readout).not_to_have_text(number)
            explorer.wait_for_other_than(before)
            expect(slider.handle).to_have_attribute("aria-label", slider.label.inner_text())
            expect(slider.handle).to_have_attribute("aria-valuetext", slider.number())


MISTAKE = "def softmax(z, axis=-1, temperature=1.0):\n    return np.asarray(z)"
SENTENCE = "✗ line 3: softmax of (2, 1, 0.1) is [0.659  0.2424 0.0986], you gave [2.  1.  0.1]"


def test_a_failed_check_is_one_sentence(lab, server):
    """No traceback stands around what the check says, only a small table below it."""
    path = server.root / "student" / "softmax" / "wrong.ipynb"
    blank = notebook.read((CHECKOUT / "release" / "softmax" / "softmax.ipynb").read_bytes())
    path.write_bytes(submissions.write(submissions.fill_in(blank, MISTAKE)))
    opened = lab.open("student/softmax/wrong.ipynb")
    opened.run_all()
    expect(opened.errors.first).to_contain_text(SENTENCE)
    expect(opened.errors.first).to_contain_text("largest difference: 1.3")
    expect(opened.errors.first).not_to_contain_text("Traceback")


def test_a_prediction_is_typed_in_and_answered_and_without_one_the_answer_is_folded(lab, server):
    """The guess is in the file that is saved; the other answer opens by a click."""
    path = server.root / "student" / "softmax" / "guessed.ipynb"
    released = notebook.read((CHECKOUT / "release" / "softmax" / "softmax.ipynb").read_bytes())
    cells = released["cells"]
    setup = next(cell for cell in cells if cell["source"].startswith("import numpy"))
    first, second = [cell for cell in cells if "figures.reveal(" in cell["source"]][:2]
    path.write_bytes(submissions.write({**released, "cells": [setup, first, second]}))
    opened = lab.open("student/softmax/guessed.ipynb")
    opened.cells.nth(1).locator(".cm-content").fill(first["source"].replace("None", '"flatter"'))
    opened.run_all()
    expect(opened.errors).to_have_count(0)
    expect(opened.cells.nth(1)).to_contain_text("You said flatter; it is surer.")
    answer = opened.cells.nth(2).get_by_text("there is no winner to take all")
    expect(answer).to_be_hidden()
    opened.cells.nth(2).get_by_text("The answer", exact=True).click()
    expect(answer).to_be_visible()
    lab.page.keyboard.press("Control+s")
    wait_until(lambda: "flatter" in path.read_text())


def test_validate_shows_the_failing_visible_check(lab, server):
    """The Validate button runs the notebook anew; its dialog shows the check that fails, and what it says."""
    released = CHECKOUT / "release" / "softmax" / "softmax.ipynb"
    cells = notebook.read(released.read_bytes())["cells"]
    place = {notebook.grade_id_of(cell): number for number, cell in enumerate(cells)}
    shutil.copy(released, server.root / "student" / "softmax" / "mine.ipynb")
    mine = lab.open("student/softmax/mine.ipynb")
    mine.cells.nth(place["softmax-solution"]).locator(".cm-content").fill(MISTAKE)
    mine.panel.get_by_role("button", name="Validate").click()
    dialog = lab.page.get_by_role("dialog")
    expect(dialog).to_contain_text(cells[place["softmax-visible"]]["source"].splitlines()[0], timeout=RUN)
    expect(dialog).to_contain_text(SENTENCE)
