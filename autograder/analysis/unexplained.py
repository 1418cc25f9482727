"""Wrong answers that no known mistake explains: which students give the same ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec import UNSET

from autograder.analysis.evidence import RAISES, evidence_of
from autograder.analysis.mistakes import graded_cells
from autograder.analysis.model import Answer, Cluster, Stop
from autograder.results import CellResult, Report

Signature = tuple[tuple[str, str], ...]
"""Each public call that is answered wrongly, with the answer."""


def clusters_of(reports: Sequence[Report], *, names: bool) -> tuple[list[Cluster], int]:
    """Group the wrong answers without a name that are the same on all public examples, the largest group first.

    Returns
    -------
    list of Cluster
        The groups of at least two students.
    int
        How many students give wrong answers that nobody else gives.
    """
    groups: dict[tuple[str, Signature], dict[str, None]] = defaultdict(dict)
    for report, cell in graded_cells(reports):
        signature = _values(_signature(cell))
        if signature:
            groups[cell.exercise or cell.grade_id, signature][report.student] = None
    agreeing = [(key, students) for key, students in groups.items() if len(students) > 1]
    found = [
        Cluster(
            exercise=exercise,
            students=len(students),
            example=signature[0][0],
            answer=signature[0][1],
            others=[Answer(example=example, answer=answer) for example, answer in signature[1:]],
            names=sorted(students) if names else UNSET,
        )
        for (exercise, signature), students in sorted(agreeing, key=lambda item: (-len(item[1]), item[0]))
    ]
    alone = {student for students in groups.values() if len(students) == 1 for student in students}
    return found, len(alone)


def stops_of(reports: Sequence[Report]) -> list[Stop]:
    """Count the exceptions in which answers to public examples end, the most frequent first."""
    students: dict[tuple[str, str], set[str]] = defaultdict(set)
    for report, cell in graded_cells(reports):
        for _, answer in _signature(cell):
            if answer.startswith(RAISES):
                students[cell.exercise or cell.grade_id, answer.removeprefix(RAISES)].add(report.student)
    return [
        Stop(exercise=exercise, error=error, students=len(group))
        for (exercise, error), group in sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _signature(cell: CellResult) -> Signature:
    """Return the wrong public answers that no name explains.

    All checks depend on the first: where it has a name, that explains the others. A check that was not run counts
    where nothing about the cell has a name.
    """
    if cell.checks and cell.checks[0].misconception:
        return ()
    unnamed = [
        check
        for check in cell.checks
        if not (check.passed or check.misconception or (check.passed is None and cell.misconceptions))
    ]
    return tuple(evidence for check in unnamed if (evidence := evidence_of(check)))


def _values(signature: Signature) -> Signature:
    """Return a signature that holds a value; an exception is no answer."""
    return signature if any(not answer.startswith(RAISES) for _, answer in signature) else ()
