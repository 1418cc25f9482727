"""nbconvert's filters as pages of feedback use them: what they return holds nothing active."""

from __future__ import annotations

import pytest

from autograder.nbgrader_plugin.template_filters import strip_files_prefix


@pytest.mark.parametrize(
    "html", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">a</a>']
)
def test_rendered_markdown_is_sanitised(html):
    assert "alert" not in strip_files_prefix(f"<p>before</p>{html}<p>after</p>")


def test_harmless_markup_stays():
    assert strip_files_prefix("<p>a <em>word</em></p>") == "<p>a <em>word</em></p>"
