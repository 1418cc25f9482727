"""A table whose rows a reader can sort by any column, with a mouse or by keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.reports.html import shown

SCRIPT = Path(__file__).with_name("class_page.js").read_text(encoding="utf-8").strip()
"""What sorts the tables of a page. Without it they stand as they were made."""
LONG = 40
"""Letters from which a field is a sentence, which keeps its width on a small screen."""


@dataclass(frozen=True)
class Number:
    """A number in a table: as it is shown, and as it is sorted by."""

    value: float | None
    text: str

    @classmethod
    def of(cls, value: float | None, style: str = "{:.3g}", why: str = "") -> Number:
        """Show a number; where there is none, the reason."""
        return cls(value, style.format(value) if value is not None else f"– {why}".strip())


@dataclass(frozen=True)
class Html:
    """A field that is HTML already, and the text that it is sorted by."""

    html: str
    text: str


Field = str | int | Number | Html


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Field]]) -> str:
    """Return a table as HTML; a column is numeric if its fields are. Wide tables can be scrolled by keys."""
    numeric = [bool(rows) and isinstance(rows[0][place], int | Number) for place in range(len(heads))]
    head = "".join(
        f'<th scope="col"{_kind(number)}><button type="button">{shown(text)}</button></th>'
        for text, number in zip(heads, numeric, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_field, row))}</tr>\n" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{shown(caption)}"><table class="sortable">'
        f"<caption>{shown(caption)}</caption><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def _kind(numeric: bool) -> str:
    return ' class="number"' if numeric else ""


def _field(field: Field) -> str:
    match field:
        case int():
            return f'<td class="number">{field}</td>'
        case Number(value=value, text=text):
            key = "" if value is None else f"{value:.12g}"
            return f'<td class="number" data-value="{key}">{shown(text)}</td>'
        case Html(html=html, text=text):
            return f'<td data-value="{shown(text)}"{_long(text)}>{html}</td>'
    return f"<td{_long(field)}>{shown(field)}</td>"


def _long(text: str) -> str:
    return ' class="text"' if len(text) > LONG else ""
