"""The upload for Gradescope, unpacked and run with a perfect, a hostile and a broken submission."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
from conftest import CHECKOUT, SECRET
from grades import BY_HAND, PERFECT, cell_of, with_cell

from autograder import __version__
from autograder.commands.demo import submissions
from autograder.commands.gradescope_zip import SCRIPTS, upload, wheel
from autograder.course import Course

BIN = Path(sys.executable).parent
SCHEMA = json.loads((CHECKOUT / "tests" / "schemas" / "gradescope.schema.json").read_text())
METADATA = {"id": 7, "users": [{"id": 4711, "email": "canary@example.org", "name": "Canary"}], "assignment": {}}
PEEK = """
import glob, os
seen = []
for pattern in ({root!r} + "/**", "/autograder/**", "/root/*", "/etc/passwd", "/proc/self/environ"):
    for path in [pattern, *glob.glob(pattern, recursive=True)]:
        try:
            seen.append(open(path, "rb").read())
        except OSError:
            pass
for path in ({root!r} + "/results/results.json", {root!r} + "/source/run_autograder"):
    try:
        open(path, "w").write('{{"score": 1000}}')
        seen.append(b"written")
    except OSError:
        pass
"""
"""Collects whatever can be read outside of its own folder, and writes what can be written."""


@pytest.fixture(scope="module")
def archive():
    content = upload(Course(CHECKOUT), "softmax", SECRET, ["--feedback", "messages"])
    return zipfile.ZipFile(io.BytesIO(content))


@pytest.fixture
def container(archive, tmp_path):
    """A scratch root laid out as Gradescope lays out /autograder, with this environment in place of setup.sh's."""
    root = tmp_path / "autograder"
    for name in ("submission", "results"):
        (root / name).mkdir(parents=True)
    for info in archive.infolist():
        path = root / "source" / info.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.read(info))
        path.chmod(info.external_attr >> 16 & 0o777)
    (root / "submission_metadata.json").write_text(json.dumps(METADATA))
    return root


def play(root, venv=BIN.parent):
    """Run what Gradescope runs; return the results that it would read, and the log."""
    status, log = run(root, venv)
    assert status == 0, log
    results = json.loads((root / "results" / "results.json").read_text())
    jsonschema.validate(results, SCHEMA)
    return results, log


