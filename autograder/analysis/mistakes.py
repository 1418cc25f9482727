"""Which checks were lost and which named mistakes were made, by how many students, and which occur together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from msgspec import UNSET

from autograder.analysis.evidence import evidence_of
from autograder.analysis.model import LostCheck, Mistake, Pair
from autograder.results import CellResult, CheckResult, Report

Sentences = Mapping[tuple[str, str], str]
"""The catalogue's sentence of a mistake, by exercise and name."""


def graded_cells(reports: Iterable[Report]) -> Iterator[tuple[Report, CellResult]]:
    """Yield each cell with checks of the notebooks that were graded."""
    for report in reports:
        if report.status == "graded":
            for cell in report.cells:
                yield report, cell


def lost_checks(reports: Sequence[Report]) -> list[LostCheck]:
    """Return the checks that students lost, the one most often lost first."""
    lost: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    not_run: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for report, cell in graded_cells(reports):
        for check in cell.checks:
            if not check.passed:
                group = lost if check.passed is False else not_run
                group[report.assignment, cell.grade_id, check.name].add(report.student)
    return sorted(
        (
            LostCheck(
                assignment=key[0], grade_id=key[1], name=key[2], lost=len(lost[key]), not_run=len(not_run[key])
            )
            for key in dict.fromkeys([*lost, *not_run])
        ),
        key=lambda check: (-check.lost, -check.not_run),
    )


def named_mistakes(reports: Sequence[Report], sentences: Sentences, *, names: bool) -> list[Mistake]:
    """Return the mistakes that have a name, the most frequent first.

    Parameters
    ----------
    reports
        The class.
    sentences
        What the catalogue says about mistakes. About others, what a student read is taken.
    names
        Whether students are named.
    """
    students: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    shown: dict[tuple[str, str], CheckResult] = {}
    for report, cell in graded_cells(reports):
        for name in cell.misconceptions:
            key = (cell.exercise or cell.grade_id, name)
            students[key][report.student] = None
            for check in cell.checks:
                if _shows(check, name) and (key not in shown or not evidence_of(shown[key])):
                    shown[key] = check
    found = []
    for key, made_by in students.items():
        shows = shown.get(key)
        evidence = (evidence_of(shows) if shows else None) or (None, None)
        found.append(
            Mistake(
                exercise=key[0],
                name=key[1],
                students=len(made_by),
                message=sentences.get(key) or (_as_read(shows) if shows else ""),
                example=evidence[0],
                answer=evidence[1],
                names=sorted(made_by) if names else UNSET,
            )
        )
    return sorted(found, key=lambda mistake: (-mistake.students, mistake.exercise, mistake.name))


def _shows(check: CheckResult, name: str) -> bool:
    return name in (check.misconception or "").split("+")


def _as_read(check: CheckResult) -> str:
    """Return what a student read about the cause: the message without its evidence and warnings."""
    lines = (check.message or "").splitlines()[1:]
    return " ".join(line for line in lines if not line.startswith(("It warned:", "hidden:", "It printed:")))


def made_together(reports: Sequence[Report]) -> list[Pair]:
    """Return the pairs of named mistakes that the same students make, the most frequent pair first."""
    made: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for report, cell in graded_cells(reports):
        made[report.student] |= {(cell.exercise or cell.grade_id, name) for name in cell.misconceptions}
    pairs = Counter(pair for each in made.values() for pair in combinations(sorted(each), 2))
    return [
        Pair(a=a[1], b=b[1], students=count, a_exercise=a[0], b_exercise=b[0])
        for (a, b), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    ]
