"""What a worker returned, held against what it was asked: a worker is trusted, and yet checked like a stranger."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import msgspec

from autograder.cluster.wire import Results
from autograder.grading.submission import Submission
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Source
from autograder.results import CellResult, Report

_results = msgspec.json.Decoder(Results)
_graded = msgspec.json.Decoder(tuple[Report, msgspec.Raw])
_notebook: msgspec.json.Decoder[Notebook | None] = msgspec.json.Decoder(dict[str, Any] | None)


class InvalidError(ValueError):
    """A result that can't be one. The text is the end of a sentence about the worker."""


def read_results(content: object) -> Results:
    """Return the results of a task.

    Raises
    ------
    InvalidError
        If they are none.
    """
    try:
        if not isinstance(content, bytes):
            _refuse("something other than bytes")
        return _results.decode(content)
    except msgspec.MsgspecError as error:
        _refuse(f"no results ({error})")


def read_graded(
    content: msgspec.Raw, source: Source, submission: Submission, *, isolated: bool
) -> tuple[Report, msgspec.Raw]:
    """Return the report of a submission, and its notebook as JSON, which takes a tenth of the memory.

    Raises
    ------
    InvalidError
        If they are none, are about another submission, or hold a mark that its cells can't have.
    """
    try:
        report, notebook = _graded.decode(content)
    except msgspec.MsgspecError as error:
        _refuse(f"no report ({error})")
    file = submission.file.encode("utf-8", "replace").decode()
    about = (submission.student, submission.assignment, submission.name, file)
    if (report.student, report.assignment, report.notebook, report.file) != about:
        _refuse("a report about another submission")
    cells = [(cell.grade_id, cell.points) for cell in source.marked]
    if [(cell.grade_id, cell.max_score) for cell in report.cells] != cells or not all(
        map(_possible, report.cells)
    ):
        _refuse("marks that the cells of the notebook can't have")
    if not _equal(report.score, sum(cell.score or 0.0 for cell in report.cells)) or not _equal(
        report.max_score, sum(points for _, points in cells)
    ):
        _refuse("a sum of marks that is not their sum")
    if isolated and report.isolation == "none":
        _refuse("a report of a run without isolation")
    return report, notebook


def read_notebook(content: msgspec.Raw) -> Notebook | None:
    """Return the notebook of a report.

    Raises
    ------
    InvalidError
        If it is none.
    """
    try:
        return _notebook.decode(content)
    except msgspec.MsgspecError as error:
        _refuse(f"no notebook ({error})")


def _possible(cell: CellResult) -> bool:
    return cell.score is None or 0 <= cell.score <= cell.max_score


def _equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)


def _refuse(what: str) -> NoReturn:
    raise InvalidError(f"returned {what}")
