"""Parse a notebook's text as JSON, within limits on what the parser may make of it."""

from __future__ import annotations

import json
from typing import Any

MAX_BYTES = 20 << 20
"""Of a notebook. Images make nearly all of a large one."""
MAX_VALUES = 2_500_000
"""Of a notebook: its JSON values and keys together.

What a byte costs the parser depends on what it says: 20 MB are one image, parsed in 20 ms, or seven million lists,
which take three seconds and half a gigabyte. Jupyter writes a value a line, indented by its depth, and outputs lie
nine levels deep. So 20 MB that Jupyter saved, of nothing but an interactive figure's short numbers, hold 1.4
million. The limit leaves room for editors that write no line ends; at it, the parser takes a second.
"""
MAX_DEPTH = 900
"""Of a notebook's values. Python 3.11 parses few more, and 3.13 ten times as many: each reads the same."""
TOO_DEEP = "nests its values too deeply to be read"
CHUNK = 1 << 20
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'{[,:"'))


class NotJsonError(ValueError):
    """The text can't be read as JSON; the message is the end of a sentence about the file."""


def parse_json(text: str) -> Any:
    """Parse a text as Python's JSON: NaN is a number, lone surrogates stay, and the last of equal keys counts.

    Raises
    ------
    NotJsonError
        If the text holds too many values, or too deeply nested ones, or is not JSON.
    """
    if has_more_values_than(MAX_VALUES, text):
        raise NotJsonError(f"holds more than {MAX_VALUES:,} values; clear the outputs of its cells")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"is cut off or damaged: it stops being JSON at line {error.lineno}") from None
    except RecursionError:
        raise NotJsonError(TOO_DEEP) from None
    except ValueError:  # Python limits the digits of an integer
        raise NotJsonError("holds a number with too many digits to be read") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper_than(MAX_DEPTH, value):
        raise NotJsonError(TOO_DEEP)
    return value


def _is_deeper_than(limit: int, value: Any) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return False
        level = [item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer)]
    return True


def has_more_values_than(limit: int, text: str) -> bool:
    """Whether a JSON text has more than ``limit`` signs that begin or separate values and keys.

    Those in strings don't count. Nothing is parsed, so that a text that is no JSON may give either answer.
    """
    if sum(map(text.count, "{[,:")) <= limit:  # nearly every notebook, even with those in strings
        return False
    unescaped = text.encode("utf-8", "surrogatepass").replace(rb"\\", b"").replace(rb"\"", b"")
    signs = unescaped.translate(None, delete=_NOT_STRUCTURE)
    found, in_string = 0, False
    for start in range(0, len(signs), CHUNK):
        parts = signs[start : start + CHUNK].split(b'"')
        found += len(b"".join(parts[in_string::2]))
        in_string ^= len(parts) % 2 == 0
        if found > limit:
            return True
    return False
