"""One submitted notebook of a course: read, and graded unless nothing changed since."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    """What a submission came to, now or, where nothing changed since, the last time."""

    found: SubmittedNotebook
    report: Report
    notebook: Notebook | None
    """As it ran; None where nothing could be graded or nothing was run anew."""
    digest: str = ""
    """Of everything that decides about the report."""
    fresh: bool = True


def grade_submission(
    grader: Grader, course: Course, found: SubmittedNotebook, source: Source, known: str = ""
) -> Outcome | None:
    """Read and grade one notebook; a fault of the grader's own becomes a failed report, too.

    Returns None where the digest of everything that decides is the ``known`` one.
    """
    where = found.path.absolute()
    file = str(where.relative_to(course.root) if where.is_relative_to(course.root) else found.path)
    submission = Submission(b"", found.student, found.assignment, found.notebook, file)
    try:
        files = course.files_for_run(found)
        submission = replace(submission, content=found.read(), files=files)
        digest = grader.digest(source, submission)
        if digest == known:
            return None
        graded = grader.grade(source, submission)
        return Outcome(found, graded.report, graded.notebook, digest)
    except intake.RefusedError as error:
        return Outcome(found, failed(source, submission, str(error)), None)
    except Exception as error:  # noqa: BLE001  # whatever went wrong, a verdict is recorded and the others go on
        message = f"{file} could not be graded: a fault of the grader ({type(error).__name__}: {error})."
        return Outcome(found, failed(source, submission, message), None)
