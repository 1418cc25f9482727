"""The commands as a person or a CI job runs them: real processes, real exit statuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import warm
from click.testing import CliRunner
from conftest import CHECKOUT
from expectations import expected
from sampling import sampled

from autograder.cli import main
from autograder.commands.demo import submissions
from autograder.commands.doctor import Machine, examine
from autograder.exercises import TOPICS
from autograder.sandbox import bounds
from autograder.sandbox.fork_server import ForkServer
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.scratch import Scratch

BIN = Path(sys.executable).parent
SOFTMAX = CHECKOUT / "tests" / "submissions" / "softmax"


@pytest.fixture
def run(tmp_path):
    """Run `autograder …` with a home of the test's own."""

    def call(*words, cwd=CHECKOUT, expect=0):
        environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "data"), "COLUMNS": "100"}
        done = warm.run(["autograder", *words], cwd, environment)
        assert done.returncode == expect, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout, done.stderr

    return call


def test_help_teaches(run):
    out, _ = run("--help")
    for word in ("check", "grade", "release", "list", "doctor", "demo", "Exit status"):
        assert word in out


def commands_of(group, *names):
    """Each command's words, those of subcommands included, and the command."""
    for name, command in group.commands.items():
        yield (*names, name), command
        yield from commands_of(command, *names, name) if isinstance(command, click.Group) else ()


COMMANDS = {" ".join(words): command for words, command in commands_of(main)}


