"""A class goes in as its platform packs it, and its marks, people and times are in nbgrader's gradebook."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import CHECKOUT
from intake.deliveries import accepted, canvas_name, gradescope_metadata, moodle_name, zipped
from nbgrader.api import Gradebook as Database
from sampling import sampled

from autograder.commands import export
from autograder.commands.demo import submissions
from autograder.commands.grade import grade_into
from autograder.commands.opening import gathered
from autograder.course import Course
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import OneMachine
from autograder.intake import Collected, find_notebooks
from autograder.notebooks import notebook

pytestmark = pytest.mark.sandbox

SUBMISSIONS = CHECKOUT / "tests" / "submissions" / "softmax"
PERFECT = (SUBMISSIONS / "perfect.py").read_text()
WRONG = PERFECT.replace("return weights / np.sum", "return np.sum")
"""Nothing for softmax, everything for logsumexp."""
DUE = datetime(2026, 2, 1, 12, tzinfo=UTC).replace(tzinfo=None)
OPTIONS = {"jobs": 2, "force": False, "results": None}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A released course of one assignment with two functions, 4 and 3 points; not to be changed."""
    root = tmp_path_factory.mktemp("small")
    folder = root / "source" / "softmax"
    folder.mkdir(parents=True)
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    whole = notebook.read((CHECKOUT / "source" / "softmax" / "softmax.ipynb").read_bytes())
    wanted = {"softmax-solution", "softmax", "logsumexp-solution", "logsumexp"}
    whole["cells"] = [cell for cell in whole["cells"] if notebook.grade_id_of(cell) in wanted]
    (folder / "softmax.ipynb").write_bytes(submissions.write(whole))
    with Gradebook(Course(root)) as gradebook:
        gradebook.generate_assignment("softmax")
    return root


@pytest.fixture
def course(small, tmp_path):
    shutil.copytree(small, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(scope="module")
def handed_in(small):
    """What a student hands in who wrote this text."""
    blank = notebook.read((small / "release" / "softmax" / "softmax.ipynb").read_bytes())
    return lambda text: submissions.write(submissions.fill_in(blank, text))


def database(course):
    return Database(f"sqlite:///{course.root / 'gradebook.db'}", "logits-and-likelihoods")


def grade(course, workers, *paths):
    """Grade as `autograder grade PATH…` does, in this process; return reports and what was refused."""
    delivered = find_notebooks(paths, course.expected)
    with Gradebook(course) as gradebook:
        collected = Collected(refused=delivered.refused) + gradebook.match_students(delivered.notebooks)
        return grade_into(gradebook, OneMachine(workers), collected.notebooks, OPTIONS), collected.refused


def marks(course):
    with database(course) as book:
        found = book.assignment_submissions("softmax")
        return {s.student.id: s.score - (s.late_submission_penalty or 0) for s in found}


def set_duedate(course, **penalty):
    with database(course) as book:
        book.find_assignment("softmax").duedate = DUE
        book.db.commit()
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')


@pytest.mark.slow
def test_a_class_of_forty_from_canvas_is_graded_by_one_command(course, handed_in, tmp_path):
    """Some are resubmitted, late, misnamed, hostile or missing; each has the mark that it must have."""
    files, wanted = {}, {}
    for number in range(40):
        user, wrong = 1_000_000 + number, number % 3 == 0
        shown = ["softmax.ipynb", "softmax-1.ipynb", "HW3 (final).ipynb"][number % 3]
        name = canvas_name(f"Surname{number}, Given", user, 5_000_000 + number, shown, late=number % 10 == 0)
        files[name] = handed_in(WRONG if wrong else PERFECT)
        wanted[str(user)] = 3.0 if wrong else 7.0
    files[canvas_name("Surname1, Given", 1_000_001, 4_000_000, "softmax.ipynb")] = b"an earlier one"
    files[canvas_name("Pdf, P", 2_000_000, 5_100_000, "softmax.pdf")] = b"%PDF"
    path = zipped(tmp_path / "class.zip", files)
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "data"), "COLUMNS": "100"}
    command = [str(Path(sys.executable).parent / "autograder"), "grade", str(path), "--assignment", "softmax"]
    command.append("--unproved")  # without its first cells the source imports no NumPy
    results = tmp_path / "results.jsonl"
    done = subprocess.run(
        [*command, "--results", str(results)],
        cwd=course.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 1, f"one upload holds no notebook\n{done.stdout}\n{done.stderr}"
    assert "entry 42 of class.zip came without a notebook" in done.stdout
    assert marks(course) == wanted
    reports = [json.loads(line) for line in results.read_text().splitlines()]
    assert {r["student"]: r["score"] for r in reports} == wanted
    assert {r["file"] for r in reports} == {f"submitted/{user}/softmax/softmax.ipynb" for user in wanted}
    with database(course) as book:
        assert {(s.id, s.lms_user_id) for s in book.students} == {(user, user) for user in wanted}
    sheet, filled = tmp_path / "export.csv", tmp_path / "marks.csv"
    people = [
        [f"Surname{n}, Given", str(1_000_000 + n), f"S{n}", f"u{n}@x.edu", "1", ""] for n in range(39, -1, -1)
    ]
    with sheet.open("w", newline="", encoding="utf-8") as file:
        head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "softmax (99)"]
        csv.writer(file).writerows([head, ["    Points Possible", "", "", "", "", "7.0"], *people])
    export.export_canvas(export.only(export.marks_in_gradebook(course, "softmax"), None), sheet, filled, None)
    with filled.open(newline="", encoding="utf-8") as file:
        came = {row["ID"]: float(row["softmax (99)"]) for row in csv.DictReader(file) if row["ID"]}
    assert came == wanted, "every mark in its row of Canvas' own sheet"


