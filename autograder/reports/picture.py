"""A picture of a student's function beside the true one: the truth is a wide band, the student's a line on it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from html import escape

from autograder.reports.text import printable
from autograder.results import Curve

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 920, 380, 110, 30, 890, 320
"""In pixels. A page shows the picture at half this size."""
TRUTH, THEIRS, MISSING, INK = (168, 196, 222), (176, 32, 48), (250, 226, 226), (70, 70, 70)
Points = list[tuple[float, float]]


def curve_as_html(curve: Curve) -> str:
    """Return the picture with its description, as caption and as alternative text."""
    data = base64.b64encode(curve_as_png(curve)).decode("ascii")
    text = escape(printable(" ".join(curve.text.split())))
    image = f'<img src="data:image/png;base64,{data}" alt="{text}" width="{WIDTH // 2}">'
    return f"<figure>{image}<figcaption>{text}</figcaption></figure>"


def curve_as_png(curve: Curve) -> bytes:
    """Draw the two curves as a PNG; the background is shaded where the student's function gives no number."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415  # only lost marks need a picture

    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(20)
    known = [y for y in curve.truth if y is not None] or [y for y in curve.theirs if y is not None] or [0.0]
    low, high = min(known), max(known)
    margin = 0.08 * (high - low) or 1.0
    low, high = low - margin, high + margin

    def across(x: float) -> float:
        return LEFT + (RIGHT - LEFT) * (x - curve.x[0]) / (curve.x[-1] - curve.x[0])

    def up(y: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (min(max(y, low), high) - low) / (high - low)

    step = (RIGHT - LEFT) / (len(curve.x) - 1) / 2
    for x, y, right in zip(curve.x, curve.theirs, curve.truth, strict=True):
        if y is None and right is not None:
            draw.rectangle((max(across(x) - step, LEFT), TOP, min(across(x) + step, RIGHT), BOTTOM), fill=MISSING)
    for values, colour, width in ((curve.truth, TRUTH, 11), (curve.theirs, THEIRS, 4)):
        for points in _stretches(curve.x, values):
            draw.line([(across(x), up(y)) for x, y in points], fill=colour, width=width, joint="curve")
    draw.rectangle((LEFT, TOP, RIGHT, BOTTOM), outline=INK)
    for y in (low + margin, high - margin):
        draw.text((LEFT - 10, up(y)), f"{y:.4g}", fill=INK, font=font, anchor="rm")
    draw.text((LEFT, BOTTOM + 8), f"{curve.x[0]:g}", fill=INK, font=font, anchor="ma")
    draw.text((RIGHT, BOTTOM + 8), f"{curve.x[-1]:g}", fill=INK, font=font, anchor="ra")
    draw.text(((LEFT + RIGHT) / 2, BOTTOM + 8), curve.label, fill=INK, font=font, anchor="ma")
    draw.text((LEFT + 12, 4), "the truth", fill=(90, 130, 170), font=font)
    draw.text((LEFT + 110, 4), "your function", fill=THEIRS, font=font)
    draw.text((LEFT + 250, 4), "shaded: no number", fill=(190, 120, 120), font=font)
    written = io.BytesIO()
    image.quantize(32).save(written, "PNG")
    return written.getvalue()


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
