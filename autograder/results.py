"""The results of grading: the data that every other package passes on.

A :class:`Report` is the verdict on one submitted notebook, a :class:`FileResult` the verdict on one
function in one file. Both are plain data: they hold no object of the student's, and encode to JSON in one
call. Their JSON schema is committed as ``results.schema.json``.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec

SCHEMA_VERSION = 1

Feedback = Literal["score", "messages", "full"]
"""What feedback contains: marks alone; sentences and public examples; hidden inputs as well."""

FOLLOW_THROUGH = 0.5
"""The part of its marks that a check gives which is right but for one named slip, unless the course says."""

Isolation = Literal["landlock", "namespace", "chroot", "none"]
"""How student code was isolated from the tests: by Landlock; where there is none, in a mount namespace; where that
can't be made either, in a root of links, as a user of its own; or not at all, as the instructor chose."""


class AskedResult(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a check, as an instructor may read it: values are shortened."""

    asked: str
    """The call, as source code."""
    answered: str
    expected: str
    passed: bool
    hidden: bool
    """Whether students never see the input."""


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check of an exercise; its name is the sentence the student reads."""

    name: str
    passed: bool | None
    """None if the check was not run; ``message`` says why."""
    score: float
    max_score: float
    message: str | None = None
    misconception: str | None = None
    example: str | msgspec.UnsetType = msgspec.UNSET
    """The check's public example as a call; left out where its answer is right, or feedback shows marks alone."""
    answer: str | msgspec.UnsetType = msgspec.UNSET
    """What the function gave for it, in short: a value, its kind where it is no number, or “raises …”."""
    calls: list[AskedResult] | msgspec.UnsetType = msgspec.UNSET
    """What was asked, for ``autograder explain`` alone."""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A student's function over a range of one argument, beside the truth, where the two differ."""

    label: str
    """The argument that varies, as source code."""
    x: list[float]
    theirs: list[float | None]
    """None where the value is not a finite number."""
    truth: list[float | None]
    departs: list[tuple[float, float]] = []
    """The first and the last ``x`` of each stretch where the two differ."""
    text: str
    """A description of the picture."""


class CellResult(msgspec.Struct, frozen=True, kw_only=True):
    """One graded cell of a notebook."""

    grade_id: str
    exercise: str | None
    """The registered exercise of a sealed cell, else None."""
    mode: Literal["sealed", "in-process", "manual"]
    """``in-process``: the cell's own assertions ran in the student's process, where code can tamper with them."""
    score: float | None
    """None if a person must mark the cell."""
    max_score: float
    message: str | None = None
    checks: list[CheckResult] = []
    misconceptions: list[str] = []
    curve: Curve | msgspec.UnsetType = msgspec.UNSET
    """Left out if there is nothing to draw."""
    fault: str | msgspec.UnsetType = msgspec.UNSET
    """What went wrong in the grader itself: without a mark, while it judged the cell; with one, while it named the
    mistakes. Left out if nothing did."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one submitted notebook."""

    student: str
    assignment: str
    notebook: str
    file: str
    status: Literal["graded", "failed"]
    """``failed``: the notebook could not be graded, and ``message`` says why. Every mark is 0, or null where the
    grader itself is at fault."""
    message: str | None
    score: float
    max_score: float
    isolation: Isolation | None
    """None if nothing was run."""
    seconds: float
    cells: list[CellResult]
    repairs: list[str] = []
    """A sentence for each repair that the notebook needed before it could be graded."""

    @property
    def needs_person(self) -> list[str]:
        """The ``grade_id`` of each cell that a person must mark."""
        return [cell.grade_id for cell in self.cells if cell.score is None]

    @property
    def faults(self) -> list[str]:
        """A sentence for the instructor about each cell at which something went wrong in the grader itself."""
        return [_fault_of(cell) for cell in self.cells if cell.fault]

    def as_failed(self, why: str, *, fault: bool = False) -> Report:
        """Return the report of the same submission with 0 marks; every cell carries the reason.

        Where that is a ``fault`` of the grader's, there are no marks, and a person decides.
        """
        cells = [
            CellResult(
                grade_id=cell.grade_id,
                exercise=cell.exercise,
                mode=cell.mode,
                score=None if fault else 0.0,
                max_score=cell.max_score,
                message=why,
            )
            for cell in self.cells
        ]
        return msgspec.structs.replace(self, status="failed", message=why, score=0.0, cells=cells)


def _fault_of(cell: CellResult) -> str:
    where, cause = f"“{cell.grade_id}”", f"for a fault of the grader ({cell.fault})"
    if cell.score is None:
        return f"{where} has no mark, {cause}: it waits for a person, and the next grading tries again"
    return (
        f"{where} has the marks of its checks, but its mistakes could not be named, {cause}: it waits for "
        "a person, and the next grading tries again"
    )


class FileResult(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one function in one ``.py`` file (a line of ``autograder check --json``)."""

    exercise: str
    file: str
    score: float
    max_score: float
    passed: bool
    isolation: Isolation | None
    seconds: float
    message: str | None
    checks: list[CheckResult]
    misconceptions: list[str]
    curve: Curve | msgspec.UnsetType = msgspec.UNSET
    """Left out if there is nothing to draw."""
    fault: str | msgspec.UnsetType = msgspec.UNSET
    """What went wrong in the grader itself while it named the mistakes. Left out if nothing did."""


def to_json(result: Report | FileResult) -> str:
    """Encode a result as one line of JSON; numbers are finite or null."""
    try:
        return msgspec.json.encode(result).decode()
    except UnicodeEncodeError:  # the name of a file need not be UTF-8
        return json.dumps(msgspec.to_builtins(result), ensure_ascii=False).encode("utf-8", "replace").decode()


def from_json(line: str) -> Report:
    """Decode a report that :func:`to_json` encoded; where a cell's ``mode`` is left out, its mark says it."""
    try:
        return msgspec.json.decode(line, type=Report)
    except msgspec.ValidationError:
        content = msgspec.json.decode(line)
        for cell in content.get("cells", []) if isinstance(content, dict) else []:
            if isinstance(cell, dict) and "mode" not in cell:
                by_person = cell.get("score") is None
                cell["mode"] = "sealed" if cell.get("exercise") else "manual" if by_person else "in-process"
        return msgspec.convert(content, type=Report)


def schema() -> dict[str, Any]:
    """Return the JSON schema of both kinds of line, as it is committed in ``results.schema.json``."""
    return schema_of("Lines of autograder's results", SCHEMA_VERSION, Report, FileResult)


def schema_of(title: str, version: int, *types: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the JSON schema of a document that is of one of these types."""
    references, definitions = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "version": version,
        **(references[0] if len(types) == 1 else {"anyOf": list(references)}),
        "$defs": definitions,
    }
