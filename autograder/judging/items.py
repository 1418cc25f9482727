"""Questions with a stored answer: one of several choices, or the lines of a proof in order.

A student's function takes no argument and returns the answer. It is judged like any other exercise, but what
feedback says about a wrong answer never holds the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Call, Raised, Returned, Unreadable
from autograder.judging.compare import Mismatch, show
from autograder.judging.model import Check, Exercise, Misconception

ASKED = Call(())
UNANSWERED = "?"
TEXT_SHOWN = 60
BETWEEN = ", \t\n"
"""What may stand between the letters of lines. The visible checks of the notebooks take the same."""
LEFT_OUT = Misconception(
    "line-left-out", lambda: "", "A line is missing: without it, a step that follows has no reason."
)
TOO_EARLY = Misconception(
    "used-before-shown",
    lambda: "",
    "A line stands before one that it rests on. Ask of each line which earlier ones make it true.",
)


@dataclass(frozen=True)
class Item(Exercise):
    """A question whose answer is letters. Make one with :func:`choice` or :func:`ordered_proof`.

    Parameters
    ----------
    letters
        What an answer may consist of.
    wants
        What to return, as an unanswered item says it.
    read
        Returns the letters of what a student's function returned; nothing if it is no answer.
    flaw
        Returns what is wrong with what is no answer, as far as that can be said; nothing otherwise.
    accepts
        Whether letters are a right answer.
    mistake_in
        Returns the known mistake in a wrong answer.
    """

    letters: str = ""
    wants: str = ""
    read: Callable[[Any], str] = str
    flaw: Callable[[Any], str] = lambda value: ""  # noqa: ARG005  # nothing to say
    accepts: Callable[[str], bool] = bool
    mistake_in: Callable[[str], Misconception | None] = lambda letters: None  # noqa: ARG005  # none is known

    def evidence(self, answer: Answer) -> str | None:
        """Return what a student reads about a wrong answer; None if there is nothing particular about it."""
        if isinstance(answer, Raised) and answer.type == "NotImplementedError":
            return f"{self.name} is not answered yet: {self.wants}."
        if isinstance(answer, Unreadable):
            return f"{self.name}() → {answer.what}, which is no answer: {self.wants}."
        if not isinstance(answer, Returned):
            return None
        if self.read(answer.value):
            return f"{self.name}() → {show_letters(self.read(answer.value))}"
        if answer.value is None or (isinstance(answer.value, str) and answer.value.strip() in (UNANSWERED, "")):
            return f"{self.name} is not answered yet: {self.wants}."
        shown, flaw = show(_without_arrays(answer.value))[:TEXT_SHOWN], self.flaw(answer.value)
        return f"{self.name}() → {shown}, which is no answer: {f'{flaw}; ' if flaw else ''}{self.wants}."

    def found(self, answer: Answer) -> Misconception | None:
        """Return the known mistake in an answer, if there is one."""
        letters = self.read(answer.value) if isinstance(answer, Returned) else ""
        return self.mistake_in(letters) if letters and not self.accepts(letters) else None


def show_letters(letters: str) -> str:
    """Write an answer of one letter or more: “b”, or “A, C, B”."""
    return f"“{', '.join(letters)}”"


def choice(name: str, *, topic: str, right: str, wrong: Mapping[str, tuple[str, str]]) -> Item:
    """Make a question with one right choice.

    Parameters
    ----------
    name, topic
        The function's name, and the topic that it belongs to.
    right
        The letter of the right choice.
    wrong
        For each other letter the known mistake that leads to it: its name and what the student reads, which must
        not say what is right.

    Returns
    -------
    Item
        An exercise of one point.

    Raises
    ------
    ValueError
        If the right choice is among the wrong ones, or the letters are not the first ones of the alphabet.
    """
    letters = "".join(sorted([right, *wrong]))
    if right in wrong or len(letters) < 2 or not "abcdefgh".startswith(letters):
        raise ValueError(f"the choices of “{name}” must be a, b, c, …, each once; they are {', '.join(letters)}")
    mistakes = {letter: _mistake(wrong[letter], letter) for letter in sorted(wrong)}

    def read(value: Any) -> str:
        value = _without_arrays(value)
        given = value.strip().lower() if isinstance(value, str) else ""
        return given if len(given) == 1 and given in letters else ""

    return Item(
        name=name,
        topic=topic,
        reference=lambda: right,
        checks=(_check("names the right choice"),),
        misconceptions=tuple(mistakes.values()),
        letters=letters,
        wants=f"return one of {', '.join(map(repr, letters))}".replace("'", '"'),
        read=read,
        accepts=lambda given: given == right,
        mistake_in=mistakes.get,
    )


def ordered_proof(
    name: str, *, topic: str, needs: Mapping[str, str], false: Mapping[str, tuple[str, str]] | None = None
) -> Item:
    """Make a proof whose lines are to be put in order: any in which no line precedes its reasons.

    Parameters
    ----------
    name, topic
        The function's name, and the topic that it belongs to.
    needs
        For each line, by its letter, the lines that it rests on. The order of the keys must be a right one.
    false
        For each line that doesn't belong into the proof the mistake it stands for: its name, and what is read.

    Returns
    -------
    Item
        An exercise of one point.

    Raises
    ------
    ValueError
        If a line rests on one that comes later or doesn't exist, or is both true and false.
    """
    false = false or {}
    order = "".join(needs)
    if not accepts_order(order, needs) or set(order) & set(false):
        raise ValueError(f"the lines of “{name}” must be given in a right order: {order}")
    letters = "".join(sorted([*order, *false]))
    traps = {line: _mistake(false[line], line + order) for line in sorted(false)}
    missing = Misconception(LEFT_OUT.name, lambda: order[:-1], LEFT_OUT.message)
    early = Misconception(TOO_EARLY.name, lambda: order[::-1], TOO_EARLY.message)

    def mistake_in(given: str) -> Misconception:
        trapped = next((traps[line] for line in given if line in traps), None)
        return trapped or (missing if set(given) != set(order) else early)

    return Item(
        name=name,
        topic=topic,
        reference=lambda: list(order),
        checks=(_check("puts the lines into a right order"),),
        misconceptions=(*traps.values(), missing, early),
        letters=letters,
        wants='return the letters of the lines, in order, as a list like ["A", "B"]',
        read=lambda value: _line_letters(value, letters),
        flaw=lambda value: _doubled(_joined(value), letters),
        accepts=lambda given: accepts_order(given, needs),
        mistake_in=mistake_in,
    )


def accepts_order(given: str, needs: Mapping[str, str]) -> bool:
    """Whether letters are all the lines, each once, and none before a line that it rests on."""
    complete = sorted(given) == sorted(needs)
    return complete and all(set(needs[line]) <= set(given[:place]) for place, line in enumerate(given))


def _line_letters(value: Any, letters: str) -> str:
    """Return the letters of a list of lines; nothing if one is unknown or stands twice."""
    given = _joined(value)
    return given if set(given) <= set(letters) and not _doubled(given, letters) else ""


def _doubled(given: str, letters: str) -> str:
    """Say of the first letter that stands more than once that it does; nothing if none does or one is unknown."""
    twice = [line for line in given if given.count(line) > 1] if set(given) <= set(letters) else []
    return f"{twice[0]} stands twice" if twice else ""


def _joined(value: Any) -> str:
    """Return what stands in a text, or in a list or an array of texts, in capitals and without separators."""
    value = _without_arrays(value)
    lines = list(value) if isinstance(value, list | tuple | str) else []
    if not all(isinstance(line, str) for line in lines):
        return ""
    return "".join(letter for letter in "".join(lines).upper() if letter not in BETWEEN)


def _without_arrays(value: Any) -> Any:
    """Return an array of texts as the sandbox sends it: as a list, or a text if it has no axis."""
    return value.tolist() if isinstance(value, np.ndarray) and value.dtype.kind in "UTO" else value


def _mistake(known: tuple[str, str], answer: str) -> Misconception:
    name, text = known
    return Misconception(name, lambda: answer, " ".join(text.split()))


def _check(name: str) -> Check:
    return Check(name, example=ASKED, inputs=lambda _: (), judge=_judge)


def _judge(exercise: Exercise, call: Call, answer: Answer, truth: Answer) -> Mismatch | None:  # noqa: ARG001
    item = exercise
    assert isinstance(item, Item)
    given = item.read(answer.value) if isinstance(answer, Returned) else ""
    return None if given and item.accepts(given) else Mismatch("it is not right")
