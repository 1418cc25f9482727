"""Filters of nbconvert's templates, which return sanitised HTML with typeset formulas, and raise nothing."""

from __future__ import annotations

from html import escape, unescape

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters import strip_files_prefix as strip
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

from autograder.notebooks import sanitise
from autograder.notebooks.formulas import marked, typeset


def clean_html(html: str) -> str:
    """Sanitise HTML, and typeset the formulas that :func:`markdown2html` marked in it."""
    return typeset(sanitise.clean_html(html))


def strip_files_prefix(html: str) -> str:
    """Sanitise rendered Markdown and typeset its formulas: the last filter in nbgrader's own templates."""
    return clean_html(strip(html))


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Render Markdown as nbconvert does; a picture that is missing from the cell is replaced by a sentence."""
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = _Renderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    def inline_math(self, body: str) -> str:
        return marked(body, "inline")

    def block_math(self, body: str) -> str:
        return marked(body.strip(), "block")

    def latex_environment(self, name: str, body: str) -> str:
        return marked(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            return str(super().image(text, url, title))
        except (InvalidNotebook, StopIteration):
            name = escape(unescape(text))  # of its name, the parser has escaped the words and not the tags
            return f"<em>{name} (a picture that is not in the notebook)</em>"
