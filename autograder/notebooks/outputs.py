"""Make the outputs of a student's cells safe to show.

Outputs come from a student's process as data, and end in pages. So only known MIME types are kept, and HTML passes
an allow-list of tags.
"""

from __future__ import annotations

import re
from typing import Any

from autograder.notebooks.notebook import is_image
from autograder.notebooks.sanitise import clean_html

Output = dict[str, Any]
PLAIN_TYPES = ("text/plain", "text/latex", "text/markdown")
MAX_COLOURS, MAX_COLOUR = 2_000, 50
"""How many sequences that colour a text are kept in it, and how long one may be.

nbconvert, which makes HTML of them, copies the rest of the text for each. A coloured traceback has hundreds.
"""
_COLOUR = re.compile(r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]?)?")


def as_nbformat(output: Any) -> Output:
    """Return an output of a student's process in nbformat's form, without active content."""
    fields = {name: getattr(output, name) for name in output.__struct_fields__}
    if "data" in fields:
        fields |= {"data": _harmless(fields["data"]), "metadata": {}}
    elif "traceback" in fields:
        whole = "\n".join(fields["traceback"])
        calm = _without_many_colours(whole)
        fields["traceback"] = fields["traceback"] if calm == whole else calm.split("\n")
    elif "text" in fields:
        fields["text"] = _without_many_colours(fields["text"])
    return {"output_type": output.__struct_config__.tag, **fields}


def _harmless(data: dict[str, str]) -> dict[str, str]:
    """Return the parts of a MIME bundle that are safe in a page."""
    kept: dict[str, str] = {}
    for kind, value in data.items():
        if is_image(kind, value):
            kept[kind] = value
        elif kind in PLAIN_TYPES:
            kept[kind] = _without_many_colours(value)
        elif kind == "text/html" and (cleaned := clean_html(value)):
            kept[kind] = cleaned
    return kept


def _without_many_colours(text: str) -> str:
    """Return a text without the sequences that colour it, if there are many or long ones."""
    found = _COLOUR.findall(text) if "\x1b" in text else []
    if len(found) <= MAX_COLOURS and all(len(each) <= MAX_COLOUR for each in found):
        return text
    return _COLOUR.sub("", text)
