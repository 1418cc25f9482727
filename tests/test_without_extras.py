"""The package alone, without nbgrader and Jupyter: what it installs, and what it does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CHECKOUT

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
PERFECT = CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py"
MAX_PACKAGES, MAX_MB = 50, 300


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The folder of an environment that holds the package without any extra."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("uv is not installed")
    folder = tmp_path_factory.mktemp("alone") / "venv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    given = ["--python", python, "--constraint", CHECKOUT / "constraints.txt", CHECKOUT]
    done = subprocess.run([uv, "pip", "install", "--quiet", *given], check=False, capture_output=True, text=True)
    if "Failed to fetch" in done.stderr:
        pytest.skip(f"no package index answers: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    return folder


def run(alone, folder, *words):
    command = [alone / "bin" / "autograder", *words]
    return subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, env=os.environ | {"CI": ""}
    )


def test_it_brings_few_packages_and_neither_nbgrader_nor_jupyter(alone):
    names = {path.name.partition("-")[0] for path in alone.glob("lib/*/site-packages/*.dist-info")}
    assert len(names) <= MAX_PACKAGES
    assert names.isdisjoint({"nbgrader", "jupyterlab", "notebook", "sqlalchemy", "scipy"})
    size = sum(path.lstat().st_size for path in alone.rglob("*") if path.is_file() and not path.is_symlink())
    assert size < MAX_MB * 10**6


def test_it_grades_a_file_and_knows_the_machine(alone, tmp_path):
    done = run(alone, tmp_path, "check", "softmax", str(PERFECT), "--json")
    assert json.loads(done.stdout)["passed"], done.stderr
    assert run(alone, tmp_path, "doctor").returncode == 0


def test_it_grades_a_notebook_against_a_source_and_writes_reports(alone, tmp_path):
    shutil.copytree(CHECKOUT / "source" / "softmax", tmp_path / "ours")
    shutil.copy(CHECKOUT / "source" / "softmax" / "softmax.ipynb", tmp_path / "ada.ipynb")
    reports = ["--results", "r.jsonl", "--junit", "j.xml", "--feedback-dir", "feedback"]
    done = run(alone, tmp_path, "grade", "ada.ipynb", "--source", "ours/softmax.ipynb", *reports)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "r.jsonl").read_text())
    sealed = [cell for cell in report["cells"] if cell["exercise"]]
    assert sealed
    assert all(cell["score"] == cell["max_score"] for cell in sealed)
    assert (tmp_path / "j.xml").stat().st_size
    assert list((tmp_path / "feedback").rglob("*.html"))


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["grade"], "nbgrader"),
        (["release", "softmax"], "nbgrader"),
        (["demo"], "nbgrader"),
        (["export", "csv", "marks.csv"], "nbgrader"),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_a_command_that_needs_more_says_which_extra_brings_it(alone, tmp_path, words, extra):
    shutil.copytree(CHECKOUT / "source" / "softmax", tmp_path / "source" / "softmax")
    handed_in = tmp_path / "submitted" / "ada" / "softmax"
    handed_in.mkdir(parents=True)
    shutil.copy(CHECKOUT / "source" / "softmax" / "softmax.ipynb", handed_in)
    done = run(alone, tmp_path, *words)
    assert done.returncode == 2, done.stdout
    assert f"logits-and-likelihoods[{extra}]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_source_that_is_none_is_refused(tmp_path):
    command = [sys.executable, "-m", "autograder", "grade", "x.ipynb", "--source", "no.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no.ipynb is no notebook" in done.stderr
