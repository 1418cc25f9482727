"""Clean a student's HTML; no other HTML of a student may reach a page."""

from __future__ import annotations

import re
from collections import Counter
from html import escape

import nh3

MAX_NESTING = 500
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_NEVER_CLOSED = frozenset({"br", "hr", "img", "input", "col", "wbr", "link", "meta", "source"})
_TAGS = nh3.ALLOWED_TAGS | {"details", "summary", "figure", "figcaption"}
_ATTRIBUTES = {
    "*": {"class", "title"},
    "a": {"href", "id"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}
_OWN_ID = "own-"
_HARMLESS_CLASS = re.compile(r"highlight|hl-[\w-]+|[a-z][a-z0-9]{0,2}|anchor-link|dataframe|alert(-\w+)?")
_LOCAL_IMAGE = re.compile(
    r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=]*|(?![a-z][a-z0-9+.-]*:|//)[^\\]*", re.IGNORECASE
)
_IGNORED_BY_BROWSERS = re.compile(r"^[\x00-\x20]+|[\x00-\x20]+$|[\t\r\n]")


def clean_html(html: str) -> str:
    """Return HTML without scripts, styles, forms, frames, event handlers and remote images.

    The library nh3 keeps an allow-list of tags and attributes. A cleaned page runs no script in the reader's
    browser and loads nothing that tells its author about the reader. Nor can it imitate a part of the page around
    it, such as a button, by its class or id: only the classes of highlighted code, tables and notes are kept, and
    each id gets a prefix.

    HTML with very deeply nested tags is shown as text, because parsing takes time that grows with the square of
    the depth.
    """
    if _nests_deeper_than(MAX_NESTING, html):
        return f"<pre>{escape(html)}</pre>"
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_harmless_values,
        id_prefix=_OWN_ID,
        url_schemes={"http", "https", "mailto", "data"},
    )


def _nests_deeper_than(limit: int, html: str) -> bool:
    """Whether tags may be nested deeper than ``limit``; a tag without an end counts until its name is closed."""
    opened: Counter[str] = Counter()
    depth = 0
    for end, name in _TAG.findall(html):
        tag = name.lower()
        if not end and tag not in _NEVER_CLOSED:
            opened[tag] += 1
            depth += 1
        elif end and opened[tag]:
            opened[tag] -= 1
            depth -= 1
        if depth > limit:
            return True
    return False


def _only_harmless_values(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(filter(_HARMLESS_CLASS.fullmatch, value.split())) or None
    if attribute not in ("src", "href"):
        return value
    url = _IGNORED_BY_BROWSERS.sub("", value)  # as a browser reads it
    if attribute == "src":
        return url if tag == "img" and _LOCAL_IMAGE.fullmatch(url) else None
    if url.startswith("#"):
        return f"#{_OWN_ID}{url[1:]}"
    return None if url.lower().startswith("data:") else url
