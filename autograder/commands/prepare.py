"""What happens before a class is graded into the gradebook.

Its source is proved, changes in it are named, files that stand alone get their student, and uploads are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import click

from autograder.commands.opening import CannotGradeError
from autograder.commands.release import ReleaseError, digests_to_prove, prove_solutions
from autograder.commands.tally import say_changes
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.releases import digest_of
from autograder.intake import SubmittedNotebook, printable, problem_of_student_id

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
    """Whether an assignment was never proved as it is released, and with the exercises that are there now.

    A source that has changed since is another one: marks follow the release.
    """
    if assignment not in gradebook.course.assignments:
        return False
    for name, digest in digests_to_prove(gradebook.course, assignment).items():
        entered = gradebook.released(assignment, name)
        release = gradebook.last_release(assignment, name)
        noted = release.proved if entered and release and release.entered == digest_of(entered) else ""
        if noted not in (UNPROVED, digest) and not gradebook.changes(assignment, name):
            return True
    return False


def _prove(gradebook: Gradebook, assignment: str, *, unproved: bool) -> None:
    names = gradebook.course.assignments[assignment]
    anew = any(gradebook.released(assignment, name) is None for name in names)
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


def owned(
    gradebook: Gradebook, notebooks: Iterable[SubmittedNotebook], paths: Collection[Path], student: str | None
) -> list[SubmittedNotebook]:
    """Settle whose the files are that stand alone: nothing but their names tells.

    Parameters
    ----------
    gradebook
        Its students may be named by a file or by its folder.
    notebooks
        All submitted notebooks.
    paths
        What was named on the command line.
    student
        The student that the command line names, if it does.

    Raises
    ------
    CannotGradeError
        If the name of a file is no student's of the gradebook, and nobody says whose it is.
    """
    entries = list(notebooks)
    named = {path.absolute() for path in paths}
    alone = {
        id(entry)
        for entry in entries
        if entry.upload is None
        and entry.path.absolute() in named
        and not gradebook.course.is_in_submitted_folder(entry)
    }
    if student is not None and not alone:
        raise CannotGradeError(
            "--student says whose a notebook is that is named by itself; none is. What lies under submitted/ "
            "belongs to the student of its folder."
        )
    if student is not None and (problem := problem_of_student_id(student)):
        raise CannotGradeError(f"--student {problem}")
    known = gradebook.students() if alone else frozenset()
    return [
        replace(entry, student=student or _owner(entry, known)) if id(entry) in alone else entry
        for entry in entries
    ]


def _owner(entry: SubmittedNotebook, known: Collection[str]) -> str:
    """Return whose a file is that stands alone; on a terminal, ask."""
    if entry.student in known:
        return entry.student
    if sys.stdin.isatty() and sys.stderr.isatty():
        question = f"Whose is {printable(entry.path)}? The student's id"
        answer: str = click.prompt(question, err=True, value_proc=_student_id)
        return answer
    near = get_close_matches(entry.student, known, 1)
    meant = f" Is it {near[0]}'s?" if near else ""
    raise CannotGradeError(
        f"Whose is {printable(entry.path)}? “{entry.student}” is no student of the gradebook.{meant} Say it with "
        "--student ID, which may be a new student's; or grade it without entering marks: --no-gradebook."
    )


def _student_id(answer: str) -> str:
    if problem := problem_of_student_id(answer.strip()):
        raise click.UsageError(f"“{answer}” {problem}")
    return answer.strip()
