"""Make the outputs of a student's cells safe to show.

Outputs come from a student's process as data, and end in pages. So only known MIME types are kept, and HTML passes
an allow-list of tags.
"""

from __future__ import annotations

from typing import Any

from autograder.notebooks.notebook import is_image
from autograder.notebooks.sanitise import clean_html

Output = dict[str, Any]
PLAIN_TYPES = ("text/plain", "text/latex", "text/markdown")


def as_nbformat(output: Any) -> Output:
    """Return an output of a student's process in nbformat's form, without active content."""
    fields = {name: getattr(output, name) for name in output.__struct_fields__}
    if "data" in fields:
        fields |= {"data": _harmless(fields["data"]), "metadata": {}}
    return {"output_type": output.__struct_config__.tag, **fields}


def _harmless(data: dict[str, str]) -> dict[str, str]:
    """Return the parts of a MIME bundle that are safe in a page."""
    kept: dict[str, str] = {}
    for kind, value in data.items():
        if kind in PLAIN_TYPES or is_image(kind, value):
            kept[kind] = value
        elif kind == "text/html" and (cleaned := clean_html(value)):
            kept[kind] = cleaned
    return kept
