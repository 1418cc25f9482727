"""Pictures of a class as SVG inside a page: they take the page's colours, dark and light, and carry a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from autograder.analysis.model import Bin, Question
from autograder.reports.text import printable

WIDTH, LABEL = 720, 290
ROW, LETTERS = 24, 40
"""The height of a row, and how many letters of a label fit beside it."""


def histogram(bins: Sequence[Bin]) -> str:
    """Draw how many students have how many marks."""
    height, left, base = 200, 40, 160
    most = max(each.students for each in bins) or 1
    step = (WIDTH - 2 * left) / len(bins)

    def parts() -> Iterator[str]:
        for place, each in enumerate(bins):
            tall = 125 * each.students / most
            x = left + place * step
            yield _box(x + 2, base - tall, step - 4, tall, "bar")
            if each.students:
                yield _text(x + step / 2, base - tall - 6, str(each.students), "middle")
            yield _text(x, base + 18, f"{each.low:.3g}", "middle")
        yield _text(WIDTH - left, base + 18, f"{bins[-1].high:.3g}", "middle")
        yield _text(WIDTH / 2, base + 36, "marks", "middle")
        yield _line(left, base, WIDTH - left, base, "axis")

    said = "; ".join(f"{each.low:.3g} to {each.high:.3g}: {each.students}" for each in bins if each.students)
    return _figure(parts(), height, f"How many students have how many marks. {said}.", "whole")


def spread_of_questions(questions: Sequence[Question]) -> str:
    """Draw for each question the mean, and from where to where the lower and the upper quarter reach."""
    height = ROW * len(questions) + 50

    def across(part: float) -> float:
        return LABEL + (WIDTH - LABEL - 20) * min(max(part, 0.0), 1.0)

    def parts() -> Iterator[str]:
        for place, each in enumerate(questions):
            y = ROW * place + 16
            yield _text(LABEL - 10, y + 4, each.grade_id, "end")
            yield _line(across(0), y, across(1), y, "grid")
            if each.lower is not None and each.upper is not None and each.max_score > 0:
                yield _line(
                    across(each.lower / each.max_score), y, across(each.upper / each.max_score), y, "range"
                )
            if each.difficulty is not None:
                yield f'<circle cx="{across(each.difficulty):.1f}" cy="{y}" r="5" class="dot"/>'
        bottom = ROW * len(questions) + 14
        for part in (0.0, 0.5, 1.0):
            yield _text(across(part), bottom + 6, f"{part:.0%}", "middle")
        yield _text(across(0.5), bottom + 24, "part of the question's marks", "middle")

    text = (
        "The part of its marks that each question gives: the dot is the class, the bar reaches from the lower to "
        "the upper quarter of the class. The table below has the numbers."
    )
    return _figure(parts(), height, text)


def map_of_mistakes(names: Sequence[str], counts: Sequence[Sequence[int | None]]) -> str:
    """Draw how many students make two mistakes; on the diagonal, how many make each. None is left empty."""
    size, top = 38, 30
    most = max((count or 0 for row in counts for count in row), default=1) or 1

    def parts() -> Iterator[str]:
        for row, name in enumerate(names):
            y = top + size * row
            yield _text(LABEL, y + size / 2 + 4, name, "end")
            yield _text(LABEL + 16, y + size / 2 + 4, str(row + 1), "middle")
            yield _text(LABEL + 30 + size * (row + 0.5), top - 10, str(row + 1), "middle")
            for column in range(row + 1):
                count = counts[row][column]
                x = LABEL + 30 + size * column
                yield _box(x + 1, y + 1, size - 2, size - 2, "cell")
                if count:
                    strength = 0.12 + 0.5 * count / most
                    yield _box(x + 1, y + 1, size - 2, size - 2, "heat", f' fill-opacity="{strength:.2f}"')
                    yield _text(x + size / 2, y + size / 2 + 5, str(count), "middle")

    height = top + size * len(names) + 10
    text = (
        "Which mistakes the same students make: each number counts the students who make both, and on the "
        "diagonal those who make one. The tables below say the same."
    )
    return _figure(parts(), height, text)


def bars(entries: Sequence[tuple[str, int]], text: str) -> str:
    """Draw a bar for each label and count."""
    most = max((count for _, count in entries), default=1) or 1
    room = WIDTH - LABEL - 60

    def parts() -> Iterator[str]:
        for place, (label, count) in enumerate(entries):
            y = ROW * place + 4
            yield _text(LABEL - 10, y + 13, label, "end")
            yield _box(LABEL, y, room * count / most, ROW - 8, "bar")
            yield _text(LABEL + room * count / most + 8, y + 13, str(count), "start")

    return _figure(parts(), ROW * len(entries) + 8, text)


def given_and_right(given: Sequence[float | None], right: Sequence[float], text: str) -> str:
    """Draw each number of an answer beside the right one; a number that is not finite is left out."""
    known = [value for value in (*given, *right) if value is not None]
    low, high = min(0.0, *known), max(0.0, *known)
    span, height, left = (high - low) or 1.0, 230, 60
    step = (WIDTH - 2 * left) / len(right)

    def up(value: float) -> float:
        return 30 + 170 * (high - value) / span

    def parts() -> Iterator[str]:
        for place, (ours, true) in enumerate(zip(given, right, strict=True)):
            x = left + place * step
            for value, start, kind in ((true, 0.1, "bar"), (ours, 0.5, "heat")):
                if value is not None:
                    y = min(up(value), up(0))
                    yield _box(x + start * step, y, 0.38 * step, abs(up(value) - up(0)), kind)
            if ours is None:
                yield _text(x + 0.69 * step, up(0) - 6, "not finite", "middle")
        yield _line(left, up(0), WIDTH - left, up(0), "axis")
        yield _box(left, 8, 14, 12, "bar")
        yield _text(left + 20, 18, "right", "start")
        yield _box(left + 80, 8, 14, 12, "heat")
        yield _text(left + 100, 18, "what it gives", "start")
        for value in dict.fromkeys((low, high)):
            yield _text(left - 6, up(value) + 4, f"{value:.3g}", "end")

    return _figure(parts(), height, text)


def _figure(parts: Iterable[str], height: float, text: str, kind: str = "scrolled") -> str:
    said = escape(printable(text))
    drawn = "".join(parts)
    return (
        '<figure><div class="wide" tabindex="0" role="group" aria-label="Picture">'
        f'<svg role="img" class="{kind}" aria-label="{said}" viewBox="0 0 {WIDTH} {height:g}">{drawn}</svg></div>'
        f"<figcaption>{said}</figcaption></figure>"
    )


def _box(x: float, y: float, width: float, height: float, kind: str, more: str = "") -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{kind}"{more}/>'


def _line(x: float, y: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    short = text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(printable(short))}</text>'
