"""The files that `grade` and `check` write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from conftest import CHECKOUT
from dozen import PARTIAL, PERFECT, REFUSED, report

from autograder.cli import main
from autograder.commands.demo import submissions
from autograder.commands.report_files import (
    CannotWriteError,
    ResultsFile,
    _as_name,
    refuse_early,
    write_feedback,
    write_reports,
)
from autograder.reports.github import SUMMARY_BYTES
from autograder.results import from_json

NOTHING = {"junit": None, "gradescope": None, "gradescope_visibility": "visible", "feedback_dir": None}
ALONE = {("ada", "softmax")}


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A step of a job on GitHub; the file of its summary."""
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    return path


def test_a_summary_is_appended(job):
    write_reports([PERFECT, PARTIAL], ["x.zip is encrypted."], NOTHING | {"github_summary": True}, named=False)
    text = job.read_text()
    assert text.startswith("before\n## softmax\n")
    assert "x.zip is encrypted." in text


def test_the_size_of_an_existing_summary_counts(job):
    job.write_text("x" * (SUMMARY_BYTES - 600))
    write_reports([PERFECT] * 100, [], NOTHING | {"github_summary": True}, named=False)
    assert SUMMARY_BYTES - 600 < job.stat().st_size <= SUMMARY_BYTES


def test_annotations_are_for_github_alone(job, monkeypatch):
    options = NOTHING | {"github_summary": True}
    assert write_reports([REFUSED], [], options, named=True)[0].startswith("::error file=")
    assert not any("file=" in line for line in write_reports([REFUSED], [], options, named=False))
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert write_reports([REFUSED], [], options, named=True) == []


