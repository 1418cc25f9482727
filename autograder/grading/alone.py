"""The public ``grade``: one notebook against its source, without a course."""

from __future__ import annotations

from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.grading.workers import WorkerPool
from autograder.notebooks import notebook
from autograder.notebooks.source import Source
from autograder.results import Feedback, Report


def grade(
    source: bytes, submission: bytes, *, secret: bytes, student: str = "", feedback: Feedback = "messages"
) -> Report:
    """Grade one notebook against its source.

    Parameters
    ----------
    source, submission
        The contents of the two ``.ipynb`` files.
    secret
        Decides the hidden inputs, together with the student and the submission.
    student
        The student's id. Another student has other hidden inputs.
    feedback
        How much the messages say.

    Raises
    ------
    UnreadableError
        If the *source* is not a notebook. If the submission is not one, the report says so.
    CannotIsolateError
        If this machine can't keep student code away from the tests.
    """
    cells = Source.from_notebook(notebook.read(source))
    with WorkerPool(Settings(secret, feedback)) as workers:
        return workers.grade_alone(cells, Submission(submission, student))
