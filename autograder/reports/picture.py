"""A picture of a student's function beside the true one: the truth is a wide band, the student's a line on it.

The picture is an SVG of plain shapes and text, which is sharp at any size and which the sanitiser of pages keeps
(:mod:`autograder.notebooks.plain_svg`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

from autograder.reports.text import printable
from autograder.results import Curve

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 360, 212, 52, 44, 350, 168
"""In units that are about a pixel on a phone, where the letters are 12 pixels high."""
TRUTH, THEIRS, SHADE, INK = "#a8c4de", "#b02030", "#f7dede", "#333333"
Points = list[tuple[float, float]]


def curve_as_html(curve: Curve) -> str:
    """Return the picture with its description, as caption and as alternative text."""
    data = base64.b64encode(curve_as_svg(curve).encode()).decode("ascii")
    text = escape(_one_line(curve.text))
    image = f'<img src="data:image/svg+xml;base64,{data}" alt="{text}" width="{WIDTH}" height="{HEIGHT}">'
    return f"<figure>{image}<figcaption>{text}</figcaption></figure>"


def curve_as_svg(curve: Curve) -> str:
    """Draw the two curves; the background is shaded where the student's function departs from the truth."""
    known = [y for y in curve.truth if y is not None] or [y for y in curve.theirs if y is not None] or [0.0]
    low, high = min(known), max(known)
    margin = 0.08 * (high - low) or 1.0
    bottom, top = low - margin, high + margin
    first, last = curve.x[0], curve.x[-1]

    def across(x: float) -> float:
        return LEFT + (RIGHT - LEFT) * (x - first) / (last - first)

    def up(y: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (min(max(y, bottom), top) - bottom) / (top - bottom)

    def parts() -> Iterator[str]:
        half = (RIGHT - LEFT) / (len(curve.x) - 1) / 2
        for start, stop in curve.departs:
            begin, end = max(across(start) - half, LEFT), min(across(stop) + half, RIGHT)
            yield _box(begin, end - begin, TOP, BOTTOM - TOP, f'fill="{SHADE}"')
            yield _box(begin, end - begin, BOTTOM, 5, f'fill="{THEIRS}"')
        for values, style in ((curve.truth, f'stroke="{TRUTH}" stroke-width="7"'), (curve.theirs, _line(2))):
            for points in _stretches(curve.x, values):
                yield _path([(across(x), up(y)) for x, y in points], style)
        yield _box(LEFT, RIGHT - LEFT, TOP, BOTTOM - TOP, f'fill="none" stroke="{INK}"')
        for y in dict.fromkeys((low, high)):
            yield _text(LEFT - 5, up(y) + 4, f"{y:.4g}", "end")
        yield _text(LEFT, BOTTOM + 19, f"{first:g}", "start")
        yield _text(RIGHT, BOTTOM + 19, f"{last:g}", "end")
        where = [x for x in (curve.departs[0] if curve.departs else ()) if LEFT + 60 < across(x) < RIGHT - 60]
        if where:
            yield _text(across(where[0]), BOTTOM + 19, f"{where[0]:g}", "middle")
        yield _text((LEFT + RIGHT) / 2, BOTTOM + 38, curve.label, "middle")
        yield from _legend()

    body = "".join(parts())
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg {head} font-family="sans-serif" font-size="12">{body}</svg>'


def _legend() -> Iterator[str]:
    """Explain the lines and, by a bar as well as by the shade, where they differ."""
    yield _path([(LEFT, 12), (LEFT + 22, 12)], f'stroke="{TRUTH}" stroke-width="7"')
    yield _text(LEFT + 28, 16, "the truth", "start")
    yield _path([(LEFT + 108, 12), (LEFT + 130, 12)], _line(2))
    yield _text(LEFT + 136, 16, "your function", "start")
    yield _box(LEFT, 22, 24, 12, f'fill="{SHADE}"')
    yield _box(LEFT, 22, 36, 3, f'fill="{THEIRS}"')
    yield _text(LEFT + 28, 36, "where the two differ", "start")


def _line(width: int) -> str:
    return f'stroke="{THEIRS}" stroke-width="{width}"'


def _box(x: float, width: float, y: float, height: float, style: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {style}/>'


def _path(points: Points, style: str) -> str:
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{line}" fill="none" stroke-linejoin="round" {style}/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}">{escape(_one_line(text))}</text>'


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def _stretches(x: list[float], values: list[float | None]) -> Iterator[Points]:
    """Yield the points of each unbroken stretch of at least two numbers."""
    points: Points = []
    for place, value in [*zip(x, values, strict=True), (0.0, None)]:
        if value is not None:
            points.append((place, value))
            continue
        if len(points) > 1:
            yield points
        points = []
