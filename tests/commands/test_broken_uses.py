"""What people do wrong at a command line, and what they read: what happened, to what, and what to do.

Each row is played as a user plays it: a process of its own, in a folder like theirs.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import tiny_course
import warm
from conftest import CHECKOUT
from sampling import sampled

PERFECT = str(CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py")
CHECK = ("check", "softmax", PERFECT)
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_FOWNER = 24, 1, 3
SPACE = 4096
"""Bytes that a process may write into one file where a test plays a full disk."""


def environment(home):
    return os.environ | {"XDG_DATA_HOME": str(home), "COLUMNS": "100"}


def run(cwd, *words, home=None, limit=None, prefix=()):
    """Run `autograder` in a folder; return its exit status and all it said, in one line."""
    env = environment(home or cwd / "data")
    if limit or prefix:
        command = [*prefix, sys.executable, "-m", "autograder", *map(str, words)]
        more = {"capture_output": True, "text": True, "timeout": 300, "preexec_fn": limit}
        done = subprocess.run(command, cwd=cwd, env=env, check=False, **more)
    else:
        done = warm.run(["autograder", *words], cwd, env)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    return done.returncode, " ".join(said.split())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


# --- what is typed wrong ---------------------------------------------------------------------------------

IN_A_COURSE = {
    "a command": (["relea"], 2, "No such command 'relea'. Did you mean 'release'?"),
    "an option": (["grade", "--assignmnt", "softmax"], 2, "Did you mean '--assignment'?"),
    "an assignment": (
        ["grade", "--assignment", "sofmax"],
        2,
        "no assignment “sofmax” in ; did you mean “softmax”?",
    ),
    "an assignment to release": (["release", "softmx"], 2, "did you mean “softmax”? There are: softmax."),
    "an assignment for Gradescope": (["gradescope-zip", "sofmax", "x.zip"], 2, "did you mean “softmax”?"),
    "an exercise": (["check", "sofmax", PERFECT], 2, "no exercise called “sofmax”; did you mean “softmax”?"),
    "an exercise to prove": (["prove", "entropie"], 2, "no exercise called “entropie”; did you mean “entropy”?"),
    "a module": ([*CHECK, "--allow", "scippy"], 2, "No module “scippy” is installed in ; did you mean “scipy”?"),
    "a module of ours": (
        [*CHECK, "--allow", "solutions"],
        2,
        "“solutions” holds hidden tests and can't be allowed.",
    ),
    "a seed file": (
        [*CHECK, "--seed-file", "sede"],
        0,
        "sede did not exist: a new secret is in it now. It asks other hidden inputs than any other.",
    ),
    "a device as a seed file": ([*CHECK, "--seed-file", "/dev/zero"], 2, "/dev/zero is no file"),
    "a level": (["grade", "--feedback", "lots"], 2, "'lots' is not one of 'score', 'messages', 'full'."),
    "a number": (
        ["grade", "--jobs", "many"],
        2,
        "Invalid value for '--jobs': 'many' is not a valid integer range.",
    ),
    "a notebook for a function": (
        ["check", "softmax", "source/softmax/softmax.ipynb"],
        1,
        "source/softmax/softmax.ipynb is a notebook, and “check” grades one function in a .py file: grade it with",
    ),
    "results of nothing": (["report", "--results", "/dev/null"], 2, "/dev/null holds no results."),
    **{
        f"the standard output for {words[-2]} of {words[0]}": (
            [*words],
            2,
            "“-” is no name, and this is not written",
        )
        for words in (
            ("grade", "--results", "-"),
            ("check", "softmax", "x.py", "--junit", "-"),
            ("export", "csv", "-"),
            ("gradescope-zip", "softmax", "-"),
        )
    },
    "a limit": ([*CHECK, "--limit", "memry=1G"], 2, "there is no limit called “memry”"),
    "a share": (["grade", "--fail-under", "120"], 2, "120.0 is not in the range 0<=x<=100"),
    "no share": (["grade", "--fail-under", "nan"], 2, "nan is no number."),
    "a course": (
        ["list", "--course", "cuorse"],
        2,
        "There is no folder /cuorse. Name the course's folder with --course.",
    ),
    "a folder as a course": (["list", "--course", "release"], 2, "/release is no nbgrader course: it has neither"),
    "a file to precheck": (["precheck", "sofmax.ipynb"], 2, "there is no file sofmax.ipynb"),
    "a notebook": (["grade", "source/softmax/sofmax.ipynb", "--no-gradebook"], 1, "did you mean softmax.ipynb?"),
    "a results file to export": (["export", "csv", "x.csv", "--results", "r.jsonl"], 2, "r.jsonl can't be read"),
    "a folder for a file": (["grade", "--no-gradebook", "--results", "source"], 2, "Nothing is submitted in"),
    "nothing submitted": (["grade"], 2, "A submission lies in submitted/STUDENT/ASSIGNMENT/"),
    "a name with markup": (["release", "[bold]x[/bold]"], 2, "There is no assignment “[bold]x[/bold]”"),
    "a name with an umlaut": (["release", "übung 1"], 2, "There is no assignment “übung 1”"),
    "a name with a newline": (["release", "a\nb"], 2, "There is no assignment"),
    "a leading dash": (
        ["release", "--", "-softmax"],
        2,
        "There is no assignment “-softmax” in ; did you mean “softmax”?",
    ),
}


FAST = ("an assignment", "a course", "nothing submitted")


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case in FAST else pytest.mark.slow) for case in IN_A_COURSE]
)
def test_a_typing_error_is_named_with_what_was_meant(case, released_course, home):
    words, status, said = IN_A_COURSE[case]
    got, text = run(released_course.root, *words, home=home)
    assert said in text.replace(str(released_course.root), "").replace(sys.prefix, ""), text
    assert got == status


OUTSIDE = {
    "grade": (["grade"], "is no nbgrader course: it has neither nbgrader_config.py nor a folder “source”."),
    "release": (["release"], "Name the course's folder with --course."),
    "precheck": (["precheck", "x.ipynb"], "Name the course's folder with --course."),
    "export": (["export", "csv", "x.csv"], "Name the course's folder with --course."),
    "gradescope-zip": (["gradescope-zip", "softmax", "x.zip"], "Name the course's folder with --course."),
}


@pytest.mark.slow
def test_in_no_columns_at_all_something_is_printed(tmp_path):
    command = [sys.executable, "-m", "autograder", "list"]
    around = environment(tmp_path) | {"COLUMNS": "0"}
    said = subprocess.run(command, cwd=tmp_path, env=around, capture_output=True, text=True, check=True).stdout
    assert "softmax" in said


@pytest.mark.parametrize("command", sampled(OUTSIDE, every=4))
def test_outside_a_course_a_command_says_where_to_go(command, tmp_path):
    words, said = OUTSIDE[command]
    status, text = run(tmp_path, *words)
    assert status == 2
    assert said in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["grade", "release"])
def test_submissions_without_a_source_are_not_nothing(command, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("")
    (tmp_path / "submitted" / "ada" / "hw").mkdir(parents=True)
    status, text = run(tmp_path, command)
    assert status == 2
    assert "has no folder source/ with the instructor's notebooks" in text
    (tmp_path / "source" / "hw").mkdir(parents=True)
    status, text = run(tmp_path, command)
    assert status == 2
    assert "holds no assignment: an assignment is a folder in it with at least one notebook" in text


CONFIGURATIONS = {
    "a syntax error": ("c = get_config(\n", "can't be run: SyntaxError in line 1"),
    "a wrong name": ("c = get_config()\nd.x = 1\n", "can't be run: NameError: name 'd' is not defined."),
    "an end": ("import sys\nsys.exit()\n", "ends the program: remove sys.exit(), exit() or quit() from it."),
    "two steps in one folder": (
        "c = get_config()\nc.CourseDirectory.autograded_directory = './submitted'\n",
        "CourseDirectory.autograded_directory and CourseDirectory.submitted_directory are both “submitted”.",
    ),
    "another layout": (
        "c = get_config()\nc.CourseDirectory.directory_structure = '{foo}'\n",
        "CourseDirectory.directory_structure can't be '{foo}': it is made of {nbgrader_step}/{student_id}/",
    ),
    "a wrong type for nbgrader": (
        "c = get_config()\nc.CourseDirectory.course_id = 5\n",
        "nbgrader_config.py: The 'course_id' trait of a CourseDirectory instance expected a unicode string",
    ),
    "a file for a database": (
        "c = get_config()\nc.CourseDirectory.db_url = 'gradebook.db'\n",
        "db_url = “gradebook.db” is no address of a database; write “sqlite:///gradebook.db”.",
    ),
    "an unknown option": ("c = get_config()\nc.GradeSealed.feedbak = 'full'\n", "no option GradeSealed.feedbak"),
    "a wrong type": ("c = get_config()\nc.GradeSealed.limits = 4\n", "GradeSealed.limits must be a dictionary"),
}


@pytest.mark.parametrize(
    "case", sampled(CONFIGURATIONS, every=1, slow=["a file for a database", "a wrong type for nbgrader"])
)
def test_a_broken_configuration_is_named(case, tmp_path):
    content, said = CONFIGURATIONS[case]
    (tmp_path / "nbgrader_config.py").write_text(content)
    (tmp_path / "source" / "hw").mkdir(parents=True)
    shutil.copy(CHECKOUT / "release" / "softmax" / "softmax.ipynb", tmp_path / "source" / "hw" / "hw.ipynb")
    status, text = run(tmp_path, "grade", tmp_path / "source" / "hw" / "hw.ipynb", "--student", "ada")
    assert status == 2
    assert said in text


@pytest.mark.slow
def test_a_broken_source_notebook_is_named(tmp_path):
    (tmp_path / "source" / "hw").mkdir(parents=True)
    (tmp_path / "source" / "hw" / "hw.ipynb").write_text("{")
    for words in (["release"], ["list"]):
        status, text = run(tmp_path, *words)
        assert status == 2, text
        assert "source/hw/hw.ipynb is cut off or damaged" in text


@pytest.mark.slow
def test_in_a_folder_that_is_gone_it_says_so(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    status, text = run(gone, "list", home=tmp_path, prefix=["sh", "-c", f'rmdir {gone} && exec "$@"', "sh"])
    assert (status, text) == (2, "Error: The folder in which you are is gone: change into another one.")


def test_a_terminal_of_an_old_locale_gets_utf_8(tmp_path):
    around = environment(tmp_path) | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "autograder", "prove", "equally_sure"]
    said = subprocess.run(command, cwd=tmp_path, env=around, capture_output=True, check=True).stdout
    assert said.decode().startswith("✓ equally_sure")


# --- what the machine refuses ----------------------------------------------------------------------------


def read_only(folder):
    """The start of a command that sees a folder mounted read-only, which holds root, too."""
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
    prefix = ["unshare", "--mount", "sh", "-c", script, str(folder)]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine lets no test mount a folder read-only")
    return prefix


def full():
    """As on a full disk: no file takes more than SPACE bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (SPACE, SPACE))


