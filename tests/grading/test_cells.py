"""What becomes of each cell, and what the grader passes on, with a runner that notes what it is asked to run."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from msgspec import UNSET

from autograder import exercises
from autograder.grading import alone, cells, grader, left_out
from autograder.grading.cells import CellGrader, grade_function
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Graded, Submission
from autograder.judging.assess import Assessment, seed_for
from autograder.notebooks import notebook
from autograder.notebooks.source import Sealed, Source, SourceCell
from autograder.results import CellResult
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.policy import EVERYTHING, Limits

HIDDEN = "\n### BEGIN HIDDEN TESTS\ncheck('{0}', {0}, 5)\n### END HIDDEN TESTS"


def wanted(name, text, *, grade=False, solution=False, locked=False, task=False, points=0.0, kind="code"):
    return SourceCell(name, kind, text, grade, solution, locked, task, points)


SEALED = {name: wanted(name, f"{name}(1){HIDDEN.format(name)}", grade=True, points=5.0) for name in ("f", "g")}
OWN_TESTS = wanted("own-tests", "assert x", grade=True, points=3.0)
ANSWER = wanted("answer", "Your answer.", grade=True, solution=True, points=2.0, kind="markdown")
DRAWING = wanted("drawing", "plot", grade=True, solution=True, points=2.0)
TASK = wanted("task", "Do it.", task=True, points=4.0, kind="markdown")
SOLUTION, SETUP = wanted("solution", "x = ...", solution=True), wanted("setup", "import numpy as np", locked=True)
SHOWS = ("trained = 1", "draw()")
SOURCE = Source(
    (SETUP, SOLUTION, *SEALED.values(), OWN_TESTS, ANSWER, DRAWING, TASK),
    {},
    (("setup", SETUP.source), (None, "trained = 1"), (None, "draw()")),
    SHOWS,
)


class Runner:
    """Runs nothing, shows what it is told to, and notes what it is asked."""

    digest = b"digest"

    def __init__(self, *, reads=False, shows=()):
        self.budget = SimpleNamespace(watch="watch")
        self.pool = SimpleNamespace(limits=Limits())
        self.reads, self.shows, self.ran, self.asked = reads, list(shows), [], []

    def run(self, source, *, figures, own=False, reference=None):
        self.ran.append((source, figures, own, reference()))
        return self.shows, len(self.ran)

    def read_any(self, sources, names):
        self.asked.append((list(sources), set(names)))
        return self.reads


class Pace:
    def seconds(self, grade_id, text):
        return (grade_id, text)


def grading(runner=None, *, missing=(), **settings):
    settings = Settings(b"secret", **settings)
    return CellGrader(SOURCE, runner or Runner(), settings, Pace(), student="ada", missing=missing)


def code(text, name=None, **meta):
    metadata = {"nbgrader": {"grade_id": name, **meta}} if name else {}
    return {"cell_type": "code", "source": text, "metadata": metadata, "outputs": ["old"], "execution_count": None}


def text(words, name=None, **meta):
    metadata = {"nbgrader": {"grade_id": name, **meta}} if name else {}
    return {"cell_type": "markdown", "source": words, "metadata": metadata}


# --- cells without marks ---------------------------------------------------------------------------------


def test_a_cell_without_marks_is_run_and_only_a_solution_has_a_time_of_its_own():
    cells_, runner = (
        [code("mine"), code("x = 2", "solution"), code("np", "setup"), text("words")],
        Runner(shows=["new"]),
    )
    assert grading(runner).grade_all(cells_) == []
    assert runner.ran == [
        ("mine", False, False, (None, "mine")),
        ("x = 2", False, True, ("solution", "x = 2")),
        ("np", False, False, ("setup", "np")),
    ]
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells_[:3]] == [(["new"], n) for n in (1, 2, 3)]
    assert "outputs" not in cells_[3]


def test_figures_are_drawn_everywhere_only_where_the_settings_say_so():
    runner = Runner()
    grading(runner, figures=True).grade_all([code("mine"), code("trained = 1")])
    assert [ran[:2] for ran in runner.ran] == [("mine", True), ("trained = 1", True)]
    assert runner.asked == []


@pytest.mark.parametrize("reads", [True, False])
def test_what_only_shows_runs_if_a_student_s_own_cell_reads_what_it_binds(reads):
    shown = [code(words) for words in SHOWS]
    others = [code("np.pi", "setup"), code("x", "solution"), text("mine"), code("f(1)", "f"), code("m", "drawing")]
    runner = Runner(reads=reads)
    grading(runner).grade_all([*shown, *others[:3], code("mine", "unknown"), code("other"), code(SETUP.source)])
    assert runner.asked == [(["x", "mine", "other"], {"trained"})]
    assert ("trained = 1" in [ran[0] for ran in runner.ran]) is reads
    said = [cells.NOT_RUN, cells.NOT_DRAWN]
    if not reads:
        assert [cell["outputs"] for cell in shown] == [
            [{"output_type": "stream", "name": "stdout", "text": words}] for words in said
        ]


def test_nothing_is_left_out_before_it_is_known_that_nobody_reads_it():
    runner = Runner()
    grading(runner).grade(code("draw()"))
    assert [ran[0] for ran in runner.ran] == ["draw()"]


# --- cells with their own tests and cells for a person ---------------------------------------------------


@pytest.mark.parametrize(
    ("shows", "score", "message"),
    [
        ([], 3.0, None),
        ([{"output_type": "execute_result", "data": {"text/plain": "0.5"}}], 0.5, None),
        ([{"output_type": "error", "ename": "E", "evalue": ""}], 0.0, "stopped with E"),
        ([{"output_type": "error", "ename": "E", "evalue": "x" * 300}], 0.0, f"stopped with E: {'x' * 200}"),
    ],
)
def test_a_cell_with_tests_of_its_own_runs_as_the_instructor_wrote_it(shows, score, message):
    cell, runner = code("True", "own-tests"), Runner(shows=shows)
    result = grading(runner).grade(cell)
    assert (result.grade_id, result.mode, result.max_score) == ("own-tests", "in-process", 3.0)
    assert (result.score, result.message) == (score, message)
    assert cell["source"] == "assert x"
    assert runner.ran == [("assert x", False, True, ("own-tests", "assert x"))]


@pytest.mark.parametrize(
    ("shown", "mark"),
    [
        *[("0", 0.0), ("-0.5", 0.0), ("nan", 0.0), ("inf", 2.0), ("-inf", 0.0), ("2.5", 2.0), (" 1.0\n", 1.0)],
        *[
            (" np.float64(1.5)\n", 1.5),
            ("np.int64(1)", 1.0),
            ("(1.5)", 2.0),
            ("None", 2.0),
            ("", 2.0),
            ("np.pi", 2.0),
        ],
    ],
)
def test_a_number_as_a_result_is_the_mark_within_its_bounds_and_another_result_is_full_marks(shown, mark):
    result = {"output_type": "execute_result", "data": {"text/plain": shown}}
    assert cells.nbgrader_score([result], 2.0) == (mark, None)
    assert cells.nbgrader_score([{**result, "data": {}}], 2.0) == (2.0, None)


MISSING = "its cell was missing: check whether the answer is in another cell"


@pytest.mark.parametrize("changed", [True, False])
@pytest.mark.parametrize(
    ("made", "meta", "words"),
    [
        (text, {"name": "answer", "grade": True, "solution": True, "points": 2.0}, "Your answer."),
        (code, {"name": "drawing", "grade": True, "solution": True, "points": 2.0}, "plot"),
        (text, {"name": "task", "task": True, "points": 4.0}, "Do it."),
    ],
)
def test_an_unchanged_answer_has_no_marks_and_all_else_waits_for_a_person(made, meta, words, changed):
    cell = made(words, **meta)
    cell["metadata"]["nbgrader"]["checksum"] = "other" if changed else notebook.checksum(cell)
    runner, name = Runner(), meta["name"]
    result = grading(runner).grade(cell)
    none = not changed and name != "task"
    assert (result.grade_id, result.mode) == (name, "manual")
    assert (result.score, result.message) == (
        (0.0, "no response") if none else (None, "waits to be marked by a person")
    )
    drawn = [("plot", True, True, ("drawing", "plot"))]
    assert runner.ran == (drawn if name == "drawing" else []), "a person sees its figures"
    without = grading(missing=[name, "another"]).grade(cell)
    assert (without.score, without.message) == (None, MISSING)


# --- sealed cells ----------------------------------------------------------------------------------------


@pytest.fixture
def judged(monkeypatch):
    """What a judge is asked, and what it says of each function."""
    said = SimpleNamespace(asked=[], says={})

    def judge(asked, runner, settings, **more):
        said.asked.append((asked.exercise, {**more, "earlier": dict(more["earlier"])}))
        outcome = said.says.get(asked.exercise, Assessment(5.0, 5.0, [], []))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(cells, "grade_function", judge)
    return said


def test_of_a_sealed_cell_the_visible_part_runs_and_all_that_is_found_is_told(judged):
    checks = ["a check"]
    judged.says["f"] = Assessment(1.5, 5.0, checks, ["slip"], "why", "curve", None, "odd")
    runner = Runner()
    first, second = grading(runner).grade_all([code("edited", "f"), code("g(1)", "g")])
    assert runner.ran == [(f"{name}(1)", False, True, (name, f"{name}(1)")) for name in ("f", "g")]
    found = (first.score, first.message, first.checks, first.misconceptions, first.curve, first.fault)
    assert found == (1.5, "why", checks, ["slip"], "curve", "odd")
    assert (first.exercise, first.mode, first.max_score) == ("f", "sealed", 5.0)
    assert (second.score, second.fault, second.curve, second.message) == (5.0, UNSET, UNSET, None)
    more = {"student": "ada", "points": 5.0, "parts": ["f", "g"], "earlier": {}}
    assert judged.asked == [("f", more), ("g", more)]


def test_the_mistake_in_a_function_is_known_when_the_next_one_is_judged(judged):
    mistake = object()
    judged.says["f"] = Assessment(0.0, 5.0, [], [], mistake=mistake)
    grading().grade_all([code("", "f"), code("", "g")])
    assert [more["earlier"] for _, more in judged.asked] == [{}, {"f": mistake}]


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), SystemExit(1)])
def test_a_judge_that_fails_costs_nobody_a_mark_and_the_other_cells_are_judged(judged, error):
    judged.says["f"] = error
    first, second = grading().grade_all([code("", "f"), code("", "g")])
    assert (first.score, first.message, first.exercise) == (None, cells.NOT_JUDGED, "f")
    assert first.fault.startswith(type(error).__name__)
    assert second.score == 5.0


@pytest.mark.parametrize(
    "error",
    [ForkServerError("dead"), exercises.UnknownExerciseError("x"), exercises.OwnExerciseError("x"), MemoryError()],
)
def test_an_error_that_is_not_about_one_cell_is_raised(judged, error):
    judged.says["f"] = error
    with pytest.raises(type(error)):
        grading().grade(code("", "f"))


@pytest.mark.parametrize(
    ("settings", "feedback"),
    [({}, "messages"), ({"feedback": "score"}, "score"), ({"feedback": "score", "explain": True}, "full")],
)
def test_a_function_is_assessed_with_all_that_the_settings_say(monkeypatch, settings, feedback):
    asked = []
    monkeypatch.setattr(cells, "assess", lambda *given, **named: asked.append((given, named)))
    settings, runner = Settings(b"secret", follow_through=0.25, **settings), Runner()
    earlier = {"g": object()}
    sealed = Sealed("softmax", "mine", None)
    grade_function(sealed, runner, settings, student="ada", points=4.0, parts=["f"], earlier=earlier)
    ((exercise, caller), named), *_ = asked
    assert exercise is exercises.find("softmax")
    assert (caller.runner, caller.function) == (runner, "mine")
    assert named.pop("spent") == caller.spent
    assert named == {
        "seed": seed_for(b"secret", "ada", "softmax", b"digest"),
        "points": 4.0,
        "feedback": feedback,
        "explain": settings.explain,
        "watch": "watch",
        "follow_through": 0.25,
        "parts": ["f"],
        "earlier": earlier,
    }


# --- the grader ------------------------------------------------------------------------------------------


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
