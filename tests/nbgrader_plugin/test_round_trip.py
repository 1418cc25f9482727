"""nbgrader's commands, from release to export, give the marks of `autograder grade`, with a file or a server."""

from __future__ import annotations

import csv
import shutil

import pytest
from classroom import PERFECT, SUBMISSIONS, grade, rows, run, url_of
from conftest import CHECKOUT
from grades import QUESTIONS
from nbgrader.api import Gradebook as Database

from autograder.commands.demo import submissions
from autograder.commands.export import marks_in_gradebook
from autograder.course import Course
from autograder.gradebook.gradebook import Gradebook
from autograder.notebooks import notebook

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

BEHAVIOURS = ("naive", "perfect", "untouched")
BY_HAND = {"saturation-answer": 1.5, "softmax": 3.75}
"""The manual marks of the student `naive`: one for an answer, one instead of 3 automatic marks."""
LATE = "perfect"


def stock(root, *words):
    status, said = run(root, "nbgrader", *words)
    assert status == 0, said


def without_figures(released):
    cells = [c for c in released["cells"] if c["cell_type"] != "code" or notebook.grade_id_of(c)]
    return {**released, "cells": cells}


def submit(root):
    """Each student's notebook, filled in from what was released."""
    released = without_figures(notebook.read((root / "release" / "softmax" / "softmax.ipynb").read_bytes()))
    for name in BEHAVIOURS:
        folder = root / "submitted" / name / "softmax"
        folder.mkdir(parents=True)
        text = (SUBMISSIONS / f"{name}.py").read_text()
        (folder / "softmax.ipynb").write_bytes(submissions.write(submissions.fill_in(released, text, PERFECT)))
        day = 11 if name == LATE else 9
        (folder / "timestamp.txt").write_text(f"2026-01-{day:02} 12:00:00 UTC")
    with Database(url_of(root)) as gradebook:
        gradebook.update_or_create_assignment("softmax", duedate="2026-01-10 00:00:00")


def mark_by_hand(root):
    """Enter the manual marks as the formgrader does."""
    with Database(url_of(root)) as gradebook:
        for cell, points in BY_HAND.items():
            given = gradebook.find_grade(cell, "softmax", "softmax", "naive")
            given.manual_score, given.needs_manual_grade = points, False
        gradebook.db.commit()


def exported(root):
    """The lines of `nbgrader export`, by student."""
    stock(root, "export")
    with (root / "grades.csv").open() as lines:
        return {line["student_id"]: line for line in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def round_trip(tmp_path_factory):
    """A course from release to feedback, with nbgrader's commands alone."""
    root = tmp_path_factory.mktemp("round") / "course"
    shutil.copytree(CHECKOUT / "source" / "softmax", root / "source" / "softmax")
    text = (CHECKOUT / "nbgrader_config.py").read_text()
    (root / "nbgrader_config.py").write_text(f'{text}c.LateSubmissionPlugin.penalty_method = "zero"\n')
    stock(root, "generate_assignment", "softmax")
    submit(root)
    shutil.copytree(root, root.parent / "twin")  # released, submitted, not graded
    stock(root, "autograde", "softmax")
    mark_by_hand(root)
    stock(root, "generate_feedback", "softmax")
    return root


@pytest.fixture(scope="module")
def twin(round_trip):
    """The same course, graded by `autograder grade`."""
    root = round_trip.parent / "twin"
    status, said = grade(root)
    assert status == 0, said
    mark_by_hand(root)
    return root


def test_stock_commands_and_autograder_grade_write_the_same_rows(round_trip, twin):
    assert rows(round_trip) == rows(twin)


def test_the_export_adds_up(round_trip, twin):
    """Each student's line is the sum of the twin's marks: manual marks first, the penalty for lateness last."""
    lines = exported(round_trip)
    assert sorted(lines) == sorted(BEHAVIOURS)
    for student, line in lines.items():
        marks = [row for row in rows(twin)["grade"] if row[0] == student]
        total = sum(automatic or 0 if manual is None else manual for _, _, automatic, manual, *_ in marks)
        assert float(line["raw_score"]) == total
        assert float(line["score"]) == (0 if student == LATE else total)
    by_hand = {cell: automatic for student, cell, automatic, *_ in rows(twin)["grade"] if student == "naive"}
    lost = sum(points - (by_hand[cell] or 0) for cell, points in BY_HAND.items())
    automatic = sum(score or 0 for score in by_hand.values())
    assert float(lines["naive"]["raw_score"]) == automatic + lost
    assert float(lines["untouched"]["raw_score"]) == len(QUESTIONS), (
        "its questions are answered as in the perfect one"
    )


def test_the_feedback_shows_the_marks_and_the_reason(round_trip):
    page = (Course(round_trip).folder("feedback", "naive", "softmax") / "softmax.html").read_text()
    assert "3.75 / 4" in page
    assert "stays finite for large logits" in page


@pytest.mark.deep
def test_a_server_gives_the_same_export(round_trip, server):
    """nbgrader's commands grade and export, with PostgreSQL."""
    root = round_trip.parent / "served"
    shutil.copytree(round_trip.parent / "twin" / "source", root / "source")
    text = (round_trip / "nbgrader_config.py").read_text()
    (root / "nbgrader_config.py").write_text(f"{text}c.CourseDirectory.db_url = {server.new()!r}\n")
    with Gradebook(Course(root)) as gradebook:
        gradebook.generate_assignment("softmax")
    submit(root)
    stock(root, "autograde", "softmax")
    mark_by_hand(root)
    assert rows(root) == rows(round_trip)
    assert exported(root) == exported(round_trip)
    assert marks_in_gradebook(Course(root), "softmax") == marks_in_gradebook(Course(round_trip), "softmax")
    assert not (root / "gradebook.db").exists()
