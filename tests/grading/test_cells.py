"""What becomes of each cell, with a runner that notes what it is asked to run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from kinds_of_cells import SETUP, SHOWS, SOURCE, code, text
from msgspec import UNSET

from autograder import exercises
from autograder.grading import cells
from autograder.grading.cells import CellGrader, grade_function
from autograder.grading.settings import Settings
from autograder.judging.assess import Assessment, seed_for
from autograder.notebooks import notebook
from autograder.notebooks.source import Sealed
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.policy import Limits


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
