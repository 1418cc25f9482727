"""What a submission costs the grader costs that submission alone: it has a verdict, and the next one is graded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import SECRET
from hostile.costly import COSTLY
from sampling import sampled

from autograder.commands.demo import submissions
from autograder.grading.settings import Settings
from autograder.grading.workers import WorkerPool
from autograder.intake import SubmittedNotebook
from autograder.sandbox.policy import Limits

pytestmark = pytest.mark.sandbox
SLACK = 2.0
"""Seconds: the kernel looks at a process's time now and then."""


@pytest.fixture(scope="module")
def limits():
    """The limits that a course has."""
    return Limits()


@pytest.fixture(scope="module")
def usual_workers(limits):
    with WorkerPool(Settings(SECRET, limits=limits)) as workers:
        yield workers


def cost(pid):
    """The processor time of a process in seconds, and the most memory that it has had in bytes."""
    ticks = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return ticks / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) << 10


def submit(course, student, content):
    folder = course.folder("submitted", student, "softmax")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "softmax.ipynb").write_bytes(content)
    return SubmittedNotebook(folder / "softmax.ipynb", student, "softmax", "softmax")


@pytest.mark.parametrize(
    "name",
    sampled(
        list(COSTLY),
        every=16,
        rest=4,
        slow=["magics without number"],
        deep=["answers of thirty megabytes"],  # half a minute of both
    ),
)
def test_a_costly_submission_costs_no_more_than_it_may_and_only_itself(
    usual_workers, limits, course, source, perfect, name
):
    worker = usual_workers._worker()
    before, had = cost(worker.pid)
    outcome = usual_workers.grade(course, submit(course, "eve", COSTLY[name](perfect)), source)
    report = outcome.report
    assert len(report.cells) == len(source.marked)
    assert report.score <= 23.0
    if Path(f"/proc/{worker.pid}").exists():
        used, peak = cost(worker.pid)
        assert used - before < limits.grader_seconds + SLACK
        assert peak - had < 600 << 20
    if report.status == "failed":
        assert all(cell.score == 0.0 and cell.message == report.message for cell in report.cells)
        assert "softmax.ipynb" in report.message
    ada = usual_workers.grade(course, submit(course, "ada", submissions.write(perfect)), source)
    assert ada.report.score == 23.0
