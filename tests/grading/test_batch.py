"""Many submissions side by side: in order, each by itself, and one that can't be graded stops no other."""

from __future__ import annotations

import functools
import json
import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from conftest import CHECKOUT, GENEROUS, SECRET
from hostile.attacks import processes_in
from waiting import wait_until

from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.grading.batch import grade_batch
from autograder.grading.grader import Grader
from autograder.grading.outcome import grade_submission
from autograder.grading.settings import Settings
from autograder.grading.workers import WorkerPool
from autograder.intake import SubmittedNotebook
from autograder.notebooks import notebook
from autograder.notebooks.source import Source

pytestmark = pytest.mark.sandbox

SUBMISSIONS = CHECKOUT / "tests" / "submissions" / "softmax"


@pytest.fixture
def small_course(tmp_path):
    """A course of one assignment with two functions, and no gradebook."""
    folder = tmp_path / "source" / "softmax"
    folder.mkdir(parents=True)
    whole = notebook.read((CHECKOUT / "source" / "softmax" / "softmax.ipynb").read_bytes())
    wanted = {"softmax-solution", "softmax", "logsumexp-solution", "logsumexp"}
    whole["cells"] = [cell for cell in whole["cells"] if notebook.grade_id_of(cell) in wanted]
    (folder / "softmax.ipynb").write_bytes(submissions.write(whole))
    (folder / "data.csv").write_text("1,2")
    return Course(tmp_path)


@pytest.fixture
def small_source(small_course):
    return small_course.source("softmax", "softmax")


def notebook_for(course, text):
    path = course.folder("source", assignment="softmax") / "softmax.ipynb"
    return submissions.write(submissions.fill_in(notebook.read(path.read_bytes()), text))


def submit(course, student, content):
    folder = course.folder("submitted", student, "softmax")
    folder.mkdir(parents=True)
    path = folder / "softmax.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else notebook_for(course, content))
    return SubmittedNotebook(path, student, "softmax", "softmax")


PERFECT = (SUBMISSIONS / "perfect.py").read_text()
CLASS = {
    # What each submits, and the marks it must get for softmax and logsumexp.
    "ada": (PERFECT, [4.0, 3.0]),
    "slow": ("import time\ntime.sleep(0.4)\n" + PERFECT, [4.0, 3.0]),
    "empty": (b"", [0.0, 0.0]),
    "wrong": (PERFECT.replace("return weights / np.sum", "return np.sum"), [0.0, 3.0]),
    "quits": (
        "import os\n"
        + PERFECT.replace("def logsumexp(z, axis=-1):\n", "def logsumexp(z, axis=-1):\n    os._exit(0)\n"),
        [4.0, 0.0],
    ),
    "broken": ("def softmax(:", [0.0, 0.0]),
    "loops": (
        PERFECT.replace("    weights = np.exp(", "    while z.shape == (4, 3): pass\n    weights = np.exp("),
        [0.0, 3.0],
    ),
    "zoe": (PERFECT, [4.0, 3.0]),
}


def reports(workers, course, found, source, jobs):
    came = list(grade_batch(workers, course, [(entry, source) for entry in found], jobs))
    assert [outcome.found for outcome in came] == found
    return [outcome.report for outcome in came]


def marks(report):
    return [cell.score for cell in report.cells]


@pytest.mark.slow
def test_order_and_results_are_the_same_whatever_the_number_of_jobs(short_workers, small_course, small_source):
    """The slow one comes in its place; what crashes, hangs or is unreadable costs its neighbours nothing."""
    found = [submit(small_course, student, text) for student, (text, _) in CLASS.items()]
    by_jobs = [
        [
            msgspec.structs.replace(report, seconds=0.0)
            for report in reports(short_workers, small_course, found, small_source, n)
        ]
        for n in (1, 2, 4)
    ]
    assert by_jobs[0] == by_jobs[1] == by_jobs[2]
    assert [report.student for report in by_jobs[0]] == list(CLASS)
    for report, (_, wanted) in zip(by_jobs[0], CLASS.values(), strict=True):
        assert marks(report) == wanted, report.student
    assert [report.file for report in by_jobs[0]] == [f"submitted/{name}/softmax/softmax.ipynb" for name in CLASS]


