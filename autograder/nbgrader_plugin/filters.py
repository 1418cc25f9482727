"""Filters of nbconvert's templates, replaced so that what they give is sanitised."""

from __future__ import annotations

from nbconvert.filters import strip_files_prefix as strip

from autograder.reports.html import clean_html


def strip_files_prefix(html: str) -> str:
    """Sanitise rendered Markdown: nbgrader's own templates end with this filter, and with no other."""
    return clean_html(strip(html))
