"""An answer is untouched while it has the checksum of its release, and a task never is."""

from __future__ import annotations

import stat
from types import SimpleNamespace

import dozen
import pytest
from damage import cell, notebook

from autograder.gradebook.autograded_files import AutogradedFiles, untouched_answers
from autograder.intake import SubmittedNotebook
from autograder.notebooks.notebook import checksum


def released(own):
    own["metadata"]["nbgrader"]["checksum"] = checksum(own)
    return own


def test_only_answers_are_told_and_each_by_its_own_text():
    same = released(cell("same", "code", "pass", solution=True))
    changed = released(cell("changed", "code", "pass", solution=True)) | {"source": "return 1"}
    unknown = cell("unknown", "code", "pass", solution=True)
    task = released(cell("task", "markdown", "Draw.", task=True, points=1))
    test = released(cell("test", "code", "assert 1", grade=True, locked=True, points=1))
    plain = {"cell_type": "markdown", "source": "", "metadata": {}}
    assert untouched_answers(notebook(plain, same, changed, unknown, task, test)) == {
        "same": True,
        "changed": False,
        "unknown": False,
        "task": False,
    }


@pytest.fixture
def course(tmp_path):
    return SimpleNamespace(folder=lambda step, student, assignment: tmp_path / step / student / assignment)


def test_a_failed_notebook_loses_its_own_file_and_the_submissions_pages(course, tmp_path):
    names = ["autograded/ada/hw/nb.ipynb", "autograded/ada/hw/more.ipynb", "autograded/bob/hw/nb.ipynb"]
    names += ["feedback/ada/hw/nb.html", "feedback/ada/old/nb.html", "feedback/bob/hw/nb.html"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    files = AutogradedFiles(course)
    for _ in range(2):
        files.remove(SubmittedNotebook(tmp_path / "nb.ipynb", "ada", "hw", "nb"))
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert left == set(names) - {"autograded/ada/hw/nb.ipynb", "feedback/ada/hw/nb.html"}


def test_a_notebook_is_written_with_its_verdicts_and_the_files_beside_it_and_no_link_is_followed(course, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = tmp_path / "autograded" / "ada" / "hw"
    folder.mkdir(parents=True)
    (folder / "x.csv").symlink_to(secret)
    course.files_for_run = lambda entry: {"x.csv": b"1", "data/y.csv": b"2"} if entry.student == "ada" else {}
    files, entry = AutogradedFiles(course), SubmittedNotebook(tmp_path / "any.ipynb", "ada", "hw", "nb")
    book = notebook(cell("test", "code", "é = 1", grade=True, locked=True, points=4))
    for score in (1.0, 2.0):  # the second finds read-only files
        files.write(entry, dozen.report("ada", dozen.cell("test", score=score, points=4.0)), book)
    assert (folder / "x.csv").read_bytes() == b"1"
    assert (folder / "data" / "y.csv").read_bytes() == b"2"
    assert secret.read_text() == "secret"
    written = files.path_of(entry)
    assert written == folder / "nb.ipynb"
    assert stat.S_IMODE(written.stat().st_mode) == 0o444
    content = written.read_text()
    assert content.endswith("}\n")
    assert '\n "cells": [\n' in content
    assert "é = 1" in content
    assert {path.name for path in folder.iterdir()} == {"x.csv", "data", "nb.ipynb"}