def test_lateness_comes_from_canvas_mark_and_is_punished_by_the_courses_rule(course, handed_in, workers, tmp_path):
    """Canvas says late or not: a second beyond the due date, or the due date. What a student writes is void."""
    set_duedate(course)
    work = handed_in(PERFECT)
    early = zipped(
        tmp_path / "first.zip",
        {
            canvas_name("Ada", 1, 11, "softmax.ipynb"): work,
            canvas_name("Bob", 2, 12, "softmax.ipynb", late=True): work,
            canvas_name("Bob", 2, 13, "timestamp.txt", late=True): b"2026-01-01 00:00:00 UTC",
        },
    )
    reports, _ = grade(course, workers, early)
    assert {r.score for r in reports} == {7.0}
    with database(course) as book:
        found = {s.student.id: s.timestamp for s in book.assignment_submissions("softmax")}
    assert found == {"1": DUE, "2": DUE.replace(second=1)}
    assert marks(course) == {"1": 7.0, "2": 0.0}
    later = zipped(
        tmp_path / "second.zip",
        {
            canvas_name("Ada", 1, 21, "softmax.ipynb", late=True): work,
            canvas_name("Bob", 2, 22, "softmax.ipynb"): work,
            canvas_name("Bob", 2, 23, "timestamp.txt"): b"2026-01-01 00:00:00 UTC",
        },
    )
    grade(course, workers, later)
    assert marks(course) == {"1": 0.0, "2": 7.0}, "the same notebooks again, at another time"


def test_gradescopes_time_and_people_reach_the_gradebook(course, handed_in, workers, tmp_path):
    set_duedate(course)
    work, root = handed_in(PERFECT), "assignment_1_export/"
    metadata = gradescope_metadata(
        {
            "submission_1": ([("Ada Lovelace", "'001'", "ada@x.edu")], "2026-02-01 11:59:59.000000000 Z"),
            "submission_2": ([("Bob B", "''", "bob@x.edu")], "2026-02-01 06:30:00.000000000 -06:00"),
        }
    )
    files = {f"{root}submission_metadata.yml": metadata}
    files |= {f"{root}submission_{n}/softmax.ipynb": work for n in (1, 2)}
    grade(course, workers, zipped(tmp_path / "s.zip", files))
    assert marks(course) == {"001": 7.0, "bob@x.edu": 0.0}
    with database(course) as book:
        ada = book.find_student("001")
        assert (ada.first_name, ada.last_name, ada.email) == ("Ada", "Lovelace", "ada@x.edu")
        assert book.find_submission("softmax", "bob@x.edu").total_seconds_late == 1800.0


