"""``autograder grade --diff``: whose marks would change, by how much and why. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from autograder.commands.console import in_ci, say
from autograder.commands.entered import entered_in
from autograder.commands.graders import graders_for
from autograder.commands.opening import CannotGradeError, Opened
from autograder.commands.progress import follow
from autograder.course import CourseError
from autograder.intake import SubmittedNotebook, Superseded
from autograder.notebooks.source import Source
from autograder.reports.text import printable
from autograder.results import CellResult, CheckResult, Report

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.marks import Mark

NEAR = 1e-9
"""A smaller difference of marks is rounding."""


@dataclass(frozen=True)
class Change:
    """A cell whose automatic mark would change."""

    cell: CellResult
    old: float | None
    why: str
    manual: float | None = None
    """The mark that a person gave, which stays."""

    @property
    def by(self) -> float:
        """By how much the submission's mark would change."""
        return 0.0 if self.manual is not None else (self.cell.score or 0.0) - (self.old or 0.0)


def run(opened: Opened, options: dict[str, Any]) -> bool:
    """Grade without writing, and print a line for each mark that would change.

    Returns
    -------
    bool
        Whether everything that was named could be graded.
    """
    with ExitStack() as stack:
        graders = stack.enter_context(graders_for(opened))
        gradebook = stack.enter_context(entered_in(opened.course))
        if gradebook is None:
            raise CannotGradeError(
                f"{opened.course.root} has no gradebook yet: every mark would be new. “autograder grade” makes it."
            )
        matched = gradebook.match_students(opened.found)
        sources = _sources(gradebook, opened, matched.notebooks)
        batch = [(entry, sources[entry.assignment, entry.notebook]) for entry in matched.notebooks]
        entered = {
            name: gradebook.entered_marks(name) for name in {entry.assignment for entry in matched.notebooks}
        }
        outcomes = stack.enter_context(
            closing(graders.grade(opened.course, batch, options["jobs"], seconds=opened.seconds))
        )
        named = options["show_students"] or not in_ci()
        reports, found = [], []
        for report in follow((o.report for o in outcomes), len(batch), "comparing", graders.slowest):
            reports.append(report)
            old = entered[report.assignment].get((report.student, report.notebook))
            earlier = gradebook.entered_report(report.student, report.assignment, report.notebook)
            found.append((report, old is None, list(changes(report, old or {}, earlier[1] if earlier else None))))
    _print(found, named=named)
    refused = [*opened.refused, *matched.refused]
    for entry in refused:
        say(f"✗ {entry.reason if named else entry.neutral}", "red")
    if left := len(batch) - len(reports):
        say(f"{left} are not compared: the time for the class was up.", "red")
    complete = not left and all(report.status == "graded" for report in reports)
    return complete and all(isinstance(entry, Superseded) for entry in refused)


def _sources(
    gradebook: Gradebook, opened: Opened, found: Sequence[SubmittedNotebook]
) -> dict[tuple[str, str], Source]:
    """Return the instructor's cells that ``autograder grade`` would use: those that were released."""
    try:
        return {
            key: gradebook.released(*key) or opened.course.source(*key)
            for key in {(entry.assignment, entry.notebook) for entry in found}
        }
    except CourseError as error:
        raise CannotGradeError(str(error)) from None


# --- what changes ----------------------------------------------------------------------------------------


def changes(report: Report, entered: Mapping[str, Mark], earlier: Report | None) -> Iterator[Change]:
    """Yield the cells whose automatic mark would change.

    Parameters
    ----------
    report
        The report of this run.
    entered
        The marks that the gradebook has, by ``grade_id``.
    earlier
        The report from which they were entered, if it is known.
    """
    before = {cell.grade_id: cell for cell in earlier.cells} if earlier else {}
    for cell in report.cells:
        mark = entered.get(cell.grade_id)
        old, manual = (mark.auto, mark.manual) if mark else (None, None)
        if not _same(old, cell.score):
            yield Change(cell, old, why(cell, before.get(cell.grade_id)), manual)


def _same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) <= NEAR * max(1.0, abs(old), abs(new))


def why(cell: CellResult, before: CellResult | None) -> str:
    """Say which checks make a mark another one, each with its reason."""
    if cell.message:
        return _first_line(cell.message)
    if before is None or not before.checks:
        failed = [_outcome(check) for check in cell.checks if not check.passed]
        return "; ".join(failed) or ("every check holds" if cell.checks else "")
    old = {check.name: check for check in before.checks}
    parts = [_difference(check, old.get(check.name)) for check in cell.checks]
    gone = old.keys() - {check.name for check in cell.checks}
    parts += [f"“{name}” is asked no more" for name in old if name in gone]
    return "; ".join(part for part in parts if part)


def _difference(check: CheckResult, before: CheckResult | None) -> str:
    """Say what changed about a check; nothing if its marks are the same."""
    if before is None:
        return f"new: {_outcome(check)}"
    if check.passed == before.passed and not _same(check.max_score, before.max_score):
        verb = "" if check.passed else ", and fails as before"
        return f"“{check.name}” is worth {check.max_score:.4g} instead of {before.max_score:.4g}{verb}"
    return "" if _same(check.score, before.score) else _outcome(check)


def _outcome(check: CheckResult) -> str:
    return f"“{check.name}” " + (
        "holds" if check.passed else f"fails: {_first_line(check.message or '')}".rstrip(": ")
    )


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


# --- what is printed -------------------------------------------------------------------------------------


def _print(found: Sequence[tuple[Report, bool, list[Change]]], *, named: bool) -> None:
    for report, is_new, changed in found:
        if changed and named:
            say(_head(report, is_new, changed))
            for change in changed:
                say(f"  {line_of(change)}")
    differing = [(report, changed) for report, _, changed in found if changed]
    count = sum(len(changed) for _, changed in differing)
    if not found:
        say("There is nothing to compare.")
    elif not count:
        say(f"No mark of {_counted(len(found), 'notebook')} would change. Nothing was written.")
    else:
        same = len(found) - len(differing)
        say(
            f"{_counted(count, 'mark')} in {_counted(len(differing), 'notebook')} would change, "
            f"{same} would stay as they are. Nothing was written; penalties for lateness are not counted."
        )
        if not named:
            click.echo("Whose they are: --show-students.")


def _head(report: Report, is_new: bool, changed: Sequence[Change]) -> str:
    by = sum(change.by for change in changed)
    name = report.assignment if report.notebook == report.assignment else f"{report.assignment}/{report.notebook}"
    kind = "new, " if is_new else ""
    failure = f" ({_first_line(report.message)})" if report.message else ""
    return printable(f"{report.student}, {name}: {kind}{by:+.4g}{failure}")


def line_of(change: Change) -> str:
    """Write a change as a line: the cell, the old and the new mark, and why."""
    cell = change.cell
    stays = f" (a person gave {change.manual:.4g}, which stays)" if change.manual is not None else ""
    reason = f": {change.why}" if change.why else ""
    return printable(f"{cell.grade_id} {_mark(change.old)} → {_mark(cell.score)}{stays}{reason}")


def _mark(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
