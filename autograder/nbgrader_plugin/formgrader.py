"""The formgrader's pages of a submission, sanitised.

nbgrader's formgrader has three gaps, which this module closes:

- It makes one exporter when the server starts, from the configuration at that moment. A course that is opened
  later is shown by this exporter, which sanitises nothing.
- It puts the names of students and files into its pages without escaping them.
- It serves a submission's other files with the server's own origin: a page among them can do whatever the
  instructor may do.
"""

from __future__ import annotations

import html
import mimetypes
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.server_extensions.formgrader.handlers import SubmissionFilesHandler

from autograder.intake import RefusedError
from autograder.nbgrader_plugin.pages import BoundedExporter

_MARKUP = str.maketrans({"<": "&lt;", ">": "&gt;", '"': "&quot;"})
_render = BaseHandler.render


def _as_text(value: Any) -> Any:
    """Escape ``<``, ``>`` and ``"`` in each string of a template's values, so that it stays one string."""
    if isinstance(value, dict):
        return {name: _as_text(part) for name, part in value.items()}
    return value.translate(_MARKUP) if isinstance(value, str) else value


class PageExporter(BoundedExporter):
    """nbconvert's exporter; it escapes the names of students and files, which nbgrader's template does not."""

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, Any]:
        try:
            return super().from_filename(filename, _as_text(resources), **kw)
        except RefusedError as error:
            return f"<p>{html.escape(str(error))}</p>", resources


def _exporter_of(handler: Any) -> PageExporter:
    return PageExporter(config=handler.settings["nbgrader_formgrader"].config)


def _render_names_as_text(handler: Any, name: str, **values: Any) -> Any:
    from_students = {"student_id", "resources"} & values.keys()
    return _render(handler, name, **values | {key: _as_text(values[key]) for key in from_students})


def _policy_of_files(handler: Any) -> str:
    """Return a policy that gives a submission's file its own origin and no scripts; a PDF runs none anyway."""
    usual = str(JupyterHandler.content_security_policy.fget(handler))  # type: ignore[attr-defined]  # a property
    kind, _ = mimetypes.guess_type(handler.request.path)
    return usual if kind == "application/pdf" else f"{usual}; sandbox"


def install() -> None:
    """Replace the exporter, the rendering and the policy of this process's formgrader."""
    BaseHandler.exporter = property(_exporter_of)
    BaseHandler.render = _render_names_as_text
    SubmissionFilesHandler.content_security_policy = property(_policy_of_files)
