"""``autograder explain``: replay a submission with the same hidden inputs, and say why each mark is what it is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.commands.entered import entered_in
from autograder.commands.opening import (
    CannotGradeError,
    open_course,
    refuse_unknown,
    settings_from,
    workers_for,
)
from autograder.course import Course, CourseError
from autograder.grading.outcome import Outcome
from autograder.intake import SubmittedNotebook
from autograder.reports.explained import report_as_text
from autograder.reports.text import printable
from autograder.results import CellResult

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook

SHOWN = 12
"""How many names a refusal lists."""
NOT_GRADED = 1


def run(given: dict[str, Any], folder: Path | None, student: str, assignment: str, cell: str | None) -> int:
    """Replay the notebooks of one submission and print them; no mark is written.

    Returns
    -------
    int
        The exit status: 1 if a notebook could not be graded.

    Raises
    ------
    CannotGradeError
        If there is no such assignment, submission or cell.
    """
    course = open_course(folder)
    refuse_unknown(course, [assignment])
    found = _submission(course, student, assignment)
    settings = replace(settings_from(given, course), explain=True)
    with ExitStack() as stack:
        workers = stack.enter_context(workers_for(settings))
        gradebook = stack.enter_context(entered_in(course))
        try:
            sources = {e.notebook: _source(gradebook, course, assignment, e.notebook) for e in found}
        except CourseError as error:
            raise CannotGradeError(str(error)) from None
        cells = {name: [entry.grade_id for entry in source.marked] for name, source in sources.items()}
        _refuse_unknown_cell(assignment, cell, cells)
        outcomes = [
            workers.grade(course, entry, sources[entry.notebook])
            for entry in found
            if cell is None or cell in cells[entry.notebook]
        ]
        if gradebook:
            from autograder.commands.tally import say_changes  # noqa: PLC0415  # nbgrader takes seconds to import

            say_changes(gradebook, [assignment])
        for outcome in outcomes:
            shown = [each for each in outcome.report.cells if cell in (None, each.grade_id)]
            click.echo(report_as_text(outcome.report, shown))
            if gradebook:
                click.echo("\n".join(_entered(gradebook, course, outcome, shown)))
    return 0 if all(outcome.report.status == "graded" for outcome in outcomes) else NOT_GRADED


def _source(gradebook: Gradebook | None, course: Course, assignment: str, name: str) -> Any:
    released = gradebook.released(assignment, name) if gradebook else None
    return released or course.source(assignment, name)


def _submission(course: Course, student: str, assignment: str) -> Sequence[SubmittedNotebook]:
    """Return the notebooks of a submission; refuse a student who handed in nothing, and name those who did."""
    plain = student not in ("", ".", "..") and "/" not in student and "\0" not in student
    if plain and (found := course.handed_in(student, assignment)):
        return found
    try:
        everyone = course.students(assignment)
    except CourseError as error:
        raise CannotGradeError(str(error)) from None
    if not everyone:
        raise CannotGradeError(f"Nobody has handed in “{assignment}” in {course.root}.")
    near = difflib.get_close_matches(student, everyone, n=SHOWN, cutoff=0.5)
    some = near or everyone[:SHOWN]
    more = f" and {len(everyone) - len(some)} others" if len(everyone) > len(some) else ""
    raise CannotGradeError(
        f"“{printable(student)}” has not handed in “{assignment}”; "
        f"these have: {', '.join(map(printable, some))}{more}."
    )


def _refuse_unknown_cell(assignment: str, cell: str | None, cells: dict[str, list[str]]) -> None:
    known = [name for names in cells.values() for name in names]
    if cell is not None and cell not in known:
        raise CannotGradeError(
            f"“{assignment}” has no graded cell “{printable(cell)}”; there are: {', '.join(known) or 'none'}."
        )


# --- what the gradebook says -----------------------------------------------------------------------------


def _entered(gradebook: Gradebook, course: Course, outcome: Outcome, cells: Sequence[CellResult]) -> list[str]:
    """Compare the replay with what the gradebook holds, and tell the history of its marks."""
    found = outcome.found
    marks = gradebook.entered_marks(found.assignment).get((found.student, found.notebook))
    if marks is None:
        return ["", "The gradebook has no marks of this notebook."]
    lines = ["", _whether_changed(gradebook, course, outcome)]
    for cell in cells:
        mark = marks.get(cell.grade_id)
        if mark and mark.auto != cell.score:
            lines.append(
                f"  {cell.grade_id}: the gradebook has {shown(mark.auto)}, the replay gives {shown(cell.score)}."
            )
        if mark and mark.manual is not None:
            lines.append(f"  {cell.grade_id}: a person gave {shown(mark.manual)}, and that counts.")
    lines += ["", "History of the marks:"]
    told = list(_history(gradebook, found, [cell.grade_id for cell in cells]))
    return [printable(line) for line in lines + (told or ["  none is kept: the marks are older than the history"])]


def _whether_changed(gradebook: Gradebook, course: Course, outcome: Outcome) -> str:
    found = outcome.found
    entry = gradebook.entered_report(found.student, found.assignment, found.notebook)
    if not course.is_in_submitted_folder(found):
        return "Replayed from autograded/, which holds the same cells: what was handed in is not in submitted/."
    if entry and entry[1].status == "failed":
        return "The gradebook has 0 because the notebook could not be graded."
    if entry is None or not entry[0]:
        return "The gradebook does not say from what its marks were made."
    if entry[0] == outcome.digest:
        return "Nothing that decides about the marks has changed since they were entered: the same was asked."
    return (
        "Something that decides about the marks has changed since they were entered: the submission, an exercise, "
        "the settings, the secret or the grader's version. The next “autograder grade” enters the marks above."
    )


def _history(gradebook: Gradebook, found: SubmittedNotebook, cells: Iterable[str]) -> Iterable[str]:
    for entry in gradebook.history(found.student, found.assignment):
        changes = {name: entry.changes[name] for name in cells if name in entry.changes}
        if entry.notebook == found.notebook and changes:
            what = ", ".join(f"{name} {shown(old)} → {shown(new)}" for name, (old, new) in changes.items())
            digest = f", digest {entry.digest[:12]}" if entry.digest else ""
            yield f"  {entry.time:%Y-%m-%d %H:%M} UTC, version {entry.version}{digest}: {what}"


def shown(mark: float | None) -> str:
    """Write a mark; "–" where there is none."""
    return "–" if mark is None else f"{mark:.4g}"
