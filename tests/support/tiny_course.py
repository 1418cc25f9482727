"""A course with one small assignment: a text, a function, a visible check and a sealed cell."""

from __future__ import annotations

import json

from notebook_files import as_bytes, code

SOLUTION = """import numpy as np


def entropy(p):
    ### BEGIN SOLUTION
    nonzero = np.where(p > 0, p, 1.0)
    return float(-np.sum(p * np.log(nonzero)))
    ### END SOLUTION
"""
STUB = """import numpy as np


def entropy(p):
    raise NotImplementedError()
"""
VISIBLE = "assert abs(entropy(np.array([0.5, 0.5])) - np.log(2)) < 1e-9, 'a fair coin has log 2 nats'"
HIDDEN = """# Hidden tests of entropy.
### BEGIN HIDDEN TESTS
from autograder import check

check("{name}", entropy, points={points})
### END HIDDEN TESTS
"""
TEXT = "# Homework\n\nWrite `entropy`."


def cell(source, grade_id, *, points=None, locked=False, solution=False):
    flags = {"grade_id": grade_id, "grade": points is not None, "solution": solution, "locked": locked}
    flags |= {"task": False, "schema_version": 3} | ({"points": points} if points is not None else {})
    return code(source, id=grade_id, metadata={"nbgrader": flags}, outputs=[], execution_count=None)


def notebook(*, text=TEXT, solution=SOLUTION, visible=VISIBLE, name="entropy", points=4, kind="source"):
    """The bytes of the source notebook, or of a student's with ``kind="submitted"``."""
    hidden = HIDDEN.format(name=name, points=points)
    return as_bytes(
        {"cell_type": "markdown", "id": "intro", "metadata": {}, "source": text},
        cell(solution, f"{name}-solution", solution=True),
        cell(visible, f"{name}-visible", locked=True),
        cell(hidden if kind == "source" else hidden.partition("### BEGIN")[0], name, points=points, locked=True),
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )


def make(root, **changes):
    """Write the course's configuration and its source notebook."""
    folder = root / "source" / "hw"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "tiny"\n')
    (folder / "hw.ipynb").write_bytes(notebook(**changes))
    return root


def submit(root, student, solution=SOLUTION):
    folder = root / "submitted" / student / "hw"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hw.ipynb").write_bytes(handed_in(solution))
    return folder / "hw.ipynb"


def handed_in(solution=SOLUTION):
    """The bytes of a student's notebook."""
    return notebook(
        solution=solution.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", ""), kind="submitted"
    )


def cells_of(path):
    return json.loads(path.read_text())["cells"]


def with_cells(content, *more):
    """A notebook's bytes with more cells at its end."""
    book = json.loads(content)
    return json.dumps({**book, "cells": [*book["cells"], *more]}).encode()
