"""Pages that show a student's notebook, made in a process of its own: some texts take a renderer very long."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from nbconvert.exporters import HTMLExporter, TemplateExporter

from autograder.envelope.fork import in_fork
from autograder.envelope.worker import DiedError, Envelope, ExhaustedError, RequestError
from autograder.intake import RefusedError

ENVELOPE = Envelope(seconds=120.0, processor_seconds=30.0, memory=1 << 30)
"""What making one page may use; the first page of a process imports what renders it."""


class _Page(msgspec.Struct):
    text: str
    outputs: dict[str, bytes]
    extension: str


_decoder = msgspec.json.Decoder(_Page)
_UNDESCRIBED = re.compile(r"""<img\b(?!(?:[^>"']|"[^"]*"|'[^']*')*?\salt[\s=])""")
_DESCRIBED = '<img alt="No description has been provided for this image"'


class _Rendered(TemplateExporter):  # type: ignore[misc]
    """What nbconvert renders, kept from its last pass over it.

    That pass parses the finished page, which takes longer than to make it. It describes pictures, and in a page of
    JupyterLab's look it lets the keyboard reach each cell.
    """

    rendered: str | None = None

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        text, resources = super().from_notebook_node(nb, resources, **kw)
        self.rendered = None if "jp-Notebook" in text else text
        return text if self.rendered is None else "", resources


class BoundedExporter(HTMLExporter, _Rendered):  # type: ignore[misc]
    """nbconvert's exporter, within an envelope."""

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        """Convert a notebook; a picture without a description gets nbconvert's."""
        text, resources = super().from_notebook_node(nb, resources, **kw)
        if self.rendered is not None:
            text = _UNDESCRIBED.sub(_DESCRIBED, self.rendered)
        return text, resources

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, Any]:
        """Convert a notebook file.

        Raises
        ------
        RefusedError
            If it can't be converted, or takes more than it may.
        """

        def convert() -> _Page:
            text, more = HTMLExporter.from_filename(self, filename, resources, **kw)
            return _Page(text, dict(more.get("outputs") or {}), more["output_extension"])

        try:
            page = _decoder.decode(in_fork(convert, ENVELOPE))
        except ExhaustedError as error:
            raise RefusedError(f"{filename} {error} to be shown.") from None
        except DiedError:
            raise RefusedError(f"{filename} can't be shown: the process that showed it died.") from None
        except RequestError as error:
            raise RefusedError(f"{filename} can't be shown: {error.kind}: {error}") from None
        return page.text, {**(resources or {}), "outputs": page.outputs, "output_extension": page.extension}
