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
from conftest import CHECKOUT

from autograder import notebook
from autograder.source import visible_part

Names = dict[str, Any]


@dataclass(frozen=True)
class Played:
    """A code cell, the heading it stands under, and the names that were there before it ran."""

    text: str
    grade_id: str | None
    section: str
    before: Names


def texts_of(topic: str) -> list[tuple[str, notebook.Cell]]:
    """Return every cell of a source notebook with the last heading at or above its end."""
    section, found = "", []
    for cell in notebook.read((CHECKOUT / "source" / topic / f"{topic}.ipynb").read_bytes())["cells"]:
        if cell["cell_type"] == "markdown":
            for part in re.split(r"^(?=#{1,4} )", cell["source"], flags=re.MULTILINE):
                if heading := re.match(r"#+ (.+)", part):
                    section = heading[1].strip()
                found.append((section, {**cell, "source": part}))
        else:
            found.append((section, cell))
    return found


@cache
def cells_of(topic: str) -> list[Played]:
    """Play a notebook, and return its code cells as they were met."""
    folder = CHECKOUT / "source" / topic
    names: Names = {"__name__": "__main__"}
    found = []
    with chdir(folder), helper(folder):
        for section, cell in texts_of(topic):
            if cell["cell_type"] == "code" and not cell["source"].startswith("figures."):
                text = visible_part(cell["source"])
                found.append(Played(text, notebook.grade_id_of(cell), section, own_copy(names)))
                run(text, names)
    return found


def run(text: str | ast.Module, names: Names) -> None:
    """Run a cell. What it prints is kept quiet, and so is NumPy."""
    with redirect_stdout(StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec(compile(text, "cell", "exec"), names)


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
