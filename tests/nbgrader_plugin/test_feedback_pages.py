"""A feedback page of each topic: it shows messages for the student and nothing internal to the grader."""

from __future__ import annotations

import re
from html import unescape

import nbformat
import pytest
from conftest import CHECKOUT
from nbconvert.exporters import HTMLExporter
from sampling import sampled
from traitlets.config import Config

from autograder import nbgrader_plugin
from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.exercises import TOPICS
from autograder.grading.submission import Submission
from autograder.nbgrader_plugin.preprocessors import HideTests
from autograder.notebooks import notebook
from autograder.notebooks.source import Source
from autograder.reports.autograded import put_verdicts

pytestmark = pytest.mark.sandbox


def without_figures(book):
    return {**book, "cells": [cell for cell in book["cells"] if not cell["source"].startswith("figures.")]}


@pytest.fixture(scope="module", params=sampled(TOPICS, every=len(TOPICS), rest=6))
def page(request, grader):
    """A topic, and the text of the feedback page of a submission with mistakes."""
    topic = request.param
    folder = CHECKOUT / "tests" / "submissions" / topic
    truth = Source.from_notebook(notebook.read((CHECKOUT / "source" / topic / f"{topic}.ipynb").read_bytes()))
    blank = notebook.read((CHECKOUT / "release" / topic / f"{topic}.ipynb").read_bytes())
    book = submissions.fill_in(
        without_figures(blank), (folder / "naive.py").read_text(), (folder / "perfect.py").read_text()
    )
    beside = Course(CHECKOUT).source_files(topic)
    graded = grader.grade_notebook(truth, book, Submission(b"", "ada", topic, topic, topic, beside))
    shown, _ = HideTests().preprocess(nbformat.from_dict(put_verdicts(graded.notebook, graded.report)), {})
    config = Config()
    nbgrader_plugin.configure(config)
    html, _ = HTMLExporter(config=config).from_notebook_node(shown)
    body = html[html.index("<body") :]
    return topic, unescape(re.sub(r"<[^>]*>", "", body))


def test_the_exporter_of_a_page_logs_no_option_as_unknown(caplog):
    """nbconvert's HTML exporter configures every preprocessor, and those of stock nbgrader accept it."""
    config = Config()
    nbgrader_plugin.configure(config)
    exporter = HTMLExporter(config=config)
    for preprocessor in config.GenerateFeedback.preprocessors:
        exporter.register_preprocessor(preprocessor)
    assert [record.getMessage() for record in caplog.records] == []


def test_a_page_says_what_is_wrong(page):
    _, text = page
    assert re.search(r"✗ .* \(0 / ", text)


def test_a_page_shows_no_hidden_line_and_no_frame_of_the_graders(page):
    _, text = page
    for hidden in (
        "HIDDEN TESTS",
        "from autograder",
        "import check",
        "points=",
        "site-packages/autograder",
        "/sandbox/",
    ):
        assert hidden not in text
    assert not re.search(r"^check\(", text, re.MULTILINE)


def test_a_page_shows_no_line_of_the_reference(page):
    """No long statement of the reference is in the page; short ones could be the student's own."""
    topic, text = page
    shown = {" ".join(line.split()) for line in text.splitlines()}
    submitted = "".join(p.read_text() for p in (CHECKOUT / "tests" / "submissions" / topic).glob("[np]*.py"))
    reference = (CHECKOUT / "solutions" / f"{topic}.py").read_text().partition("\ndef ")[2]
    lines = {" ".join(line.split()) for line in reference.splitlines()}
    own = {line for line in lines if re.search(r" = |^return ", line) and len(line) > 30 and line not in submitted}
    assert own
    assert not own & shown
