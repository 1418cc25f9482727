"""``nbgrader generate_feedback``, which refuses links instead of copying what they lead to."""

from __future__ import annotations

from pathlib import Path

import nbgrader.apps.api
import nbgrader.apps.generatefeedbackapp
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import find_all_files
from traitlets import Type

from autograder import intake
from autograder.intake.links import refuse_links
from autograder.nbgrader_plugin.pages import BoundedExporter


class SealedFeedback(GenerateFeedback):  # type: ignore[misc]
    """``nbgrader generate_feedback``; a link in ``autograded/``, left by stock nbgrader, fails the submission.

    So does a notebook that takes more to be shown than it may; the others get their feedback.
    """

    exporter_class = Type(BoundedExporter).tag(config=True)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        folder = Path(self._format_source(assignment_id, student_id))
        try:
            refuse_links(folder, find_all_files(str(folder), self.coursedir.ignore))
        except intake.RefusedError as error:
            raise NbGraderException(f"{error} Grade the submission again.") from None
        super().init_assignment(assignment_id, student_id)


def install() -> None:
    """Replace nbgrader's converter in its command line and in its API, which the formgrader calls."""
    nbgrader.apps.generatefeedbackapp.GenerateFeedback = SealedFeedback
    nbgrader.apps.api.GenerateFeedback = SealedFeedback
