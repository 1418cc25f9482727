"""Find git's conflict markers in a file, and take either side of every conflict.

A student may write any number of markers in any order, so they are read one after the other, once: the time grows
with the length of the text, whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKER = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(?: [^\n]*)?\r?$", re.MULTILINE)
"""A line that git writes around a conflict: seven signs, and perhaps a label. In a CRLF file, ``\\r`` ends it."""
_NEXT = {"": "<", "<": "|=", "|": "=", "=": ">", ">": "<"}
"""The markers that may follow one another. ``|`` begins the common ancestor, which git writes if asked to."""


@dataclass(frozen=True)
class Conflict:
    """The conflicts of a file."""

    line: int
    """The number of the line with the first ``<<<<<<<``."""
    sides: tuple[str, str] | None
    """The file with our side of every conflict, and with their side; None if the markers don't match up."""


def find_conflict(text: str) -> Conflict | None:
    """Return the conflicts of a text, None if no line begins one.

    A conflict is ``<<<<<<<``, our side, perhaps ``|||||||`` and the common ancestor, ``=======``, their side, and
    ``>>>>>>>``. Markers that are nested, missing or out of order leave both sides unknown.
    """
    if "<<<<<<<" not in text:  # nearly every notebook
        return None
    first: int | None = None
    matched, last, end = True, "", 0
    ours: list[str] = []
    theirs: list[str] = []
    for found in _MARKER.finditer(text):
        sign = found[1][0]
        if sign == "<" and first is None:
            first = found.start()
        matched = matched and sign in _NEXT[last]
        if not matched:
            if first is None:  # the line of the first conflict is still to come
                continue
            break
        before = text[end : found.start()]
        if last not in ("|", "="):
            ours.append(before)
        if last not in ("<", "|"):
            theirs.append(before)
        last, end = sign, found.end() + 1  # behind the end of the line
    if first is None:
        return None
    line = text.count("\n", 0, first) + 1
    if not matched or last != ">":
        return Conflict(line, None)
    rest = text[end:]
    return Conflict(line, ("".join([*ours, rest]), "".join([*theirs, rest])))
