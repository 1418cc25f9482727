"""Predictions: typed into the notebook, answered beside the truth, kept with the submission, and never graded."""

from __future__ import annotations

import importlib.util
import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from conftest import CHECKOUT
from played import texts_of

from autograder.commands.demo import submissions
from autograder.exercises import TOPICS
from autograder.grading.submission import Submission
from autograder.notebooks import notebook
from autograder.notebooks.source import Source

CALL = re.compile(r'guess = None  # (.+)\nfigures\.reveal\("(.+)", guess\)')
each_topic = pytest.mark.parametrize("topic", TOPICS)


def asked_in(topic):
    """The cells for a guess, by the name of the answer."""
    cells = [cell["source"] for _, cell in texts_of(topic)]
    found = [CALL.fullmatch(text) for text in cells if "figures.reveal(" in text]
    assert all(found), "a guess is one line, and the other shows the answer"
    return {match[2]: match[1] for match in found}


@cache
def figures_of(topic):
    path = CHECKOUT / "source" / topic / "figures.py"
    spec = importlib.util.spec_from_file_location(f"{topic}_figures", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(capsys, topic, name, guess=None):
    figures_of(topic).reveal(name, guess)
    return capsys.readouterr().out


@each_topic
def test_every_prediction_takes_a_guess_and_every_answer_is_asked_for(topic):
    texts = [cell["source"] for _, cell in texts_of(topic)][1:]
    questions = sum(text.count("**Predict first") for text in texts)
    page = (CHECKOUT / "source" / topic / "predictions.md").read_text(encoding="utf-8")
    answers = re.findall(r"^## (.+): .+$", page, re.MULTILINE)
    assert sorted(asked_in(topic)) == sorted(answers)
    assert len(answers) == questions
    assert "<summary>The answer</summary>" not in "".join(texts), "an answer stands where nobody guessed"


@each_topic
def test_an_answer_is_folded_until_something_is_guessed(topic, capsys):
    for name in asked_in(topic):
        folded, beside = said(capsys, topic, name), said(capsys, topic, name, "no idea")
        answer = folded.removeprefix("<details><summary>The answer</summary>").strip().removesuffix("</details>")
        assert len(answer.strip()) > 5
        assert beside.startswith("You said **no idea**; it is **")
        assert answer.strip() in beside


@each_topic
def test_what_a_guess_is_set_beside_fits_what_was_asked_for(topic):
    """A number where a number is asked for, and one of the words where words are."""
    figures = figures_of(topic)
    answers = figures._answers((CHECKOUT / "source" / topic / "predictions.md").read_text(encoding="utf-8"))
    for name, comment in asked_in(topic).items():
        truth, words = answers[name][0], re.findall(r'"([^"]+)"', comment)
        if words:
            assert truth in words
        elif comment.startswith("a number"):
            assert re.fullmatch(r"-?[0-9.]+", truth)


def test_a_right_guess_is_told_so_and_what_a_student_types_is_no_markup(capsys):
    name = next(iter(asked_in("softmax")))
    assert said(capsys, "softmax", name, " Surer").startswith("You said **Surer**, and so it is.")
    assert "<script>" not in said(capsys, "softmax", name, "<script>alert(1)</script>")


RIGHT = [
    (1000 + np.log(2), "1000.6931"),
    (1000.69, "1000.6931"),
    (1.0, "1"),
    (np.int64(1), "1"),
    (np.array(0.5), "0.5"),
    (0.5000000001, "0.5"),
    ("½", "0.5"),
    ("1/2", "0.5"),
    (" 1 / 2 ", "0.5"),
    ("4½", "4.5"),
    (Fraction(1, 2), "0.5"),
    (".5", "0.5"),
    (1 / 12, "0.083"),
    (np.log(10), "2.30"),
    (2.303, "2.3026"),
    (46.9, "47"),
    ("47 %", "47"),
    ("−616", "-616"),
    ("1e3", "1000"),
    ("no.", "no"),
    ("The  Same", "the same"),
    ("kl(p,q)", "KL(p, q)"),
    (0.0, "0"),
]
WRONG = [
    (1000, "1000.6931"),
    (1001, "1000.6931"),
    (0.6, "0.5"),
    (0.46, "0.5"),
    (0.6, "1"),
    (4, "4.5"),
    (5, "4.5"),
    (0.01, "0"),
    (616, "-616"),
    ("1/0", "0.5"),
    ("1/3", "0.5"),
    ("1/2", "2"),
    (10**400, "0.5"),
    (float("nan"), "0.5"),
    ([0.5], "0.5"),
    (np.array([0.5, 0.5]), "0.5"),
    ({}, "0"),
    ("", "0"),
    ("yes", "no"),
    (1, "yes"),
    ("p narrow", "p wide"),
]


@pytest.mark.parametrize(("guess", "truth"), RIGHT, ids=str)
def test_a_guess_that_says_the_truth_in_other_words_is_right(guess, truth):
    assert figures_of("softmax")._beside(guess, truth).endswith("**, and so it is.")


@pytest.mark.parametrize(("guess", "truth"), WRONG, ids=str)
def test_a_guess_that_says_something_else_is_set_beside_the_truth(guess, truth):
    assert figures_of("softmax")._beside(guess, truth).endswith(f"; it is **{truth}**.")


def test_without_the_page_of_answers_a_sentence_says_so(tmp_path, monkeypatch, capsys):
    figures = figures_of("softmax")
    monkeypatch.setattr(figures, "__file__", str(tmp_path / "figures.py"))
    figures.reveal("a tie", 0.5)
    assert "predictions.md" in capsys.readouterr().out


@pytest.mark.parametrize("topic", TOPICS[1:])
def test_every_topic_shows_answers_by_the_same_lines(topic):
    block = re.compile(r"(?s)\n# --- a prediction and its answer: .*?(?=\n# --- a figure and its text, )")
    texts = [
        (CHECKOUT / "source" / each / "figures.py").read_text(encoding="utf-8") for each in (TOPICS[0], topic)
    ]
    assert block.search(texts[0])[0] == block.search(texts[1])[0]


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_guess_is_kept_with_the_submission_and_changes_no_mark(grader):
    """Also one that is no Python: it stops its own cell."""
    root = CHECKOUT / "release" / "softmax"
    released = notebook.read((root / "softmax.ipynb").read_bytes())
    source = Source.from_notebook(notebook.read((CHECKOUT / "source" / "softmax" / "softmax.ipynb").read_bytes()))
    files = {name: (root / name).read_bytes() for name in ("figures.py", "predictions.md")}
    marks = []
    for guess in ("None", "0.3", "about a third"):
        cells = [
            {**cell, "source": cell["source"].replace("guess = None", f"guess = {guess}")}
            for cell in released["cells"]
            if cell["cell_type"] == "markdown" or not cell["source"].startswith("figures.")
        ]
        content = submissions.write({**released, "cells": cells})
        graded = grader.grade(source, Submission(content, "ada", "softmax", "softmax", files=files))
        marks.append([(cell.grade_id, cell.score) for cell in graded.report.cells])
        kept = [cell for cell in graded.notebook["cells"] if f"guess = {guess} " in cell["source"]]
        assert len(kept) == len(asked_in("softmax"))
        if guess == "0.3":
            assert all("You said **0.3**; it is **" in str(cell["outputs"]) for cell in kept)
    assert marks[0] == marks[1] == marks[2]
