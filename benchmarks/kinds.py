"""The kinds of submission that an instructor gets, and how each is written."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random

from autograder.commands.demo import submissions
from autograder.notebooks import notebook
from benchmarks import answers
from benchmarks.assignments import Assignment

Answers = dict[str, str]
"""The text of each solution cell that the student changed, by function."""
ENDLESS = ("softmax", "softmax")
"""The assignment and the function with an endless loop."""
SLOW = ("bernoulli", "bce_grad")
"""The assignment and the function in pure Python over 100 000 numbers at a time: right, and slow."""


def perfect(assignment: Assignment, _: Random) -> Answers:
    """Answer as the perfect submission does."""
    return dict(assignment.perfect)


def in_another_style(assignment: Assignment, rng: Random) -> Answers:
    """Answer everything right: in plain Python's loops, by einsum, in log space, in long doubles."""
    return {name: _any_of(styles, rng) for name, styles in assignment.right.items()}


def with_mistakes(count: int) -> Callable[[Assignment, Random], Answers]:
    """Answer in any style, with mistakes in ``count`` functions, or in all that there are mistakes for."""

    def answer(assignment: Assignment, rng: Random) -> Answers:
        possible = sorted(name for name, texts in assignment.wrong.items() if texts)
        chosen = rng.sample(possible, min(count, len(possible)))
        mistaken = {name: _any_of(assignment.wrong[name], rng) for name in chosen}
        return in_another_style(assignment, rng) | mistaken

    return answer


def unfinished(assignment: Assignment, rng: Random) -> Answers:
    """Answer the first half of the functions; the others raise NotImplementedError."""
    written = assignment.functions[: len(assignment.functions) // 2]
    answered = in_another_style(assignment, rng)
    return {name: answered[name] for name in written}


def untouched(_: Assignment, __: Random) -> Answers:
    """Answer nothing."""
    return {}


def raises_early(assignment: Assignment, _: Random) -> Answers:
    """Read a file that was not handed in, in the first solution cell."""
    return _with_first_line(assignment, 'table = np.loadtxt("measurements.txt")')


def lacks_a_package(assignment: Assignment, _: Random) -> Answers:
    """Import a package that is not installed, in the first solution cell."""
    return _with_first_line(assignment, "import torch")


def does_not_parse(assignment: Assignment, rng: Random) -> Answers:
    """Forget a colon in one function."""
    name = rng.choice(assignment.functions)
    text = assignment.perfect[name]
    return assignment.perfect | {name: text.replace("):\n", ")\n", 1)}


def loops(assignment: Assignment, _: Random) -> Answers:
    """Let one function never return."""
    topic, function = ENDLESS
    assert assignment.topic == topic
    return assignment.perfect | {function: f"def {function}(*args, **kwargs):\n    while True:\n        pass"}


def is_slow(assignment: Assignment, _: Random) -> Answers:
    """Answer right, one function in pure Python."""
    topic, function = SLOW
    assert assignment.topic == topic
    styles = answers.right(topic, function, assignment.functions)
    return assignment.perfect | {function: styles["by_loops"]}


KINDS: dict[str, Callable[[Assignment, Random], Answers]] = {
    "perfect": perfect,
    "right in another style": in_another_style,
    "one mistake": with_mistakes(1),
    "two mistakes": with_mistakes(2),
    "three mistakes": with_mistakes(3),
    "four mistakes": with_mistakes(4),
    "unfinished": unfinished,
    "untouched": untouched,
    "raises early": raises_early,
    "lacks a package": lacks_a_package,
    "syntax error": does_not_parse,
    "endless loop": loops,
    "slow but right": is_slow,
}
ONLY_IN = {"endless loop": ENDLESS[0], "slow but right": SLOW[0]}
"""Kinds that there are in one assignment alone."""


def write(assignment: Assignment, kind: str, student: str, rng: Random) -> bytes:
    """Return a submitted notebook with the student's name in it, so that no two are the same.

    Parameters
    ----------
    assignment
        What is answered.
    kind
        A key of ``KINDS``.
    student
        The student's name.
    rng
        Chooses the styles and the mistakes.
    """
    answered = KINDS[kind](assignment, rng)
    nb = copy.deepcopy(assignment.blank)
    for cell in nb["cells"]:
        name = (notebook.grade_id_of(cell) or "").removesuffix("-solution")
        if name in answered and notebook.nbgrader_of(cell).get("solution"):
            cell["source"] = answered[name]
    signed: notebook.Cell = {
        "cell_type": "code",
        "id": "name",
        "metadata": {},
        "source": f"# {student}",
        "outputs": [],
        "execution_count": None,
    }
    nb["cells"].insert(1, signed)
    return submissions.write(nb)


def _any_of(texts: Answers, rng: Random) -> str:
    return texts[rng.choice(sorted(texts))]


def _with_first_line(assignment: Assignment, line: str) -> Answers:
    first = assignment.functions[0]
    return assignment.perfect | {first: f"{line}\n\n\n{assignment.perfect[first]}"}
