"""The assignments of the course, as the benchmarks grade them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.exercises import TOPICS
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Source
from benchmarks import CHECKOUT, answers


@dataclass(frozen=True)
class Assignment:
    """An assignment: its released notebook, its functions, and answers to them."""

    topic: str
    lean: bool = False
    """Without the cells that draw and their import: the rest only computes."""

    @cached_property
    def blank(self) -> Notebook:
        """The released notebook."""
        return self._read("release")

    @cached_property
    def source(self) -> Source:
        """The instructor's cells."""
        return Source.from_notebook(self._read("source"))

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The functions to be written, in the order of the notebook."""
        ids = [notebook.grade_id_of(cell) or "" for cell in self.blank["cells"]]
        return tuple(ident.removesuffix("-solution") for ident in ids if ident.endswith("-solution"))

    @cached_property
    def files(self) -> dict[str, bytes]:
        """What lies beside the released notebook."""
        paths = (CHECKOUT / "release" / self.topic).iterdir()
        return {path.name: path.read_bytes() for path in paths if path.is_file() and path.suffix != ".ipynb"}

    @cached_property
    def perfect(self) -> dict[str, str]:
        """The perfect submission's answers, by function."""
        return {name: answers.perfect(self.topic, name, self.functions) for name in self.functions}

    @cached_property
    def right(self) -> dict[str, dict[str, str]]:
        """By function and style, the right answers with which a notebook takes about as long as a perfect one.

        A question has one right answer and no styles: it is the perfect submission's.
        """
        return {
            name: {
                style: text
                for style, text in answers.right(self.topic, name, self.functions).items()
                if style not in answers.SLOW.get(name, ())
            }
            or {"perfect": self.perfect[name]}
            for name in self.functions
        }

    @cached_property
    def wrong(self) -> dict[str, dict[str, str]]:
        """By function and behaviour, the wrong answers."""
        return {name: answers.wrong(self.topic, name, self.functions) for name in self.functions}

    def copy_source(self, root: Path) -> None:
        """Copy the assignment's source into a course folder."""
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(CHECKOUT / "source" / self.topic, root / "source" / self.topic, ignore=ignored)
        if self.lean:
            path = root / "source" / self.topic / f"{self.topic}.ipynb"
            path.write_text(json.dumps(self._read("source")), encoding="utf-8")

    def _read(self, folder: str) -> Notebook:
        path = CHECKOUT / folder / self.topic / f"{self.topic}.ipynb"
        nb = notebook.read(path.read_bytes())
        return _without_drawings(nb) if self.lean else nb


COURSE = {topic: Assignment(topic) for topic in TOPICS}


def _without_drawings(nb: Notebook) -> Notebook:
    cells = [c for c in nb["cells"] if c["cell_type"] != "code" or notebook.grade_id_of(c)]
    return {**nb, "cells": [{**c, "source": "".join(c["source"]).replace("import figures\n", "")} for c in cells]}
