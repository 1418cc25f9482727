"""What GitHub shows of a job: the step's summary in Markdown, and annotations as workflow commands."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from autograder.reports.markdown import WARNING, plain, report_as_markdown
from autograder.reports.overview import lost_checks, summary
from autograder.reports.text import marks, printable
from autograder.results import Report

SUMMARY_BYTES = 1 << 20
"""GitHub does not show a longer summary."""
ANNOTATIONS = 10
"""GitHub shows no more annotations of one step."""
MOST_LOST = 10
"""How many of the checks that were lost most often are listed."""
CUT = "*{left} more lines do not fit into a step's summary; the results file holds everything.*\n"


# --- summary ---------------------------------------------------------------------------------------------


def step_summary(reports: Sequence[Report], refused: Sequence[str] = (), room: int = SUMMARY_BYTES) -> str:
    """Write the results of a class, or the feedback on a single submission; cut a text that is too long.

    Parameters
    ----------
    reports
        The reports, in the order in which they are listed.
    refused
        A sentence for each path that was not opened or could not be placed.
    room
        The maximum size, in bytes of UTF-8.
    """
    lines = [line for part in _parts(reports, refused) for line in part.split("\n")]
    size, kept = len(CUT.format(left=len(lines)).encode()), 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > room:
            break
        kept += 1
    text = "\n".join(lines[:kept]) + "\n"
    return text if kept == len(lines) else f"{text}\n{CUT.format(left=len(lines) - kept)}"


def _parts(reports: Sequence[Report], refused: Sequence[str]) -> Iterator[str]:
    if len(reports) == 1 and not refused:
        yield report_as_markdown(reports[0])
        return
    for assignment in sorted({report.assignment for report in reports}):
        group = [report for report in reports if report.assignment == assignment]
        yield f"## {plain(assignment)}\n\n{_headline(group)}\n"
        yield from _table("Most often lost", ("check", "submissions"), _lost(group))
    failed = [(plain(r.student), plain(r.message or "")) for r in reports if r.status == "failed"]
    yield from _table("Could not be graded", ("student", "reason"), failed)
    if refused:
        yield "### Could not be opened or placed\n"
        yield "\n".join(f"- {plain(reason)}" for reason in refused) + "\n"
    yield from _table("Marks", ("student", "assignment", "marks", "what was seen"), map(_row, reports))
    repairs = [(plain(report.student), plain(repair)) for report in reports for repair in report.repairs]
    yield from _table("Repaired before grading", ("student", "repair"), repairs)


def _headline(group: Sequence[Report]) -> str:
    graded = [report for report in group if report.status == "graded"]
    parts = [f"**{len(graded)} of {len(group)}** notebooks are graded"]
    percentages = [100 * report.score / report.max_score for report in graded if report.max_score]
    if len(percentages) > 1:
        parts.append(f"the median is {statistics.median(percentages):.0f} %")
    waiting = sum(len(report.needs_person) for report in graded)
    if waiting:
        parts.append("one answer waits for a person" if waiting == 1 else f"{waiting} answers wait for a person")
    warning = f" {WARNING}" if any(report.isolation == "none" for report in group) else ""
    return ", ".join(parts) + "." + warning


def _lost(group: Sequence[Report]) -> Iterator[tuple[str, str]]:
    for cell, check, number in lost_checks(group)[:MOST_LOST]:
        yield f"{plain(cell)}: {plain(check)}", f"{number} of {len(group)}"


def _row(report: Report) -> tuple[str, str, str, str]:
    book = report.assignment if report.notebook == report.assignment else f"{report.assignment}/{report.notebook}"
    if report.status == "failed":
        return plain(report.student), plain(book), "not graded", ""
    waiting = f" + {len(report.needs_person)} open" if report.needs_person else ""
    mark = marks(report.score, report.max_score) + waiting
    return plain(report.student), plain(book), mark, plain(summary(report))


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield "\n".join([f"### {title}\n", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines, ""])


# --- annotations -----------------------------------------------------------------------------------------


def annotate(reports: Sequence[Report], *, named: bool) -> list[str]:
    """Return the log lines that GitHub shows as annotations, at the top of a run and beside the files.

    Parameters
    ----------
    reports
        The reports of what was graded.
    named
        Whether students' files may be named. More people read a log than a gradebook; if False, one line gives the
        number of failures.
    """
    failed = [report for report in reports if report.status == "failed"]
    if not named:
        title = f"{len(failed)} of {len(reports)} notebooks could not be graded"
        return [_command("error", title, "The step's summary says which, and why.")] if failed else []
    commands = [_command("error", "could not be graded", r.message or "", r.file) for r in failed]
    if len(reports) == 1:
        commands += _lost_by(reports[0])
    if len(commands) > ANNOTATIONS:
        left = len(commands) - ANNOTATIONS + 1
        commands[ANNOTATIONS - 1 :] = [_command("notice", f"{left} more", "The step's summary lists them.")]
    return commands


def _lost_by(report: Report) -> Iterator[str]:
    for cell in report.cells if report.status == "graded" else []:
        for check in cell.checks:
            if check.passed is False:
                yield _command("error", f"{cell.grade_id}: {check.name}", check.message or "", report.file)
        if cell.message and cell.score is not None and cell.score < cell.max_score:
            yield _command("error", cell.grade_id, cell.message, report.file)


def _command(level: str, title: str, message: str, file: str = "") -> str:
    place = f"file={_property(file)}," if file else ""
    return f"::{level} {place}title={_property(title)}::{_data(message) or 'See the feedback.'}"


def _data(text: str) -> str:
    """Escape the text of a workflow command, and replace what is not UTF-8 or controls a terminal."""
    lines = "\n".join(printable(line) for line in text.splitlines())
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
