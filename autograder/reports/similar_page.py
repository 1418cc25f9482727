"""The ranking as one HTML page that needs no network: pairs, and their cells side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import zip_longest
from pathlib import Path

from autograder.reports.document import as_document
from autograder.similar.model import Similar, SimilarPair
from autograder.similar.reading import ShownCell

STYLE = Path(__file__).with_name("similar_page.css").read_text(encoding="utf-8").strip()
Sides = tuple[Sequence[ShownCell], Sequence[ShownCell]]


def similar_as_page(found: Similar, sides: Mapping[int, Sides], notes: Sequence[str]) -> str:
    """Return the page.

    Parameters
    ----------
    found
        The ranking.
    sides
        The cells of both students, by the place of their pair in the ranking; not every pair has them.
    notes
        Sentences that stand above the ranking: what was not read, and what a small class can't tell.
    """
    title = f"Who wrote alike: {found.assignment}"
    body = "\n".join([*_head(found, notes), *_table(found, sides), *_details(found, sides)])
    return as_document(title, body, STYLE)


def _head(found: Similar, notes: Sequence[str]) -> Iterator[str]:
    yield (
        "<p><strong>This page ranks pairs for a person to look at. It gives no verdict, and no mark depends on "
        "it.</strong> Two students may write alike because they learnt together, read the same book, or by "
        f"chance.</p><p>{found.students} students were compared. What the assignment gives, what its solution "
        "holds and what more than half of the class wrote counts for nothing; what few wrote counts much. A score "
        "of 0.5 means: a class of this size holds one such pair by chance. Other names, comments and formats, and "
        "another order of cells and statements, hide little.</p>"
    )
    yield from (f"<p>{_shown(note)}</p>" for note in notes)


def _table(found: Similar, sides: Mapping[int, Sides]) -> Iterator[str]:
    if not found.pairs:
        yield "<p>No two students share anything that is not shared by most.</p>"
        return
    yield (
        '<div class="scroll" tabindex="0" role="region" aria-label="The ranking"><table><caption>Pairs, the most '
        'unusual first</caption><thead><tr><th class="number" scope="col">rank</th><th scope="col">students</th>'
        '<th class="number" scope="col">score</th><th scope="col">most unusual answers</th>'
        '<th scope="col">rare mistakes that both made</th></tr></thead><tbody>'
    )
    for place, pair in enumerate(found.pairs):
        names = f"{_shown(pair.a)} and {_shown(pair.b)}"
        link = f'<a href="#pair-{place}">{names}</a>' if place in sides else names
        cells = ", ".join(f"{_shown(cell.grade_id)} ({cell.score:.2f})" for cell in pair.cells[:4])
        yield (
            f'<tr><td class="number">{place + 1}</td><td class="who">{link}</td>'
            f'<td class="number">{_score(pair.score)}</td>'
            f"<td>{cells}</td><td>{_mistakes(pair)}</td></tr>"
        )
    yield "</tbody></table></div>"


def _score(score: float) -> str:
    return f"{score:.2f}" if score < 0.995 else f"{score:.4f}"


def _mistakes(pair: SimilarPair) -> str:
    return "<br>".join(_shown(name) for name in pair.shared_mistakes)


def _details(found: Similar, sides: Mapping[int, Sides]) -> Iterator[str]:
    if sides:
        yield "<h2>Side by side</h2>\n<p>What both have and few others is <mark>marked</mark>.</p>"
    for place, both in sides.items():
        pair = found.pairs[place]
        is_open = " open" if place == next(iter(sides)) else ""
        yield (
            f'<details id="pair-{place}"{is_open}><summary>{place + 1}. {_shown(pair.a)} and {_shown(pair.b)}: '
            f"{_score(pair.score)}</summary>"
        )
        yield from _side_by_side(pair, both)
        yield "</details>"


def _side_by_side(pair: SimilarPair, both: Sides) -> Iterator[str]:
    """Yield the cells of each question beside each other, the question with the most unusual answers first."""
    ranks = {cell.grade_id: place for place, cell in enumerate(pair.cells)}
    questions = {cell.question for side in both for cell in side}
    for question in sorted(questions, key=lambda name: (ranks.get(name, len(ranks)), name)):
        yield f"<h3>{_shown(question)}</h3>"
        columns = [[cell for cell in side if cell.question == question] for side in both]
        for row in zip_longest(*columns):
            cells = zip((pair.a, pair.b), row, strict=True)
            yield f'<div class="sides">{"".join(_cell(name, cell) for name, cell in cells)}</div>'


def _cell(name: str, cell: ShownCell | None) -> str:
    if cell is None or not cell.text.strip():
        return "<div></div>"
    return f'<figure><figcaption>{_shown(name)}</figcaption><pre class="code">{_marked(cell)}</pre></figure>'


def _marked(cell: ShownCell) -> str:
    parts, at = [], 0
    for start, end in cell.marks:
        parts += [_shown(cell.text[at:start]), f"<mark>{_shown(cell.text[start:end])}</mark>"]
        at = end
    return "".join([*parts, _shown(cell.text[at:])])


def _shown(text: str) -> str:
    """Return a text as HTML that shows it unchanged; what would control a page is replaced."""
    return escape("".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text))