def minds_modes():
    """As any user but root: what a file's mode forbids is forbidden."""
    for capability in (CAP_DAC_OVERRIDE, CAP_FOWNER):
        if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) and os.geteuid() == 0:
            raise OSError


def submitted(course, student="ada", content=None):
    place = course.folder("submitted", student, "softmax")
    place.mkdir(parents=True)
    released = CHECKOUT / "release" / "softmax" / "softmax.ipynb"
    (place / "softmax.ipynb").write_bytes(released.read_bytes() if content is None else content)
    return place / "softmax.ipynb"


@pytest.mark.slow
@pytest.mark.parametrize("command", sampled(["release", "grade"], every=0, rest=2))
def test_a_read_only_course_is_a_sentence(command, course, tmp_path):
    submitted(course, content=b"{")
    status, text = run(course.root, command, home=tmp_path / "data", prefix=read_only(course.root))
    assert status in (1, 2)
    assert re.search(r"Read-only file system|readonly database", text), text
    assert text.count("File ") == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", sampled(["grade", "release"], every=0, rest=2))
def test_a_course_of_somebody_else_s_is_a_sentence(command, course, tmp_path):
    submitted(course, content=b"{")
    for path in [course.root, *course.root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        status, text = run(course.root, command, home=tmp_path / "data", limit=minds_modes)
    finally:
        for path in [course.root, *course.root.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert status in (1, 2)
    assert re.search(r"Permission denied|read-only|readonly database", text), text


@pytest.mark.deep
def test_where_results_can_not_be_written_nothing_is_graded(course, tmp_path):
    """It is said before the class is graded, not afterwards."""
    submitted(course, content=b"{")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    words = ("grade", "--course", course.root, "--no-gradebook")
    for option, place in (("--results", "r.jsonl"), ("--junit", "r.xml"), ("--feedback-dir", "pages")):
        status, text = run(
            elsewhere, *words, option, elsewhere / place, home=tmp_path / "data", prefix=read_only(elsewhere)
        )
        assert status == 2
        assert f"{option} {elsewhere / place} can't be written: {elsewhere} is read-only for you." in text
    status, text = run(elsewhere, *words, "--results", elsewhere, home=tmp_path / "data")
    assert (status, f"--results {elsewhere} is a folder: name a file." in text) == (2, True)
    status, text = run(elsewhere, *words, "--results", "/dev/full", home=tmp_path / "data")
    assert status == 2
    assert (
        "/dev/full can't be written: No space left on device. Free some space, and run the command again." in text
    )


@pytest.mark.deep
def test_a_full_disk_leaves_the_release_as_it_was(course, tmp_path):
    """nbgrader removes the old release before it makes the new one; here it comes back."""
    released = course.folder("release", assignment="softmax") / "softmax.ipynb"
    before = released.read_bytes()
    status, text = run(course.root, "release", home=tmp_path / "data", limit=full)
    assert status in (1, 2)
    assert re.search(r"too large|disk|full|space", text), text
    assert "[Errno" not in text
    assert released.read_bytes() == before
    status, text = run(course.root, "release", home=tmp_path / "data")
    assert status == 0, text


def on_a_disk_with(kilobytes, folder):
    """The start of a command that works in a copy of a folder on a disk of its own with so much room left."""
    script = (
        'copy=$(mktemp -d) && mount -t tmpfs -o size=4m tmpfs "$copy" && cp -r "$0/." "$copy" && '
        'free=$(df --output=avail -k "$copy" | tail -n 1) && '
        f'head -c $(( (free - {kilobytes}) * 1024 )) /dev/zero > "$copy/.filled" && cd "$copy" && exec "$@"'
    )
    prefix = ["unshare", "--mount", "sh", "-c", script, str(folder)]
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], check=False).returncode:
        pytest.skip("this machine lets no test mount a disk of its own")
    return prefix


