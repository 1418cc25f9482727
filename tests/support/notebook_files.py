"""Notebooks made of a few cells, for tests."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import nbgrader.utils

from autograder.notebooks.notebook import nbgrader_of

GUIDE = Path(nbgrader.utils.__file__).parent / "docs" / "source" / "user_guide"
NBGRADERS_OWN = sorted(path for part in ("source", "submitted") for path in (GUIDE / part).rglob("*.ipynb"))


def as_bytes(*cells, **rest):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **rest}).encode()


def code(source, **fields):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": 3, **fields}


def book_of(*cells):
    """A notebook as nbformat reads it, from text and name of each code cell; a student's own has no name."""
    made = [
        code(text, id=f"c{number}", metadata={"nbgrader": {"grade_id": name}} if name else {})
        for number, (text, name) in enumerate(cells)
    ]
    return nbformat.reads(as_bytes(*made).decode(), as_version=4)


def is_proper(book):
    """Whether a notebook has the form that the rest of the package relies on, and nbformat's own."""
    nbformat.validate(nbformat.from_dict(book))
    (kernel,) = book["metadata"].values()
    return all(isinstance(value, str) for value in kernel.values()) and all(
        isinstance(cell["source"], str)
        and set(cell["metadata"]) <= {"nbgrader"}
        and isinstance(nbgrader_of(cell), dict)
        and (cell["cell_type"] != "code" or (cell["outputs"], cell["execution_count"]) == ([], None))
        for cell in book["cells"]
    )
