"""Each workflow to copy, set up as its comments say from an empty repository with the real files, and played."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from conftest import CHECKOUT
from workflow_files import BIN, jobs_of, scripts_of
from workflow_hosting import (
    COURSE,
    GITLAB_COURSE,
    STUDENT,
    cannot_isolate,
    commands_in,
    course_in,
    course_repository,
    perfect_notebook,
    shell,
    students_repository,
    tools,
)
from workflow_runner import Runner, empty_repository, git, push

__all__ = ["cannot_isolate", "course_repository", "students_repository", "tools"]


def listed(repository, branch):
    return git("ls-tree", "-r", "--name-only", branch, cwd=repository).split()


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_course_on_github(course_repository, students_repository, tools, tmp_path):
    origin, secrets = course_repository
    runner = Runner(origin, tmp_path / "run", secrets=secrets, tools=tools, HOSTED=str(tmp_path / "hosted"))
    assert runner.run(COURSE) == dict.fromkeys(("pull", "grade", "publish"), "success"), runner.log
    kept = listed(origin, "gradebook")
    assert {"gradebook.db", "autograded/ada/softmax/softmax.ipynb"} <= set(kept)
    assert (tmp_path / "hosted" / "issues").read_text() == "org/hw-ada: Feedback: softmax\n"
    rows = (tmp_path / "run" / "artifacts" / "results" / "results.jsonl").read_text().splitlines()
    assert [(row["student"], row["score"]) for row in map(json.loads, rows)] == [("ada", 23.0)]
    assert "ada" not in runner.log.replace("Landlock", "")


@pytest.mark.deep
@pytest.mark.slow
def test_a_students_repository_on_github(students_repository, tmp_path):
    runner = Runner(students_repository, tmp_path / "run", event="push")
    assert runner.run(STUDENT) == {"precheck": "success"}, runner.log
    assert "✓ the check “softmax-visible” passes" in runner.log


def test_a_machine_that_can_not_isolate_is_a_red_run_and_nothing_is_kept(
    course_repository, students_repository, cannot_isolate, tmp_path
):
    origin, secrets = course_repository
    before = listed(origin, "gradebook")
    runner = Runner(
        origin, tmp_path / "run", secrets=secrets, tools=cannot_isolate, HOSTED=str(tmp_path / "hosted")
    )
    assert runner.run(COURSE) == {"pull": "success", "grade": "failure", "publish": "skipped"}
    assert "Grading needs Linux with Landlock." in runner.log
    assert "graded all the same" not in runner.log
    assert listed(origin, "gradebook") == before
    assert not (tmp_path / "hosted" / "issues").exists()


def test_a_gitlab_machine_that_can_not_isolate_is_a_red_job(course_repository, cannot_isolate):
    origin, _ = course_repository
    script = gitlab_script("grade")
    path = f"{cannot_isolate}:{BIN}:{os.environ['PATH']}"
    command = ["bash", "-eo", "pipefail", "-c", script]
    environment = os.environ | {"PATH": path}
    work = origin.with_suffix("")
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Grading needs Linux with Landlock." in done.stdout
    assert "graded all the same" not in done.stdout
    command[-1] = gitlab_script("keep")
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "Nothing was graded; the job before this one says why.\n")


# --- GitLab ----------------------------------------------------------------------------------------------


def gitlab_script(job):
    """The lines of a job without those that install."""
    (script,) = scripts_of(jobs_of(GITLAB_COURSE)[job])
    return "\n".join(line for line in script.splitlines() if " pip install " not in f" {line} ")


@pytest.mark.deep
@pytest.mark.sandbox
def test_a_course_on_gitlab(tmp_path):
    """From an empty project, as the file's comments say; each job in a folder of its own."""
    origin, work = empty_repository(tmp_path, "course")
    course_in(work)
    shutil.copy(GITLAB_COURSE, work / ".gitlab-ci.yml")
    place = work / "submitted" / "ada" / "softmax"
    place.mkdir(parents=True)
    (place / "softmax.ipynb").write_bytes(perfect_notebook())
    push(work)
    (command,) = commands_in(GITLAB_COURSE, "the branch “gradebook”")
    shell(command, work)
    assert git("branch", "--show-current", cwd=work) == "main\n"

    (tmp_path / "seed").write_text("0123456789abcdef" * 4)
    address = "https://{}@gitlab.example/group/course.git"
    variables = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "CI": "true",
        "GITLAB_CI": "true",
        "AUTOGRADER_SEED": str(tmp_path / "seed"),
        "CI_JOB_TOKEN": "j",
        "GRADEBOOK_TOKEN": "t",
        "CI_SERVER_HOST": "gitlab.example",
        "CI_PROJECT_PATH": "group/course",
        "GIT_CONFIG_COUNT": "2",  # the project's own addresses lead to the repository here
        **{f"GIT_CONFIG_KEY_{number}": f"url.{origin}.insteadOf" for number in range(2)},
        "GIT_CONFIG_VALUE_0": address.format("gitlab-ci-token:j"),
        "GIT_CONFIG_VALUE_1": address.format("oauth2:t"),
    }
    git("clone", "--quiet", origin, tmp_path / "grade", cwd=tmp_path)
    shell(gitlab_script("grade"), tmp_path / "grade", **variables)
    (tmp_path / "keep").mkdir()
    for name in jobs_of(GITLAB_COURSE)["grade"]["artifacts"]["paths"]:
        subprocess.run(["cp", "-a", tmp_path / "grade" / name, tmp_path / "keep"], check=True)
    shell(gitlab_script("keep"), tmp_path / "keep", **variables)
    kept = git("ls-tree", "-r", "--name-only", "gradebook", cwd=origin).split()
    assert {"gradebook.db", "autograded/ada/softmax/softmax.ipynb"} <= set(kept)
    (row,) = map(json.loads, (tmp_path / "keep" / "results.jsonl").read_text().splitlines())
    assert (row["student"], row["score"]) == ("ada", 23.0)


@pytest.mark.deep
@pytest.mark.slow
def test_a_students_project_on_gitlab(students_repository, tmp_path):
    """The same repository with the other platform's file."""
    path = CHECKOUT / "workflows" / "gitlab-student.yml"
    git("clone", "--quiet", students_repository, tmp_path / "work", cwd=tmp_path)
    (script,) = scripts_of(jobs_of(path)["precheck"])
    script = "\n".join(line for line in script.splitlines() if " pip install " not in f" {line} ")
    shell(script, tmp_path / "work", PATH=f"{BIN}:{os.environ['PATH']}")