def test_a_platforms_id_is_the_student_that_the_gradebook_knows_by_it(course, handed_in, workers, tmp_path):
    """By lms_user_id, else by the id; nobody is entered twice, and no id is taken for somebody else's."""
    with database(course) as book:
        book.add_student("lovelace", lms_user_id="812", first_name="Augusta")
        book.add_student("813")
        book.add_student("814", lms_user_id="999")
    work = handed_in(PERFECT)
    files = {moodle_name(f"Student {n}", n, "softmax.ipynb"): work for n in (812, 813, 814, 815)}
    _, (refused,) = grade(course, workers, zipped(tmp_path / "m.zip", files))
    assert marks(course) == {"lovelace": 7.0, "813": 7.0, "815": 7.0}
    assert "somebody else's" in refused.reason
    with database(course) as book:
        assert book.find_student("lovelace").first_name == "Augusta"
        assert book.find_student("815").last_name == "815"


def test_a_refused_upload_gets_0_and_a_flag_and_an_older_mark_does_not_stand(course, handed_in, workers, tmp_path):
    work = handed_in(PERFECT)
    name = canvas_name("Ada", 1, 11, "softmax.ipynb")
    grade(course, workers, zipped(tmp_path / "a.zip", {name: work}))
    assert marks(course) == {"1": 7.0}
    shutil.copy(tmp_path / "a.zip", tmp_path / "b.zip")
    bomb = canvas_name("Ada", 1, 12, "data.csv")
    (failed,), _ = grade(course, workers, zipped(tmp_path / "b.zip", {name: work, bomb: b"0" * (5 << 20)}))
    assert (failed.status, marks(course)) == ("failed", {"1": 0.0})
    assert f"{bomb} unpacks to" in failed.message


def test_what_is_graded_from_a_zip_is_not_graded_again(course, handed_in, workers, tmp_path):
    path = zipped(tmp_path / "a.zip", {canvas_name("Ada", 1, 11, "softmax.ipynb"): handed_in(PERFECT)})
    grade(course, workers, path)
    written = course.root / "autograded" / "1" / "softmax" / "softmax.ipynb"
    before = written.stat().st_mtime_ns
    grade(course, workers, path)
    assert (written.stat().st_mtime_ns, marks(course)) == (before, {"1": 7.0})


def test_a_notebook_named_by_itself_keeps_its_marks(course, handed_in, workers, tmp_path):
    """It lies nowhere under submitted/, and was handed in all the same; the time beside it is the student's."""
    set_duedate(course)
    (tmp_path / "ada.ipynb").write_bytes(handed_in(PERFECT))
    (tmp_path / "timestamp.txt").write_text("2027-01-01 00:00:00 UTC")
    grade(course, workers, tmp_path / "ada.ipynb")
    assert marks(course) == {"ada": 7.0}


@pytest.mark.parametrize(
    "path", sampled(["submitted", ".", "submitted/ada", "submitted/ada/softmax/softmax.ipynb"])
)
def test_the_courses_own_folder_may_be_named(path, course, handed_in, workers, monkeypatch):
    """Whole or in part; the collector's timestamp.txt counts there."""
    set_duedate(course)
    folder = course.folder("submitted", "ada", "softmax")
    folder.mkdir(parents=True)
    (folder / "softmax.ipynb").write_bytes(handed_in(PERFECT))
    (folder / "timestamp.txt").write_text("2026-01-30 15:30:10 UTC")
    monkeypatch.chdir(course.root)
    with Gradebook(course) as gradebook:
        matched = gradebook.match_students(gathered(course, (Path(path),), None).notebooks)
        grade_into(gradebook, OneMachine(workers), matched.notebooks, OPTIONS)
    assert marks(course) == {"ada": 7.0}
    with database(course) as book:
        assert book.find_submission("softmax", "ada").timestamp == DUE.replace(
            month=1, day=30, hour=15, minute=30, second=10
        )


def test_a_students_folder_is_never_taken_for_a_course(course, tmp_path, monkeypatch):
    """It may hold a configuration, which would be run."""
    (tmp_path / "ada" / "source").mkdir(parents=True)
    (tmp_path / "ada" / "nbgrader_config.py").write_text("raise SystemExit('owned')")
    (tmp_path / "ada" / "softmax.ipynb").touch()
    (entry,) = accepted(gathered(course, (tmp_path / "ada",), None))
    assert entry.student == "ada"
