"""A batch may stop at any moment: its marks stay, the next run grades the rest, and grades nothing twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from classroom import autograded, copied, grade, rows, run, slowed, wait_for, written
from sampling import sampled
from waiting import wait_until

from autograder.commands.demo import submissions
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.outcome import grade_submission

pytestmark = pytest.mark.sandbox


@pytest.mark.deep
def test_every_row_is_what_nbgrader_autograde_writes(classroom, undisturbed, tmp_path):
    """Marks, comments, times, penalties and flags, as `nbgrader autograde` writes them with our plug-in."""
    stock = copied(classroom, tmp_path / "stock")
    environment = os.environ | {
        "XDG_DATA_HOME": str(stock.parent / "data"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    subprocess.run(
        ["nbgrader", "autograde", "softmax"], cwd=stock, env=environment, check=True, capture_output=True
    )
    assert rows(undisturbed) == rows(stock)
    penalties = [line for line in rows(stock)["notebook"] if line[-1] is not None]
    assert len(penalties) == 2


@pytest.mark.slow
def test_what_is_graded_is_not_graded_again_unless_it_changed_or_is_forced(undisturbed, tmp_path):
    undisturbed = copied(undisturbed, tmp_path / "graded")
    before, times = rows(undisturbed), written(undisturbed)
    assert grade(undisturbed)[0] == 0
    assert (rows(undisturbed), written(undisturbed)) == (before, times)
    changed = undisturbed / "submitted" / "s00" / "softmax" / "timestamp.txt"
    text = changed.read_text()
    changed.write_text(text.replace("09", "10"))
    grade(undisturbed)
    assert [name for name, when in written(undisturbed).items() if when != times[name]] == ["s00"]
    changed.write_text(text)
    lost = undisturbed / "autograded" / "s01" / "softmax" / "softmax.ipynb"
    lost.unlink()
    grade(undisturbed)
    assert lost.exists()
    # one submission removed, one report of another version
    with closing(sqlite3.connect(undisturbed / "gradebook.db")) as database, database:
        for table, key in (("grade", "notebook_id"), ("comment", "notebook_id")):
            database.execute(
                f"""delete from {table} where {key} in (select b.id from submitted_notebook b
                join submitted_assignment s on s.id = b.assignment_id where s.student_id = 's02')"""
            )
        database.execute(
            """delete from submitted_notebook where assignment_id in
            (select id from submitted_assignment where student_id = 's02')"""
        )
        database.execute("delete from submitted_assignment where student_id = 's02'")
        database.execute("update autograder_report set report = '{}' where student_id = 's04'")
    assert rows(undisturbed) != before
    assert grade(undisturbed)[0] == 0
    assert rows(undisturbed) == before
    times = written(undisturbed)
    grade(undisturbed, "--force")
    assert all(when != times[name] for name, when in written(undisturbed).items())
    assert rows(undisturbed) == before


def kill_and_resume(classroom, undisturbed, folder, seed):
    """Kill a batch at a random moment, once or twice, then let it finish."""
    chance = random.Random(seed)
    root = copied(classroom, folder / "killed")
    for _ in range(chance.choice((1, 1, 2))):
        process = grade(root, wait=False)
        time.sleep(chance.uniform(0.5, 4.0))
        process.kill()
        process.communicate()
    status, said = grade(root)
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)
    shutil.rmtree(root.parent)


@pytest.mark.parametrize("seed", sampled(range(3), every=0, rest=3))
def test_a_killed_batch_that_runs_again_has_the_rows_of_an_undisturbed_one(classroom, undisturbed, tmp_path, seed):
    kill_and_resume(classroom, undisturbed, tmp_path, seed)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(3, 50))
def test_a_batch_killed_at_any_moment_and_run_again_has_the_rows_of_an_undisturbed_one(
    classroom, undisturbed, tmp_path, seed
):
    kill_and_resume(classroom, undisturbed, tmp_path, seed)


@pytest.mark.slow
def test_an_interrupt_waits_for_no_submission_and_keeps_the_marks_so_far(classroom, undisturbed, tmp_path):
    """It ends long before the submission would, which sleeps for ten minutes."""
    root = copied(classroom, tmp_path / "interrupted")
    undo = slowed(root, "s05")
    process = grade(root, "--limit", "cell_seconds=900", "--limit", "submission_seconds=900", wait=False)
    wait_for(root / "autograded" / "s04" / "softmax" / "softmax.ipynb")
    wait_until(lambda: len(rows(root)["submission"]) >= 5)  # no transaction is left open meanwhile
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "Run the command again to grade the others." in said
    undo()
    assert grade(root)[0] == 0
    assert rows(root) == rows(undisturbed)


@pytest.mark.deep
@pytest.mark.slow
def test_when_the_time_for_the_class_is_up_the_next_run_takes_up_what_is_left(classroom, undisturbed, tmp_path):
    root = copied(classroom, tmp_path / "late")
    undo = slowed(root, "s05")
    unlimited = ("--limit", "cell_seconds=900", "--limit", "submission_seconds=900", "--show-students")
    status, said = grade(root, *unlimited, "--class-seconds", "8")
    assert status == 1, said
    assert "s05/softmax/softmax.ipynb is not graded yet: the time for the class was up." in said
    assert not (root / "autograded" / "s05").exists()
    undo()
    assert grade(root)[0] == 0
    assert rows(root) == rows(undisturbed)


@pytest.mark.slow
def test_two_graders_at_once_lose_nothing(classroom, undisturbed, tmp_path):
    """The second grader waits for the first, says so, and finds everything graded."""
    root = copied(classroom, tmp_path / "two")
    both = [grade(root, wait=False) for _ in range(2)]
    said = [process.communicate(timeout=900)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Another autograder is at work in this course" in text for text in said) == 1
    assert rows(root) == rows(undisturbed)


@pytest.mark.parametrize("statement", sampled(range(12), every=3))
def test_an_interrupt_waits_until_a_submission_is_entered_completely(course, perfect, grader, statement):
    """At any statement: SQLAlchemy drops an interrupted connection, and everything that waits to be committed."""
    folder = course.folder("submitted", "ada", "softmax")
    folder.mkdir(parents=True)
    (folder / "softmax.ipynb").write_bytes(submissions.write(perfect))
    (found,) = course.submitted("softmax").notebooks
    executed = iter(range(1000))

    def interrupt(*_):
        if next(executed) == statement:
            os.kill(os.getpid(), signal.SIGINT)

    with Gradebook(course) as gradebook:
        outcome = grade_submission(grader, course, found, gradebook.source("softmax", "softmax"))
        sa.event.listen(gradebook.database.engine, "before_cursor_execute", interrupt)
        with pytest.raises(KeyboardInterrupt):
            gradebook.record(outcome)
    with Gradebook(course) as gradebook:
        assert gradebook.previous_report(found) == (outcome.digest, outcome.report)
        assert gradebook.database.find_submission("softmax", "ada").score == outcome.report.score


@pytest.fixture
def graded(course, perfect, grader):
    """Ada's submission, entered, and a function that returns its previous report."""
    folder = course.folder("submitted", "ada", "softmax")
    folder.mkdir(parents=True)
    (folder / "softmax.ipynb").write_bytes(submissions.write(perfect))
    (found,) = course.submitted("softmax").notebooks
    with Gradebook(course) as gradebook:
        gradebook.record(grade_submission(grader, course, found, gradebook.source("softmax", "softmax")))

    def previous_report():
        with Gradebook(course) as gradebook:
            return gradebook.previous_report(found)

    assert previous_report()
    return course, found, previous_report


def test_a_notebook_that_was_missing_for_one_run_is_graded_again(graded):
    """Its marks are 0 by then: its journal entry must be gone."""
    course, found, previous_report = graded
    found.path.rename(found.path.with_suffix(".away"))
    with Gradebook(course) as gradebook:
        gradebook.record_missing("ada", "softmax", [replace(found, notebook="another")])
        assert gradebook.database.find_submission("softmax", "ada").score == 0
    found.path.with_suffix(".away").rename(found.path)
    assert previous_report() is None


@pytest.mark.slow
def test_a_notebook_that_nbgrader_autograded_in_between_is_graded_again(graded):
    """The gradebook has the marks of another version: they are not those of the journal."""
    course, found, previous_report = graded
    first = found.path.read_bytes()
    found.path.write_bytes(first.replace(b"def softmax", b"def other"))
    run(course.root, "nbgrader", "autograde", "softmax", "--force")
    found.path.write_bytes(first)
    assert previous_report() is None
