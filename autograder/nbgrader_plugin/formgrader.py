"""The formgrader's pages of a submission, made by the configuration of the course they belong to.

The formgrader makes one exporter when the server starts, from whatever configuration lay there then; a course
that is opened later would be shown by that one, with nothing sanitised. It puts names into its pages as they are.
And it hands out a submission's other files with the server's own origin: a page among them, once opened, could do
whatever the instructor may.
"""

from __future__ import annotations

import mimetypes
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.server_extensions.formgrader.handlers import SubmissionFilesHandler

_MARKUP = str.maketrans({"<": "&lt;", ">": "&gt;", '"': "&quot;"})
_render = BaseHandler.render


def _as_text(value: Any) -> Any:
    """Take what could end a text, a quoted attribute or a quoted string from each text of a template's values."""
    if isinstance(value, dict):
        return {name: _as_text(part) for name, part in value.items()}
    return value.translate(_MARKUP) if isinstance(value, str) else value


class PageExporter(HTMLExporter):  # type: ignore[misc]
    """nbconvert's exporter, for a template that puts the names of students and files in as they are."""

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, Any]:
        return super().from_filename(filename, _as_text(resources), **kw)  # type: ignore[no-any-return]


def _exporter_of(handler: Any) -> PageExporter:
    return PageExporter(config=handler.settings["nbgrader_formgrader"].config)


def _render_names_as_text(handler: Any, name: str, **values: Any) -> Any:
    from_students = {"student_id", "resources"} & values.keys()
    return _render(handler, name, **values | {key: _as_text(values[key]) for key in from_students})


def _policy_of_files(handler: Any) -> str:
    """Give a submission's file an origin of its own and no scripts; browsers show a PDF without scripts anyway."""
    usual = str(JupyterHandler.content_security_policy.fget(handler))  # type: ignore[attr-defined]  # a property
    kind, _ = mimetypes.guess_type(handler.request.path)
    return usual if kind == "application/pdf" else f"{usual}; sandbox"


def install() -> None:
    """Let the formgrader of this process make its pages so."""
    BaseHandler.exporter = property(_exporter_of)
    BaseHandler.render = _render_names_as_text
    SubmissionFilesHandler.content_security_policy = property(_policy_of_files)
