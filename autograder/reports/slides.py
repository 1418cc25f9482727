"""The mistakes of a class to talk about in the lecture: a page each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.notebooks.formulas import as_mathml
from autograder.reports.class_page import STYLE
from autograder.reports.code_as_tex import formulas_in
from autograder.reports.document import as_document
from autograder.reports.html import shown

SLIDES_STYLE = Path(__file__).with_name("slides.css").read_text(encoding="utf-8").strip()
"""What is added to the style of a class's page."""
ANSWER = "answer"


@dataclass(frozen=True)
class Slide:
    """One mistake.

    Parameters
    ----------
    exercise, name
        The function, and the mistake's name.
    students, graded
        How many students make it, and how many were graded.
    message
        The catalogue's sentence.
    also
        Other functions in which students make a mistake of this name, each with a count.
    code
        The wrong formula as source code; empty where there is none.
    example, gives, right
        A public call, what the mistake gives for it, and what is right, as texts; empty where not known.
    picture
        A figure as HTML; empty where there is nothing to draw.
    """

    exercise: str
    name: str
    students: int
    graded: int
    message: str
    also: Sequence[str] = ()
    code: str = ""
    example: str = ""
    gives: str = ""
    right: str = ""
    picture: str = ""


def slides_as_page(title: str, slides: Sequence[Slide]) -> str:
    """Return the slides as one HTML file that loads nothing; printed, each is a page."""
    body = "\n".join(
        f'<section class="slide" aria-labelledby="slide-{n}"><h2 id="slide-{n}">{shown(slide.exercise)}: '
        f"{shown(slide.name)}</h2>\n{''.join(_slide(slide))}</section>"
        for n, slide in enumerate(slides, 1)
    )
    return as_document(
        title, body or "<p>No named mistake was made by enough students to show.</p>", STYLE + SLIDES_STYLE
    )


def _slide(slide: Slide) -> Iterator[str]:
    also = f" Also in {shown(', '.join(slide.also))}." if slide.also else ""
    yield f'<p class="soft">{slide.students} of {slide.graded} students.{also}</p>'
    yield f"<p>{shown(slide.message)}</p>"
    yield from _formula(slide.code)
    if slide.example and slide.gives:
        yield (
            f'<table><tbody><tr><th scope="row">asked</th><td><code>{shown(slide.example)}</code></td></tr>'
            f'<tr><th scope="row">it gives</th><td><code>{shown(slide.gives)}</code></td></tr>'
        )
        right = (
            f'<tr><th scope="row">right</th><td><code>{shown(slide.right)}</code></td></tr>' if slide.right else ""
        )
        yield f"{right}</tbody></table>"
    yield slide.picture


def _formula(code: str) -> Iterator[str]:
    """Yield the wrong formula as mathematics, or as code where it is more than formulas."""
    lines = [as_mathml(line, block=True) for line in formulas_in(code, ANSWER)] if code else []
    if lines and all(lines):
        for line in lines:
            yield f'<div class="formula" tabindex="0" role="group" aria-label="The wrong formula">{line}</div>'
    elif code:
        yield f'<pre tabindex="0">{shown(code)}</pre>'
