"""The catalogue of exercises in Markdown: every check with its weight, every known mistake with its message."""

from __future__ import annotations

from collections.abc import Iterator

from autograder import exercises
from autograder.judging.items import Item

HEAD = """# Checks and known mistakes

<!-- Generated: autograder list --markdown > docs/misconceptions.md -->

What each exercise asks, how much it weighs, and the mistakes that are recognised, with the words a student reads.
Each mistake is written down as the wrong formula; `autograder prove` shows that it loses marks and is taken for no
other. Of a question with a stored answer they are left out: what isn't listed would be the answer.
[Slips](writing-exercises.md#what-need-not-be-written-down) are found in every exercise, alone and with
these. A mistake that is called a slip leaves a part of the marks ([options](options.md), `follow_through`).
"""

QUESTION = "A question with a stored answer. Whoever answers it wrongly is told why that is wrong."


def as_markdown() -> str:
    """Return the page."""
    return "\n".join((HEAD, *_summary(), *(line for name in exercises.everything() for line in _exercise(*name))))


def _summary() -> Iterator[str]:
    yield "| topic | exercise | points | checks | known mistakes |"
    yield "|---|---|---|---|---|"
    entries = [(topic, exercises.find(name)) for topic, name in exercises.everything()]
    for topic, entry in entries:
        counts = f"{len(entry.checks)} | {len(entry.misconceptions)}"
        yield f"| {topic} | [`{entry.name}`](#{entry.name}) | {entry.points:g} | {counts} |"
    checks = sum(len(entry.checks) for _, entry in entries)
    yield f"| | **{len(entries)}** | | **{checks}** | **{sum(len(e.misconceptions) for _, e in entries)}** |"
    yield ""


def _exercise(topic: str, name: str) -> Iterator[str]:
    entry = exercises.find(name)
    yield f"## {name}\n\nTopic {topic}, {entry.points:g} {'point' if entry.points == 1 else 'points'}.\n"
    if isinstance(entry, Item):  # a list of all that is wrong leaves what is right
        yield f"{QUESTION}\n"
        return
    yield "| check | weight | seen on |\n|---|---|---|"
    for check in entry.checks:
        yield f"| {_cell(check.name)} | {check.weight:g} | `{_cell(f'{name}({check.example})')}` |"
    yield "\n| mistake | what the student reads |\n|---|---|"
    for mistake in entry.misconceptions:
        yield f"| {mistake.name}{' (slip)' if mistake.slip else ''} | {_cell(mistake.message)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
