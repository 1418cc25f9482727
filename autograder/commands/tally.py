"""What a grading run adds to its table: what was graded anew, who is new, who handed in nothing, what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.commands.console import say
from autograder.gradebook import roll
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.outcome import Outcome

MOST_NAMES = 12


@dataclass
class Tally:
    """Counts of one run, by assignment."""

    before: dict[str, frozenset[str]]
    """The students who had a submission when the run began."""
    anew: Counter[str] = field(default_factory=Counter)
    stood: Counter[str] = field(default_factory=Counter)

    @classmethod
    def begin(cls, gradebook: Gradebook, assignments: Iterable[str]) -> Tally:
        """Note who has a submission of the assignments that are about to be graded."""
        tally = cls({name: roll.students_with(gradebook.database.db, name) for name in assignments})
        gradebook.commit()  # grading takes long: leave no transaction open
        return tally

    def count(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Count outcomes on their way."""
        for outcome in outcomes:
            (self.anew if outcome.fresh else self.stood)[outcome.found.assignment] += 1
            yield outcome

    def lines(self, gradebook: Gradebook, *, named: bool, whole: bool) -> list[str]:
        """Return a line for each assignment.

        Parameters
        ----------
        gradebook
            The gradebook after the run.
        named
            Whether students may be named.
        whole
            Whether the run was about the class: only then is it worth saying who handed in nothing.
        """
        everyone = roll.everyone(gradebook.database.db)
        lines = []
        for name, before in self.before.items():
            after = roll.students_with(gradebook.database.db, name)
            parts = [f"{self.anew[name]} graded anew"]
            parts += [f"{self.stood[name]} unchanged since the last grading"] if self.stood[name] else []
            groups = [("new", after - before if before else frozenset())]
            groups += [("handed in nothing", everyone - after)] if whole else []
            parts += [_group(what, students, named=named) for what, students in groups if students]
            lines.append(f"{name}: {'; '.join(parts)}.")
        return lines

    def waiting(self, gradebook: Gradebook) -> roll.Waiting:
        """Count the answers that wait for a person, as the gradebook has them now."""
        return roll.waiting(gradebook.database.db, self.before)


def _group(what: str, students: frozenset[str], *, named: bool) -> str:
    listed = sorted(students)
    names = ", ".join(listed[:MOST_NAMES]) + (" …" if len(listed) > MOST_NAMES else "")
    return f"{what}: {len(listed)}{f' ({names})' if named else ''}"


def say_changes(gradebook: Gradebook, assignments: Iterable[str]) -> None:
    """Print what has changed in source notebooks since their release."""
    for sentence in changes_in(gradebook, assignments):
        say(f"! {sentence}", "yellow")


def changes_in(gradebook: Gradebook, assignments: Iterable[str]) -> list[str]:
    """Return a sentence for each source notebook that has changed since its release."""
    return [
        changed.sentence(assignment, name)
        for assignment in assignments
        for name in gradebook.course.assignments.get(assignment, ())
        if (changed := gradebook.changes(assignment, name))
    ]
