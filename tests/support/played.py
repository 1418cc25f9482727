"""The source notebooks played in this process: their code cells in order, figures left out."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import warnings
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from conftest import CHECKOUT

from autograder.notebooks import notebook
from autograder.notebooks.source import visible_part

Names = dict[str, Any]
QUICK = ("bayes", "softmax")
"""The topics that the fast tests play: what the others tell is about the course more than about the code."""
SLOW = "losses"
"""The topic that the slow tests play; the long suites play all."""


def marks_of(topic):
    """The marks of a test that plays a topic's notebook."""
    return [] if topic in QUICK else [pytest.mark.slow if topic == SLOW else pytest.mark.deep]


@dataclass(frozen=True)
class Played:
    """A code cell, the headings it stands under, the names that were there before it ran, and what it printed."""

    text: str
    grade_id: str | None
    trail: tuple[str, ...]
    before: Names
    printed: str


@cache
def texts_of(topic: str) -> list[tuple[tuple[str, ...], notebook.Cell]]:
    """Return every cell of a source notebook, divided at headings, with the headings above it from the top."""
    levels: dict[int, str] = {}
    found = []
    for cell in notebook.read((CHECKOUT / "source" / topic / f"{topic}.ipynb").read_bytes())["cells"]:
        parts = [cell["source"]]
        if cell["cell_type"] == "markdown":
            parts = [part for part in re.split(r"^(?=#{1,4} )", cell["source"], flags=re.MULTILINE) if part]
        for part in parts:
            heading = re.match(r"(#+) (.+)", part)
            if heading and cell["cell_type"] == "markdown" and "MARK SCHEME" not in heading[2]:
                level = len(heading[1])
                levels = {above: text for above, text in levels.items() if above < level} | {
                    level: heading[2].strip()
                }
            found.append((tuple(levels.values()), {**cell, "source": part}))
    return found


@cache
def cells_of(topic: str) -> list[Played]:
    """Play a notebook, and return its code cells as they were met."""
    folder = CHECKOUT / "source" / topic
    names: Names = {"__name__": "__main__"}
    found = []
    with chdir(folder), helper(folder):
        for trail, cell in texts_of(topic):
            if cell["cell_type"] == "code" and not cell["source"].startswith("figures."):
                text = visible_part(cell["source"])
                before = own_copy(names)
                found.append(Played(text, notebook.grade_id_of(cell), trail, before, run(text, names)))
    return found


def run(text: str | ast.Module, names: Names) -> str:
    """Run a cell, and return what it prints. NumPy is kept quiet."""
    with redirect_stdout(StringIO()) as out, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec(compile(text, "cell", "exec"), names)
    return out.getvalue()


def own_copy(names: Names) -> Names:
    """Return the names with arrays of their own: whoever changes its input changes nobody else's."""
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in names.items()}


def asserts(text: str) -> list[ast.Assert]:
    """Return the assertions of a cell."""
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert)]


@contextmanager
def helper(folder):
    """Let `import figures` find the file beside the notebook, and no other topic's."""
    mpl.use("agg")
    spec = importlib.util.spec_from_file_location("figures", folder / "figures.py")
    sys.modules["figures"] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        yield
    finally:
        del sys.modules["figures"]