FULL = [(0, "release"), (0, "grade"), (60, "grade"), (12, "release")]
"""Kilobytes that are left, and a command."""


@pytest.mark.parametrize("case", sampled(FULL, every=0, rest=4, ident="{0[0]}-{0[1]}".format))
def test_a_full_disk_is_a_sentence_without_nbgraders_traceback(case, tmp_path):
    kilobytes, command = case
    root = tiny_course.make(tmp_path / "course")
    run(root, "release", home=tmp_path / "data")
    tiny_course.submit(root, "ada")
    status, text = run(root, command, home=tmp_path / "data", prefix=on_a_disk_with(kilobytes, root))
    assert status in (1, 2)
    assert "database or disk is full" in text or "No space left on device" in text


OWN = """import dataclasses
from autograder import exercises
exercise = dataclasses.replace(exercises.find("entropy"), name="mine")
"""


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_missing_exercise_is_said_once_and_not_to_each_student(tmp_path):
    """A course's own exercise whose file is gone: nobody loses marks."""
    root = tiny_course.make(tmp_path / "course", name="mine")
    (root / "exercises").mkdir()
    (root / "exercises" / "mine.py").write_text(OWN)
    status, text = run(root, "release", home=tmp_path)
    assert status == 0, text
    for student in ("ada", "ben", "eve"):
        tiny_course.submit(root, student)
    shutil.rmtree(root / "exercises")
    for more in ([], ["--no-gradebook"]):
        status, text = run(root, "grade", *more, home=tmp_path)
        assert status == 2
        assert text.count("asks for the exercise “mine”, which is missing: put") == 1
        assert "fault of the grader" not in text