@pytest.mark.parametrize("words", COMMANDS)
def test_the_help_of_a_command_works_outside_a_course(words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(main, [*words.split(), "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"autograder {words}" in shown.output.replace("main", "autograder")


def examples_in(command):
    return {line.strip() for line in command.help.splitlines() if line.strip().startswith("autograder ")}


@pytest.mark.parametrize("words", [words for words, command in COMMANDS.items() if examples_in(command)])
def test_the_examples_of_a_command_stand_on_lines_of_their_own(words):
    """click keeps lines after the one character "\\b"; a raw docstring holds two characters instead."""
    shown = CliRunner().invoke(main, [*words.split(), "--help"]).output
    assert {line.strip() for line in shown.splitlines()} >= examples_in(COMMANDS[words])
    assert "\\b" not in shown


@pytest.mark.parametrize(
    "where", ["autograder.commands.opening.open_for_grading", "autograder.commands.grade.graders_for"]
)
def test_ctrl_c_before_the_first_submission_is_a_sentence(where, monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupted)
    path = CHECKOUT / "release" / "softmax" / "softmax.ipynb"
    done = CliRunner().invoke(main, ["grade", str(path), "--course", str(CHECKOUT), "--no-gradebook"])
    assert done.exit_code == 130
    assert done.output == "Error: Stopped before anything was graded.\n"


def test_ctrl_c_in_any_other_command_is_a_word(monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.commands.list.run", interrupted)
    done = CliRunner().invoke(main, ["list"])
    assert (done.exit_code, done.output) == (130, "Error: Stopped. Run the command again to finish.\n")


@pytest.mark.sandbox
def test_a_path_that_does_not_exist_is_named_even_in_a_log(run):
    """Nobody's submission is there: the name is what the user typed."""
    out, _ = run("grade", "sofmax.ipynb", "--no-gradebook", expect=1)
    assert "✗ sofmax.ipynb does not exist." in out


def test_the_module_is_the_command():
    out = subprocess.run(
        [sys.executable, "-m", "autograder", "--version"], capture_output=True, text=True, check=True
    )
    assert "autograder, version" in out.stdout


def test_list_names_every_exercise_and_the_assignments(run):
    out, _ = run("list")
    for name in (
        "softmax",
        "logsumexp",
        "log_softmax",
        "cross_entropy",
        "cross_entropy_grad",
        "numerical_gradient",
    ):
        assert name in out
    assert "assignment softmax/softmax: 27 points, 11 marked cells, 9 sealed" in out


@pytest.mark.slow
@pytest.mark.sandbox
def test_doctor_finds_this_machine_fit(run):
    out, _ = run("doctor")
    assert "✗" not in out
    assert "This machine can grade." in out
    for bound in ("disk: ", "threads: at most 256; ", "memory: at most 3072 MB, by the kernel"):
        assert f"✓ {bound}" in out


@pytest.mark.slow
@pytest.mark.sandbox
def test_doctor_says_which_way_the_bounds_are_held():
    """It tries each, on a machine that refuses to mount and to count, too."""

    def said():
        return [finding.name for finding in examine(Machine()) if finding.held]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scratch, "mount_options", lambda *_: "size=none")
        patch.setattr(ForkServer, "counts_threads", False)
        found = said()
    assert any(s.startswith("disk: no file system can be mounted here, so free space is watched") for s in found)
    assert any(s.endswith("so they are looked at from outside") for s in found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "resource_limits", lambda *_, **__: {})
        found = said()
    assert [s for s in found if s.startswith(("disk", "threads", "memory"))][1:] == [], "the kernel held these"


@pytest.mark.sandbox
def test_check_prints_a_line_of_json_a_file_in_the_given_order(run):
    """Marks and names are those that the files declare."""
    files = [SOFTMAX / f"{name}.py" for name in ("untouched", "perfect", "naive", "global_shift", "syntax_error")]
    out, _ = run("check", "softmax", *files, "--json")
    results = [json.loads(line) for line in out.splitlines()]
    assert [result["file"] for result in results] == [str(path) for path in files]
    for path, result in zip(files, results, strict=True):
        wanted = expected(path, "softmax")
        assert (result["score"], sorted(result["misconceptions"])) == (wanted.score, sorted(wanted.mistakes))
        assert result["passed"] == (wanted.score == 4.0)
        assert result["max_score"] == 4.0
        assert result["isolation"] == "landlock"


@pytest.mark.sandbox
def test_an_unreadable_file_is_named_and_the_others_are_graded(run, tmp_path):
    link = tmp_path / "link.py"
    link.symlink_to(SOFTMAX / "perfect.py")
    out, _ = run("check", "softmax", tmp_path / "nowhere.py", link, SOFTMAX / "perfect.py", "--json", expect=1)
    missing, linked, perfect = map(json.loads, out.splitlines())
    assert missing["message"].endswith("can't be read: No such file or directory.")
    assert linked["message"].endswith("is a link; links are not followed.")
    assert (missing["score"], linked["score"], perfect["score"]) == (0.0, 0.0, 4.0)


@pytest.mark.slow
@pytest.mark.sandbox
def test_below_a_mark_the_status_is_3(run):
    run("check", "softmax", SOFTMAX / "naive.py", "--fail-under", "75")
    run("check", "softmax", SOFTMAX / "naive.py", "--fail-under", "76", expect=3)


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_full_mark_is_not_below_the_highest_threshold(run):
    run("check", "softmax", SOFTMAX / "perfect.py", "--fail-under", "100")


def test_an_unknown_exercise_is_wrong_usage(run):
    _, err = run("check", "sofmax", SOFTMAX / "perfect.py", expect=2)
    assert "there is no exercise called “sofmax”" in err


@pytest.mark.slow
@pytest.mark.sandbox
def test_without_isolation_every_result_says_so(run):
    out, _ = run("check", "softmax", SOFTMAX / "perfect.py", "--sandbox", "none", "--json")
    assert json.loads(out)["isolation"] == "none"
    out, _ = run("check", "softmax", SOFTMAX / "perfect.py", "--sandbox", "none")
    assert "WITHOUT isolation" in out


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_limit_is_set_by_name_and_an_unknown_one_refused(run):
    endless = SOFTMAX / "infinite_loop.py"
    out, _ = run("check", "softmax", endless, "--limit", "call_seconds=0.25")
    assert "did not end within 0.25 s and was stopped." in out
    _, err = run("check", "softmax", endless, "--limit", "second=1", expect=2)
    assert "there is no limit called “second”" in err


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_part_for_a_slip_is_set_and_can_be_switched_off(run):
    """Sums for means: what fails for this slip alone gives half of its marks, all of them, or nothing."""
    sums = CHECKOUT / "tests" / "submissions" / "bernoulli" / "sums.py"
    parts = ([], ["--follow-through", "1"], ["--follow-through", "0"])
    scores = [json.loads(run("check", "bce_grad", sums, "--json", *part)[0])["score"] for part in parts]
    assert scores == [1.25, 2.5, 0.0]


@pytest.mark.slow
def test_allow_lets_a_module_in(run):
    """SciPy's softmax then runs, and its mistake is named: by default it sums over the whole array."""
    out, _ = run("check", "softmax", SOFTMAX / "needs_scipy.py", "--allow", "scipy", "--json")
    assert json.loads(out)["misconceptions"] == ["normalised-over-everything"]
    out, _ = run("check", "softmax", SOFTMAX / "needs_scipy.py", "--json")
    assert "No module named 'scipy'" in json.loads(out)["message"]
    assert "--allow" in json.loads(out)["message"]


@pytest.mark.slow
@pytest.mark.sandbox
def test_grade_grades_a_loose_notebook_without_a_gradebook(run, blank, tmp_path, course):
    """The file's name is the student's; nothing is written but the results asked for."""
    notebook = tmp_path / "ada.ipynb"
    filled = submissions.fill_in(blank, (SOFTMAX / "naive.py").read_text(), (SOFTMAX / "perfect.py").read_text())
    notebook.write_bytes(submissions.write(filled))
    before = sorted(path for path in course.root.rglob("*"))
    results = tmp_path / "results.jsonl"
    out, _ = run("grade", notebook, "--course", course.root, "--no-gradebook", "--results", results)
    assert "ada" not in out
    (report,) = map(json.loads, results.read_text().splitlines())
    assert (report["student"], report["assignment"], report["score"]) == ("ada", "softmax", 20.0)
    assert report["cells"][0]["misconceptions"] == ["no-max-shift"]
    assert sorted(path for path in course.root.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_log_holds_no_name_and_no_mark(run, lean, course):
    """A good submission, a damaged one and a link: into a pipe go counts, with --show-students everything."""
    good = submissions.fill_in(lean, (SOFTMAX / "naive.py").read_text(), (SOFTMAX / "perfect.py").read_text())
    for student, content in (
        ("canary@example.org", submissions.write(good)),
        ("canary-two", submissions.write(good)[:900]),
    ):
        place = course.folder("submitted", student, "softmax")
        place.mkdir(parents=True)
        (place / "softmax.ipynb").write_bytes(content)
    linked = course.root / "canary-three.ipynb"
    linked.symlink_to(course.root / "nbgrader_config.py")
    words = ("grade", course.folder("submitted"), linked, "--course", course.root)
    words += ("--assignment", "softmax", "--no-gradebook")
    out, err = run(*words, expect=1)
    assert "canary" not in out + err
    assert "20 / 27" not in out + err
    assert "no-max-shift" not in out + err
    assert " ".join(out.split()).count("softmax softmax 1 0 2 ✗") == 1, "graded, of these waiting, failed"
    assert "A submission is cut off or damaged" in out
    out, _ = run(*words, "--show-students", expect=1)
    for shown in ("canary@example.org", "20 / 27", "no-max-shift", "canary-two", "canary-three"):
        assert shown in out


def test_names_are_shown_on_a_terminal_outside_of_ci(monkeypatch):
    from autograder.commands import console as printed

    for name in printed.IN_CI:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(printed, "console", printed.Console(force_terminal=True))
    assert printed.shows_students({"show_students": False})
    monkeypatch.setenv("CI", "true")
    assert not printed.shows_students({"show_students": False})
    assert printed.shows_students({"show_students": True})
    monkeypatch.setenv("CI", "false")
    monkeypatch.setattr(printed, "console", printed.Console(force_terminal=False))
    assert not printed.shows_students({"show_students": False})


def test_grade_outside_a_course_says_what_to_do(run, tmp_path):
    _, err = run("grade", cwd=tmp_path, expect=2)
    assert "is no nbgrader course" in err
    assert "--course" in err


def test_grade_with_nothing_submitted_says_so(run, course):
    _, err = run("grade", "--course", course.root, expect=2)
    assert "Nothing is submitted in" in err
    assert "submitted/STUDENT/ASSIGNMENT/" in err


@pytest.mark.slow
def test_release_refuses_an_unknown_assignment(run, course):
    _, err = run("release", "nope", "--course", course.root, expect=2)
    assert "there are: softmax" in err.lower()


@pytest.mark.slow
def test_release_makes_and_proves(run, course):
    shutil.rmtree(course.root / "release")
    out, _ = run("release", "softmax", "--course", course.root)
    assert "holds no solution and no hidden test" in out
    assert (course.root / "release" / "softmax" / "softmax.ipynb").is_file()
    assert "('softmax-visible', 'code', 'check'," in (course.root / "release" / "precheck.py").read_text()


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_demo_grades_a_whole_class(run, tmp_path):
    """At least a dozen submissions end as marks in nbgrader's gradebook, with feedback; the damaged are named."""
    from nbgrader.api import Gradebook as Database

    out, _ = run("demo", "--into", tmp_path / "demo")
    root = tmp_path / "demo"
    with Database(f"sqlite:///{root / 'gradebook.db'}", "logits-and-likelihoods") as database:
        scores = {s.student.id: s.score for s in database.assignment_submissions("softmax")}
    assert len(scores) >= 12
    assert scores["perfect"] == scores["odd_but_right"] == scores["damaged_without_tests"] == 23.0
    assert scores["naive"] == 20.0
    assert scores["quits"] == 6.0, (
        "numerical_gradient and the questions do without the two functions that end the process"
    )
    for nothing in ("untouched", "forger", "peeker", "damaged_empty", "damaged_truncated", "linked"):
        assert scores[nothing] == 0.0
    assert scores["damaged_rewritten_tests"] < 20.0
    for student in ("naive", "forger", "infinite_loop"):
        assert (root / f"feedback/{student}/softmax/softmax.html").is_file()
    assert "What lost marks" in (root / "feedback/naive/softmax/softmax.html").read_text(), "a page of our own"
    for said in ("is cut off or damaged", "belongs to another assignment", "is a link", "no-max-shift", "709.78"):
        assert said in out


@pytest.mark.slow
def test_the_demo_refuses_a_folder_in_use(run, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    _, err = run("demo", "--into", tmp_path, expect=2)
    assert "is not empty" in err


def test_opening_imports_nothing_that_could_wait_until_the_warm_process_starts():
    code = "import sys, autograder.commands.opening; print({'numpy', 'rich', 'nbgrader'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.slow
def test_the_gradebook_s_import_compiles_no_grammars():
    """jsonschema did from 4.25 on, for more than a second of every command."""
    code = "import sys, autograder.gradebook.gradebook; print({'lark', 'rfc3987_syntax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def alone_options(topic):
    """What the command line gives where it is asked for nothing but a notebook's marks."""
    unset = dict.fromkeys(("roster", "results", "junit", "gradescope", "feedback_dir", "github_summary"))
    return unset | {"assignment": topic, "jobs": 1, "no_gradebook": True, "show_students": False}


@pytest.mark.sandbox
@pytest.mark.parametrize("topic", sampled(TOPICS, every=0, rest=len(TOPICS)))
def test_a_submission_that_comes_alone_is_graded_by_the_process_started_early(tmp_path, topic):
    """In a process of its own: one with threads does not fork its workers."""
    alone = tmp_path / f"{topic}.ipynb"
    shutil.copy(CHECKOUT / "release" / topic / alone.name, alone)
    command = [sys.executable, "-c", COUNT_STARTS, str(tmp_path / "starts"), str(alone), "--course", str(CHECKOUT)]
    done = subprocess.run([*command, "--no-gradebook"], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "starts").read_text() == "started\n"


COUNT_STARTS = """
import sys
from autograder.cli import main
from autograder.sandbox.fork_server import ForkServer

start = ForkServer.__init__

def noted(self, *args):
    with open(sys.argv[1], "a") as file:
        file.write("started\\n")
    start(self, *args)

ForkServer.__init__ = noted
main(["grade", *sys.argv[2:]])
"""


@pytest.mark.sandbox
def test_what_can_not_be_started_is_a_sentence(monkeypatch, tmp_path):
    """The early start may fail, on a full disk for example: it only saves time."""
    from autograder.commands.grade import run as grade
    from autograder.commands.opening import CannotGradeError, open_for_grading

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    alone = CHECKOUT / "release" / "softmax" / "softmax.ipynb"
    options = alone_options("softmax")
    with (
        Launcher() as launcher,
        open_for_grading({}, CHECKOUT, (alone,), options, launcher) as opened,
        pytest.raises(CannotGradeError, match=r"The processes that grade can't be started: .*No such file"),
    ):
        grade(opened, options)
