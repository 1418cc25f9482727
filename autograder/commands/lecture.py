"""Choose the mistakes of a class for the lecture, and compute what each of them gives."""

from __future__ import annotations

import ast
import inspect
import textwrap
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder import exercises
from autograder.analysis.model import ClassSummary, Mistake
from autograder.judging import Exercise
from autograder.judging.calls import Returned, answer_of
from autograder.judging.curve import curve_of
from autograder.judging.model import Misconception
from autograder.judging.numbers import numbers_of
from autograder.reports.charts import given_and_right
from autograder.reports.class_facts import Facts, right_answer
from autograder.reports.class_mistakes import shown_groups
from autograder.reports.picture import curve_as_html
from autograder.reports.slides import Slide

VISIBLE = 0.02
"""The least difference that a picture shows, as a part of what it spans."""
MISTAKES, ALSO, DRAWN = 5, 4, 12
"""How many mistakes are shown, how many other functions each names, and how many numbers a picture holds."""


def slides_of(summary: ClassSummary, facts: Facts, *, named: bool) -> list[Slide]:
    """Return a slide for each of the five most frequent mistakes; one name in several functions is one mistake."""
    groups: dict[str, list[Mistake]] = {}
    for mistake in shown_groups(summary.mistakes, named=named):
        groups.setdefault(mistake.name, []).append(mistake)
    return [_slide(group, summary.graded, facts) for group in list(groups.values())[:MISTAKES]]


def _slide(group: Sequence[Mistake], graded: int, facts: Facts) -> Slide:
    mistake = group[0]
    example, gives = mistake.example or "", mistake.answer or ""
    code, picture = "", ""
    if exercises.is_registered(mistake.exercise):
        exercise = exercises.find(mistake.exercise)
        for known in exercise.misconceptions:
            if known.name == mistake.name:
                code, picture = _code(known, mistake.exercise), _picture(exercise, known, example)
    return Slide(
        exercise=mistake.exercise,
        name=mistake.name,
        students=mistake.students,
        graded=graded,
        message=mistake.message,
        also=[f"{each.exercise} ({each.students})" for each in group[1 : 1 + ALSO]],
        code=code,
        example=example,
        gives=gives,
        right=right_answer(facts, mistake.exercise, example),
        picture=picture,
    )


def _code(known: Misconception, name: str) -> str:
    """Return the source of the wrong formula, and of the helpers it calls; empty where it has none."""
    try:
        function = _definition(known.function)
        function.name = name
        near = getattr(known.function, "__globals__", {})
        called = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and node.id.startswith("_")}
        helpers = [_definition(near[each]) for each in sorted(called) if inspect.isfunction(near.get(each))]
    except (OSError, TypeError, SyntaxError, StopIteration):  # a partial, a lambda, or code without a file
        return ""
    return "\n\n".join(map(ast.unparse, (function, *helpers)))


def _definition(function: Callable[..., Any]) -> ast.FunctionDef:
    """Return a function's definition without decorators and without its text."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    found.decorator_list = []
    if ast.get_docstring(found) is not None and len(found.body) > 1:
        del found.body[0]
    return found


def _picture(exercise: Exercise, known: Misconception, example: str) -> str:
    """Draw the wrong formula beside the truth, over a range or on one example."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if exercise.sweep:
            curve = curve_of(exercise, [answer_of(known.function, call) for call in exercise.sweep.calls])
            if curve:
                return curve_as_html(curve)
        return _bars(exercise, known, example)


def _bars(exercise: Exercise, known: Misconception, example: str) -> str:
    for check in exercise.checks:
        truth = exercise.truths[check.name]
        if f"{exercise.name}({check.example})" != example or not isinstance(truth, Returned):
            continue
        right, given = numbers_of(truth), numbers_of(answer_of(known.function, check.example))
        if right.shape == given.shape and 1 <= right.size <= DRAWN and np.isfinite(right).all():
            if np.nanmax(np.abs(given - right), initial=0.0) < VISIBLE * (np.ptp([*right, 0.0]) or 1.0):
                return ""
            values = [float(value) if np.isfinite(value) else None for value in given]
            return given_and_right(values, right.tolist(), f"What {example} gives, beside what is right.")
    return ""
