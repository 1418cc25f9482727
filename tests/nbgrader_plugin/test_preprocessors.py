"""What nbgrader's preprocessors hand to the grader; its check of metadata is made once for equal metadata."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path
from types import SimpleNamespace

import dozen
import nbformat
import pytest
from damage import SOURCE, find, meta
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from traitlets.config import Config

from autograder.nbgrader_plugin import preprocessors
from autograder.nbgrader_plugin.preprocessors import CheckMetadata, GradeSealed, RestoreCells
from autograder.notebooks.source import Source


def check(book):
    return CheckMetadata().preprocess(nbformat.from_dict(book), {})


@pytest.fixture
def checked(monkeypatch):
    """The notebooks that nbgrader itself has checked, of this test alone."""
    found = []
    validate = MetadataValidator.validate_nb
    monkeypatch.setattr(MetadataValidator, "validate_nb", lambda self, nb: [found.append(nb), validate(self, nb)])
    monkeypatch.setattr(CheckMetadata, "_passed", set())
    return found


def test_the_same_metadata_is_checked_once(checked):
    other = copy.deepcopy(SOURCE)
    find(other, "double-solution")["source"] = "def double(x): return x + x"
    other["cells"].append({"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "A note."})
    for book in (SOURCE, other, SOURCE):
        check(book)
    assert len(checked) == 1


def twice(book):
    meta(book, "area")["grade_id"] = "double"


def without_points(book):
    del meta(book, "double")["points"]


def retyped(book):
    find(book, "why")["cell_type"] = "code"
    find(book, "double")["cell_type"] = "markdown"


@pytest.mark.parametrize("change", [twice, without_points, retyped])
def test_other_metadata_is_refused_each_time(change):
    check(SOURCE)
    book = copy.deepcopy(SOURCE)
    change(book)
    for _ in range(2):
        with pytest.raises(ValidationError):
            check(book)


# --- what the workers are asked --------------------------------------------------------------------------

TRUTH = Source.from_notebook(SOURCE)
RUN = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def asked(monkeypatch):
    """What the workers are asked: the settings that they are taken for, and each request."""
    asked = []
    graded = dozen.report("ada", dozen.cell("double", [dozen.check("doubles", True)]), repairs=["lost"])
    found = SimpleNamespace(
        restore=lambda *words: [asked.append(words), ({**RUN, "metadata": {"restored": True}}, ["put back"])][1],
        grade_read=lambda *words: [asked.append(words), (graded, {**RUN, "metadata": {"ran": True}})][1],
    )
    monkeypatch.setattr(preprocessors, "workers_with", lambda settings: [asked.append(settings), found][1])
    return asked


def resources(**names):
    named = {"student": "ada", "assignment": "hw", "notebook": "nb", "source": TRUTH, **names}
    return {"nbgrader": named, "metadata": {"name": "nb", "path": "/place"}}


def config_of(tmp_path, **options):
    return Config(GradeSealed={"seed_file": str(tmp_path / "seed"), **options})


@pytest.mark.parametrize(
    ("names", "repairs"),
    [({"repairs": ["before"], "root": "/course"}, ["before", "put back"]), ({}, ["put back"])],
)
def test_the_instructors_cells_are_put_back_and_the_repairs_added_to_those_before(tmp_path, asked, names, repairs):
    given = resources(**names)
    found, same = RestoreCells(config=config_of(tmp_path)).preprocess(nbformat.from_dict(SOURCE), given)
    assert found.metadata.restored
    assert same is given
    assert given["nbgrader"]["repairs"] == repairs
    settings, (path, source, book) = asked
    assert settings.secret == (tmp_path / "seed").read_bytes()
    assert (path, source) == (Path("/place/nb.ipynb"), TRUTH)
    assert [cell["source"] for cell in book["cells"]] == [cell["source"] for cell in SOURCE["cells"]]


@pytest.mark.parametrize(
    ("names", "root", "folder", "repairs"),
    [
        ({"root": "/course", "folder": "/beside", "repairs": ["lost"]}, "/course", "/beside", ["lost"]),
        ({}, ".", "/place", []),
    ],
)
def test_a_notebook_is_graded_as_its_students_with_the_files_in_its_folder(
    tmp_path, asked, names, root, folder, repairs
):
    given = resources(**names)
    made = GradeSealed(config=config_of(tmp_path, feedback="full", figures=True))
    found, same = made.preprocess(nbformat.from_dict(SOURCE), given)
    assert found.metadata.ran
    assert same is given
    settings, (asked_root, asked_folder, source, book, submission) = asked
    assert (settings.feedback, settings.figures) == ("full", True)
    assert (asked_root, asked_folder, source) == (Path(root), Path(folder), TRUTH)
    assert len(book["cells"]) == len(SOURCE["cells"])
    assert (submission.student, submission.assignment, submission.name) == ("ada", "hw", "nb")
    assert submission.file == "ada/hw/nb.ipynb"
    report = given["nbgrader"]["report"]
    assert (report.student, report.repairs) == ("ada", repairs)
    assert [cell.grade_id for cell in report.cells] == ["double"]


def test_where_nbgraders_own_converter_runs_the_cells_are_those_of_the_gradebook(monkeypatch):
    opened = []

    @contextlib.contextmanager
    def database(url):
        opened.append(url)
        yield "open"
        opened.append("closed")

    monkeypatch.setattr(preprocessors, "open_database", database)
    monkeypatch.setattr(preprocessors, "released_source", lambda *words: words)
    given = resources(db_url="sqlite:///x.db", root="/course")
    assert preprocessors._source(given) is TRUTH
    assert opened == []
    del given["nbgrader"]["source"]
    database, course, assignment, name = preprocessors._source(given)
    assert (database, course.root, assignment, name) == ("open", Path("/course"), "hw", "nb")
    assert opened == ["sqlite:///x.db", "closed"]
