"""The notebooks in ``autograded/``, with the verdicts in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from autograder.course import Course
from autograder.gradebook.atomic import write_atomically
from autograder.intake import SubmittedNotebook
from autograder.notebooks.notebook import Notebook, checksum, nbgrader_of
from autograder.reports.autograded import put_verdicts
from autograder.results import Report


class AutogradedFiles:
    """The autograded notebooks of a course, and the other files of the submissions beside them."""

    def __init__(self, course: Course) -> None:
        self.course = course

    def path_of(self, submitted: SubmittedNotebook) -> Path:
        """Return the path of a submitted notebook once it is autograded."""
        folder = self.course.folder("autograded", submitted.student, submitted.assignment)
        return folder / f"{submitted.notebook}.ipynb"

    def write(self, submitted: SubmittedNotebook, report: Report, notebook: Notebook) -> None:
        """Write the notebook with its verdicts, and the other files of the submission.

        Raises
        ------
        OSError
            If a file can't be written.
        RefusedError
            If a file of the submission must not be read.
        """
        target = self.path_of(submitted)
        target.parent.mkdir(parents=True, exist_ok=True)
        for name, content in self.course.files_for_run(submitted).items():
            beside = target.parent / name
            beside.parent.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            beside.write_bytes(content)
        content = msgspec.json.format(msgspec.json.encode(put_verdicts(notebook, report)), indent=1) + b"\n"
        write_atomically(target, content, mode=0o444)  # nbgrader makes it read-only, too

    def remove(self, submitted: SubmittedNotebook) -> None:
        """Remove the notebook and the submission's feedback: a failed submission leaves no older pages."""
        self.path_of(submitted).unlink(missing_ok=True)
        feedback = self.course.folder("feedback", submitted.student, submitted.assignment)
        shutil.rmtree(feedback, ignore_errors=True)


def untouched_answers(notebook: Notebook) -> dict[str, bool]:
    """Return for each answer of a graded notebook, by ``grade_id``, whether it is still as it was released."""
    answers = {}
    for cell in notebook["cells"]:
        meta = nbgrader_of(cell)
        if meta.get("solution") or meta.get("task"):
            answers[meta["grade_id"]] = not meta.get("task") and meta.get("checksum") == checksum(cell)
    return answers