def test_nothing_is_graded_twice_or_left_out_when_students_are_many(workers, small_course, small_source):
    found = [submit(small_course, f"s{number:02}", b"") for number in range(60)]
    came = reports(workers, small_course, found, small_source, 4)
    assert [report.student for report in came] == [f"s{number:02}" for number in range(60)]


def test_a_batch_gives_the_reports_of_a_grader_in_this_process(grader, workers, small_course, small_source):
    found = [submit(small_course, name, text) for name, (text, _) in CLASS.items() if name != "loops"]
    came = reports(workers, small_course, found, small_source, 2)
    alone = [grade_submission(grader, small_course, entry, small_source).report for entry in found]
    assert [msgspec.structs.replace(report, seconds=0.0) for report in came] == [
        msgspec.structs.replace(report, seconds=0.0) for report in alone
    ]


@pytest.fixture
def own_workers():
    with WorkerPool(Settings(SECRET, limits=GENEROUS)) as workers:
        yield workers


def processes_of(workers):
    nursery = workers._nursery.pid
    return set(map(int, Path(f"/proc/{nursery}/task/{nursery}/children").read_text().split()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kills", "status", "score"), [(1, "graded", 7.0), pytest.param(2, "failed", 0.0, marks=pytest.mark.slow)]
)
def test_a_process_of_the_grader_s_that_dies_costs_a_second_try_and_no_other_submission(
    own_workers, small_course, small_source, kills, status, score
):
    found = submit(small_course, "ada", "import time\ntime.sleep(3)\n" + PERFECT)
    with ThreadPoolExecutor(1) as thread:
        graded, killed = thread.submit(own_workers.grade, small_course, found, small_source), set()
        while len(killed) < kills and not graded.done():
            for process in processes_of(own_workers) - killed:
                os.kill(process, signal.SIGKILL)
                killed.add(process)
            time.sleep(0.01)
        report = graded.result(timeout=600).report
        bea = submit(small_course, "bea", PERFECT)
        assert own_workers.grade(small_course, bea, small_source).report.score == 7.0
    assert (report.status, report.score) == (status, score)
    assert status == "graded" or "twice the grader's own process died" in report.message


@pytest.mark.slow
def test_idle_is_called_while_a_slow_submission_runs(workers, small_course, small_source):
    """The caller commits the marks of those before it, and the gradebook is not locked meanwhile."""
    found = [
        submit(small_course, "ada", PERFECT),
        submit(small_course, "slow", "import time\ntime.sleep(3)\n" + PERFECT),
    ]
    events = []
    wanted = [(entry, small_source) for entry in found]
    outcomes = grade_batch(workers, small_course, wanted, 2, idle=functools.partial(events.append, "idle"))
    for outcome in outcomes:
        events += [outcome.found.student]
    assert events[-3:] == ["ada", "idle", "slow"]


@pytest.mark.parametrize("answer", [b'["no reply", null, ""]', b"{}", b'{"result": [1, 2]}', b"\xff", b""])
def test_a_process_that_answers_nonsense_is_replaced(own_workers, small_course, small_source, answer):
    mine, theirs = multiprocessing.Pipe()
    worker = own_workers._worker()
    worker._connection.close()
    worker._connection = mine
    theirs.send_bytes(answer)
    outcome = own_workers.grade(small_course, submit(small_course, "ada", PERFECT), small_source)
    assert (outcome.report.status, outcome.report.score) == ("graded", 7.0)
    assert own_workers._worker() is not worker


def test_a_process_that_takes_a_new_submission_for_an_unchanged_one_leaves_a_verdict(
    own_workers, small_course, small_source
):
    mine, theirs = multiprocessing.Pipe()
    worker = own_workers._worker()
    worker._connection.close()
    worker._connection = mine
    theirs.send_bytes(b'{"result": null}')
    report = own_workers.grade(small_course, submit(small_course, "ada", PERFECT), small_source).report
    assert (report.status, report.score, len(report.cells)) == ("failed", 0.0, 2)
    assert "took it for unchanged" in report.message


def test_no_submissions_give_no_reports(workers, small_course, small_source):
    assert reports(workers, small_course, [], small_source, 2) == []


def faulty_source():
    """A source that makes the grader trip: its sealed cell asks for an exercise that nobody registered."""
    cell = {
        "cell_type": "code",
        "metadata": {"nbgrader": {"grade_id": "nowhere", "grade": True, "locked": True, "points": 5}},
        "source": '### BEGIN HIDDEN TESTS\ncheck("nowhere", nowhere)\n### END HIDDEN TESTS',
    }
    return Source.from_notebook(notebook.read(json.dumps({"cells": [cell]}).encode()))


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_fault_of_the_grader_is_a_failed_report_that_names_it_and_the_others_are_graded(
    workers, small_course, small_source, jobs
):
    found = [submit(small_course, name, PERFECT) for name in ("ada", "bea", "cai")]
    content = json.dumps({"cells": []}).encode()
    found[1].path.write_bytes(content)
    wanted = list(zip(found, (small_source, faulty_source(), small_source), strict=True))
    first, failed, last = grade_batch(workers, small_course, wanted, jobs)
    assert (marks(first.report), marks(last.report)) == ([4.0, 3.0], [4.0, 3.0])
    message = failed.report.message
    assert (failed.report.status, failed.report.score, failed.report.max_score) == ("failed", 0.0, 5.0)
    assert message.startswith("submitted/bea/softmax/softmax.ipynb could not be graded: a fault of the grader")
    assert "UnknownExerciseError: there is no exercise called “nowhere”" in message
    assert [cell.message for cell in failed.report.cells] == [message]
    assert failed.notebook is None


@pytest.mark.parametrize(
    ("replace", "said"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "is a link; links are not followed."),
        (lambda path: path.symlink_to(path.parents[3] / "source" / "softmax" / "softmax.ipynb"), "is a link"),
        (os.mkfifo, "is not a file."),
        (lambda path: path.mkdir(), "is not a file."),
        (lambda path: None, "can't be read: No such file or directory."),
        (lambda path: path.write_bytes(b" " * (21 << 20)), "has 22.0 MB; at most 21 MB are opened."),
    ],
    ids=["link to a system file", "link to the source", "pipe", "folder", "gone", "too large"],
)
def test_what_must_not_be_opened_fails_with_the_reason_and_is_not_read(
    grader, small_course, small_source, replace, said
):
    found = submit(small_course, "eve", b"")
    found.path.unlink()
    replace(found.path)
    report = grade_submission(grader, small_course, found, small_source).report
    assert (report.status, report.score, report.max_score) == ("failed", 0.0, 7.0)
    assert said in report.message
    assert all(cell.message == report.message for cell in report.cells)


