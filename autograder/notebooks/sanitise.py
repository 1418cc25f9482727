"""Clean a student's HTML; no other HTML of a student may reach a page."""

from __future__ import annotations

import re
from html import escape

import nh3

from autograder.notebooks.plain_html import SMALL, is_plain, without_ignored
from autograder.notebooks.plain_svg import is_plain_svg

MAX_GROWTH = 20
"""How many times as long as before sanitised HTML may be. A browser repeats an open ``<b>`` in each paragraph."""
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
_BLANKS = "".join(map(chr, range(33)))
_LINE_ENDS = str.maketrans("", "", "\t\r\n")


def clean_html(html: str) -> str:
    """Return HTML without scripts, styles, forms, frames, event handlers and remote images.

    The library nh3 keeps an allow-list of tags and attributes. A cleaned page runs no script in the reader's
    browser and loads nothing that tells its author about the reader. Nor can it imitate a part of the page around
    it, such as a button, by its class or id: only the classes of highlighted code, tables and notes are kept, and
    each id gets a prefix.

    HTML that could take long to parse is shown as text: more than a few pages of it that is not plain, see
    :mod:`autograder.notebooks.plain_html`.
    """
    kept = without_ignored(html)
    if len(kept) > SMALL and not is_plain(kept):
        return f"<pre>{escape(html)}</pre>"
    cleaned = nh3.clean(
        kept,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_harmless_values,
        id_prefix=_OWN_ID,
        url_schemes={"http", "https", "mailto", "data"},
    )
    return cleaned if len(cleaned) <= MAX_GROWTH * len(kept) else f"<pre>{escape(html)}</pre>"


def _only_harmless_values(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(filter(_HARMLESS_CLASS.fullmatch, value.split())) or None
    if attribute not in ("src", "href"):
        return value
    url = value.strip(_BLANKS).translate(_LINE_ENDS)  # as a browser reads it
    if attribute == "src":
        return url if tag == "img" and (_LOCAL_IMAGE.fullmatch(url) or is_plain_svg(url)) else None
    if url.startswith("#"):
        return f"#{_OWN_ID}{url[1:]}"
    return None if url.lower().startswith("data:") else url
