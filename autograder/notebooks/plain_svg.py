"""Which pictures in SVG may stand in a page: plain shapes and text, as the grader draws them.

An SVG in an ``<img>`` runs no script and loads nothing. But a reader may open it on its own, where it is a
document that does both. So one is kept only if it is a single ``<svg>`` of shapes and texts, whose attributes are
numbers, colours and words. It can hold no link, style, script, entity or other namespace.
"""

from __future__ import annotations

import base64
import binascii
import re

PREFIX = "data:image/svg+xml;base64,"
_ATTRIBUTES = (
    r"(?>(?: (?:d|x|y|width|height|viewBox|fill|font-(?:family|size)|text-anchor|stroke(?:-linejoin|-width)?)"
    r'="[\w #.-]*+")*)'
)
_SVG = re.compile(
    rf'<svg xmlns="http://www\.w3\.org/2000/svg"{_ATTRIBUTES}>'
    rf"(?>(?:<(?:rect|path){_ATTRIBUTES}/>|<text{_ATTRIBUTES}>[^<>]*+</text>)*)</svg>",
    re.ASCII,
)


def is_plain_svg(url: str) -> bool:
    """Whether a URL holds an SVG of plain shapes and text, and nothing else."""
    if not url.startswith(PREFIX):
        return False
    try:
        text = base64.b64decode(url[len(PREFIX) :], validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return _SVG.fullmatch(text) is not None
