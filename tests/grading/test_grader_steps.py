"""What the grader passes on to those who read, run and judge, step by step."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from kinds_of_cells import ANSWER, OWN_TESTS, SETUP, SOURCE, code
from msgspec import UNSET

from autograder import exercises
from autograder.grading import alone, grader, left_out
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Graded, Submission
from autograder.judging.assess import Assessment
from autograder.notebooks import notebook
from autograder.notebooks.source import Sealed, Source
from autograder.results import CellResult
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.policy import EVERYTHING, Limits


class Closing:
    closed = 0
    limits = Limits()

    def close(self):
        self.closed += 1


@pytest.fixture
def idle():
    """A grader that runs nothing."""
    return Grader(Settings(b"secret", isolated=False, allow=("scipy",)), Closing())


def test_a_grader_closes_its_pool_once_it_is_left(idle):
    with idle as same:
        assert same is idle
        assert idle._pool.closed == 0
    assert idle._pool.closed == 1
    assert idle.isolation == "none"


def test_a_grader_without_a_pool_has_one_of_its_own_with_the_limits_and_the_way(monkeypatch):
    limits = Limits(threads=7)
    own = Grader(Settings(b"", limits=limits, isolated=False))
    assert (own._pool.limits, own._pool.way, own.isolation) == (limits, "none", "none")
    monkeypatch.setattr(grader, "isolation", lambda way: f"the way {way}")
    own = Grader(Settings(b"", way="chroot"))
    assert (own._pool.way, own.isolation) == ("chroot", "the way chroot")


def test_all_that_decides_about_a_report_is_in_its_digest_and_nothing_else_is(idle, monkeypatch):
    submission = Submission(b"{}", "ada", "hw", "nb", "a.ipynb", {"x": b"1", "y": b"2"})
    first = idle.digest(SOURCE, submission)
    same = [{"file": "b.ipynb"}, {"files": {"y": b"2", "x": b"1"}}, {"instructors": frozenset("x")}]
    assert {idle.digest(SOURCE, replace(submission, **each)) for each in same} == {first}
    changes = [
        {"content": b"[]"},
        {"student": "bob"},
        {"assignment": "nb"},
        {"name": "hw"},
        *({"files": files} for files in ({}, {"x": b"1"}, {"x": b"2", "y": b"1"}, {"x": b"1", "z": b"2"})),
        {"student": "\ud800"},
    ]
    digests = {first, *(idle.digest(SOURCE, replace(submission, **each)) for each in changes)}
    for settings in ({"secret": b"other"}, {"feedback": "full"}, {"allow": ()}, {"figures": True}):
        digests.add(grader.digest_of(replace(idle.settings, **settings), SOURCE, submission))
    assert grader.digest_of(replace(idle.settings, explain=True), SOURCE, submission) == first
    digests.add(idle.digest(replace(SOURCE, cells=SOURCE.cells[:3]), submission))
    monkeypatch.setattr(exercises, "digest_of_own", lambda: "others")
    digests.add(idle.digest(SOURCE, submission))
    monkeypatch.setattr(grader, "VERSION", "0")
    digests.add(idle.digest(SOURCE, submission))
    assert len(digests) == 1 + len(changes) + 4 + 3


def test_who_dies_with_its_fork_server_is_run_once_more_and_no_other_error_is_tried_again():
    for errors, runs in (([], 1), ([ForkServerError()], 2), ([ForkServerError(), ForkServerError()], 2)):
        left, ran = list(errors), []

        def run(left=left, ran=ran):
            ran.append(1)
            if left:
                raise left.pop(0)
            return "report"

        if len(errors) < 2:
            assert grader._retry_once(run) == "report"
        else:
            with pytest.raises(ForkServerError):
                grader._retry_once(run)
        assert len(ran) == runs
    ran = []
    with pytest.raises(ValueError, match="once"):
        grader._retry_once(lambda: ran.append(1) or int("once"))
    assert ran == [1]


def test_a_source_with_the_same_files_of_the_instructor_s_is_measured_once_and_few_are_kept(idle):
    files = {"data.csv": b"1", "own.csv": b"2"}
    submission = Submission(b"", files=files, instructors=frozenset({"data.csv"}))
    pace = idle._pace_of(SOURCE, submission)
    assert idle._pace_of(replace(SOURCE), replace(submission, student="bob", files={"data.csv": b"1"})) is pace
    assert (pace._pool, pace._source, pace._files) == (idle._pool, SOURCE, {"data.csv": b"1"})
    assert pace._allow == ("scipy",)
    others = [
        idle._pace_of(replace(SOURCE, program=()), submission),
        idle._pace_of(SOURCE, replace(submission, instructors=frozenset())),
        idle._pace_of(SOURCE, replace(submission, instructors=frozenset(files))),
    ]
    assert len({id(each) for each in (pace, *others)}) == 4
    for number in range(grader.MAX_PACES - 4):
        idle._pace_of(replace(SOURCE, program=((None, str(number)),)), submission)
    assert idle._pace_of(SOURCE, submission) is pace
    assert len(idle._paces) == grader.MAX_PACES
    idle._pace_of(replace(SOURCE, program=((None, "last"),)), submission)
    assert len(idle._paces) == 1


@pytest.mark.parametrize(("file", "named"), [("", "The notebook"), ("a.ipynb", "a.ipynb")])
def test_what_is_no_notebook_or_belongs_elsewhere_fails_by_its_name_and_repairs_are_handed_on(
    idle, monkeypatch, file, named
):
    came = idle.grade(SOURCE, Submission(b" ", "ada", file=file))
    assert (came.report.message, came.report.student, came.notebook) == (f"{named} is empty.", "ada", None)

    def elsewhere(source, submitted):
        raise grader.WrongAssignmentError("belongs elsewhere")

    monkeypatch.setattr(grader, "restore", elsewhere)
    content = b'\xef\xbb\xbf{"cells": [{"cell_type": "code", "source": "x"}]}'
    came = idle.grade(SOURCE, Submission(content, file=file))
    assert (came.report.message, came.notebook) == (f"{named} belongs elsewhere.", None)
    handed = []
    monkeypatch.setattr(idle, "grade_notebook", lambda *given: handed.append(given) or "graded")
    submission = Submission(content, file=file)
    assert idle.grade(SOURCE, submission) == "graded"
    assert handed == [(SOURCE, notebook.read(content), submission, ["the file began with a byte order mark"])]


@pytest.mark.parametrize(("language", "graded"), [("Python", True), ("python", True), ("R", False), (None, True)])
def test_a_notebook_is_run_with_all_that_belongs_to_it_if_it_is_in_python(idle, monkeypatch, language, graded):
    made = []

    class FakeRunner:
        def __init__(self, *given, **named):
            made.append((given, named))

        __enter__ = lambda self: self  # noqa: E731

        def __exit__(self, *_):
            pass

    class FakeGrader:
        def __init__(self, *given, **named):
            made.append((given, named))

        def grade_all(self, cells):
            return [cells_result(cell, score) for cell, score in zip(reversed(source.marked), scores, strict=True)]

    def cells_result(cell, score):
        more = {"exercise": None, "mode": "manual", "max_score": cell.points}
        return CellResult(grade_id=cell.grade_id, score=score, **more)

    scores = [None, 1.0, None, 3.0, 0.0, 2.5]
    restored = SimpleNamespace(notebook={"cells": [code("a"), code("b")]}, missing={"task"}, repairs=["restored"])
    monkeypatch.setattr(grader, "Runner", FakeRunner)
    monkeypatch.setattr(grader, "CellGrader", FakeGrader)
    monkeypatch.setattr(grader, "restore", lambda source, submitted: restored)
    source = replace(SOURCE, kernelspec={} if language is None else {"language": language})
    submission = Submission(b"", "ada", "hw", "nb", "ada.ipynb", {"x": b"1"})
    came = idle.grade_notebook(source, {"cells": []}, submission, ["mended"])
    report = came.report
    assert (report.student, report.assignment, report.notebook, report.file) == ("ada", "hw", "nb", "ada.ipynb")
    assert report.max_score == 21.0
    assert [cell.grade_id for cell in report.cells] == [cell.grade_id for cell in source.marked]
    if not graded:
        assert report.message == "Only Python is graded, and the source is in R."
        assert (report.status, came.notebook, made) == ("failed", None, [])
        return
    assert (report.status, report.score, report.isolation) == ("graded", 6.5, "none")
    assert came.notebook is restored.notebook
    assert [cell.score for cell in report.cells] == scores[::-1]
    assert report.repairs == ["mended", "restored"]
    (given, named), (_, more) = made
    assert given == (idle._pool, ("scipy",), {"x": b"1"}, ["a", "b"])
    assert named == {"fixed": source.fixed, "figures": True}
    assert more == {"student": "ada", "missing": {"task"}}


@pytest.mark.parametrize(
    ("content", "ran", "noted"),
    [
        (b"x = 1", ["x = 1"], []),
        (b"\xef\xbb\xbfx = 1", ["x = 1"], []),
        (b"\xff", [], [("", "it is not UTF-8 text")]),
    ],
)
def test_a_file_is_run_as_one_cell_and_its_function_judged(idle, monkeypatch, content, ran, noted):
    made, asked = [], []

    class FakeRunner:
        def __init__(self, *given):
            made.append(given)
            self.ran, self.noted = [], []

        __enter__ = lambda self: self  # noqa: E731

        def __exit__(self, *_):
            pass

        def run(self, source, *, figures):
            self.ran.append(source)

        def note_error(self, *given):
            self.noted.append(given)

    def judge(sealed, runner, settings, *, student):
        asked.append((sealed, runner.ran, runner.noted, settings, student))
        return Assessment(score, 5.0, [], ["slip"], "why", fault=fault)

    monkeypatch.setattr(grader, "Runner", FakeRunner)
    monkeypatch.setattr(grader, "grade_function", judge)
    points = exercises.find("softmax").points
    for score, fault in ((points, None), (points - 0.5, "odd")):
        result = idle.grade_file("softmax", content, file="a.py", student="ada")
        assert (result.exercise, result.file, result.isolation) == ("softmax", "a.py", "none")
        assert (result.score, result.max_score, result.passed) == (score, points, score == points)
        assert (result.message, result.misconceptions, result.fault) == ("why", ["slip"], fault or UNSET)
    assert made == [(idle._pool, ("scipy",), {}, [content.decode("utf-8", "surrogateescape")])] * 2
    assert asked == [(Sealed("softmax", "softmax", None), ran, noted, idle.settings, "ada")] * 2


# --- settings, the public function, and what may be left out ---------------------------------------------


def test_what_may_be_imported_and_whether_figures_are_drawn_follow_from_the_cells():
    settings = Settings(b"", allow=("scipy",))
    without = replace(SOURCE, cells=(SETUP, ANSWER, OWN_TESTS))
    assert settings.allowed_for(SOURCE) == ("scipy",)
    assert settings.allowed_for(without) == settings.allowed_for(Source(())) == (EVERYTHING,)
    assert settings.shows_figures(SOURCE)
    assert not settings.shows_figures(without), "an answer in words has none"
    assert replace(settings, figures=True).shows_figures(without)


def test_one_notebook_is_graded_with_its_own_secret_student_and_feedback(monkeypatch):
    seen = []

    class Workers:
        def __init__(self, settings):
            seen.append(settings)

        __enter__ = lambda self: self  # noqa: E731

        def __exit__(self, *_):
            seen.append("closed")

        def grade_alone(self, source, submission):
            seen.append((source, submission))
            return "report"

    monkeypatch.setattr(alone, "WorkerPool", Workers)
    content = b'{"cells": []}'
    assert alone.grade(content, b"{", secret=b"s", student="ada", feedback="full") == "report"
    source = Source.from_notebook(notebook.read(content))
    assert seen == [Settings(b"s", "full"), (source, Submission(b"{", "ada")), "closed"]
    alone.grade(content, b"{", secret=b"s")
    assert seen[3] == Settings(b"s", "messages")
    assert seen[4][1].student == ""


def test_each_cell_that_stops_or_loses_marks_only_where_something_is_left_out_is_named(monkeypatch):
    def error(name, words):
        return {"output_type": "error", "ename": name, "evalue": words}

    stream = {"output_type": "stream", "text": "x"}
    whole = [[], [error("A", "a")], [stream], [], [error("E", "e")]]
    short = [[stream, error("N", "n"), error("M", "m")], [error("B", "b")], [stream], [error("O", "")], []]

    def graded(outputs, scores):
        marks = [SimpleNamespace(grade_id=name, score=score) for name, score in scores.items()]
        shown = [{"outputs": each} for each in outputs]
        return Graded(SimpleNamespace(cells=marks), {"cells": [*shown, {"cell_type": "markdown"}]})

    asked = []

    class FakeGrader:
        def __init__(self, settings):
            asked.append(settings)

        __enter__ = lambda self: self  # noqa: E731

        def __exit__(self, *_):
            pass

        def grade(self, source, submission):
            asked.append((source, submission))
            if source.shows:
                return graded(short, {"a": 1.0, "b": 0.5, "c": 0.0, "d": 2.0})
            return graded(whole, {"a": 1.0, "b": 2.0, "c": 1.0, "d": 1.5})

    monkeypatch.setattr(left_out, "Grader", FakeGrader)
    found = list(left_out.needs_what_only_shows(SOURCE, b"{}", {"x": b"1"}))
    tail = "where the cells that are tagged “only-shows” run: it needs one of them."
    assert found == [
        "Cell 1 needs a cell that is tagged “only-shows”: without it, N: n.",
        "Cell 4 needs a cell that is tagged “only-shows”: without it, O: .",
        f"“b” has 0.5 points, and 2 {tail}",
        f"“c” has 0 points, and 1 {tail}",
        f"“d” has 2 points, and 1.5 {tail}",
    ]
    submission = Submission(b"{}", files={"x": b"1"}, instructors=frozenset({"x"}))
    assert asked == [Settings(b"", isolated=False), (replace(SOURCE, shows=()), submission), (SOURCE, submission)]
    asked.clear()
    assert list(left_out.needs_what_only_shows(replace(SOURCE, shows=("draw()",)), b"{}", {})) == []
    assert asked == [], "what binds no name is needed by nobody"