EDITS = {
    "a column": ("alter table grade drop column auto_score", "lacks the column “auto_score” of its table “grade”"),
    "a table": ("drop table submitted_notebook", "table “submitted_notebook”"),
    "our column": (
        "alter table autograder_release drop column cells",
        "lacks the column “cells” of its table “autograder_release”",
    ),
}


@pytest.mark.parametrize("case", sampled(EDITS, every=0, rest=3))
def test_a_gradebook_with_other_tables_is_named_and_left_alone(case, course, home):
    statement, said = EDITS[case]
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database, database:
        database.execute(statement)
    before = (course.root / "gradebook.db").read_bytes()
    submitted(course)
    copy = f"sqlite:///{course.root / 'copy.db'}"
    for words in (["grade"], ["export", "csv", "x.csv"], ["gradebook", "copy", "gradebook.db", copy]):
        status, text = run(course.root, *words, home=home)
        assert said in text
        assert "bring it up to date" in text or "brings it up to date" in text
        assert status == 2
    assert (course.root / "gradebook.db").read_bytes() == before


@pytest.mark.slow
def test_numbers_alone_go_to_the_standard_output(course, home):
    for student in ("ada", "ben"):
        submitted(course, student)
    command = [sys.executable, "-m", "autograder", "similar", "softmax", "--json", "-"]
    done = subprocess.run(command, cwd=course.root, env=environment(home), capture_output=True, check=True)
    assert json.loads(done.stdout)["students"] == 2
    assert not (course.root / "-").exists()


