"""What happens before a class is graded into the gradebook: its source is proved, and changes in it are named."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.commands.opening import CannotGradeError
from autograder.commands.release import ReleaseError, prove_solutions
from autograder.commands.tally import say_changes
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.releases import digest_of

UNPROVED = "unproved"
"""Noted in place of a digest where the instructor chose to grade all the same."""


def prepare(gradebook: Gradebook, assignments: Iterable[str], *, unproved: bool) -> None:
    """Grade the sources themselves where that was not done since their release, and name later changes.

    Raises
    ------
    CannotGradeError
        If a source's own solution does not get full marks, unless ``unproved``.
    """
    for assignment in assignments:
        if _needs_proof(gradebook, assignment):
            _prove(gradebook, assignment, unproved=unproved)
    say_changes(gradebook, assignments)


def _needs_proof(gradebook: Gradebook, assignment: str) -> bool:
    """Whether an assignment was never proved as it is released; a source that has changed since is another one."""
    for name in gradebook.course.assignments.get(assignment, ()):
        entered = gradebook.entered(assignment, name)
        release = gradebook.last_release(assignment, name)
        proved = entered and release and release.proved and release.entered == digest_of(entered)
        if not proved and not gradebook.changes(assignment, name):
            return True
    return False


def _prove(gradebook: Gradebook, assignment: str, *, unproved: bool) -> None:
    names = gradebook.course.assignments[assignment]
    anew = any(gradebook.entered(assignment, name) is None for name in names)
    try:
        proved = dict.fromkeys(names, UNPROVED) if unproved else prove_solutions(gradebook, assignment)
    except ReleaseError as error:
        raise CannotGradeError(
            f"Nothing was graded: the solution in source/{assignment} itself does not get full marks.\n{error}\n"
            f"Mend it and run “autograder release {assignment}”; or grade all the same with --unproved."
        ) from None
    for name in names:
        gradebook.source(assignment, name)  # enters the assignment, if it is not
    for name, digest in proved.items():
        gradebook.note_release(assignment, name, digest, anew=anew)
