"""How long the source's own cells take decides what a submission may take, unless they never end."""

from __future__ import annotations

import json

import pytest
from conftest import SECRET

from autograder.grading import pace
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.notebooks import notebook
from autograder.notebooks.source import Source
from autograder.sandbox import timing
from autograder.sandbox.policy import Limits


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_source_cell_that_never_ends_gives_nobody_more_time(monkeypatch):
    """`release` graded such a source for half an hour: five times as long as its cell had been given before."""
    monkeypatch.setattr(pace, "LONGEST", 1.0)
    monkeypatch.setattr(timing, "LONGEST", 1.0)
    content = json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": "while True:\n    pass"}]})
    source = Source.from_notebook(notebook.read(content.encode()))
    with Grader(Settings(SECRET, limits=Limits(cell_seconds=1))) as grader:
        grader.grade(source, Submission(content.encode()))
        assert grader._pace_of(source, Submission(b"")).seconds(None, "while True:\n    pass") == 0.0