@pytest.mark.slow
@pytest.mark.sandbox
def test_rows_of_notebooks_that_somebody_deleted_are_made_anew(course, home):
    submitted(course)
    run(course.root, "grade", home=home)
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database, database:
        database.execute("delete from submitted_notebook")
    status, text = run(course.root, "grade", "--force", home=home)
    assert (status, "softmax: 1 graded anew." in text) == (0, True), text


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        (
            resource.RLIMIT_NOFILE,
            40,
            "may have 40 open files here (ulimit -Hn), and a submission is promised 64",
        ),
        (resource.RLIMIT_AS, 1 << 30, "bytes of memory here (ulimit -Hv), and a submission is promised"),
    ],
)
@pytest.mark.slow
def test_where_a_submission_would_have_less_than_promised_nothing_is_graded(course, home, limit, value, said):
    """A right answer had 0 in a shell with few open files: its process could not even start."""
    submitted(course)
    status, text = run(course.root, "grade", home=home, limit=lambda: resource.setrlimit(limit, (value, value)))
    assert (status, said in text) == (2, True), text


# --- Ctrl-C ----------------------------------------------------------------------------------------------


def interrupted(cwd, *words, home, after):
    """Run a command and press Ctrl-C after some seconds; return its exit status and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *map(str, words)],
        cwd=cwd,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    status = Path(f"/proc/{process.pid}/status")
    while not catches_interrupts(status) and process.poll() is None:
        time.sleep(0.002)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def catches_interrupts(status):
    """Whether Python has set its handler: until then no program could say anything."""
    try:
        caught = re.search(r"SigCgt:\s*([0-9a-f]+)", status.read_text())
    except OSError:
        return False
    return bool(caught and int(caught[1], 16) & (1 << (signal.SIGINT - 1)))


@pytest.mark.sandbox
@pytest.mark.parametrize("command", sampled(["grade", "list", "release", "doctor"], every=0, rest=4))
def test_ctrl_c_at_any_moment_is_a_sentence_and_leaves_nothing_half_written(command, course, tmp_path):
    submitted(course)
    released = course.folder("release", assignment="softmax") / "softmax.ipynb"
    before = released.read_bytes()
    stopped = 0
    for after in (0.06, 0.12, 0.2, 0.3, 0.45, 0.7, 1.0, 1.4, 2.0, 3.0):
        status, said = interrupted(course.root, command, home=tmp_path / "data", after=after)
        if status != 0:
            assert "autograder/" not in said.replace(str(course.root), ""), said
            ended = status == -signal.SIGINT  # the work was done, and Python was about to end
            assert status == 130 or ended or "Traceback" in said, (after, said)  # site's imports are not ours
            assert "Stopped" in said or ended or "Traceback" in said, said
            stopped += 1
        assert released.read_bytes() == before
    assert stopped
    assert not list(course.root.rglob(".*.new"))
    assert not list(course.root.rglob(".*.old"))
    status, text = run(course.root, "grade", home=tmp_path / "data")
    assert status == 0, text


def test_ctrl_c_while_a_class_is_made_is_the_same_sentence(tmp_path):
    """Python 3.11 hands it over as the cause of a RuntimeError; any other one is a fault of ours and shows."""
    pressed = "raise RuntimeError('__set_name__') from {cause}"
    for cause, status, said in (("KeyboardInterrupt", 130, "Stopped."), ("ValueError", 1, "Traceback")):
        (tmp_path / "rich.py").write_text(pressed.format(cause=cause))
        done = subprocess.run(
            [sys.executable, "-m", "autograder", "list"],
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, said in done.stderr) == (status, True), done.stderr


# --- two at once, and odd names --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_second_of_two_says_that_it_waits(course, tmp_path):
    submitted(course)
    with course.locked(lambda: pytest.fail("nobody else is here")):
        second = subprocess.Popen(
            [sys.executable, "-m", "autograder", "grade"],
            cwd=course.root,
            env=environment(tmp_path / "data"),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert second.stdout.readline() == "Another autograder is at work in this course; waiting for it.\n"
    said, _ = second.communicate(timeout=120)
    assert second.returncode == 0, said


@pytest.mark.slow
@pytest.mark.sandbox
def test_odd_names_of_students_are_names(course, tmp_path):
    names = ["ada lovelace", "jürgen", "-rf", "[red]eve", "o'neil"]
    for name in names:
        submitted(course, name, content=b"{")
    status, text = run(course.root, "grade", "--show-students", home=tmp_path / "data")
    assert status == 1
    for name in names:
        assert f"✗ {name}: submitted/{name}/softmax/softmax.ipynb is cut off or damaged" in text
