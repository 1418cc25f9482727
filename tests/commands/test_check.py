"""`autograder check`: the results in order, and what decides about the exit status."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest
from dozen import check as checked

from autograder.commands import check
from autograder.commands.opening import CannotGradeError
from autograder.grading.workers import NotGradedError
from autograder.results import FileResult


def result(name, score, **fields):
    usual = {"isolation": "landlock", "seconds": 0.1, "message": None, "checks": [checked("is right", score == 4)]}
    of = {"exercise": "softmax", "file": name, "score": score, "max_score": 4.0, "passed": score == 4}
    return FileResult(**of, misconceptions=[], **(usual | fields))


class Workers:
    """Workers that have graded these files already."""

    def __init__(self, *results):
        self.results = {Path(each.file): each for each in results}

    def grade_file(self, _root, _exercise, path, _student):
        if path not in self.results:
            raise NotGradedError(f"{path} can't be read.")
        return self.results[path]


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(results, *paths, as_json=True, **options):
        @contextmanager
        def workers_for(_settings):
            yield Workers(*results)

        monkeypatch.setattr(check, "workers_for", workers_for)
        given = {"seed_file": str(tmp_path / "seed")}
        return check.run(given, "softmax", [Path(path) for path in paths], "ada", as_json=as_json, **options)

    return call


def test_the_lowest_mark_of_all_files_counts_in_percent(run):
    results = [result("a.py", 3.0), result("b.py", 1.0), result("c.py", 2.0)]
    assert run(results, "a.py", "b.py", "c.py") == (True, 25.0)
    assert run([result("a.py", 4.0)], "a.py") == (True, 100.0)


def test_a_file_that_is_not_graded_has_a_line_of_its_own_and_the_others_are_graded(run, capsys):
    assert run([result("b.py", 4.0)], "a.py", "n.ipynb", "b.py") == (False, 0.0)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["file"], line["score"], line["max_score"]) for line in lines] == [
        *(("a.py", 0.0, 4.0), ("n.ipynb", 0.0, 4.0), ("b.py", 4.0, 4.0)),
    ]
    assert lines[0]["message"] == "a.py can't be read."
    assert "autograder grade n.ipynb --no-gradebook" in lines[1]["message"]
    assert not lines[0]["passed"]


def test_a_fault_of_the_grader_is_named_beside_the_marks_and_changes_the_status(run, capsys):
    faulty = result("a.py", 3.0, fault="KeyError: 'x'")
    assert run([faulty, result("b.py", 4.0)], "a.py", "b.py") == (False, 75.0)
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert err.splitlines()[-1].startswith(
        "a.py: mistakes could not be named, for a fault of the grader (KeyError"
    )


def test_junit_holds_every_file(run, tmp_path):
    paths = ["a.py", "gone.py", "b.py"]
    run([result("a.py", 4.0), result("b.py", 0.0)], *paths, junit=tmp_path / "r.xml")
    suites = [suite.get("name") for suite in ET.parse(tmp_path / "r.xml").iter("testsuite")]
    assert [name for path in paths for name in suites if path in name] == suites
    assert len(suites) == 3
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotGradeError, match="can't be written"):
        run([result("a.py", 4.0)], "a.py", junit=tmp_path / "file" / "r.xml")


def test_an_unknown_exercise_is_refused_before_a_worker_starts(run, monkeypatch):
    monkeypatch.setattr(check, "settings_from", None)
    with pytest.raises(click.UsageError, match="there is no exercise called “sofmax”"):
        check.run({}, "sofmax", [Path("a.py")], "", as_json=True)