def run(root, venv):
    """Run what Gradescope runs; return the status and the log."""
    environment = os.environ | {"AUTOGRADER_ROOT": str(root), "AUTOGRADER_VENV": str(venv)}
    done = subprocess.run(
        [root / "source" / "run_autograder"],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    log = done.stdout + done.stderr
    assert "canary" not in log.lower()
    return done.returncode, log


def hand_in(root, content, name="softmax.ipynb"):
    (root / "submission" / name).write_bytes(content if isinstance(content, bytes) else submissions.write(content))


# --- the zip ---------------------------------------------------------------------------------------------


def test_the_zip_holds_what_grading_needs_and_nothing_of_the_others(archive):
    modes = {info.filename: stat.S_IMODE(info.external_attr >> 16) for info in archive.infolist()}
    assert {name: modes[name] for name in (*SCRIPTS, "seed")} == {
        "run_autograder": 0o755,
        "setup.sh": 0o755,
        "seed": 0o600,
    }
    assert archive.read("seed") == SECRET
    course = {name for name in modes if name.startswith("course/")}
    beside = {"figures.py", "predictions.md", "softmax.ipynb"}
    assert course == {f"course/source/softmax/{name}" for name in beside}
    pins = archive.read("constraints.txt").decode()
    assert "numpy==" in pins
    assert "logits" not in pins


def test_the_same_course_gives_the_same_zip():
    first, second = (upload(Course(CHECKOUT), "softmax", SECRET, []) for _ in range(2))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_a_course_s_own_exercises_come_along(tmp_path):
    for name in ("exercises/mine.py", "solutions/mine.py", "source/hw/hw.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    names = zipfile.ZipFile(io.BytesIO(upload(Course(tmp_path), "hw", SECRET, []))).namelist()
    assert {"course/exercises/mine.py", "course/solutions/mine.py"} <= set(names)


def test_the_options_that_differ_from_the_defaults_go_into_the_zip_and_no_others(tmp_path, monkeypatch):
    from autograder.commands import gradescope_zip

    taken = {}
    monkeypatch.setattr(
        gradescope_zip,
        "upload",
        lambda _, name, secret, options: taken.update({name: (secret, options)}) or b"zip",
    )
    (tmp_path / "seed").write_bytes(SECRET)
    given = {"seed_file": str(tmp_path / "seed")}
    out = tmp_path / "out.zip"
    gradescope_zip.run(given, CHECKOUT, "softmax", out)
    secret, options = taken["softmax"]
    assert secret == SECRET
    assert (options[:2], "--limit" in options, "--follow-through" in options) == (
        *(["--feedback", "messages"], False, False),
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    limits = {"cell_seconds": "61", "memory": "1G"}
    more = {"feedback": "score", "follow_through": 0.0, "allow": ["scipy", "math"], "limits": limits}
    gradescope_zip.run(given | more, CHECKOUT, "softmax", out)
    said = " ".join(taken["softmax"][1])
    assert said.startswith("--feedback score --follow-through 0.0 --allow scipy --allow math ")
    assert "--limit cell_seconds=61" in said
    assert f"--limit memory={1 << 30}" in said
    assert said.count("--limit") == 2


def test_the_constraints_and_the_solutions_of_a_course_come_only_with_its_own_exercises(tmp_path):
    for name in ("solutions/mine.py", "source/hw/hw.ipynb", "source/hw/b.txt", "source/hw/a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    from autograder.commands.gradescope_zip import _course_files

    found = [(name, mode) for name, _, mode in _course_files(Course(tmp_path), "hw")]
    assert found == [(f"course/source/hw/{name}", 0o600) for name in ("a.txt", "b.txt", "hw.ipynb")]


def test_the_wheels_record_is_right():
    archive = zipfile.ZipFile(io.BytesIO(wheel()))
    (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
    rows = [line.split(",") for line in archive.read(record).decode().splitlines()]
    assert {name for name, *_ in rows} == set(archive.namelist())
    for name, digest, size in rows:
        if name != record:
            content = archive.read(name)
            assert int(size) == len(content)
            encoded = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
            assert digest == f"sha256={encoded.rstrip('=')}"


@pytest.mark.slow
def test_the_wheel_is_one_that_pip_installs(tmp_path):
    (tmp_path / f"logits_and_likelihoods-{__version__}-py3-none-any.whl").write_bytes(wheel())
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    command += ["--disable-pip-version-check", "--target", tmp_path / "site", *tmp_path.glob("*.whl")]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "site" / "autograder" / "commands" / "gradescope_zip" / "run_autograder").is_file()
    assert (tmp_path / "site" / "autograder" / "solutions" / "softmax.py").is_file()
    assert {path.name for path in (tmp_path / "site").iterdir()} == {
        "autograder",
        "bin",
        f"logits_and_likelihoods-{__version__}.dist-info",
    }
    assert (tmp_path / "site" / "bin" / "autograder").is_file()


@pytest.mark.parametrize("script", SCRIPTS)
def test_bash_and_shellcheck_accept_the_scripts(script):
    path = CHECKOUT / "autograder" / "commands" / "gradescope_zip" / script
    subprocess.run(["bash", "-n", path], check=True)
    done = subprocess.run([BIN / "shellcheck", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_command_writes_a_zip_for_its_owner_alone(tmp_path):
    from click.testing import CliRunner

    from autograder.cli import main

    (tmp_path / "seed").write_bytes(SECRET)
    out = tmp_path / "upload.zip"
    words = [
        "gradescope-zip",
        "softmax",
        str(out),
        "--course",
        str(CHECKOUT),
        "--seed-file",
        str(tmp_path / "seed"),
    ]
    said = CliRunner().invoke(main, [*words, "--allow", "scipy", "--limit", "cell_seconds=5"])
    assert said.exit_code == 0, said.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    options = zipfile.ZipFile(out).read("options").decode().split()
    assert options == ["--feedback", "messages", "--allow", "scipy", "--limit", "cell_seconds=5"]
    assert CliRunner().invoke(main, [*words, "--sandbox", "none"]).exit_code == 2
    assert CliRunner().invoke(main, ["gradescope-zip", "nope", str(out), *words[3:]]).exit_code == 2


# --- played ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_perfect_submission_has_its_marks(container, lean):
    hand_in(container, submissions.fill_in(lean, PERFECT))
    results, _ = play(container)
    assert results["score"] == 23.0
    assert [test["name"] for test in results["tests"] if test.get("status") == "failed"] == list(BY_HAND)
    assert results["stdout_visibility"] == "hidden"
    modes = {name: stat.S_IMODE((container / name).stat().st_mode) for name in ("source", "submission")}
    assert modes == {"source": 0o700, "submission": 0o700}


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_hostile_submission_reads_and_writes_nothing(container, lean):
    """Its softmax is there only if it saw the source, the secret, a result or this machine; it saw nothing."""
    book = submissions.fill_in(lean, PERFECT)
    cell = cell_of(book, "softmax-solution")
    cell["source"] = PEEK.format(root=str(container)) + cell["source"] + "\nif not seen:\n    del softmax\n"
    hand_in(container, book)
    (container / "results" / "results.json").write_text("{}")
    before = (container / "source" / "run_autograder").read_bytes()
    results, _ = play(container)
    lost = {test["name"].partition(":")[0] for test in results["tests"] if test.get("status") == "failed"}
    assert lost - set(BY_HAND) == {"softmax", "cross_entropy_grad"}, "what needs softmax"
    assert (container / "source" / "run_autograder").read_bytes() == before


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'{"cells": [', "softmax.ipynb"),
        pytest.param(b"", "softmax.ipynb", marks=pytest.mark.slow),
        pytest.param(b"hello", "notes.txt", marks=pytest.mark.slow),
    ],
)
def test_a_broken_submission_gets_0_and_a_sentence(container, content, name):
    hand_in(container, content, name)
    results, _ = play(container)
    assert results["score"] == 0
    assert "could not be graded" in results["output"]


@pytest.mark.sandbox
def test_a_link_is_not_followed(container):
    (container / "submission" / "softmax.ipynb").symlink_to(
        container / "source/course/source/softmax/softmax.ipynb"
    )
    results, _ = play(container)
    assert results["score"] == 0
    assert "is a link" in results["output"]


@pytest.mark.slow
def test_without_a_sandbox_nothing_is_run_and_nobody_gets_a_score(container, lean, tmp_path):
    """The real command on a machine that can't isolate. Without a file, Gradescope says that it failed."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    old = tmp_path / "bin" / "autograder"
    old.write_text(
        f"#!{sys.executable}\nfrom autograder.sandbox import ways\n"
        "ways.obstacle = lambda way: 'it is switched off'\n"
        "from autograder.cli import main\nmain()\n"
    )
    old.chmod(0o755)
    hand_in(container, with_cell(lean, f"open({str(tmp_path / 'ran')!r}, 'w').close()"))
    (container / "results" / "results.json").write_text('{"score": 0}')  # an older one
    status, log = run(container, venv=tmp_path)
    assert status == 1
    assert list((container / "results").iterdir()) == []
    assert "Grading needs" in log
    assert "no submission gets a score, not even 0" in log
    assert not (tmp_path / "ran").exists()


# --- the image -------------------------------------------------------------------------------------------

TOOL = """#!/usr/bin/env bash
echo "$(basename "$0") $*" >> "{log}"
case "$(basename "$0") $*" in
  "python3 -m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$0" "$3/bin/uv" ;;
  "uv venv "*) for place; do :; done; mkdir -p "$place/bin" "{site}/autograder"
    cp "$0" "$place/bin/python"; cp "$0" "$place/bin/autograder" ;;
  "python -c "*) echo "{site}" ;;
  "autograder doctor") exit 2 ;;
