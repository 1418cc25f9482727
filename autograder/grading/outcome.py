"""Grade one submitted notebook of a course, unless nothing has changed since it was last graded."""

from __future__ import annotations

import os
from dataclasses import dataclass

from autograder import intake
from autograder.course import Course
from autograder.grading.grader import Grader
from autograder.grading.submission import Submission, failed
from autograder.intake import SubmittedNotebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Source
from autograder.results import Report


@dataclass(frozen=True)
class Outcome:
    """The report on a submitted notebook, from this run or, if nothing has changed, from an earlier one."""

    found: SubmittedNotebook
    report: Report
    notebook: Notebook | None
    """The notebook as it ran; None if it could not be graded or was not run again."""
    digest: str = ""
    """Of everything that decides about the report; empty if the notebook could not be graded."""
    fresh: bool = True
    """Whether the report is from this run."""


def grade_submission(
    grader: Grader, course: Course, found: SubmittedNotebook, source: Source, earlier_digest: str = ""
) -> Outcome | None:
    """Read and grade one notebook. A notebook that is refused, and any fault of the grader, give a failed report.

    Only a MemoryError is raised: the process may have no room for another submission.

    Returns
    -------
    Outcome or None
        None if the digest of everything that decides about the report equals ``earlier_digest``.
    """
    try:
        submission = open_submission(course, found)
        digest = grader.digest(source, submission)
        if digest == earlier_digest:
            return None
        graded = grader.grade(source, submission)
        return Outcome(found, graded.report, graded.notebook, digest)
    except MemoryError:  # the worker's envelope is full
        raise
    except Exception as error:  # noqa: BLE001  # every submission has a report, and the batch goes on
        return not_graded(course, found, source, error)


def open_submission(course: Course, found: SubmittedNotebook) -> Submission:
    """Read a notebook and the files beside it, all of them as bytes.

    Raises
    ------
    RefusedError
        If one of them must not be opened.
    """
    files = course.files_for_run(found)
    ours = course.instructors_among(files, found.assignment)
    file = file_of(course, found)
    return Submission(found.read(), found.student, found.assignment, found.notebook, file, files, ours)


def not_graded(course: Course, found: SubmittedNotebook, source: Source, error: Exception) -> Outcome:
    """Return the outcome of a notebook that is refused, or that met a fault of the grader."""
    file = file_of(course, found)
    refused = isinstance(error, intake.RefusedError)
    if refused:
        message = str(error).replace(f"{course.root}{os.sep}", "")  # a student reads it
    else:
        message = f"{file} could not be graded: a fault of the grader ({type(error).__name__}: {error})."
    submission = Submission(b"", found.student, found.assignment, found.notebook, file)
    return Outcome(found, failed(source, submission, message, fault=not refused), None)


def file_of(course: Course, found: SubmittedNotebook) -> str:
    """Return the path that messages show: within the course's folder, relative to it."""
    where = found.path.absolute()
    return str(where.relative_to(course.root) if where.is_relative_to(course.root) else found.path)
