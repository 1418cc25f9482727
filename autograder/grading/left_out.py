"""Whether what only shows something can be left out: nothing else in the instructor's own notebook may need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Graded, Submission
from autograder.notebooks.source import Source


def needs_what_only_shows(source: Source, notebook: bytes, files: Mapping[str, bytes]) -> Iterator[str]:
    """Run a source notebook whole and without the cells tagged as showing something, and compare.

    Parameters
    ----------
    source, notebook
        The source notebook, read and as bytes.
    files
        The files that lie beside it.

    Yields
    ------
    str
        A sentence for each cell that stops, or loses marks, only where those cells are left out.
    """
    if not source.shown_names:
        return
    submission = Submission(notebook, files=files, instructors=frozenset(files))
    with Grader(Settings(b"", isolated=False)) as grader:
        whole = grader.grade(replace(source, shows=()), submission)
        short = grader.grade(source, submission)
    for number, (error, cell) in enumerate(zip(_errors(whole), _errors(short), strict=True), 1):
        if cell and not error:
            yield f"Cell {number} needs a cell that is tagged “only-shows”: without it, {cell}."
    for more, less in zip(whole.report.cells, short.report.cells, strict=True):
        if less.score != more.score:
            yield (
                f"“{less.grade_id}” has {less.score:g} points, and {more.score:g} where the cells that are tagged "
                "“only-shows” run: it needs one of them."
            )


def _errors(graded: Graded) -> list[str]:
    """Return the error of each cell in a few words; an empty text where there is none."""
    return [
        next((f"{o['ename']}: {o['evalue']}" for o in cell.get("outputs", ()) if o["output_type"] == "error"), "")
        for cell in (graded.notebook or {"cells": []})["cells"]
    ]
