"""The results of a class, read from a results file or from a course's gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.commands.entered import entered_in
from autograder.commands.opening import CannotGradeError
from autograder.course import Course
from autograder.results import Report, from_json

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook


class ResultsError(ValueError):
    """There are no results to read. The message says why, and what to do."""


def read_results(path: Path) -> list[Report]:
    """Read a file that ``autograder grade --results`` wrote.

    Raises
    ------
    ResultsError
        If the file can't be read, or is not such a file.
    """
    return list(results_in(path))


def results_in(path: Path) -> Iterator[Report]:
    """Read such a file a line at a time; it raises as :func:`read_results` does."""
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007  # the message below says it
                if line.strip():
                    yield from_json(line)
    except (OSError, UnicodeDecodeError) as error:
        raise ResultsError(f"{path} can't be read: {error}.") from None
    except msgspec.MsgspecError as error:
        raise ResultsError(f"Line {number} of {path} is none of “autograder grade --results”: {error}.") from None


@contextmanager
def opened_gradebook(course: Course) -> Iterator[Gradebook]:
    """Open the gradebook of a course that has one.

    Raises
    ------
    ResultsError
        If there is no gradebook, or it can't be read.
    """
    try:
        with entered_in(course) as gradebook:
            if gradebook is None:
                raise ResultsError(
                    f"{course.root} has no gradebook yet: “autograder grade” makes it. Or name --results."
                )
            yield gradebook
    except CannotGradeError as error:
        raise ResultsError(error.message) from None


def known_in(gradebook: Gradebook, assignment: str | None) -> list[str]:
    """Return the assignments to read: the one that is named, or else all of the gradebook.

    Raises
    ------
    ResultsError
        If the gradebook has no such assignment.
    """
    from autograder.gradebook.marks import assignments_of  # noqa: PLC0415

    known = assignments_of(gradebook.database.db)
    if assignment is not None and assignment not in known:
        raise ResultsError(
            f"The gradebook of {gradebook.course.root} has no assignment “{assignment}”; "
            f"it has: {', '.join(known) or 'none'}."
        )
    return [assignment] if assignment else known


def read_gradebook(course: Course, assignment: str | None, *, quiet: bool = False) -> list[Report]:
    """Read the results of one assignment, or of all, with the marks that persons gave.

    Sources that have changed since their release are named on standard output, unless ``quiet``.

    Raises
    ------
    ResultsError
        If there is no gradebook, it can't be read, or it has no such assignment.
    """
    from autograder.gradebook.class_results import reports_of  # noqa: PLC0415

    with opened_gradebook(course) as gradebook:
        session, names = gradebook.database.db, known_in(gradebook, assignment)
        reports = [report for name in names for report in reports_of(session, name)]
        if not quiet:
            from autograder.commands.tally import say_changes  # noqa: PLC0415

            say_changes(gradebook, names)
        return reports
