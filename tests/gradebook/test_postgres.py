"""A gradebook on a PostgreSQL server has the rows of one in a file, with several graders and after a crash."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from classroom import CLASS, PERFECT, autograded, copied, grade, rows, run, slowed, url_of, wait_for
from nbgrader.api import Gradebook as Database
from sampling import sampled
from servers import PASSWORD

from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.gradebook import database, locks
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.journal import JOURNAL
from autograder.grading.outcome import grade_submission

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

FEW = 8
"""The number of submissions where any number will do; the fourth and the last are late."""


@pytest.fixture(scope="session")
def released_database(server, classroom):
    """The name of a database in which the assignment is released, for others to copy."""
    url = server.new()
    root = moved(classroom, url)
    status, said = run(root, "autograder", "release", "softmax")
    assert status == 0, said
    name = sa.make_url(url).database
    server.ask("update assignment set duedate = '2026-01-10 00:00:00'", name)
    return name


def moved(classroom, url, students=range(FEW)):
    """A copy of the class with some of its students, and with its gradebook on the server."""
    root = copied(classroom, Path(tempfile.mkdtemp(dir=classroom.parents[1])) / "moved")
    (root / "gradebook.db").unlink()
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.CourseDirectory.db_url = {url!r}\n")
    for folder in (root / "submitted").iterdir():
        if int(folder.name[1:]) not in students:
            shutil.rmtree(folder)
    return root


@pytest.fixture
def url(server, released_database):
    return server.new(released_database)


@pytest.fixture
def expected(undisturbed):
    """The rows that a file has after the same submissions."""
    return {name: [row for row in found if int(row[0][1:]) < FEW] for name, found in rows(undisturbed).items()}


def disagreements(url):
    """The marks that differ from the journal's report of the same notebook."""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        reports = {row.student_id: json.loads(row.report) for row in connection.execute(sa.select(JOURNAL))}
        marks = connection.exec_driver_sql("""
            select s.student_id, c.name, g.auto_score, g.needs_manual_grade from grade g
            join submitted_notebook b on b.id = g.notebook_id join submitted_assignment s on s.id = b.assignment_id
            join base_cell c on c.id = g.cell_id""").all()
    scores = {
        (name, cell["grade_id"]): cell["score"] for name, report in reports.items() for cell in report["cells"]
    }
    return [mark for mark in marks if scores.get((mark[0], mark[1]), "no report") != mark[2]]


def test_every_row_is_the_same_as_in_a_file(classroom, undisturbed, url):
    root = moved(classroom, url, range(CLASS))
    status, said = grade(root)
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)
    assert disagreements(url) == []
    assert not (root / "gradebook.db").exists()
    course = Course(root)
    with Gradebook(course) as gradebook:
        assert all(gradebook.previous_report(found) for found in course.submitted("softmax").notebooks), (
            "nothing is graded twice"
        )


# --- two graders at once ---------------------------------------------------------------------------------


def at_once(*started):
    said = [process.communicate(timeout=900)[0] for process in started]
    assert [process.returncode for process in started] == [0] * len(started), said


@pytest.mark.deep
def test_two_machines_start_an_empty_gradebook_together(classroom, server, undisturbed, expected):
    """Tables and assignment are made once; a student whom both machines grade has one set of rows."""
    url = server.new()
    roots = [moved(classroom, url, range(FEW - 2)), moved(classroom, url, range(2, FEW))]
    at_once(*(grade(root, wait=False) for root in roots))
    found = rows(roots[0])
    assert disagreements(url) == []
    assert (found["grade"], found["comment"]) == (expected["grade"], expected["comment"])
    assert len(found["submission"]) == len(found["notebook"]) == len(found["student"]) == FEW
    for root in roots:
        assert autograded(root).items() <= autograded(undisturbed).items()


