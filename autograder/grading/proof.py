"""Whether the instructor's own notebook gets full marks: it is graded before any submission is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from autograder import exercises
from autograder.course import Course, CourseError
from autograder.grading.grader import VERSION, Grader
from autograder.grading.left_out import needs_what_only_shows
from autograder.grading.options import OptionError, in_course, limits_of_nbgrader
from autograder.grading.settings import Settings
from autograder.grading.submission import Graded, Submission
from autograder.judging.patience import EndlessError, limited
from autograder.notebooks.source import Source, SourceCell
from autograder.sandbox.policy import CannotIsolateError, Limits, isolation

LONGEST = 300
"""Characters of an error that a fault quotes."""
MAY_RAISE = "raises-exception"
"""Jupyter's own tag of a cell that is meant to stop."""


def settings_for(course: Course) -> Settings:
    """Return the settings under which a course's own solutions are graded.

    They are those of its submissions, without the secret. On a machine that can't isolate, the solutions run all
    the same: they are the instructor's own.

    Raises
    ------
    CourseError
        If the course has an option that can't be used.
    """
    try:
        options = in_course(course.config, {})
    except OptionError as error:
        raise CourseError(str(error)) from None
    limits = Limits().changed({**limits_of_nbgrader(course.config), **options.limits})
    try:
        isolation()
        isolated = options.sandbox != "none"
    except CannotIsolateError:
        isolated = False
    return Settings(b"", limits=limits, allow=tuple(options.allow), isolated=isolated)


def digest(content: bytes, files: Mapping[str, bytes], settings: Settings) -> str:
    """Return a digest of everything that decides whether a source notebook gets full marks."""
    sums = [hashlib.sha256(content).hexdigest()]
    sums += [f"{name} {hashlib.sha256(each).hexdigest()}" for name, each in sorted(files.items())]
    decides = (VERSION, exercises.digest_of_own(), replace(settings, isolated=True), sums)
    return hashlib.sha256(repr(decides).encode("utf-8", "surrogatepass")).hexdigest()


def faults(source: Source, content: bytes, files: Mapping[str, bytes], settings: Settings) -> Iterator[str]:
    """Grade a source notebook itself, and yield a sentence for each cell that stops or lacks marks.

    Parameters
    ----------
    source, content
        The source notebook, read and as bytes.
    files
        The files that lie beside it.
    settings
        Those of `settings_for`.
    """
    submission = Submission(content, file="The source notebook", files=files, instructors=frozenset(files))
    try:
        with Grader(settings) as grader, limited():
            graded = grader.grade(source, submission)
    except EndlessError as error:
        asked = "”, “".join(cell.sealed.exercise for cell in source.marked if cell.sealed)
        yield f"A function of one of the exercises “{asked}” does not end: {error}"
        return
    found = list(_faults(source, graded, _may_raise(content)))
    yield from list(needs_what_only_shows(source, content, files)) or found if found else ()


def _faults(source: Source, graded: Graded, may_raise: frozenset[str]) -> Iterator[str]:
    if graded.notebook is None:
        yield graded.report.message or "The source notebook can't be graded."
        return
    known = {cell.grade_id: cell for cell in source.cells}
    results = {result.grade_id: result for result in graded.report.cells}
    for number, cell in enumerate(graded.notebook["cells"], 1):
        name = (cell["metadata"].get("nbgrader") or {}).get("grade_id", "")
        result = results.get(name)
        if result and result.fault:
            yield f"“{name}” can't be judged, for a fault of its exercise or of the grader ({result.fault})."
        elif result and result.score is not None and result.score < result.max_score and not known[name].by_hand:
            lost = [check.name for check in result.checks if check.passed is False]
            why = (
                f" It loses “{'”, “'.join(lost)}”." if lost else f" It {result.message}." if result.message else ""
            )
            yield f"“{name}” gives the source's own solution {result.score:g} of {result.max_score:g} points.{why}"
        elif (error := _error_in(cell)) and not result and cell["source"] not in may_raise:
            yield f"{_named(known.get(name), number)} stops with {error}"


def _named(cell: SourceCell | None, number: int) -> str:
    return f"“{cell.grade_id}” (cell {number})" if cell else f"Cell {number}"


def _error_in(cell: Mapping[str, object]) -> str:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if output["output_type"] == "error":
            said = " ".join(str(output["evalue"]).split())
            said = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
            return f"{output['ename']}{f': {said}' if said else ''}".rstrip(".") + "."
    return ""


def _may_raise(content: bytes) -> frozenset[str]:
    """Return the text of each cell that the instructor tagged as one that stops."""
    try:
        cells = json.loads(content)["cells"]
        tagged = [cell for cell in cells if MAY_RAISE in cell["metadata"].get("tags", ())]
        return frozenset("".join(cell["source"]) for cell in tagged)
    except (ValueError, KeyError, TypeError, AttributeError):  # an older format, or no notebook at all
        return frozenset()