def test_what_can_not_be_written_is_refused_before_anything_is_graded(monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    with pytest.raises(CannotWriteError, match="GITHUB_STEP_SUMMARY is not set"):
        refuse_early({"github_summary": True}, ALONE)
    with pytest.raises(CannotWriteError, match="these are 2"):
        refuse_early({"gradescope": Path("results.json")}, ALONE | {("emmy", "softmax")})
    with pytest.raises(CannotWriteError, match="no notebook of the assignment is here"):
        refuse_early({"gradescope": Path("results.json")}, set())
    refuse_early({"gradescope": Path("results.json")}, ALONE)


def test_every_submission_has_its_own_files(tmp_path):
    write_feedback([PERFECT, PARTIAL], tmp_path)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    assert found == [
        f"{student}/softmax/softmax.{kind}" for student in ("4711", "4712") for kind in ("html", "md")
    ]


@pytest.mark.parametrize("name", ["..", "../../x", "/etc", "a/b", ".", "", "a\\b", "\x00"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    inside = tmp_path / "feedback"
    write_feedback([report(name, assignment=name, notebook=name)], inside)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 2
    assert all(len(path.relative_to(inside).parts) == 3 for path in written)


def test_a_file_that_can_not_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWriteError, match="can't be written"):
        write_reports([PERFECT], [], NOTHING | {"junit": tmp_path / "file" / "report.xml"}, named=False)


@pytest.mark.sandbox
def test_the_commands_write_what_they_are_asked_for(tmp_path, job, lean):
    """One notebook through `grade`, one file through `check`: all outputs are about the same marks."""
    naive = CHECKOUT / "tests" / "submissions" / "softmax" / "naive.py"
    folder = tmp_path / "ada" / "softmax"
    folder.mkdir(parents=True)
    (folder / "softmax.ipynb").write_bytes(submissions.write(submissions.fill_in(lean, naive.read_text())))
    out = {name: tmp_path / f"out.{name}" for name in ("jsonl", "xml", "json")}
    words = ["grade", folder, "--course", CHECKOUT, "--no-gradebook", "--github-summary"]
    words += ["--results", out["jsonl"], "--junit", out["xml"], "--gradescope", out["json"]]
    words += ["--gradescope-visibility", "after_published", "--feedback-dir", tmp_path / "feedback"]
    done = CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    marks = json.loads(out["jsonl"].read_text())
    lost = sum(check["passed"] is False for cell in marks["cells"] for check in cell["checks"])
    assert lost >= 5
    tree = ET.parse(out["xml"])
    named = [case for case in tree.iter("failure") if case.get("type") == "no-max-shift"]
    assert len(named) == 2  # and three functions are built on these
    gradescope = json.loads(out["json"].read_text())
    assert (gradescope["score"], gradescope["visibility"]) == (marks["score"], "after_published")
    for kind in ("md", "html"):
        assert "Shift each slice before exp" in (tmp_path / "feedback/ada/softmax" / f"softmax.{kind}").read_text()
    assert "Shift each slice before exp" in job.read_text()
    for line in done.output.splitlines():
        assert not line.startswith("::"), "a log names no one unasked"

    words = ["check", "softmax", naive, "--junit", out["xml"]]
    done = CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert [case.get("type") for case in ET.parse(out["xml"]).iter("failure")] == ["no-max-shift"]


# --- what a cold start may import ------------------------------------------------------------------------


def imported(*words):
    """The top-level packages that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "autograder", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT)
    names = re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE)
    return {name.partition(".")[0] for name in names}


def test_help_imports_nothing_that_takes_time():
    assert not imported("--help") & {
        "numpy",
        "rich",
        "nbgrader",
        "nbformat",
        "junitparser",
        "nh3",
        "PIL",
    }


@pytest.mark.slow
@pytest.mark.sandbox
def test_one_submission_imports_neither_the_host_nor_what_only_its_process_needs(tmp_path, lean):
    """A second and a half from the command to its exit: nbgrader alone would take longer."""
    path = tmp_path / "ada" / "softmax" / "softmax.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(submissions.write(lean))
    words = ("grade", path, "--assignment", "softmax", "--course", CHECKOUT, "--no-gradebook")
    found = imported(*words, "--junit", tmp_path / "report.xml")
    assert "junitparser" in found
    slow = {
        "nbgrader",
        "nbconvert",
        "jupyter_client",
        "sqlalchemy",
        "jsonschema",
        "IPython",
        "matplotlib",
        "scipy",
    }
    assert not found & slow


# --- each file by itself ---------------------------------------------------------------------------------


def test_each_report_is_a_line_that_can_be_read_at_once(tmp_path):
    path = tmp_path / "new" / "folder" / "r.jsonl"
    odd = report("ada\udcff")
    with ResultsFile(path) as lines:
        for number, each in enumerate((PERFECT, odd, PARTIAL), 1):
            lines.add(each)
            assert path.read_bytes().count(b"\n") == number
    assert [from_json(line).student for line in path.read_text().splitlines()] == ["4711", "ada?", "4712"]
    with ResultsFile(path):
        pass
    assert path.read_bytes() == b"", "an earlier run's lines are gone"
    with pytest.raises(CannotWriteError, match=r"Is a directory. Name a file."):
        ResultsFile(tmp_path)


@pytest.mark.parametrize("option", ["results", "junit", "gradescope", "feedback_dir"])
def test_each_place_is_looked_at_before_anything_is_graded(tmp_path, option):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    shown = f"--{option.replace('_', '-')}"
    for good in (
        tmp_path / "new",
        tmp_path / "a" / "b",
        tmp_path / ("folder" if option == "feedback_dir" else "file"),
    ):
        refuse_early({option: good}, ALONE)
    with pytest.raises(CannotWriteError, match=f"{shown} .* can't be written: {tmp_path / 'file'} is no folder"):
        refuse_early({option: tmp_path / "file" / "x" / "y"}, ALONE)
    wrong = tmp_path / ("file" if option == "feedback_dir" else "folder")
    with pytest.raises(
        CannotWriteError, match="is a file: name a folder" if option == "feedback_dir" else "name a file"
    ):
        refuse_early({option: wrong}, ALONE)


def test_a_place_where_one_may_not_write_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(CannotWriteError, match=f"{tmp_path} is read-only for you"):
        refuse_early({"junit": tmp_path / "a" / "r.xml"}, ALONE)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("ada", "ada"), ("a/b", "a_b"), ("a\\b", "a_b"), ("a\nb", "a_b"), ("..", "_.."), (" ", "_ "), ("", "_")),
        *((".a", ".a"), ("größe 🙂", "größe 🙂")),
    ],
)
def test_a_name_stays_what_it_is_but_for_what_leads_elsewhere(text, name):
    assert _as_name(text) == name


def test_only_what_is_asked_for_is_written(tmp_path):
    assert write_reports([PERFECT], [], NOTHING, named=True) == []
    out = tmp_path / "a" / "out.json"
    write_reports([PERFECT], [], NOTHING | {"gradescope": out, "gradescope_visibility": "hidden"}, named=True)
    assert json.loads(out.read_text())["visibility"] == "hidden"
    assert [path.name for path in tmp_path.rglob("*.*")] == ["out.json"]


def test_a_refused_path_has_its_place_in_junit(tmp_path):
    write_reports([PERFECT], ["x.zip is encrypted."], NOTHING | {"junit": tmp_path / "r.xml"}, named=True)
    assert "x.zip is encrypted." in (tmp_path / "r.xml").read_text()


def test_a_summary_is_refused_early_only_where_it_is_asked_for(monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    refuse_early({"github_summary": False, "gradescope": None}, ALONE | {("emmy", "softmax")})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    with pytest.raises(CannotWriteError, match="is not set"):
        refuse_early({"github_summary": True}, ALONE)
