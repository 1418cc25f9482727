"""Each workflow to copy, set up as its comments say from an empty repository with the real files, and played."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from conftest import CHECKOUT
from workflow_files import BIN, jobs_of, scripts_of
from workflow_hosting import COURSE, STUDENT, cannot_isolate, course_repository, students_repository, tools
from workflow_runner import Runner, git

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
    assert [(row["student"], row["score"]) for row in map(json.loads, rows)] == [("ada", 20.0)]
    assert "ada" not in runner.log.replace("Landlock", "")


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
    (script,) = scripts_of(jobs_of(CHECKOUT / "workflows" / "gitlab-course.yml")["grade"])
    script = "\n".join(line for line in script.splitlines() if " pip install " not in f" {line} ")
    path = f"{cannot_isolate}:{BIN}:{os.environ['PATH']}"
    command = ["bash", "-eo", "pipefail", "-c", script]
    environment = os.environ | {"PATH": path}
    work = origin.with_suffix("")
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Grading needs Linux with Landlock." in done.stdout
    assert "graded all the same" not in done.stdout
