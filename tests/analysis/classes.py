"""Classes made up for tests: results without a submission."""

from __future__ import annotations

import numpy as np

from autograder.results import CellResult, CheckResult, Report


def check(name="matches the definition", passed=True, **more):
    return CheckResult(name=name, passed=passed, score=float(bool(passed)), max_score=1.0, **more)


def cell(grade_id, score, max_score=4.0, *, exercise=None, mode="in-process", **more):
    return CellResult(grade_id=grade_id, exercise=exercise, mode=mode, score=score, max_score=max_score, **more)


def report(student, cells, *, assignment="softmax", status="graded", seconds=1.0, message=None):
    return Report(
        student=student,
        assignment=assignment,
        notebook=assignment,
        file=f"submitted/{student}/{assignment}/{assignment}.ipynb",
        status=status,
        message=message,
        score=sum(each.score or 0.0 for each in cells),
        max_score=sum(each.max_score for each in cells),
        isolation="landlock",
        seconds=seconds,
        cells=list(cells),
    )


def of_marks(marks, max_score=4.0):
    """A class from marks of shape (students, questions); nan waits for a person."""
    return [
        report(
            f"student-{row:03d}",
            [
                cell(f"q{place}", None if np.isnan(mark) else float(mark), max_score)
                if not np.isnan(marks[:, place]).any()
                else cell(f"q{place}", None if np.isnan(mark) else float(mark), max_score, mode="manual")
                for place, mark in enumerate(line)
            ],
        )
        for row, line in enumerate(marks)
    ]


def drawn(students=200, questions=7, seed=5):
    """Marks that share an ability, in quarters from 0 to 4."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(students, 1))
    return np.clip(np.round(4 * (2 + ability + rng.normal(size=(students, questions)))) / 4, 0.0, 4.0)