@pytest.mark.deep
def test_nbgrader_and_autograder_grade_the_same_class_together(classroom, url, expected):
    roots = [moved(classroom, url), moved(classroom, url)]
    at_once(run(roots[0], "nbgrader", "autograde", "softmax", wait=False), grade(roots[1], "--force", wait=False))
    assert rows(roots[0]) == expected


@pytest.fixture
def two_graded(classroom, url, grader, lean):
    """Two machines, each with its outcome of another version of the same student's notebook."""
    came = []
    for text in (PERFECT, PERFECT.replace("def logsumexp", "def other")):
        root = moved(classroom, url, range(1))
        (root / "submitted/s00/softmax/softmax.ipynb").write_bytes(
            submissions.write(submissions.fill_in(lean, text))
        )
        course = Course(root)
        (found,) = course.submitted("softmax").notebooks
        with Gradebook(course) as gradebook:
            came.append((course, grade_submission(grader, course, found, gradebook.source("softmax", "softmax"))))
    assert came[0][1].report.score > came[1][1].report.score
    return came


def test_a_new_student_whom_two_graders_enter_at_once_has_all_marks_of_one_of_them(two_graded, url):
    """A hundred students, each entered by both at once: one set of rows each, with marks as in the journal."""
    together, done = threading.Barrier(2), []

    def enter(course, outcome):
        with Gradebook(course) as gradebook:
            try:
                for number in range(100):
                    student = f"n{number:02}"
                    mine = replace(outcome, found=replace(outcome.found, student=student))
                    mine = replace(mine, report=type(mine.report)(**{**fields(mine.report), "student": student}))
                    together.wait(timeout=600)
                    gradebook.record(mine)
            finally:
                together.abort()
                done.append(number)

    threads = [threading.Thread(target=enter, args=graded) for graded in two_graded]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)
    assert done == [99, 99]
    assert disagreements(url) == []
    found = rows(two_graded[0][0].root)
    assert (len(found["student"]), len(found["submission"]), len(found["grade"])) == (100, 100, 1100)


def fields(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


@pytest.mark.parametrize("how", sampled(["nbgrader autograde", "record", "record_missing"], every=0, rest=3))
def test_a_grader_waits_while_another_machine_grades_the_same_student(two_graded, url, server, how):
    (course, outcome), _ = two_graded

    def missing():
        with Gradebook(course) as gradebook:
            gradebook.record_missing("s00", "softmax", [replace(outcome.found, notebook="another")])

    ways = {
        "record": lambda: recorded(course, outcome),
        "record_missing": missing,
        "nbgrader autograde": lambda: run(course.root, "nbgrader", "autograde", "softmax"),
    }
    thread = threading.Thread(target=ways[how])
    with locks.locked(url, locks.STUDENT, "s00"):
        thread.start()
        server.wait_until_someone_waits()
        assert rows(course.root)["grade"] == []
    thread.join(timeout=600)
    assert len(rows(course.root)["grade"]) == 11


def test_a_regrade_waits_for_a_manual_mark_that_is_being_entered_and_flags_it(two_graded, url, server):
    """The formgrader has written it and not committed it; the regrade keeps it, and a person checks it again."""
    (course, outcome), _ = two_graded
    with Gradebook(course) as gradebook:
        gradebook.record(outcome)
    with Database(url) as formgrader:
        grade = formgrader.find_grade("softmax", "softmax", "softmax", "s00")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        formgrader.db.flush()
        thread = threading.Thread(target=recorded, args=(course, outcome))
        thread.start()
        server.wait_until_someone_waits()
        formgrader.db.commit()
        thread.join(timeout=600)
    assert ("s00", "softmax", 4.0, 1.5, None, True) in rows(course.root)["grade"]


def recorded(course, outcome):
    with Gradebook(course) as gradebook:
        gradebook.record(outcome)


# --- a server or a grader that stops ---------------------------------------------------------------------


@pytest.mark.deep
def test_a_server_that_stops_leaves_complete_submissions(classroom, server, released_database, undisturbed):
    root = moved(classroom, server.new(released_database), range(CLASS))
    undo = slowed(root, "s11")
    process = grade(root, wait=False)
    wait_for(root / "autograded" / "s05" / "softmax" / "softmax.ipynb")
    server.stop()
    said, _ = process.communicate(timeout=600)
    server.start()
    assert process.returncode == 2, said
    assert "The gradebook can't be written: " in said
    assert "What was graded before is entered; run the command again." in said
    assert "Traceback" not in said
    assert 5 <= len(rows(root)["submission"]) < CLASS
    assert disagreements(url_of(root)) == []
    undo()
    status, said = grade(root)
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)
    assert disagreements(url_of(root)) == []


