"""Put the summary of a class together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import UNSET

from autograder.analysis.marks import Table, table_of
from autograder.analysis.mistakes import graded_cells, lost_checks, made_together, named_mistakes
from autograder.analysis.model import AssignmentScores, Bin, ClassSummary, Failure, Scores, Slow
from autograder.analysis.questions import alpha_of, questions_of
from autograder.analysis.unexplained import clusters_of, stops_of
from autograder.results import Report

SMALL, TINY = 30, 10
"""Below so many students figures are rough, and below so many they say nothing."""
SLOWEST, BINS = 10, 10
NO_MARKS = "nobody's notebook was graded"
MARKS_ALONE = "Graded with --feedback score: these results hold neither answers nor names of mistakes."
UNSAID = "A submission could not be graded."


def summarise(
    reports: Sequence[Report],
    assignment: str | None = None,
    *,
    sentences: Mapping[tuple[str, str], str] | None = None,
    failures: Mapping[int, str] | None = None,
    names: bool = False,
) -> ClassSummary:
    """Summarise the results of a class.

    Parameters
    ----------
    reports
        One for each notebook of each student.
    assignment
        The name of the assignment they are of; None for a whole course.
    sentences
        The catalogue's sentence of each known mistake, by exercise and name.
    failures
        Why a report failed, in words that name nobody, by its place in ``reports``. By default no reason is given.
    names
        Whether the summary names students. Otherwise no student's id is in it, whatever the results hold.

    Returns
    -------
    ClassSummary
        With None for each number that is not defined, and the reason.
    """
    table = table_of(reports)
    alpha, interval, alpha_students, why = alpha_of(table)
    clusters, alone = clusters_of(reports, names=names)
    reasons = {key: why for key, value in (("alpha", alpha), ("alpha_interval", interval)) if value is None}
    if not table.students:
        reasons["scores"] = NO_MARKS
    return ClassSummary(
        assignment=assignment,
        students=len({report.student for report in reports}),
        graded=len(table.students),
        scores=_scores(reports, table),
        alpha=alpha,
        alpha_interval=interval,
        questions=questions_of(table),
        checks=lost_checks(reports),
        mistakes=named_mistakes(reports, sentences or {}, names=names),
        together=made_together(reports),
        unexplained=clusters,
        alone=alone,
        stopped=stops_of(reports),
        failed=_failed(reports, failures or {}, names=names),
        pending=len({report.student for report in reports if report.needs_person}),
        slowest=_slowest(reports, names=names),
        distribution=_distribution(reports, table),
        assignments=_assignments(reports),
        alpha_students=alpha_students,
        warnings=[*_warnings(table), *([MARKS_ALONE] if _holds_marks_alone(reports) else [])],
        reasons=reasons,
    )


def _highest(reports: Sequence[Report]) -> float | None:
    """Return the highest mark that can be had: the notebooks' maxima, each counted once."""
    maxima: dict[tuple[str, str], float] = {}
    for report in reports:
        key = (report.assignment, report.notebook)
        maxima[key] = max(report.max_score, maxima.get(key, 0.0))
    return sum(maxima.values()) if maxima else None


def _scores(reports: Sequence[Report], table: Table) -> Scores:
    totals, highest = table.totals, _highest(reports)
    if not len(totals):
        return Scores(mean=None, median=None, min=None, max=None, max_score=highest)
    return Scores(
        mean=float(totals.mean()),
        median=float(np.median(totals)),
        min=float(totals.min()),
        max=float(totals.max()),
        max_score=highest,
    )


def _distribution(reports: Sequence[Report], table: Table) -> list[Bin]:
    """Count the marks in ten equal steps from 0 to the maximum, or to the highest mark if that is above it."""
    if not len(table.totals):
        return []
    top = max(_highest(reports) or 0.0, float(table.totals.max())) or 1.0
    low = min(0.0, float(table.totals.min()))
    counts, edges = np.histogram(table.totals, bins=BINS, range=(low, top))
    return [
        Bin(low=float(edges[place]), high=float(edges[place + 1]), students=int(count))
        for place, count in enumerate(counts)
    ]


def _assignments(reports: Sequence[Report]) -> list[AssignmentScores]:
    groups: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        groups[report.assignment].append(report)
    found = []
    for name, group in sorted(groups.items()):
        table = table_of(group)
        scores = _scores(group, table)
        found.append(
            AssignmentScores(
                assignment=name,
                students=len({report.student for report in group}),
                graded=len(table.students),
                mean=scores.mean,
                median=scores.median,
                max_score=scores.max_score,
            )
        )
    return found


def _failed(reports: Sequence[Report], failures: Mapping[int, str], *, names: bool) -> list[Failure]:
    groups: dict[str, dict[str, None]] = defaultdict(dict)
    for place, report in enumerate(reports):
        if report.status == "failed":
            said = (report.message or UNSAID) if names else failures.get(place, UNSAID)
            groups[said][report.student] = None
    return [
        Failure(reason=reason, students=len(students), names=sorted(students) if names else UNSET)
        for reason, students in sorted(groups.items(), key=lambda item: -len(item[1]))
    ]


def _slowest(reports: Sequence[Report], *, names: bool) -> list[Slow]:
    ordered = sorted(reports, key=lambda report: -report.seconds)[:SLOWEST]
    return [
        Slow(seconds=each.seconds, assignment=each.assignment, student=each.student if names else UNSET)
        for each in ordered
    ]


def _holds_marks_alone(reports: Sequence[Report]) -> bool:
    """Whether checks failed, and no result says how."""
    failed = [check for _, cell in graded_cells(reports) for check in cell.checks if check.passed is False]
    return bool(failed) and not any(check.message or check.misconception for check in failed)


def _warnings(table: Table) -> list[str]:
    n = len(table.students)
    if n < TINY:
        return [
            f"{n} graded: so few students say nothing about a question. Look at the answers, not at the figures."
        ]
    if n < SMALL:
        return [f"{n} graded: the figures are rough. Trust an interval, not the number in it."]
    return []
