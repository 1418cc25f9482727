"""Filters of nbconvert's templates, which return sanitised HTML and raise nothing."""

from __future__ import annotations

from html import escape

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters import strip_files_prefix as strip
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

from autograder.notebooks.sanitise import clean_html


def strip_files_prefix(html: str) -> str:
    """Sanitise rendered Markdown; this filter is the last one in nbgrader's own templates."""
    return clean_html(strip(html))


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Render Markdown as nbconvert does; a picture that is missing from the cell is replaced by a sentence."""
    attachments = context.get("cell", {}).get("attachments", {})
    return str(MarkdownWithMath(renderer=_Renderer(escape=False, attachments=attachments)).render(source))


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            return str(super().image(text, url, title))
        except (InvalidNotebook, StopIteration):
            return f"<em>{escape(text)} (a picture that is not in the notebook)</em>"
