"""Results as plain text, for terminals and for the output of a cell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from autograder.results import CellResult, CheckResult, FileResult

MARKS = {True: "✓", False: "✗", None: "·"}
WIDTH = 100
NOT_ISOLATED = "Graded WITHOUT isolation (--sandbox none): these marks could have been forged."
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def marks(score: float, maximum: float) -> str:
    """Write marks as "0.5 / 1"."""
    return f"{score:.4g} / {maximum:.4g}"


def cell_marks(cell: CellResult) -> str:
    """Write a cell's marks; "– / 5" if a person has still to give them."""
    return f"– / {cell.max_score:.4g}" if cell.score is None else marks(cell.score, cell.max_score)


def checks_as_text(checks: Iterable[CheckResult]) -> str:
    """Write each check as a line, and its message indented below it; the checks that were not run as one line."""
    lines: list[str] = []
    kept = list(checks)
    for check in kept:
        if check.passed is not None or not check.message:
            lines.append(f"{MARKS[check.passed]} {check.name} ({marks(check.score, check.max_score)})")
            lines += _indented(check.message)
    lines += [printable(f"{MARKS[None]} {line}") for line in not_run(kept)]
    return "\n".join(lines)


def not_run(checks: Iterable[CheckResult]) -> list[str]:
    """Return a line for the checks not run for the same reason: how many, their marks, and the reason."""
    reasons: dict[str, list[CheckResult]] = {}
    for check in checks:
        if check.passed is None and check.message:
            reasons.setdefault(check.message, []).append(check)
    return [_not_run(skipped, " ".join(reason.split())) for reason, skipped in reasons.items()]


def _not_run(skipped: list[CheckResult], reason: str) -> str:
    lost = marks(0.0, sum(check.max_score for check in skipped))
    if len(skipped) == 1:
        return f"{' '.join(skipped[0].name.split())} ({lost}) {reason}"
    return f"{len(skipped)} checks ({lost}) {reason.replace('it counts', 'they count', 1)}"


def _indented(message: str | None) -> list[str]:
    lines = [printable(line) for line in (message or "").splitlines()]
    return [
        part for line in lines for part in textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="  ")
    ]


def printable(line: str) -> str:
    """Replace characters that would control a terminal or a page; emoji and names stay whole."""
    if line.isprintable():  # nearly every line
        return line
    return "".join(c if c.isprintable() or c in JOINERS else "\N{REPLACEMENT CHARACTER}" for c in line)


def cell_as_text(cell: CellResult) -> str:
    """Write a graded cell: its message, or its checks."""
    checks = checks_as_text(cell.checks) if cell.checks and not cell.message else ""
    return "\n".join(part for part in (cell.message or "", checks) if part)


def file_as_text(result: FileResult) -> str:
    """Write the result of one file, as ``autograder check`` prints it."""
    warning = ", graded WITHOUT isolation" if result.isolation == "none" else ""
    head = f"{result.exercise} in {result.file}: {marks(result.score, result.max_score)}{warning}"
    body = result.message or checks_as_text(result.checks)
    return f"{head}\n{textwrap.indent(body, '  ')}"