def test_a_link_beside_the_notebook_is_refused_too(grader, small_course, small_source):
    found = submit(small_course, "eve", PERFECT)
    (found.path.parent / "notes.txt").symlink_to("/etc/passwd")
    report = grade_submission(grader, small_course, found, small_source).report
    assert (report.status, report.score) == ("failed", 0.0)
    assert report.message == "submitted/eve/softmax/notes.txt is a link; links are not followed."


def test_the_instructor_s_files_lie_beside_the_notebook_and_replace_the_student_s(
    grader, small_course, small_source
):
    found = submit(
        small_course, "ada", "print(open('data.csv').read(), open('own/helper.txt').read())\n" + PERFECT
    )
    (found.path.parent / "data.csv").write_text("changed")
    (found.path.parent / "own").mkdir()
    (found.path.parent / "own" / "helper.txt").write_text("mine")
    graded = grade_submission(grader, small_course, found, small_source)
    texts = [o["text"] for cell in graded.notebook["cells"] for o in cell.get("outputs", ()) if "text" in o]
    assert texts == ["1,2 mine\n"]


@pytest.mark.parametrize("name", ["data.csv/x.txt", "tables"])
def test_a_student_s_file_where_the_instructor_needs_a_folder_gives_way(grader, small_course, small_source, name):
    (small_course.folder("source", assignment="softmax") / "tables").mkdir()
    (small_course.folder("source", assignment="softmax") / "tables" / "a.csv").write_text("3")
    found = submit(small_course, "ada", "print(open('data.csv').read(), open('tables/a.csv').read())\n" + PERFECT)
    path = found.path.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    graded = grade_submission(grader, small_course, found, small_source)
    texts = [o["text"] for cell in graded.notebook["cells"] for o in cell.get("outputs", ()) if "text" in o]
    assert texts == ["1,2 3\n"]


