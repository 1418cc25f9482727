"""``nbgrader generate_feedback``: pages of our own, made within limits; links are refused instead of followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbgrader.apps.api
import nbgrader.apps.generatefeedbackapp
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import find_all_files
from traitlets import Type
from traitlets.config import Config

from autograder import intake
from autograder.intake.links import refuse_links
from autograder.nbgrader_plugin.pages import BoundedExporter

TEMPLATES = str(Path(__file__).with_name("templates"))
"""Holds a template ``feedback``, which takes the place of nbgrader's."""
_STOCK = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"


class SealedFeedback(GenerateFeedback):  # type: ignore[misc]
    """``nbgrader generate_feedback``; a link in ``autograded/``, left by stock nbgrader, fails the submission.

    So does a notebook that takes more to be shown than it may; the others get their feedback. Folders of templates
    that a course configures are used as they are.
    """

    exporter_class = Type(BoundedExporter).tag(config=True)

    def __init__(self, coursedir: Any = None, **kwargs: Any) -> None:
        super().__init__(coursedir=coursedir, **kwargs)
        folders = self.config.HTMLExporter.extra_template_basedirs
        if [Path(folder).resolve() for folder in folders] == [_STOCK.resolve()]:
            own = Config()
            own.HTMLExporter.extra_template_basedirs = [TEMPLATES, *folders]
            self.update_config(own)

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