def kill_and_resume(classroom, url, undisturbed, seed):
    chance = random.Random(seed)
    root = moved(classroom, url, range(CLASS))
    undo = slowed(root, "s11")
    process = grade(root, wait=False)
    wait_for(root / "autograded" / f"s{chance.randrange(CLASS - 2):02}" / "softmax" / "softmax.ipynb")
    time.sleep(chance.uniform(0, 0.05))
    process.kill()
    process.communicate()
    assert len(rows(root)["submission"]) < CLASS
    assert disagreements(url) == []
    undo()
    status, said = grade(root)
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)
    assert disagreements(url_of(root)) == []


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(12))
def test_a_batch_killed_at_any_moment_and_run_again_has_the_rows_of_an_undisturbed_one(
    classroom, url, undisturbed, seed
):
    kill_and_resume(classroom, url, undisturbed, seed)


# --- errors of the server --------------------------------------------------------------------------------


def test_a_name_too_long_for_the_gradebook_fails_alone(two_graded):
    (course, outcome), _ = two_graded
    long = replace(outcome, found=replace(outcome.found, student="s" * 200))
    with Gradebook(course) as gradebook:
        failed, entered = gradebook.record(long), gradebook.record(outcome)
        gradebook.record_missing("s" * 200, "softmax", [long.found])
    assert (failed.status, entered.status) == ("failed", "graded")
    assert "was graded, but the gradebook can't hold its marks: value too long" in failed.message
    assert [row[0] for row in rows(course.root)["submission"]] == ["s00"]
    assert [path.parts[1] for path in autograded(course.root)] == ["s00"]


@pytest.mark.parametrize(
    ("changed", "said", "advice"),
    [
        ({"password": "secret-word"}, "password authentication failed", "Check user and password in"),
        ({"database": "nowhere"}, "does not exist", "Make it on the server: createdb"),
        ({"query": {"host": "/nowhere"}}, "No such file or directory", "Check that the server runs"),
        ({"username": "guest", "password": "guest-word"}, "permission denied", "ALTER DATABASE … OWNER TO"),
    ],
    ids=["password", "database", "server", "rights"],
)
def test_the_error_of_a_refused_connection_says_why_and_holds_no_password(
    classroom, server, changed, said, advice
):
    server.ask("drop role if exists guest")
    server.ask("create role guest login password 'guest-word'")
    url = sa.make_url(server.new()).set(**changed)
    root = moved(classroom, url.render_as_string(hide_password=False), range(1))
    with pytest.raises(database.NbgraderError) as caught:
        Gradebook(Course(root))
    assert said in str(caught.value)
    assert advice in str(caught.value)
    assert not any(word in str(caught.value) for word in (PASSWORD, "p%40ss", "secret-word", "guest-word"))


@pytest.mark.parametrize(("command", "expected"), [("nbgrader autograde softmax", 1), ("autograder grade", 2)])
def test_the_commands_print_the_error_of_a_refused_connection(classroom, server, command, expected):
    root = moved(classroom, server.url("nowhere"), range(1))
    status, printed = run(root, *command.split())
    assert status == expected, printed
    assert "Make it on the server: createdb" in printed
    assert not any(word in printed for word in (PASSWORD, "p%40ss", "Traceback"))
