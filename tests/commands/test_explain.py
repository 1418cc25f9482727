"""`autograder explain`: the same hidden inputs again, every call shown, and no mark written."""

from __future__ import annotations

import re

import pytest
from classroom import rows
from click.testing import CliRunner
from conftest import CHECKOUT, SECRET

from autograder.cli import main
from autograder.commands.demo import submissions

SUBMISSIONS = CHECKOUT / "tests" / "submissions" / "softmax"
pytestmark = pytest.mark.sandbox


@pytest.fixture
def run(course, monkeypatch, tmp_path):
    """Run a command in a course with a secret of its own."""
    seed = tmp_path / "data" / "autograder" / "seed"
    seed.parent.mkdir(parents=True)
    seed.write_bytes(SECRET)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def call(*words, expect=0):
        command = [*map(str, words), "--course", str(course.root)]
        done = CliRunner().invoke(main, command, catch_exceptions=False)
        assert done.exit_code == expect, done.output
        return done.output

    return call


def hand_in(course, lean, student, name):
    perfect = (SUBMISSIONS / "perfect.py").read_text()
    folder = course.folder("submitted", student, "softmax")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes.txt").write_text("read by the code, and so a part of what decides about the inputs")
    text = (SUBMISSIONS / f"{name}.py").read_text()
    (folder / "softmax.ipynb").write_bytes(submissions.write(submissions.fill_in(lean, text, perfect)))


@pytest.mark.slow
def test_a_submission_is_replayed_with_the_inputs_that_decided_about_its_marks(run, course, lean, tmp_path):
    """The inputs are those that feedback at the level `full` shows when the submission is graded."""
    hand_in(course, lean, "ada", "naive")
    results = tmp_path / "results.jsonl"
    run("grade", "--feedback", "full", "--results", results)
    hidden = re.findall(r"hidden: (softmax\(.*?\)) →", results.read_text())
    before = rows(course.root)

    said = run("explain", "ada", "softmax", "softmax", "--feedback", "full")
    assert len(hidden) == 3
    assert all(f"✗ hidden: {asked} →" in said for asked in hidden)
    assert "softmax: 3 / 4 (sealed)" in said
    assert "✗ public: softmax([[1000, 1001], [0, 1]]) → [[nan, nan], [0.2689, 0.7311]], expected" in said
    assert "named: no-max-shift" in said
    assert "Nothing that decides about the marks has changed" in said
    assert re.search(r"UTC, version \S+, digest [0-9a-f]{12}: softmax – → 3\n", said)
    assert "logsumexp:" not in said

    other = run("explain", "ada", "softmax", "softmax")
    assert "has changed since they were entered" in other, "another level of feedback makes other messages"
    assert all(f"✗ hidden: {asked} →" in other for asked in hidden)
    (course.root / "submitted").rename(course.root / "uploaded")
    replayed = run("explain", "ada", "softmax", "softmax")
    assert "Replayed from autograded/" in replayed
    assert all(f"✗ hidden: {asked} →" in replayed for asked in hidden)
    assert rows(course.root) == before


def test_what_is_not_there_is_named_beside_what_is(run, course, lean):
    assert "Nobody has handed in “softmax”" in run("explain", "ada", "softmax", expect=2)
    hand_in(course, lean, "ada", "naive")
    assert "“adda” has not handed in “softmax”; these have: ada." in run("explain", "adda", "softmax", expect=2)
    assert "“../ada” has not handed in" in run("explain", "../ada", "softmax", expect=2)
    assert "There are: softmax." in run("explain", "ada", "sofmax", expect=2)
    assert "no graded cell “soft”; there are: softmax, equally_sure" in run(
        "explain", "ada", "softmax", "soft", expect=2
    )


def test_without_a_gradebook_the_marks_are_explained_and_none_is_made(run, course, lean):
    hand_in(course, lean, "ada", "naive")
    (course.root / "gradebook.db").unlink()
    assert "softmax: 3 / 4 (sealed)" in run("explain", "ada", "softmax", "softmax")
    assert not (course.root / "gradebook.db").exists()
