"""What the exercises say about a class's answers: what is right, and where a new mistake is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.analysis.model import Cluster


@dataclass(frozen=True)
class ExerciseFacts:
    """What a page shows about an exercise.

    Parameters
    ----------
    signature
        The parameters of its function, as in source code.
    file
        The file that declares it and its known mistakes.
    truths
        The right answer to each public example, both as text.
    """

    signature: str = "*args"
    file: str = ""
    truths: Mapping[str, str] = field(default_factory=dict)


Facts = Mapping[str, ExerciseFacts]
"""By the exercise's name. An exercise that isn't installed here has none."""


def right_answer(facts: Facts, exercise: str, example: str | None) -> str:
    """Return the right answer to a public example as text; empty if it is not known."""
    known = facts.get(exercise)
    return known.truths.get(example or "", "") if known else ""


def stub_of(cluster: Cluster, facts: Facts) -> str:
    """Return the source of a new known mistake: what students answer, and a function to fill in."""
    known = facts.get(cluster.exercise, ExerciseFacts())
    truth = right_answer(facts, cluster.exercise, cluster.example)
    shown = [f"    # {cluster.students} students: {cluster.example} → {cluster.answer}"]
    shown += [f"    # right is {truth}"] if truth else []
    return "\n".join(
        [
            '@mistake("a-name-for-it")',
            f"def _({known.signature}):",
            '    """What goes wrong, and a hint at the remedy that doesn\'t give the answer away."""',
            *[" ".join(line.splitlines()) for line in shown],
            '    raise NotImplementedError("write the wrong formula here, and return what it gives")',
        ]
    )
