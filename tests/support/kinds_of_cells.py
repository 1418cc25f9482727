"""A source with one cell of each kind, and cells as a notebook has them."""

from __future__ import annotations

from autograder.notebooks.source import Source, SourceCell

HIDDEN = "\n### BEGIN HIDDEN TESTS\ncheck('{0}', {0}, 5)\n### END HIDDEN TESTS"


def wanted(name, text, *, grade=False, solution=False, locked=False, task=False, points=0.0, kind="code"):
    return SourceCell(name, kind, text, grade, solution, locked, task, points)


SEALED = {name: wanted(name, f"{name}(1){HIDDEN.format(name)}", grade=True, points=5.0) for name in ("f", "g")}
OWN_TESTS = wanted("own-tests", "assert x", grade=True, points=3.0)
ANSWER = wanted("answer", "Your answer.", grade=True, solution=True, points=2.0, kind="markdown")
DRAWING = wanted("drawing", "plot", grade=True, solution=True, points=2.0)
TASK = wanted("task", "Do it.", task=True, points=4.0, kind="markdown")
SOLUTION, SETUP = wanted("solution", "x = ...", solution=True), wanted("setup", "import numpy as np", locked=True)
SHOWS = ("trained = 1", "draw()")
SOURCE = Source(
    (SETUP, SOLUTION, *SEALED.values(), OWN_TESTS, ANSWER, DRAWING, TASK),
    {},
    (("setup", SETUP.source), (None, "trained = 1"), (None, "draw()")),
    SHOWS,
)


def code(text, name=None, **meta):
    metadata = {"nbgrader": {"grade_id": name, **meta}} if name else {}
    return {"cell_type": "code", "source": text, "metadata": metadata, "outputs": ["old"], "execution_count": None}


def text(words, name=None, **meta):
    metadata = {"nbgrader": {"grade_id": name, **meta}} if name else {}
    return {"cell_type": "markdown", "source": words, "metadata": metadata}