esac
"""
"""What the image's tools do, as far as the script relies on it, with a line in a log."""


def test_the_image_gets_the_instructors_python_and_closes_the_package(container, tmp_path):
    """The script itself, with tools that only note what they are asked."""
    log, site = tmp_path / "log", tmp_path / "site"
    (tmp_path / "tools").mkdir()
    for name in ("apt-get", "python3"):
        (tmp_path / "tools" / name).write_text(TOOL.format(log=log, site=site))
        (tmp_path / "tools" / name).chmod(0o755)
    environment = {
        "PATH": f"{tmp_path / 'tools'}:{os.environ['PATH']}",
        "AUTOGRADER_ROOT": str(container),
        "AUTOGRADER_VENV": str(tmp_path / "venv"),
    }
    script = container / "source" / "setup.sh"
    done = subprocess.run([script], env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    (made,) = re.findall(r"^uv venv (.*)$", log.read_text(), re.MULTILINE)
    assert f"--python {here} " in made
    (installed,) = re.findall(r"^uv pip install (.*)$", log.read_text(), re.MULTILINE)
    assert f"--python {tmp_path / 'venv'}/bin/python" in installed
    assert f"--constraint {container}/source/constraints.txt" in installed
    assert stat.S_IMODE((site / "autograder").stat().st_mode) == 0o700
    assert "No submission will be graded here until this is mended." in done.stdout