def test_a_notebook_from_elsewhere_is_named_by_its_own_path_and_brings_no_files(
    grader, small_course, small_source, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("mail") / "ada.ipynb"
    elsewhere.write_bytes(notebook_for(small_course, "import os\nprint(sorted(os.listdir()))\n" + PERFECT))
    (elsewhere.parent / "private.txt").touch()
    graded = grade_submission(
        grader, small_course, SubmittedNotebook(elsewhere, "ada", "softmax", "softmax"), small_source
    )
    assert (graded.report.file, graded.report.score) == (str(elsewhere), 7.0)
    shown = next(cell for cell in graded.notebook["cells"] if cell["id"] == "own")["outputs"][0]["text"]
    assert "data.csv" in shown
    assert "private.txt" not in shown


def test_stopping_early_kills_what_runs_and_leaves_nothing_behind(own_workers, small_course, small_source):
    """Who takes only the first report ends the batch: the rest is not graded."""
    found = [submit(small_course, f"s{number}", "import time\ntime.sleep(0.3)\n" + PERFECT) for number in range(8)]
    batch = grade_batch(own_workers, small_course, [(entry, small_source) for entry in found], 2)
    assert next(batch).report.score == 7.0
    processes, folder = processes_of(own_workers), own_workers._nursery.folder
    assert processes
    assert processes_in(folder)
    batch.close()
    wait_until(lambda: not folder.exists())
    wait_until(lambda: not processes_in(folder))  # a killed process takes a moment to end
    assert not any(Path(f"/proc/{pid}").exists() for pid in processes)


@pytest.mark.slow
def test_a_batch_ends_when_its_time_is_up_and_yields_what_is_graded(own_workers, small_course, small_source):
    """What is left over is neither yielded nor given a verdict: a second run takes it up."""
    slow = "import time\ntime.sleep(600)\n" + PERFECT
    texts = {"ada": PERFECT, "bea": PERFECT, "slow": slow, "cai": PERFECT, **{f"s{n}": slow for n in range(4)}}
    found = [submit(small_course, student, text) for student, text in texts.items()]
    wanted = [(entry, small_source) for entry in found]
    came = list(grade_batch(own_workers, small_course, wanted, 2, seconds=12))
    assert {outcome.found.student for outcome in came} == {"ada", "bea", "cai"}
    assert {outcome.report.score for outcome in came} == {7.0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kills", "status", "score"), [(1, "graded", 7.0), pytest.param(2, "failed", 0.0, marks=pytest.mark.slow)]
)
def test_a_dead_fork_server_costs_a_second_try_and_no_marks(small_course, small_source, kills, status, score):
    found = submit(small_course, "ada", "import time\ntime.sleep(3)\n" + PERFECT)
    with Grader(Settings(SECRET, limits=GENEROUS)) as grader, ThreadPoolExecutor(1) as threads:
        graded = threads.submit(grade_submission, grader, small_course, found, small_source)
        killed = set()
        while len(killed) < kills and not graded.done():
            for server in grader._pool._busy - killed:
                if server.forks:
                    server._process.kill()
                    killed.add(server)
            time.sleep(0.01)
        report = graded.result(timeout=600).report
    assert len(killed) == kills, "its fork went on without it"
    assert (report.status, report.score) == (status, score)
    assert status == "graded" or "a fault of the grader" in report.message
