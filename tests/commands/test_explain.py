"""`autograder explain`: the same hidden inputs again, every call shown, and no mark written."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from classroom import rows
from click.testing import CliRunner
from conftest import CHECKOUT, SECRET
from dozen import cell, report

from autograder.cli import main
from autograder.commands import explain
from autograder.commands.demo import submissions
from autograder.commands.opening import CannotGradeError
from autograder.gradebook.marks import Mark
from autograder.grading.outcome import Outcome
from autograder.grading.settings import Settings
from autograder.intake import SubmittedNotebook

SUBMISSIONS = CHECKOUT / "tests" / "submissions" / "softmax"


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
@pytest.mark.sandbox
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


@pytest.mark.sandbox
def test_what_is_not_there_is_named_beside_what_is(run, course, lean):
    assert "Nobody has handed in “softmax”" in run("explain", "ada", "softmax", expect=2)
    hand_in(course, lean, "ada", "naive")
    assert "“adda” has not handed in “softmax”; these have: ada." in run("explain", "adda", "softmax", expect=2)
    assert "“../ada” has not handed in" in run("explain", "../ada", "softmax", expect=2)
    assert "There are: softmax." in run("explain", "ada", "sofmax", expect=2)
    assert "no graded cell “soft”; there are: softmax, equally_sure" in run(
        "explain", "ada", "softmax", "soft", expect=2
    )


@pytest.mark.sandbox
def test_without_a_gradebook_the_marks_are_explained_and_none_is_made(run, course, lean):
    hand_in(course, lean, "ada", "naive")
    (course.root / "gradebook.db").unlink()
    assert "softmax: 3 / 4 (sealed)" in run("explain", "ada", "softmax", "softmax")
    assert not (course.root / "gradebook.db").exists()


# --- each part by itself ---------------------------------------------------------------------------------

FOUND = SubmittedNotebook(Path("hw.ipynb"), "ada", "hw", "one")
CELLS = [cell("f", score=1.0, points=2.0), cell("g", score=None, points=2.0), cell("h", score=0.0, points=1.0)]
REPORT = report("ada", *CELLS)
COURSE = SimpleNamespace(is_in_submitted_folder=lambda _: True)


def gradebook(marks=None, entered=None, history=()):
    return SimpleNamespace(
        entered_marks=lambda _: {} if marks is None else {("ada", "one"): marks, ("ada", "two"): {}},
        entered_report=lambda *_: entered,
        history=lambda *_: history,
    )


def told(book, course=COURSE, digest="d" * 64):
    return explain._entered(book, course, Outcome(FOUND, REPORT, None, digest), CELLS)


def test_a_replay_is_compared_with_every_mark_that_is_entered():
    assert told(gradebook()) == ["", "The gradebook has no marks of this notebook."]
    marks = {"f": Mark(2.0, None), "g": Mark(None, 1.5), "h": Mark(0.0, 0.0), "gone": Mark(1.0, None)}
    assert told(gradebook(marks))[2:] == [
        "  f: the gradebook has 2, the replay gives 1.",
        "  g: a person gave 1.5, and that counts.",
        "  h: a person gave 0, and that counts.",
        *("", "History of the marks:", "  none is kept: the marks are older than the history"),
    ]


@pytest.mark.parametrize(
    ("entered", "digest", "said"),
    [
        (("d", REPORT), "d", "Nothing that decides about the marks has changed"),
        (("e", REPORT), "d", "Something that decides about the marks has changed"),
        (("", REPORT), "", "The gradebook does not say from what its marks were made."),
        (None, "d", "The gradebook does not say from what its marks were made."),
        (
            ("", REPORT.as_failed("It is empty.")),
            "",
            "The gradebook has 0 because the notebook could not be graded.",
        ),
        (
            ("d", REPORT.as_failed("It is empty.")),
            "d",
            "The gradebook has 0 because the notebook could not be graded.",
        ),
    ],
)
def test_it_says_whether_what_decides_about_the_marks_has_changed(entered, digest, said):
    assert told(gradebook({}, entered), digest=digest)[1].startswith(said)
    elsewhere = SimpleNamespace(is_in_submitted_folder=lambda _: False)
    assert told(gradebook({}, entered), elsewhere, digest)[1].startswith("Replayed from autograded/")


def test_the_history_is_that_of_the_notebook_and_of_the_cells_that_are_shown():
    time = dt.datetime(2026, 3, 2, 9, 5)  # noqa: DTZ001  # as the database keeps it
    entries = [
        SimpleNamespace(notebook=name, changes=changes, time=time, version="1.2", digest=digest)
        for name, changes, digest in (
            ("one", {"g": (None, 1.0), "f": (None, 2.0), "gone": (1.0, 0.0)}, "0123456789abcdef"),
            ("two", {"f": (None, 9.0)}, ""),
            ("one", {"gone": (0.0, 1.0)}, ""),
            ("one", {"f": (2.0, None)}, ""),
        )
    ]
    assert told(gradebook({}, None, entries))[4:] == [
        "  2026-03-02 09:05 UTC, version 1.2, digest 0123456789ab: f – → 2, g – → 1",
        "  2026-03-02 09:05 UTC, version 1.2: f 2 → –",
    ]


def test_a_name_in_the_history_can_not_write_into_the_terminal():
    assert all(line.isprintable() for line in told(gradebook({"f": Mark(9.0, None)}, None)))
    assert [explain.shown(mark) for mark in (None, 0.0, 2.5, 1 / 3)] == ["–", "0", "2.5", "0.3333"]


def asked_for(student, *everyone):
    class_ = SimpleNamespace(
        root=Path("/course"),
        handed_in=lambda name, _: [FOUND] if name in everyone else [],
        students=lambda _: list(everyone),
    )
    return explain._submission(class_, student, "hw")


def test_who_has_not_handed_in_is_told_who_has_twelve_at_most():
    names = [f"s{n:02}" for n in range(14)]
    assert asked_for("s03", *names) == [FOUND]
    with pytest.raises(CannotGradeError, match=f"these have: {', '.join(names[:12])} and 2 others."):
        asked_for("zz", *names)
    with pytest.raises(CannotGradeError, match=r"these have: ada and 2 others."):
        asked_for("adda", "ada", "zoe", "x")
    with pytest.raises(CannotGradeError, match=r"these have: x, y.$"):
        asked_for("adda", "x", "y")
    with pytest.raises(CannotGradeError, match="Nobody has handed in “hw” in /course"):
        asked_for("ada")


@pytest.mark.parametrize("student", ["", ".", "..", "a/b", "a\0b"])
def test_what_is_no_name_of_a_folder_is_nobody(student):
    with pytest.raises(CannotGradeError, match="has not handed in"):
        asked_for(student, student, "ada")


def test_a_cell_of_any_notebook_is_known():
    cells = {"one": ["f"], "two": ["g"]}
    for name in (None, "f", "g"):
        explain._refuse_unknown_cell("hw", name, cells)
    for name in ("h", ""):
        with pytest.raises(CannotGradeError, match=f"no graded cell “{name}”; there are: f, g"):
            explain._refuse_unknown_cell("hw", name, cells)
    with pytest.raises(CannotGradeError, match="there are: none"):
        explain._refuse_unknown_cell("hw", "f", {"one": []})


def test_the_released_notebook_is_what_the_marks_follow_and_without_one_the_source():
    course = SimpleNamespace(source=lambda *key: ("source", *key))
    book = SimpleNamespace(released=lambda _, name: "released" if name == "one" else None)
    assert explain._source(book, course, "hw", "one") == "released"
    assert explain._source(book, course, "hw", "two") == ("source", "hw", "two")
    assert explain._source(None, course, "hw", "one") == ("source", "hw", "one")


# --- a run -----------------------------------------------------------------------------------------------


@pytest.fixture
def replayed(monkeypatch, capsys):
    """Replay a submission of two notebooks, of whose outcomes those in ``failed`` could not be graded."""
    state = SimpleNamespace(graded=[], failed=set(), has_gradebook=True, settings=None)
    found = [FOUND, SubmittedNotebook(Path("two.ipynb"), "ada", "hw", "two")]
    marked = {"one": ["f", "g"], "two": ["h"]}
    course = SimpleNamespace(assignments={"hw": ["one", "two"]})

    class Workers:
        def grade(self, given, entry, source):
            assert given is course
            assert [each.grade_id for each in source.marked] == marked[entry.notebook]
            state.graded.append(entry.notebook)
            cells = [cell(name, score=1.0, points=2.0) for name in marked[entry.notebook]]
            graded = report("ada", *cells)
            return Outcome(
                entry, graded.as_failed("It is empty.") if entry.notebook in state.failed else graded, None
            )

    def workers_for(settings):
        state.settings = settings
        return nullcontext(Workers())

    def source_of(book, _, assignment, name):
        assert (book is not None) == state.has_gradebook
        return SimpleNamespace(marked=[SimpleNamespace(grade_id=each) for each in marked[name]])

    monkeypatch.setattr(explain, "open_course", lambda folder: course)
    monkeypatch.setattr(explain, "refuse_unknown", lambda *_: None)
    monkeypatch.setattr(explain, "_submission", lambda *_: found)
    monkeypatch.setattr(explain, "settings_from", lambda given, _: Settings(b"x" * 32))
    monkeypatch.setattr(explain, "workers_for", workers_for)
    monkeypatch.setattr(explain, "entered_in", lambda _: nullcontext("book" if state.has_gradebook else None))
    monkeypatch.setattr(explain, "_source", source_of)
    monkeypatch.setattr(
        "autograder.commands.tally.say_changes", lambda _, names: click.echo(f"changes of {names}")
    )
    monkeypatch.setattr(explain, "report_as_text", lambda given, cells: f"cells {[c.grade_id for c in cells]}")
    monkeypatch.setattr(
        explain, "_entered", lambda _, __, outcome, cells: [outcome.found.notebook, str(len(cells))]
    )

    def call(cell=None):
        status = explain.run({}, None, "ada", "hw", cell)
        return status, capsys.readouterr().out.splitlines()

    call.state = state
    return call


def test_every_notebook_is_replayed_and_told_with_what_is_entered(replayed):
    assert replayed() == (
        0,
        ["changes of ['hw']", "cells ['f', 'g']", "one", "2", "cells ['h']", "two", "1"],
    )
    assert replayed.state.settings.explain


def test_for_one_cell_only_its_notebook_is_replayed_and_no_other_cell_shown(replayed):
    assert replayed("g") == (0, ["changes of ['hw']", "cells ['g']", "one", "1"])
    assert replayed.state.graded == ["one"]
    with pytest.raises(CannotGradeError, match="no graded cell “x”; there are: f, g, h"):
        replayed("x")


@pytest.mark.parametrize("failed", ["one", "two"])
def test_one_notebook_that_can_not_be_graded_is_told_by_the_status(replayed, failed):
    replayed.state.failed = {failed}
    replayed.state.has_gradebook = False
    assert replayed() == (1, ["cells ['f', 'g']", "cells ['h']"])
