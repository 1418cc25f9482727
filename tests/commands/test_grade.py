"""`autograder grade` with a grader that has its verdicts already: what is read, printed, counted and returned."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
import tiny_course
from dozen import RIGHT, WRONG, cell, report

from autograder.commands import grade
from autograder.commands.graders import StoppedError, graders_for
from autograder.commands.interrupts import Interrupted
from autograder.commands.opening import CannotGradeError, Opened
from autograder.course import Course
from autograder.grading.outcome import Outcome
from autograder.grading.settings import Settings
from autograder.intake import Refused, SubmittedNotebook, Superseded

UNSET = dict.fromkeys(
    ("results", "junit", "gradescope", "feedback_dir", "github_summary", "diff", "jobs", "student")
)
OPTIONS = UNSET | {"no_gradebook": True, "show_students": True, "gradescope_visibility": "visible"}


def verdict(student, *cells, **fields):
    return report(student, *cells, **({"assignment": "hw", "notebook": "hw"} | fields))


class Graders:
    """Graders that have these reports, in the order of what is asked."""

    def __init__(self, reports):
        self.reports = reports
        self.asked = []

    def grade(self, _course, batch, _jobs, *, seconds=None):
        self.asked.append(([entry.student for entry, _ in batch], seconds))
        for (entry, _), each in zip(batch, self.reports, strict=False):
            if isinstance(each, BaseException):
                raise each
            yield Outcome(entry, each, None)

    def slowest(self):
        return None


@pytest.fixture
def course(tmp_path):
    return Course(tiny_course.make(tmp_path / "course"))


@pytest.fixture
def run(course, monkeypatch, capsys):
    def call(reports, students=None, refused=(), seconds=None, **options):
        names = students or [each.student for each in reports]
        entries = [SubmittedNotebook(Path(f"in/{name}.ipynb"), name, "hw", "hw") for name in names]
        opened = Opened(course, None, entries, refused, SimpleNamespace(close=lambda: None), seconds)
        call.graders = Graders(reports)
        monkeypatch.setattr(grade, "graders_for", lambda _: open_(call.graders))
        outcome = grade.run(opened, OPTIONS | options)
        return outcome, capsys.readouterr().out

    return call


class open_:  # noqa: N801  # a context manager, as contextlib's
    def __init__(self, value):
        self.value = value

    def __enter__(self):
        return self.value

    def __exit__(self, *_):
        return None


FULL, NONE = verdict("ada", cell("entropy", RIGHT)), verdict("jakob", cell("entropy", WRONG))
HALF = verdict("emmy", cell("entropy", score=1.0, points=2.0))
UNMARKED = verdict("zoe")


@pytest.mark.parametrize(
    ("reports", "outcome"),
    [
        ([FULL], (True, 100.0)),
        ([FULL, HALF], (True, 50.0)),
        ([HALF, NONE, FULL], (True, 0.0)),
        ([UNMARKED], (True, 100.0)),
        ([UNMARKED, HALF], (True, 50.0)),
        ([FULL, HALF.as_failed("It is empty.")], (False, 0.0)),
        ([verdict("ada", cell("entropy", RIGHT, fault="KeyError"))], (False, 100.0)),
    ],
)
def test_the_outcome_is_whether_all_was_graded_and_the_lowest_mark_in_percent(run, reports, outcome):
    assert run(reports)[0] == outcome


def test_a_path_that_is_refused_counts_and_an_earlier_submission_does_not(run):
    assert run([FULL], refused=[Refused(Path("x"), "is empty.")])[0] == (False, 100.0)
    assert run([FULL], refused=[Superseded(Path("x"), "is not the last.")])[0] == (True, 100.0)


def test_what_the_time_did_not_allow_is_named(run):
    outcome, said = run([FULL], ["ada", "jakob"], seconds=60.0)
    assert outcome == (False, 100.0)
    assert run.graders.asked == [(["ada", "jakob"], 60.0)]
    assert "✗ in/jakob.ipynb is not graded yet: the time for the class was up." in " ".join(said.split())
    assert "in/ada.ipynb" not in said


def test_each_part_of_a_notebooks_name_tells_what_is_left_over():
    entries = [
        SubmittedNotebook(Path(f"{n}.ipynb"), *key)
        for n, key in enumerate([("a", "hw", "hw"), ("b", "hw", "hw"), ("a", "ps", "hw"), ("a", "hw", "two")])
    ]
    left = grade._left_over(entries, [verdict("a")])
    assert [str(entry.path) for entry in left] == ["1.ipynb", "2.ipynb", "3.ipynb"]


def test_into_a_log_go_counts_and_what_was_refused_without_names(run):
    _, said = run([FULL, NONE], refused=[Refused(Path("in/eve.ipynb"), "is empty.", "eve's")], show_students=False)
    assert "ada" not in said
    assert "jakob" not in said
    assert "in/eve" not in said
    assert "✗ eve's is empty." in said
    assert "hw hw 2 0 0" in " ".join(said.split())


def test_the_results_file_has_a_line_for_each_and_keeps_what_was_graded_before_ctrl_c(run, tmp_path):
    path = tmp_path / "r.jsonl"
    run([FULL, NONE], results=path)
    assert [json.loads(line)["student"] for line in path.read_text().splitlines()] == ["ada", "jakob"]
    with pytest.raises(Interrupted, match=r"Stopped: 1 of 3 are graded. Run the command again"):
        run([HALF, KeyboardInterrupt()], ["emmy", "ada", "jakob"], results=path)
    assert [json.loads(line)["student"] for line in path.read_text().splitlines()] == ["emmy"]


def test_what_can_not_be_written_is_refused_before_anything_is_graded(run, tmp_path):
    with pytest.raises(click.UsageError, match="folder: name a file"):
        run([FULL], junit=tmp_path)
    assert run.graders.asked == []
    with pytest.raises(click.UsageError, match="these are 2"):
        run([FULL, NONE], gradescope=tmp_path / "r.json")


def test_an_exercise_that_is_missing_costs_nobody_a_mark(run, course):
    tiny_course.make(course.root, name="not_installed")
    with pytest.raises(
        CannotGradeError, match=r"“not_installed”, which is missing: put \S+/exercises/not_installed.py"
    ):
        run([FULL])
    assert run.graders.asked == []


def test_a_faulty_source_is_refused_before_anything_is_graded(run, course):
    path = course.root / "source" / "hw" / "hw.ipynb"
    path.write_text(path.read_text().replace('"points": 4', '"points": 5'))
    with pytest.raises(CannotGradeError, match="worth 5 points, but its check call says 4"):
        run([FULL])
    assert run.graders.asked == []


def test_a_file_under_submitted_of_another_name_is_said_to_be_the_notebook(course):
    for student, name in (("ada", "hw"), ("eve", "mine")):
        tiny_course.submit(course.root, student).rename(
            course.root / "submitted" / student / "hw" / f"{name}.ipynb"
        )
    entries = [
        SubmittedNotebook(course.root / "submitted" / who / "hw" / f"{name}.ipynb", who, "hw", "hw")
        for who, name in (("ada", "hw"), ("eve", "mine"))
    ]
    entries.append(SubmittedNotebook(course.root / "in" / "other.ipynb", "zoe", "hw", "hw"))
    opened = SimpleNamespace(course=course, found=entries)
    (line,) = grade._by_cells(opened, named=True)
    assert line.endswith("eve/hw/mine.ipynb is graded as hw.ipynb, which it is by its cells.")
    (line,) = grade._by_cells(opened, named=False)
    assert "eve" not in line


class Gradebook:
    """A gradebook that notes what it is told."""

    def __init__(self, course):
        self.course, self.recorded, self.missing, self.commits = course, [], [], 0

    def source(self, assignment, name):
        return self.course.source("hw", "hw") if (assignment, name) else None

    def previous_report(self, _):
        return None

    def commit(self):
        self.commits += 1

    def record(self, outcome):
        self.recorded.append(outcome.found.student)
        return outcome.report

    def record_missing(self, student, assignment, notebooks):
        self.missing.append((student, assignment, [entry.notebook for entry in notebooks]))


class Resuming(Graders):
    def grade(self, course, batch, jobs, known, idle, seconds):
        self.known, self.idle = known, idle
        return super().grade(course, batch, jobs, seconds=seconds)


def test_marks_are_recorded_as_they_come_and_each_submission_is_looked_through_once(course):
    gradebook = Gradebook(course)
    keys = [("b", "hw", "one"), ("a", "hw", "one"), ("b", "hw", "two"), ("b", "ps", "one")]
    entries = [SubmittedNotebook(Path("x"), *key) for key in keys]
    reports = [verdict(student, assignment=of, notebook=name) for student, of, name in keys]
    for force, known in ((False, gradebook.previous_report), (True, None)):
        graders, seen = Resuming(reports), []

        def count(outcomes, seen=seen):
            for outcome in outcomes:
                seen.append(outcome.found)
                yield outcome

        options = {"force": force, "jobs": 1, "results": None}
        gradebook.recorded.clear()
        gradebook.missing.clear()
        assert grade.grade_into(gradebook, graders, entries, options, 9.0, count) == reports
        assert gradebook.recorded == ["b", "a", "b", "b"]
        assert seen == entries
        assert graders.asked == [(["b", "a", "b", "b"], 9.0)]
        assert gradebook.missing == [("a", "hw", ["one"]), ("b", "hw", ["one", "two"]), ("b", "ps", ["one"])]
        assert graders.known == known if known else graders.known(entries[0]) is None


# --- who grades ------------------------------------------------------------------------------------------


def on_cluster(address, course, *, insecure=False):
    return Opened(
        course, Settings(bytes(32)), [], [], SimpleNamespace(close=lambda: None), None, address, insecure
    )


def test_an_address_that_is_none_is_wrong_usage(course):
    pytest.importorskip("distributed")
    with pytest.raises(click.UsageError), graders_for(on_cluster("nonsense", course)):
        pass


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        ("LostError", StoppedError, "It is gone. What was graded is kept. Run the command again"),
        ("ClusterError", CannotGradeError, "It is gone."),
    ],
)
def test_a_cluster_that_ends_says_what_is_kept(course, monkeypatch, error, raised, said):
    pytest.importorskip("distributed")
    from autograder.cluster import connection
    from autograder.cluster import graders as module

    monkeypatch.setattr(module, "opened", lambda *_, **__: open_("a cluster"))
    with pytest.raises(raised, match=said) as caught, graders_for(on_cluster("local:2", course)):
        raise getattr(connection, error)("It is gone.")
    assert caught.value.exit_code == (1 if raised is StoppedError else 2)
