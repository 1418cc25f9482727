"""Repositories of a course and of a student on a platform, made from empty ones as the workflows' comments say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from conftest import CHECKOUT
from workflow_runner import empty_repository, git, push

from autograder.commands.demo import submissions
from autograder.notebooks import notebook

COURSE = CHECKOUT / "workflows" / "github-course.yml"
GITLAB_COURSE = CHECKOUT / "workflows" / "gitlab-course.yml"
STUDENT = CHECKOUT / "workflows" / "github-student.yml"
GH = """#!/usr/bin/env bash
case "$1 $2" in
  "repo clone") shift 2; from="$1"; to="$2"; shift 3; git clone "$@" "file://$HOSTED/$from.git" "$to" ;;
  "api repos/"*) echo 2026-01-09T12:00:00Z ;;
  "issue create") echo "$4: $6" >> "$HOSTED/issues" ;;
  "secret set") cat > "$HOSTED/secret-$3" ;;
esac
"""
"""GitHub's own command, as far as the workflow and its comments use it."""


def commands_in(workflow, item):
    """The commands that a workflow's comment gives for an item of its list."""
    lines = re.search(rf"^#   {re.escape(item)} +(.*\n(?:# {{31}}.*\n)*)", workflow.read_text(), re.MULTILINE)[1]
    return [line for line in re.sub(r"\n# +", "\n", lines).replace("&&\n", "&& ").split("\n") if "&&" in line]


def shell(command, cwd, **environment):
    who = {f"GIT_{who}_{what}": "x@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    words, environment = ["bash", "-euc", command], os.environ | who | environment
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def perfect_notebook():
    """The released notebook with right answers."""
    blank = notebook.read((CHECKOUT / "release" / "softmax" / "softmax.ipynb").read_bytes())
    perfect = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()
    return submissions.write(submissions.fill_in(blank, perfect))


@pytest.fixture
def tools(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    return folder


@pytest.fixture
def students_repository(tmp_path):
    """Ada's repository, from an empty one: the release, the precheck, the workflow, and what she wrote."""
    origin, work = empty_repository(tmp_path / "hosted" / "org", "hw-ada")
    shutil.copytree(CHECKOUT / "release" / "softmax", work, dirs_exist_ok=True)
    shutil.copy(CHECKOUT / "release" / "precheck.py", work)
    (work / ".github" / "workflows").mkdir(parents=True)
    shutil.copy(STUDENT, work / ".github" / "workflows" / "precheck.yml")
    (work / "softmax.ipynb").write_bytes(perfect_notebook())
    push(work)
    return origin


def course_in(work):
    """The real files of a course in an empty repository."""
    shutil.copy(CHECKOUT / "nbgrader_config.py", work)
    shutil.copytree(CHECKOUT / "source" / "softmax", work / "source" / "softmax")
    (work / "requirements.txt").write_text("logits-and-likelihoods\n")


@pytest.fixture
def course_repository(tmp_path, tools):
    """The course's repository, from an empty one, as the workflow's comments say; its clone and its secrets."""
    origin, work = empty_repository(tmp_path, "course")
    course_in(work)
    (work / "students.csv").write_bytes(b"student,assignment,repository\r\nada,softmax,org/hw-ada")
    (work / ".github" / "workflows").mkdir(parents=True)
    shutil.copy(COURSE, work / ".github" / "workflows" / "grade.yml")
    push(work)
    here = {"PATH": f"{tools}:{os.environ['PATH']}", "HOSTED": str(tmp_path / "hosted")}
    (tmp_path / "hosted").mkdir(exist_ok=True)
    for item in ("the branch “gradebook”", "secret AUTOGRADER_SEED"):
        (command,) = commands_in(COURSE, item)
        shell(command, work, **here)
    assert git("status", "--short", cwd=work) == "", "a seed beside the source would be committed"
    assert git("branch", "--show-current", cwd=work) == "main\n", "one goes on where one was"
    seed = (tmp_path / "hosted" / "secret-AUTOGRADER_SEED").read_text()
    assert len(seed.strip()) == 64
    return origin, {"AUTOGRADER_SEED": seed, "STUDENTS_TOKEN": "s"}


@pytest.fixture
def cannot_isolate(tools):
    """A machine on which doctor fails; were anything graded there, the tool would say so."""
    (tools / "autograder").write_text(
        '#!/usr/bin/env bash\n[ "$1" = doctor ] && { echo "Grading needs Linux with Landlock."; exit 2; }\n'
        'echo "graded all the same"\n'
    )
    (tools / "autograder").chmod(0o755)
    return tools
