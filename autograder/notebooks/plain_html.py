"""Whether HTML is plain enough to be parsed in linear time.

A browser's algorithm, which the sanitiser follows, takes time that grows with the square of the depth of elements,
of the number of an element's attributes, and of formatting elements such as ``<b>`` that are not closed in order:
it opens them again in each paragraph that follows. Which tags count depends on the whole algorithm. So HTML counts
as plain if each tag closes the element opened last, as in any program's output, and is written in no unusual way.
"""

from __future__ import annotations

import re

MAX_NESTING = 200
MAX_REPEATED, SMALL = 4, 2_000
"""How often the whole text, and how many characters in any case, a browser may have to write again."""
# A group is atomic, (?>(?:…)*), and not possessive, (?:…)*+: Python 3.11.2 forgets a match of the latter.
_ATTRIBUTE = r"""(?:\s++|(?<=["']))[^\s"'<>/=]++(?>(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>`]++))?)"""
_TOKEN = re.compile(
    rf"<(?:(?P<start>[a-z][a-z0-9-]*+)(?>(?:{_ATTRIBUTE}){{0,50}})\s*+/?>"
    r"|/(?P<end>[a-z][a-z0-9-]*+)\s*+>|![a-z][^<>]*+>|(?![a-z/!?]))",
    re.IGNORECASE,
)
"""A start tag of at most 50 attributes, an end tag, a document's type, or a sign that begins no tag."""
_IGNORED = re.compile(r"<!--|<(?P<name>script|style)(?=[\s/>])", re.IGNORECASE)
_END_OF = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*+>?", re.IGNORECASE) for name in ("script", "style")}

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_CELL = frozenset({"td", "th"})
_ROW = _CELL | {"tr"}
_GROUP = frozenset({"thead", "tbody", "tfoot"})
_ENDS = {
    **{name: frozenset({name}) for name in ("p", "li", "option")},
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    **dict.fromkeys(_CELL, _CELL),
    "tr": _ROW,
    **dict.fromkeys(_GROUP, _ROW | _GROUP),
}
"""The elements that may be left open, and which open ones the start of each of them ends."""
_CLOSE_THEM = frozenset(_ENDS) | {
    *("address", "article", "aside", "blockquote", "button", "caption", "center", "details", "dir", "div", "dl"),
    *("fieldset", "figcaption", "figure", "footer", "header", "hgroup", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("menu", "nav", "ol", "pre", "section", "summary", "table", "ul"),
}
"""The elements whose end tag ends those left open in them. Another one, such as ``</span>``, is ignored then."""
_PARENTS = {
    **dict.fromkeys((*_GROUP, "caption", "colgroup"), frozenset({"table"})),
    **dict.fromkeys(_CELL, frozenset({"tr"})),
    "col": frozenset({"colgroup", "table"}),
    "tr": _GROUP | {"table"},
}
"""The parts of a table, and where each may stand. What else stands between them is moved in front of the table."""
_BETWEEN = frozenset({"table", "tr", "colgroup"}) | _GROUP
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
"""The elements that a browser opens again, with their attributes, if another element's tag closes them."""
_ALONE = frozenset({"a", "nobr"})
"""Those of them whose start closes an open one of the same name, and what was opened in it."""
_WITHIN_FORMATTING = _FORMATTING | {
    *("abbr", "bdi", "bdo", "br", "cite", "del", "dfn", "img", "ins", "kbd", "label", "mark", "q", "samp", "span"),
    *("sub", "sup", "time", "var", "wbr"),
}
"""The elements whose start closes no other one. That of ``<div>`` closes a paragraph, and every ``<b>`` in it."""


def is_plain(html: str) -> bool:
    """Whether every tag is well-formed, closes the element opened last, and none is nested too deeply."""
    opened: list[str] = []
    tokens = roots = repeated = 0
    formatting: list[int] = []  # the lengths of the start tags, up to each of these elements that is open
    for found in _TOKEN.finditer(html):
        tokens += 1
        start, end = found["start"], found["end"]
        name = (start or end or "").lower()
        if start:
            while opened and opened[-1] in _ENDS.get(name, ()):
                opened.pop()
            roots += name == "html"  # the attributes of all of them become the first one's
            if roots > 1 or not _may_stand(name, opened):
                return False
            if name in _ALONE and name in opened:
                repeated += formatting[-1]
            if name in _FORMATTING:
                formatting.append(len(found[0]) + (formatting[-1] if formatting else 0))
            if name not in _VOID:
                opened.append(name)
        elif end and name in opened:  # others are ignored
            while name in _CLOSE_THEM and opened[-1] != name and opened[-1] in _ENDS:
                opened.pop()
            if opened.pop() != name:
                return False
            if name in _FORMATTING:
                formatting.pop()
        if formatting and name not in _WITHIN_FORMATTING:
            repeated += formatting[-1]
    return tokens == html.count("<") and repeated <= MAX_REPEATED * len(html) + SMALL


def _may_stand(name: str, opened: list[str]) -> bool:
    """Whether an element may begin within those opened."""
    last = opened[-1] if opened else ""
    known = last in _PARENTS[name] if name in _PARENTS else last not in _BETWEEN
    return known and len(opened) < MAX_NESTING


def without_ignored(html: str) -> str:
    """Return HTML without comments, scripts and styles, of which a sanitiser keeps nothing."""
    kept: list[str] = []
    end = 0
    while found := _IGNORED.search(html, end):
        kept.append(html[end : found.start()])
        end = _end_of(found, html)
    return "".join([*kept, html[end:]])


def _end_of(ignored: re.Match[str], html: str) -> int:
    """Return where an ignored part ends: with the text, if nothing closes it."""
    if not ignored["name"]:
        end = html.find("-->", ignored.start() + 2)  # as short as <!-->
        return len(html) if end < 0 else end + 3
    found = _END_OF[ignored["name"].lower()].search(html, ignored.end())
    return found.end() if found else len(html)
