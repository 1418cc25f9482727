"""Each assignment of the course, worked and untouched, graded by both commands."""

from __future__ import annotations

import shutil
import sys

import pytest
from conftest import CHECKOUT
from course_commands import command, marks

from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.exercises import TOPICS
from autograder.notebooks import notebook
from autograder.notebooks.source import Source

pytestmark = pytest.mark.sandbox


def worked(topic):
    """The released notebook with the instructor's code answers, and without the figures, which only cost time."""
    source, released = (
        notebook.read((CHECKOUT / floor / topic / f"{topic}.ipynb").read_bytes())
        for floor in ("source", "release")
    )
    answers = {
        notebook.grade_id_of(cell): cell["source"]
        for cell in source["cells"]
        if notebook.nbgrader_of(cell).get("solution") and cell["cell_type"] == "code"
    }
    for cell in released["cells"]:
        cell["source"] = answers.get(notebook.grade_id_of(cell), cell["source"])
    kept = [cell for cell in released["cells"] if not cell["source"].startswith("figures.")]
    return submissions.write({**released, "cells": kept})


@pytest.fixture
def class_of_two(whole_course, tmp_path):
    """The whole course, where Ada has worked every assignment and Bob handed in what he got."""
    root = tmp_path / "course"
    shutil.copytree(whole_course.root, root)
    course = Course(root)
    for topic in TOPICS:
        released = course.folder("release", assignment=topic)
        for student in ("ada", "bob"):
            shutil.copytree(released, course.folder("submitted", student, topic))
        (course.folder("submitted", "ada", topic) / f"{topic}.ipynb").write_bytes(worked(topic))
    return root


EACH_IN_TURN = """
import sys
from nbgrader.apps import NbGraderApp

for topic in sys.argv[1:]:
    try:
        NbGraderApp.launch_instance(argv=["autograde", topic])
    except SystemExit as done:
        assert not done.code, topic
    NbGraderApp.clear_instance()
"""
"""What `nbgrader autograde` runs, once a topic in one process: its imports take longer than its work."""


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["autograder", "grade"], id="autograder grade", marks=pytest.mark.slow),
        pytest.param(
            [sys.executable, "-c", EACH_IN_TURN, *TOPICS], id="nbgrader autograde", marks=pytest.mark.deep
        ),
    ],
)
def test_the_solutions_get_every_mark_and_the_untouched_release_none(class_of_two, words):
    command(class_of_two, *words)
    for topic in TOPICS:
        cells = source_of(topic).marked
        by_hand = {cell.grade_id for cell in cells if cell.by_hand}
        full = {cell.grade_id: cell.points for cell in cells if not cell.by_hand}
        for student, wanted in (("ada", full), ("bob", dict.fromkeys(full, 0.0))):
            found = marks(class_of_two, topic, student, "logits-and-likelihoods")
            assert {name: score for (_, name), (score, _) in found.items() if name not in by_hand} == wanted
            assert {name for (_, name), (_, waits) in found.items() if waits} <= by_hand


def source_of(topic):
    return Source.from_notebook(notebook.read((CHECKOUT / "source" / topic / f"{topic}.ipynb").read_bytes()))
