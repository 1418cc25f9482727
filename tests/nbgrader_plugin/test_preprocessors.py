"""nbgrader's check of its metadata is made once for equal metadata, and always for other metadata."""

from __future__ import annotations

import copy

import nbformat
import pytest
from damage import SOURCE, find, meta
from nbgrader.nbgraderformat import MetadataValidator, ValidationError

from autograder.nbgrader_plugin.preprocessors import CheckMetadata


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
