"""The part of a class's page that is about marks and questions."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.analysis.model import ClassSummary, Interval, Question
from autograder.reports.charts import histogram, spread_of_questions
from autograder.reports.html import shown
from autograder.reports.sortable import Number, table

HOW_TO_READ = """<details><summary>How to read the columns</summary><ul>
<li><b>Difficulty</b> is the mean mark over the maximum: 1 is the easiest.</li>
<li><b>Discrimination</b> is the correlation of a question's marks with the sum of the other questions' marks.
Above about 0.3 those who do well elsewhere do well here. Near 0 or below, look at the question: it may be unclear,
marked wrongly, or about something else. The interval (95 %, bootstrap) says how far chance may have moved it.</li>
<li><b>Upper and lower quarter</b> are the mean marks of the quarter of the class with the most and with the
fewest marks.</li>
<li><b>α without</b> is Cronbach's α of the other questions. Where it is higher than α, this question
goes its own way.</li>
</ul></details>"""


def scores(summary: ClassSummary) -> Iterator[str]:
    """Yield the distribution of marks."""
    marks = summary.scores
    if marks.mean is None:
        yield f"<p>There are no marks: {shown(summary.reasons.get('scores', ''))}.</p>"
        return
    yield (
        f"<p>Mean {marks.mean:.3g}, median {marks.median:.3g}, from {marks.min:.3g} to {marks.max:.3g} "
        f"of {marks.max_score:.3g}.</p>"
    )
    yield histogram(summary.distribution)
    if len(summary.assignments) > 1:
        rows = [
            (
                each.assignment,
                each.students,
                each.graded,
                Number.of(each.mean),
                Number.of(each.median),
                Number.of(each.max_score),
            )
            for each in summary.assignments
        ]
        yield table("Assignments", ["assignment", "handed in", "graded", "mean", "median", "of"], rows)


def questions(summary: ClassSummary) -> Iterator[str]:
    """Yield alpha and the table of questions."""
    yield f"<p>{_alpha(summary)}</p>"
    if not summary.questions:
        return
    yield spread_of_questions(summary.questions)
    heads = [
        "question",
        "points",
        "mean",
        "difficulty",
        "discrimination",
        "95 %",
        "upper quarter",
        "lower quarter",
    ]
    heads += ["none", "all", "waiting", "α without"]
    several = len({(each.assignment, each.notebook) for each in summary.questions}) > 1
    yield table("Questions", heads, [_row(each, several=several) for each in summary.questions])
    yield HOW_TO_READ


def _row(each: Question, *, several: bool) -> list[str | int | Number]:
    name = f"{each.assignment}: {each.grade_id}" if several else each.grade_id

    def number(key: str, style: str = "{:.2f}") -> Number:
        return Number.of(getattr(each, key), style, each.reasons.get(key, ""))

    return [
        name,
        Number.of(each.max_score),
        number("mean"),
        number("difficulty"),
        number("discrimination"),
        _interval(each.discrimination_interval),
        number("upper"),
        number("lower"),
        each.zero,
        each.full,
        each.pending,
        number("alpha_without"),
    ]


def _interval(interval: Interval | None) -> Number:
    return Number(interval[0], f"{interval[0]:.2f} to {interval[1]:.2f}") if interval else Number(None, "–")


def _alpha(summary: ClassSummary) -> str:
    if summary.alpha is None or summary.alpha_interval is None:
        return f"Cronbach's α is not defined: {shown(summary.reasons.get('alpha', ''))}."
    low, high = summary.alpha_interval
    return (
        f"Cronbach's α is {summary.alpha:.2f} (95 %: {low:.2f} to {high:.2f}; {summary.alpha_students} students). "
        "It says how far the questions order the students alike: about 0 if each asks for something else, near 1 "
        "if all ask for the same. For marks that decide something, 0.7 is a usual demand. A low α is no fault in "
        "an assignment whose parts teach different things."
    )


def leftovers(summary: ClassSummary, *, named: bool) -> Iterator[str]:
    """Yield what could not be graded, what waits for a person, and what took long."""
    yield "<h3>Could not be graded</h3>"
    items = [f"<li>{each.students}: {shown(each.reason)}{who(each.names)}</li>" for each in summary.failed]
    yield f"<ul>{''.join(items)}</ul>" if items else "<p>Nothing.</p>"
    yield "<h3>Waits for a person</h3>"
    waiting = [each for each in summary.questions if each.pending]
    listed = "".join(f"<li>{shown(each.grade_id)}: {each.pending}</li>" for each in waiting)
    yield f"<ul>{listed}</ul>" if listed else "<p>Nothing.</p>"
    yield "<h3>Slowest submissions</h3>"
    rows: list[list[str | int | Number]] = [
        [Number.of(each.seconds, "{:.1f}"), each.assignment, *([str(each.student)] if named else [])]
        for each in summary.slowest
        if each.seconds > 0
    ]
    heads = ["seconds", "assignment", *(["student"] if named else [])]
    yield table("Slowest submissions", heads, rows) if rows else "<p>No times are known.</p>"


def who(names: object) -> str:
    """Return the students' ids where they are to be named."""
    return f' <span class="soft">({shown(", ".join(names))})</span>' if isinstance(names, list) else ""
