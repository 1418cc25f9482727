"""The steps of the workflows to copy, run here one by one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
import xmlschema
from conftest import CHECKOUT
from workflow_files import BIN, STUDENTS, jobs_of, scripts, scripts_of

from autograder.commands.demo import submissions
from autograder.course import Course


@pytest.fixture
def classroom(course, lean, tmp_path):
    """A course with two submissions, a perfect and a damaged one, and the branch that keeps its gradebook."""
    perfect = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()
    good = submissions.write(submissions.fill_in(lean, perfect))
    for student, content in (("canary-ada", good), ("canary-bob", good[:900])):
        place = course.folder("submitted", student, "softmax")
        place.mkdir(parents=True)
        (place / "softmax.ipynb").write_bytes(content)
    shutil.rmtree(course.root / "release")
    (course.root / "gradebook.db").unlink()
    origin = tmp_path / "origin.git"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost"]
    subprocess.run([*git, "init", "--quiet", "--bare", "--initial-branch=gradebook", origin], check=True)
    subprocess.run([*git, "clone", "--quiet", origin, course.root / "kept"], check=True, capture_output=True)
    for words in (("commit", "--quiet", "--allow-empty", "-m", "Start"), ("push", "--quiet", "origin", "HEAD")):
        subprocess.run([*git, "-C", course.root / "kept", *words], check=True)
    return course


def run_step(course, script, tmp_path, **more):
    """Run a step as the platform's shell would, and return its status and log."""
    for name in ("data", "runner"):
        (tmp_path / name).mkdir(exist_ok=True)
    environment = os.environ | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "CI": "true",
        "AUTOGRADER_SEED": "0123456789abcdef" * 4,
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "autograder"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "autograder@localhost"),
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=course.root,
        env=environment | more,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def steps_of(path):
    steps = [step for job in jobs_of(path).values() for step in job["steps"] if "run" in step]
    return {step["name"]: step["run"] for step in steps}


