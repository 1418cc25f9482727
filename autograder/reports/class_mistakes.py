"""The part of a class's page about wrong answers: named mistakes, unexplained ones, checks that were lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from autograder.analysis.model import ClassSummary, Mistake
from autograder.reports.charts import bars, map_of_mistakes
from autograder.reports.class_facts import Facts, right_answer, stub_of
from autograder.reports.class_questions import who
from autograder.reports.html import said, shown
from autograder.reports.sortable import Html, table

LEAST = 3
"""Smaller groups are not shown singly unless students are named: who knows the class might know who it was."""
MAPPED, SHOWN, PAIRS, CLUSTERS, CHECKS = 10, 15, 20, 20, 30
"""How much is shown at most: in the map, in the picture and in the tables. The JSON has everything."""


class _Group(Protocol):
    @property
    def students(self) -> int: ...


G = TypeVar("G", bound=_Group)


def shown_groups(groups: Sequence[G], *, named: bool) -> list[G]:
    """Return the groups that may be shown singly."""
    return [each for each in groups if named or each.students >= LEAST]


def _rest(groups: Sequence[_Group], what: str, *, named: bool) -> str:
    left = 0 if named else sum(each.students < LEAST for each in groups)
    return f'<p class="soft">{left} more {what}, each by fewer than {LEAST} students.</p>' if left else ""


def mistakes(summary: ClassSummary, *, named: bool) -> Iterator[str]:
    """Yield the map of mistakes: which, how many students, and which occur together."""
    groups = shown_groups(summary.mistakes, named=named)
    rest = _rest(summary.mistakes, "named mistakes were made", named=named)
    if not groups:
        yield rest or "<p>No mistake with a name was made.</p>"
        return
    labels = [(f"{each.name} · {each.exercise}", each.students) for each in groups[:SHOWN]]
    yield bars(labels, "How many students make each named mistake. The table below has the numbers.")
    rows = [
        (
            Html(f'<a href="#{_anchor(each)}">{shown(each.name)}</a>', each.name),
            each.exercise,
            each.students,
            Html(f"{said(each.message)}{who(each.names)}", each.message),
        )
        for each in groups
    ]
    yield table(
        "Named mistakes; each leads to a student's answer", ["mistake", "function", "students", "what it is"], rows
    )
    yield rest
    yield from _together(summary, groups, named=named)


def _together(summary: ClassSummary, groups: Sequence[Mistake], *, named: bool) -> Iterator[str]:
    pairs = shown_groups(summary.together, named=named)
    if not pairs:
        return
    yield "<h3>Which occur together</h3>"
    counts = {frozenset([(p.a_exercise, p.a), (p.b_exercise, p.b)]): p.students for p in pairs}
    keys = [(each.exercise, each.name) for each in groups[:MAPPED]]
    cells = [
        [counts.get(frozenset([a, b])) if a != b else groups[row].students for b in keys]
        for row, a in enumerate(keys)
    ]
    yield map_of_mistakes([f"{name} · {exercise}" for exercise, name in keys], cells)
    rows = [(p.a, p.a_exercise, p.b, p.b_exercise, p.students) for p in pairs[:PAIRS]]
    yield table("Pairs of mistakes", ["one mistake", "function", "the other", "function", "students"], rows)
    yield _rest(summary.together, "pairs occur", named=named)


def unexplained(summary: ClassSummary, facts: Facts, *, named: bool) -> Iterator[str]:
    """Yield the wrong answers without a name that agree with each other, with a stub of a new known mistake."""
    groups = shown_groups(summary.unexplained, named=named)
    yield "<p>Wrong answers that no known mistake explains, and that students share. Many alike are one mistake: "
    yield "write it down, and the next run names it.</p>"
    if not groups:
        yield "<p>There are none.</p>"
    for number, each in enumerate(groups[:CLUSTERS], 1):
        yield f"<h3>{number}. {shown(each.exercise)}: {each.students} students{who(each.names)}</h3>"
        yield _answer(each.example, each.answer, right_answer(facts, each.exercise, each.example))
        if each.others:
            others = "".join(
                f"<li>{_answer(o.example, o.answer, right_answer(facts, each.exercise, o.example))}</li>"
                for o in each.others
            )
            yield f"<details><summary>What they answer to other examples</summary><ul>{others}</ul></details>"
        file = facts[each.exercise].file if each.exercise in facts else "the exercise's file"
        yield f"<details><summary>A stub of a new known mistake, for {shown(file)}</summary>"
        yield f"<pre>{shown(stub_of(each, facts))}</pre></details>"
    yield _rest(summary.unexplained, "answers are shared", named=named)
    if summary.alone:
        yield f'<p class="soft">{summary.alone} students have a wrong answer that nobody else has.</p>'
    stops = shown_groups(summary.stopped, named=named)
    if stops:
        rows = [(each.exercise, each.error, each.students) for each in stops]
        yield table("Functions that end in an exception", ["function", "exception", "students"], rows)


def checks(summary: ClassSummary, *, named: bool) -> Iterator[str]:
    """Yield the checks that were lost most often."""
    rows = [
        (each.grade_id, each.name, each.lost, each.not_run)
        for each in summary.checks
        if each.lost >= (1 if named else LEAST)
    ]
    if not rows:
        yield f"<p>No check was lost by {'anybody' if named else f'{LEAST} students or more'}.</p>"
        return
    yield table("Checks", ["question", "check", "lost", "not run"], rows[:CHECKS])


def answers(summary: ClassSummary, facts: Facts, *, named: bool) -> Iterator[str]:
    """Yield one student's answer for each named mistake, without the student's name."""
    groups = shown_groups(summary.mistakes, named=named)
    yield "<p>One student's answer for each named mistake.</p>" if groups else "<p>There are none to show.</p>"
    for each in groups:
        yield f'<h3 id="{_anchor(each)}">{shown(each.exercise)}: {shown(each.name)}</h3>'
        yield f"<p>{said(each.message)}</p>"
        if each.example and each.answer:
            yield _answer(each.example, each.answer, right_answer(facts, each.exercise, each.example))
        else:
            yield "<p>It shows on hidden inputs only: the public example is right.</p>"


def _answer(example: str, answer: str, right: str) -> str:
    truth = f"<br>right is <code>{shown(right)}</code>" if right else ""
    return f"<p><code>{shown(example)}</code> → <code>{shown(answer)}</code>{truth}</p>"


def _anchor(mistake: Mistake) -> str:
    return shown(f"answer-{mistake.exercise}-{mistake.name}".replace(" ", "-"))
