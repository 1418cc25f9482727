"""Prove an exercise: the reference keeps every mark, and each known mistake loses marks and is named.

``autograder prove`` and the tests use it, for built-in exercises and a course's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.judging.assess import Assessment, assess, seed_for
from autograder.judging.calls import Call, Callback, Raised, Returned, answer_of, asking
from autograder.judging.compare import Mismatch, agrees, as_numbers, describe
from autograder.judging.diagnose import GUARD
from autograder.judging.faults import described
from autograder.judging.items import Item
from autograder.judging.lenient import accepts_anything
from autograder.judging.model import Exercise, Misconception, truth_of
from autograder.judging.numbers import numbers_of
from autograder.judging.patience import EndlessError, limited

STUDENTS = range(10)
"""The students, by number, for whom inputs are drawn."""
SENTENCE = re.compile(r"[a-z]+s( \S+)+(?<!\.)")
SMALLEST_MARK = 0.05
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FORMULA_WRONG, SLIP_WRONG, ONE_CLASS_WRONG = 0.3, 0.4, (0.4, 0.9)
"""The share of the marks that a wrong formula may keep, that a slip may keep which fails the first check, and the
range for one that fails a single hard check."""


def faults(exercise: Exercise, students: Sequence[int] = STUDENTS) -> Iterator[str]:
    """Yield what is wrong with an exercise, in a sentence each; nothing if it is proven."""
    try:
        with limited():
            yield from _faults(exercise, students)
    except EndlessError as error:
        yield str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # the author's functions
        yield f"judging answers to it fails ({described(error)}): an answer may be anything, an exception too"


def _faults(exercise: Exercise, students: Sequence[int]) -> Iterator[str]:
    yield from _form(exercise)
    yield from faults_of_marks(exercise)
    broken = [] if isinstance(exercise, Item) else list(_calls(exercise)) or list(accepts_anything(exercise))
    yield from broken
    if broken:
        return
    for number in students:
        yield from _right(exercise, number)
    for mistake in exercise.misconceptions:
        results = [marked(exercise, mistake.function, number) for number in students]
        yield from (fault for result in results for fault in _wrong(mistake, result))
        if len({result.score for result in results}) > 1:
            yield f"the mistake “{mistake.name}” costs one student more than another"


def compositions(exercise: Exercise, number: int = 0) -> Iterator[str]:
    """Yield which of every fourth known mistake is taken for another one as soon as its sign is flipped, too.

    Flipped, it may be named with both names, by the one explanation that gives the same answers, or not at all.
    """
    if isinstance(exercise, Item):  # letters have no sign
        return
    known = {mistake.name: mistake.function for mistake in exercise.misconceptions}
    for mistake in exercise.misconceptions[::4]:
        flipped = partial(_flipped, mistake.function)
        for name in marked(exercise, flipped, number).misconceptions[:2]:
            alone = known.get(name)
            if alone is None or name in {mistake.name, "sign-flipped"}:
                continue
            call = exercise.checks[0].example
            one, other = answer_of(flipped, call), answer_of(alone, call)
            tolerance = exercise.tolerance(call, call.single)
            if not isinstance(one, Returned) or not isinstance(other, Returned):
                continue
            if not agrees(one.value, other.value, tolerance):
                yield f"the mistake “{mistake.name}” with its sign flipped is taken for “{name}”"


def _flipped(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    value = function(*args, **kwargs)
    return tuple(-np.asarray(item) for item in value) if isinstance(value, tuple) else -np.asarray(value)


def marked(exercise: Exercise, function: Callable[..., Any], number: int, **options: Any) -> Assessment:
    """Assess a function in this process on the inputs of the student with that number, as :func:`assess` does."""
    seed = seed_for(bytes(32), f"student {number}", exercise.name, b"")
    return assess(exercise, asking(partial(answer_of, function)), seed=seed, **options)


def _form(exercise: Exercise) -> Iterator[str]:
    """Yield what is wrong with names, weights and messages."""
    for kind, entries in (("check", exercise.checks), ("mistake", exercise.misconceptions)):
        known = [entry.name for entry in entries]
        yield from (f"two of its {kind}s are called “{name}”" for name in set(known) if known.count(name) > 1)
    for check in exercise.checks:
        if not SENTENCE.fullmatch(check.name):
            yield (
                f"“{check.name}” does not go on after the function's name as “takes lists” does: a verb, what, "
                "no full stop"
            )
        if check.weight <= 0:
            yield f"“{check.name}” weighs nothing"
    for mistake in exercise.misconceptions:
        if not SLUG.fullmatch(mistake.name):
            yield f"the mistake “{mistake.name}” must be called by lower-case words with hyphens"
        if not (20 <= len(mistake.message) <= 400 and mistake.message.endswith((".", "?"))):
            yield f"the message of “{mistake.name}” must be a sentence or two, of 20 to 400 characters"


def faults_of_marks(exercise: Exercise, points: float | None = None) -> Iterator[str]:
    """Yield which checks carry marks that no student likes to read, such as 1.429.

    Parameters
    ----------
    exercise
        The exercise.
    points
        What a cell is worth that asks for it; by default the sum of the checks' weights.
    """
    total = exercise.points
    if total <= 0 or any(check.weight <= 0 for check in exercise.checks):
        return  # said already
    for check in exercise.checks:
        marks = (total if points is None else points) * check.weight / total
        if abs(marks / SMALLEST_MARK - round(marks / SMALLEST_MARK)) > 1e-6:
            where = "" if points is None else f" in a cell of {points:g} points"
            yield (
                f"“{check.name}” gives {marks:.4g} marks{where}: choose weights and points that make it a "
                f"multiple of {SMALLEST_MARK}"
            )


def _calls(exercise: Exercise) -> Iterator[str]:
    """Yield what is wrong with the inputs: the reference must take them, and students must get different ones."""
    for check in exercise.checks:
        try:
            one, other = (check.drawn(np.random.default_rng(seed)) for seed in (1, 2))
        except Exception as error:  # noqa: BLE001  # the author's function
            yield f"the inputs of “{check.name}” can't be drawn: {type(error).__name__}: {error}"
            continue
        if not one:
            yield f"“{check.name}” asks no hidden input"
        if not all(isinstance(call, Call) for call in (check.example, *one)):
            yield f"“{check.name}”: its example and each input must be a Call((…,))"
            continue
        for call in (check.example, *one):
            answer, asked = truth_of(exercise, call), f"{exercise.name}({call})"
            if not isinstance(answer, Returned):
                said = f": it raises {answer.type}: {answer.text}" if isinstance(answer, Raised) else ""
                yield f"“{check.name}”: the reference does not answer {asked}{said}"
                break
            if (what := _no_numbers(answer.value)) is not None:
                yield f"“{check.name}”: the reference returns {what}, no numbers, for {asked}"
                break
            if check is exercise.checks[0] and np.isnan(numbers_of(answer)).any():
                yield f"“{check.name}” is about ordinary inputs, and the reference returns nan for {asked}"
                break
        if one and _numbers(one) == _numbers(other):
            yield f"“{check.name}” asks every student the same"


def _no_numbers(value: Any) -> str | None:
    """Name the part of an answer that is neither a number nor an array of numbers; None if there is none."""
    for part in value if isinstance(value, tuple) else (value,):
        if isinstance(as_numbers(part), Mismatch):
            return describe(part)
    return None


def _numbers(calls: Iterable[Any]) -> list[Any]:
    return [
        [np.asarray(value).tolist() for value in call.values() if not isinstance(value, Callback)]
        for call in calls
    ]


def _right(exercise: Exercise, number: int) -> Iterator[str]:
    result = marked(exercise, exercise.reference, number)
    if result.score != exercise.points or result.misconceptions:
        lost = next((check.name for check in result.checks if not check.passed), "")
        yield f"the reference loses marks: “{lost}”"

    def stub(*_: Any, **__: Any) -> None:
        raise NotImplementedError

    if marked(exercise, stub, number).score:
        yield "a stub gets marks"


def _wrong(mistake: Misconception, result: Assessment) -> Iterator[str]:
    """Yield what is wrong with the result of a known mistake. One with a small constant counts as a slip."""
    lost = [check.name for check in result.checks if not check.passed]
    share = result.score / result.max_score
    is_slip = mistake.slip or mistake.name.startswith(GUARD)
    if result.fault:
        yield f"naming the mistake “{mistake.name}” fails ({result.fault})"
    elif not lost:
        yield f"the mistake “{mistake.name}” keeps all marks"
    elif result.misconceptions != [mistake.name]:
        taken = f"taken for “{'”, “'.join(result.misconceptions)}”" if result.misconceptions else "not recognised"
        yield f"the mistake “{mistake.name}” is {taken}: do two of them give the same answers?"
    elif not result.checks[0].score and share > (SLIP_WRONG if is_slip else FORMULA_WRONG):
        yield f"the mistake “{mistake.name}” is wrong on ordinary inputs and keeps {share:.0%} of the marks"
    elif result.checks[0].passed and len(lost) == 1:
        least, most = ONE_CLASS_WRONG
        if not least <= share <= most:
            yield f"the mistake “{mistake.name}” fails “{lost[0]}” alone and keeps {share:.0%} of the marks"