def checked_out(root, tmp_path):
    """A folder with the branch that keeps the gradebook in it, as a job finds it; its course."""
    root.mkdir(exist_ok=True)
    shutil.rmtree(root / "kept", ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", tmp_path / "origin.git", root / "kept"], check=True)
    return Course(root)


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_course_workflow_grades_keeps_and_takes_up_again(classroom, tmp_path):
    """Its own steps, one after the other, twice: the second run has the first one's gradebook, and grades nothing.

    Each job has a folder of its own, and what one hands on. Installing, and what needs the platform's servers, is
    left out.
    """
    steps = steps_of(CHECKOUT / "workflows" / "github-course.yml")
    assert run_step(classroom, steps["See that this machine can isolate"], tmp_path)[0] == 0
    said, times = "", []
    for number in range(2):
        checked_out(classroom.root, tmp_path)
        publishing = checked_out(tmp_path / f"publish {number}", tmp_path)
        for course, name, wanted in (
            (classroom, "Take up the gradebook", 0),
            (classroom, "Grade", 1),
            (classroom, "Pack what was graded", 0),
            (publishing, "Keep the gradebook", 0),
        ):
            if name == "Pack what was graded":  # as if a submission had written there
                page = classroom.root / "feedback-files" / "canary-ada" / "softmax" / "more.md"
                page.unlink(missing_ok=True)
                page.symlink_to("/proc/self/environ")
                subprocess.run(["git", "init", "--quiet", classroom.root / "autograded" / "x"], check=True)
            status, log = run_step(course, steps[name], tmp_path, GITHUB_ACTIONS="true")
            assert status == wanted, f"{name}, run {number}: {log}"
            said += log
        kept = publishing.root / "kept"
        assert (kept / "autograded" / "canary-ada" / "softmax" / "softmax.ipynb").is_file()
        pages = (publishing.root / "feedback-files" / "canary-ada" / "softmax").glob("*.md")
        assert [page.name for page in pages] == ["softmax.md"]
        assert not list((kept / "autograded").rglob(".git"))
        graded = json.loads((classroom.root / "results.jsonl").read_text().splitlines()[0])
        times.append(graded["seconds"])
        shutil.rmtree(classroom.root / "autograded")
        (classroom.root / "gradebook.db").unlink()
    assert "canary" not in said
    assert "20 /" not in said
    assert times[0] == times[1], "a second run grades what has changed, and nothing has"
    marks = [json.loads(line) for line in (classroom.root / "results.jsonl").read_text().splitlines()]
    assert {report["student"]: (report["status"], report["score"]) for report in marks} == {
        "canary-ada": ("graded", 23.0),
        "canary-bob": ("failed", 0.0),
    }
    xmlschema.validate(classroom.root / "junit.xml", CHECKOUT / "tests" / "schemas" / "junit-10.xsd")
    assert "softmax" in (tmp_path / "summary.md").read_text()
    log = ["git", "-C", tmp_path / "origin.git", "log", "--format=%s", "gradebook"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout.split()[-2:] == [
        "Grade",
        "Start",
    ]


@pytest.mark.deep
@pytest.mark.slow
@pytest.mark.sandbox
def test_the_gitlab_jobs_grade_say_that_one_could_not_be_graded_and_keep_the_others(classroom, tmp_path):
    shutil.rmtree(classroom.root / "kept")
    (tmp_path / "seed").write_text("0123456789abcdef" * 4)
    jobs = jobs_of(CHECKOUT / "workflows" / "gitlab-course.yml")
    (grade,), (keep,) = scripts_of(jobs["grade"]), scripts_of(jobs["keep"])
    grade = "\n".join(line for line in grade.splitlines() if " pip install " not in f" {line} ")
    place = {"CI_SERVER_HOST": "gitlab.example", "CI_PROJECT_PATH": "group/course"}
    here = {"GIT_CONFIG_COUNT": "2"}  # the project's own addresses lead to the scratch repository
    for number, token in enumerate(("gitlab-ci-token:j", "oauth2:t")):
        here[f"GIT_CONFIG_KEY_{number}"] = f"url.{tmp_path / 'origin.git'}.insteadOf"
        here[f"GIT_CONFIG_VALUE_{number}"] = f"https://{token}@gitlab.example/group/course.git"
    more = {"AUTOGRADER_SEED": str(tmp_path / "seed"), "CI_JOB_TOKEN": "j"}
    status, log = run_step(classroom, grade, tmp_path, **more, **place, **here)
    assert status == 1, log
    assert "canary" not in log
    assert not (classroom.root / "kept").exists()
    assert (classroom.root / "junit.xml").is_file()

    hostile = classroom.root / "autograded" / "canary-ada"  # as if a submission had written there
    (hostile / "link").symlink_to("/proc/self/environ")
    subprocess.run(["git", "init", "--quiet", hostile / "softmax"], check=True)
    handed_on = [classroom.root / name for name in jobs["grade"]["artifacts"]["paths"]]
    (tmp_path / "keep").mkdir()
    subprocess.run(["cp", "-a", *handed_on, tmp_path / "keep"], check=True)
    for wanted in (0, 1):  # the second time, the branch is not what was taken up
        keeping = {"GRADEBOOK_TOKEN": "t", **place, **here}
        status, log = run_step(Course(tmp_path / "keep"), keep, tmp_path, **keeping)
        assert status == wanted, log
        assert ("has changed since" in log) == bool(wanted)
    listed = ["git", "-C", tmp_path / "origin.git", "ls-tree", "-r", "--name-only", "gradebook"]
    kept = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    assert {"gradebook.db", "autograded/canary-ada/softmax/softmax.ipynb"} <= set(kept)
    assert "autograded/canary-ada/link" not in kept


GH = """#!/usr/bin/env bash
case "$1 $2" in
  "repo clone") shift 2; from="$1"; to="$2"; shift 3; git clone "$@" "file://$HOSTED/$from" "$to" ;;
  "api repos/"*) echo 2026-01-09T12:00:00Z ;;
  "issue create") [ -z "$REFUSE" ] || { echo "canary: no such repository" >&2; exit 1; }
    echo "$4: $(cat "$8")" >> "$HOSTED/issues" ;;
esac
"""
"""GitHub's own command, as far as the workflow uses it, on repositories in a folder."""


@pytest.fixture
def hosted(course, tmp_path):
    """Where students' repositories are hosted: one with a link and a date of its own, one is gone."""
    work = tmp_path / "hosted" / "org" / "hw-ada"
    work.mkdir(parents=True)
    (work / "softmax.ipynb").write_text("{}")
    (work / "data.txt").symlink_to("/etc/passwd")
    (work / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    git = ["git", "-C", work, "-c", "user.name=x", "-c", "user.email=x@localhost"]
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "Mine")):
        subprocess.run([*git, *words], check=True)
    header = "student,assignment,owner/repository\r\n"
    # Excel's line ends, an empty line, and no end to the last one.
    lines = "canary-bob,softmax,org/hw-bob\r\n\r\ncanary-ada,softmax,org/hw-ada"
    (course.root / "students.csv").write_bytes((header + lines).encode())
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(GH)
    (tools / "gh").chmod(0o755)
    return {"HOSTED": str(tmp_path / "hosted"), "PATH": f"{tools}:{BIN}:{os.environ['PATH']}"}


def test_pulled_repositories_bring_files_alone_and_the_platforms_time(course, hosted, tmp_path):
    steps = steps_of(CHECKOUT / "workflows" / "github-course.yml")
    assert run_step(course, steps["Read the list of repositories"], tmp_path, **hosted) == (0, "")
    for _ in range(2):  # every night anew
        status, log = run_step(course, steps["Pull the students' repositories"], tmp_path, **hosted)
        assert (status, log.splitlines()[0]) == (0, "Repositories that could not be pulled: 1")
        assert "hw-bob" not in log
    (line, _) = (tmp_path / "summary.md").read_text().splitlines()
    assert line.startswith("- org/hw-bob was not pulled: ")
    assert "make sure you have the correct access rights" in line
    assert run_step(course, steps["Pack what was pulled"], tmp_path) == (0, "")
    shutil.rmtree(course.root / "submitted")
    assert run_step(course, steps["Unpack what was pulled"], tmp_path) == (0, "")
    place = course.folder("submitted", "canary-ada", "softmax")
    assert {path.name for path in place.iterdir()} == {"softmax.ipynb", "data.txt", "timestamp.txt"}
    assert not (place / "data.txt").is_symlink()
    assert (place / "timestamp.txt").read_text().startswith("2026-01-09")


def test_feedback_is_posted_when_it_is_new(classroom, hosted, tmp_path):
    """Once a text; what could not be posted is counted, and posted by a later run."""
    steps = steps_of(CHECKOUT / "workflows" / "github-course.yml")
    assert run_step(classroom, steps["Read the list of repositories"], tmp_path, **hosted) == (0, "")
    page = classroom.root / "feedback-files" / "canary-ada" / "softmax" / "softmax.md"
    page.parent.mkdir(parents=True)
    for text, refused in (("one", 0), ("one", 0), ("two", 1), ("two", 0)):
        page.write_text(text)
        more = hosted | ({"REFUSE": "1"} if refused else {})
        status, log = run_step(classroom, steps["Post what is new in the feedback"], tmp_path, **more)
        assert (status, log.splitlines()[0]) == (refused, f"Feedback pages that could not be posted: {refused}")
        assert "canary" not in log
        assert run_step(classroom, steps["Note what was posted"], tmp_path, **hosted) == (0, "")
    why = "- No feedback in org/hw-ada: canary: no such repository"
    assert (tmp_path / "summary.md").read_text().splitlines() == [why + " "]
    assert (tmp_path / "hosted" / "issues").read_text().split("\n") == ["org/hw-ada: one", "org/hw-ada: two", ""]


def test_a_night_on_which_nothing_could_be_pulled_is_red(course, hosted, tmp_path):
    """A token that has expired, say: the run stops there, and nobody's submission is taken for missing."""
    shutil.rmtree(tmp_path / "hosted" / "org")
    steps = steps_of(CHECKOUT / "workflows" / "github-course.yml")
    assert run_step(course, steps["Read the list of repositories"], tmp_path, **hosted) == (0, "")
    status, log = run_step(course, steps["Pull the students' repositories"], tmp_path, **hosted)
    assert status == 1
    assert "has STUDENTS_TOKEN expired?" in log


@pytest.mark.parametrize(
    "text",
    [
        b"a,hw,org/a\nb,hw,org/b\n",
        b"a,hw,org/a\nb,hw,org/b",
        b"student,assignment,owner/repository\na,hw,org/a\nb,hw,org/b",
        b"Student,Assignment,Repository\r\na,hw,org/a\r\n\r\nb,hw,org/b",
        "\ufeffstudent, assignment, repository\r\na,hw,org/a\r\nb,hw,org/b\r\n".encode(),
        "\ufeffa,hw,org/a\nb,hw,org/b".encode(),
    ],
)
def test_a_list_is_read_with_and_without_header_line_ends_and_mark(course, tmp_path, text):
    """As Excel, an editor and a shell write it."""
    (course.root / "students.csv").write_bytes(text)
    path = CHECKOUT / "workflows" / "github-course.yml"
    reading = [step for job in jobs_of(path).values() for step in job["steps"] if "awk" in step.get("run", "")]
    assert len({step["run"] for step in reading}) == 1
    assert run_step(course, reading[0]["run"], tmp_path) == (0, "")
    assert (tmp_path / "runner" / "students.csv").read_bytes() == b"a,hw,org/a\nb,hw,org/b\n"


@pytest.mark.slow
def test_a_students_workflow_checks_every_notebook_that_lies_there(perfect, tmp_path):
    """It names no notebook. The figures are imported from beside it. One fault fails the run."""
    root = tmp_path / "repository"
    shutil.copytree(CHECKOUT / "release" / "softmax", root)
    shutil.copy(CHECKOUT / "release" / "precheck.py", root)
    (root / "softmax.ipynb").write_bytes(submissions.write(perfect))
    (root / "another one.ipynb").write_text("{}")
    ran = {}
    for path in STUDENTS:
        (script,) = [text for text in scripts(path) if "precheck.py" in text]
        ran[path.stem] = "\n".join(line for line in script.splitlines() if "pip install" not in line)
    assert ran["github-student"].strip() == ran["gitlab-student"].strip()
    status, log = run_step(Course(root), ran["github-student"], tmp_path)
    assert status == 1, log
    assert "it is JSON, but not a notebook" in log
    assert "the check “softmax-visible” passes" in log
    assert "1 to mend, 0 not done yet." in log
    assert "All is in order." in log
