"""Which names a new exercise or assignment may have."""

from __future__ import annotations

import builtins
import keyword
import re

import click

from autograder import exercises

TAKEN = {"check", "np", "autograder", "solutions", "exercises"}
"""What the notebook or the course calls something else."""
LONGEST = 60


def refuse_exercise_name(name: str) -> None:
    """Raise UsageError unless a name can be that of a function, a file and a graded cell, and is free."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or keyword.iskeyword(name):
        proposal = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
        better = f", e.g. {proposal}" if proposal.isidentifier() and not keyword.iskeyword(proposal) else ""
        if keyword.iskeyword(name):
            raise click.UsageError(f"“{name}” can't be the name of a function: it is a word of Python's own.")
        raise click.UsageError(
            f"“{name}” can't be the name of a function: take ASCII letters, digits and _, a letter first{better}."
        )
    if len(name) > LONGEST:
        raise click.UsageError(f"“{name[:20]}…” is too long: {LONGEST} characters at most.")
    if name in TAKEN or hasattr(builtins, name):
        raise click.UsageError(f"“{name}” means something else in a notebook already: take another name.")
    if exercises.is_registered(name):
        raise click.UsageError(
            f"There is an exercise “{name}” already (“autograder list” shows them all): take another name."
        )


def refuse_assignment_name(name: str) -> None:
    """Raise UsageError unless a name can be that of a folder which nbgrader and the platforms take."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) or len(name) > LONGEST:
        raise click.UsageError(
            f"“{name[:80]}” can't be the name of an assignment: take ASCII letters, digits, “-”, “_” and “.”, "
            f"a letter or a digit first, {LONGEST} characters at most."
        )
