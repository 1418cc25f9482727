"""What a runner and a pace do with what a process says, step by step and without one."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest

from autograder.grading import runner as runners
from autograder.grading.pace import Pace
from autograder.grading.runner import ALLOWED_SENTENCE, Runner, digest_of
from autograder.judging.calls import Stopped
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.policy import Limits
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.timing import LONGEST


def shown(*outputs, error=None):
    """A finished cell, as a session returns it."""
    return SimpleNamespace(outputs=list(outputs), error=error)


class Session:
    """A process that answers each cell as it is told; a text ends it, with that as the reason."""

    def __init__(self, *answers, names=True):
        self.answers, self.names, self.ended, self.took = list(answers), names, None, 0.0
        self.ran, self.given_up, self.closed = [], [], 0

    def run_cell(self, source, *, figures=False, kept=True, time_left=None, reference=None):
        self.ran.append((source, figures, kept, time_left, reference))
        answer = self.answers.pop(0) if self.answers else (shown(), None)
        if isinstance(answer, str):
            self.ended = answer
            raise SessionEndedError(answer)
        if isinstance(answer, float):
            self.took, answer = answer, (shown(), None)
        return answer

    def names_read(self, sources, names):
        self.asked = sources, names
        if isinstance(self.names, str):
            raise SessionEndedError(self.names)
        return self.names

    def give_up(self, *given):
        self.given_up.append(given)
        if self.answers and self.answers[0] == "dies":
            self.ended = self.answers.pop(0)
            raise SessionEndedError(self.ended)

    def close(self):
        self.closed += 1

    __enter__ = lambda self: self  # noqa: E731

    def __exit__(self, *_):
        self.close()


class Pool:
    limits = Limits()

    def __init__(self, *sessions):
        self.sessions, self.given = list(sessions), []

    def session(self, *given):
        self.given.append(given)
        session = self.sessions.pop(0)
        if isinstance(session, Exception):
            raise session
        return session


def over(*sessions, **given):
    return Runner(Pool(*sessions), ("scipy",), {"a.csv": b"1"}, ["import pylab"], **given)


@pytest.fixture(autouse=True)
def outputs_as_they_are(monkeypatch):
    monkeypatch.setattr(runners, "as_nbformat", lambda output: output)


def error(name, text=""):
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}".rstrip(": ")]}


STREAM = {"output_type": "stream", "name": "stdout", "text": "x"}

# --- a cell ----------------------------------------------------------------------------------------------


def test_a_process_has_what_is_allowed_the_files_the_warm_imports_and_the_instructor_s_cells():
    session = Session()
    with over(session, fixed=("check",), figures=True) as runner:
        runner.run("x = 1", figures=True)
        runner.run("y = 1", figures=False)
    warm = frozenset({"matplotlib", "figures"})
    assert runner.pool.given == [(("scipy",), {"a.csv": b"1"}, warm, ("check",), runner.budget)]
    assert [ran[:3] for ran in session.ran] == [("x = 1", True, True), ("y = 1", False, True)]
    assert session.closed == 1
    assert runner.digest == digest_of(["import pylab"], {"a.csv": b"1"})


def test_a_runner_that_ran_nothing_starts_no_process():
    with over() as runner:
        assert runner.run(" \n# a remark\n   # another\n\n", figures=False) == ([], None)
    assert runner.pool.given == []


def test_cells_with_code_are_counted_and_outputs_are_handed_on():
    runner = over(Session((shown(STREAM), None), (shown(STREAM, error("E", "e"), error="E"), None)))
    assert runner.run("# first\nprint('x')", figures=False) == ([STREAM], 1)
    assert runner.run("", figures=False) == ([], None)
    assert runner.run("print('x')", figures=False) == ([STREAM, error("E", "e")], 2)


def test_cells_without_a_time_of_their_own_share_one_and_all_have_their_reference():
    session, reference = Session(), object()
    runner = over(session)
    runner.run("x", figures=False, reference=reference)
    runner.run("x", figures=False, own=True)
    assert [ran[3:] for ran in session.ran] == [(runner.budget.time, reference), (None, None)]


def test_when_the_shared_time_is_over_only_cells_with_their_own_run():
    session = Session()
    runner = over(session)
    runner.budget.time.seconds = 0
    assert runner.run("x", figures=False) == ([error("Stopped", runner.budget.time.why_over)], 1)
    assert session.ran == []
    assert runner.run("y", figures=False, own=True) == ([], 2)
    assert len(session.ran) == 1


def test_an_error_that_the_notebook_hid_is_shown_by_its_type_and_one_that_it_shows_is_not_doubled():
    hidden, shows = shown(STREAM, error="E" * 300), shown(error("E", "e"), error="E")
    late = shown(error="KeyboardInterrupt")
    runner = over(Session((hidden, None), (shows, None), (late, "it was late.")))
    assert runner.run("1", figures=False)[0] == [STREAM, error("E" * 200)]
    assert runner.run("2", figures=False)[0] == [error("E", "e")]
    assert runner.run("3", figures=False)[0] == [error("Stopped", "it was late.")]


# --- a new process ---------------------------------------------------------------------------------------


def test_in_a_new_process_the_cells_that_ran_to_their_end_run_again_in_order_and_send_nothing():
    reference = object()
    first = Session(
        *[(shown(), None)] * 2, (shown(error=""), "it was late."), (shown(error="E"), None), "it ended."
    )
    second = Session()
    runner = over(first, second)
    for number in range(4):
        runner.run(f"{number}", figures=True, reference=reference)
    assert runner.run("4", figures=False) == ([error("Stopped", "it ended.")], 5)
    assert runner.run("5", figures=False) == ([], 6)
    again = [(f"{number}", False, False, None, reference) for number in (0, 1, 3)]
    assert second.ran == [*again, ("5", False, True, runner.budget.time, None)]


def test_a_function_that_was_given_up_is_so_at_its_place_in_the_new_process():
    first, second = Session(), Session()
    runner = over(first, second)
    runner.run("def f(): pass", figures=False)
    runner.give_up("f", "it is late.")
    first.ended = "it ended."
    runner.give_up("g", "so is g.")
    assert first.given_up == [("f", "it is late. It is not called again.")], "a process that ended is told nothing"
    runner.run("1", figures=False)
    assert second.given_up == [
        (f, f"{why} It is not called again.") for f, why in (("f", "it is late."), ("g", "so is g."))
    ]


def test_a_process_that_ends_when_it_is_told_raises_nothing_and_without_one_nobody_is_told():
    runner = over(Session(), Session("dies"))
    runner.give_up("f", "late.")
    runner.run("1", figures=False)
    dies = Session("dies")
    runner._session = dies
    runner.give_up("g", "late.")
    assert dies.ended == "dies"


def test_a_cell_that_ends_the_new_process_too_is_not_run_a_third_time():
    runner = over(
        Session((shown(), None), (shown(), None), "it ended."), Session((shown(), None), "again."), Session()
    )
    for name in "abc":
        runner.run(name, figures=False)
    assert runner.run("d", figures=False)[0] == [error("Stopped", "again.")]
    last = runner.pool.sessions[0]
    assert runner.run("e", figures=False)[0] == []
    assert [ran[0] for ran in last.ran] == ["a", "e"]


def test_running_again_takes_from_the_time_that_is_shared_even_if_it_fails(monkeypatch):
    clock = iter([100.0, 103.0, 200.0, 204.0])
    monkeypatch.setattr(runners, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    runner = over(Session("it ended."), Session("again."), ForkServerError("none"))
    runner.budget.time.seconds = 50.0
    runner.run("a", figures=False)
    runner.run("b", figures=False)
    assert runner.budget.time.seconds == 47.0
    with pytest.raises(ForkServerError):
        runner.run("c", figures=False)
    assert runner.budget.time.seconds == 43.0


def test_no_new_process_is_started_once_the_shared_time_is_over_or_the_grader_s(monkeypatch):
    runner = over(Session("it ended."), Session())
    runner.run("a", figures=False)
    runner.budget.time.seconds = 0.0
    assert runner.run("b", figures=False, own=True)[0] == [error("Stopped", "it ended.")]
    assert len(runner.pool.given) == 1
    runner = over(Session())
    monkeypatch.setattr(type(runner.budget), "why_over", "the grader took too long.")
    assert runner.run("b", figures=False)[0] == [error("Stopped", "the grader took too long.")]
    assert runner.pool.given == []


# --- what is read, and why it stopped --------------------------------------------------------------------


@pytest.mark.parametrize(("says", "may"), [(True, True), (False, False), (1, True), ("it ended.", True)])
def test_whether_names_are_read_is_asked_and_taken_for_granted_of_a_process_that_ends(says, may):
    session = Session(names=says)
    assert over(session).read_any(["a", "b"], {"x"}) is may
    assert session.asked == (["a", "b"], {"x"})
    assert over().read_any([], {"x"}) is over().read_any(["a"], set()) is False, "nobody is asked"


@pytest.mark.parametrize(
    ("stopped", "cause"),
    [
        ([], ""),
        ([("def f(x): pass", "ValueError: no")], " Its own cell stopped: ValueError: no."),
        ([("  f = 3", "ValueError: no.")], " Its own cell stopped: ValueError: no."),
        ([("def f2(x): f(1)", "ValueError: no")], " The code before it stopped: ValueError: no."),
        ([("ff = 1", "A: a"), ("y", "B: b")], " The code before it stopped: A: a."),
        ([("y", "A: a"), ("def f(): 1", "B: b"), ("def f(): 2", "C: c")], " Its own cell stopped: C: c."),
        ([("use(f", "SyntaxError: bad")], " Its own cell stopped: SyntaxError: bad."),
        ([("use(ff", "SyntaxError: bad")], " The code before it stopped: SyntaxError: bad."),
        ([("f(", "TabError: t"), ("f = 1", "E: e")], " Its own cell stopped: E: e."),
        ([("f(1)", "AssertionError: a"), ("g", "NotImplementedError")], ""),
        ([("def f(): 1", "AssertionError: a")], " Its own cell stopped: AssertionError: a."),
        ([("g", "AssertionError"), ("h", "E: e")], " The code before it stopped: E: e."),
        (
            [("import torch", "ModuleNotFoundError: No module named 'torch'")],
            f" The code before it stopped: ModuleNotFoundError: No module named 'torch'. {ALLOWED_SENTENCE}",
        ),
    ],
)
def test_the_cause_is_the_last_error_of_the_function_s_own_cell_or_the_first_of_another_s(stopped, cause):
    runner = over()
    for source, text in stopped:
        runner.note_error(source, text)
    assert runner.stopped("f", "it is missing.") == Stopped(f"it is missing.{cause}", final=True)


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("SyntaxError: bad (<ipython-input-3-ab_c>, line 2)", "SyntaxError: bad (line 2)"),
        ("E: two\nlines\t and\x00a nul  ", "E: two lines and a nul"),
        ("E: . ", "E"),
        ("ValueError: ", "ValueError"),
    ],
)
def test_an_error_is_noted_in_one_line(text, noted):
    runner = over()
    runner.note_error("def f(): pass", text)
    assert runner._errors == [("def f(): pass", noted)]


def test_each_error_of_a_cell_is_noted_cut_short_and_so_is_the_end_of_the_process():
    runner = over(Session((shown(STREAM, error("E", "x" * 300), error("F", "f")), None), "it ended."))
    runner.run("a", figures=False)
    runner.run("b", figures=False)
    assert runner._errors == [("a", f"E: {'x' * 200}"), ("a", "F: f"), ("b", "it ended")]


def test_the_digest_tells_apart_all_that_code_can_read():
    different = [
        digest_of([], {}),
        digest_of([""], {}),
        digest_of(["a"], {}),
        digest_of(["b"], {}),
        digest_of(["a", "b"], {}),
        digest_of(["b", "a"], {}),
        digest_of(["ab"], {}),
        digest_of([], {"a": b"b"}),
        digest_of([], {"b": b"a"}),
        digest_of([], {"a": b"b", "b": b"a"}),
        digest_of(["a"], {"b": b""}),
        digest_of(["\ud800"], {}),
        digest_of([], {"\udcff": b""}),
    ]
    assert len(set(different)) == len(different)
    assert digest_of(["a"], {"x": b"1", "y": b"2"}) == digest_of(iter(["a"]), {"y": b"2", "x": b"1"})
    assert len(different[0]) == hashlib.sha256().digest_size


# --- the pace of a source --------------------------------------------------------------------------------

SOURCE = SimpleNamespace(program=(("f", "def f(): import matplotlib"), (None, "plot"), ("g", "def g()")))


def test_the_source_s_cells_are_measured_once_each_by_its_id_or_text_and_those_that_are_late_are_not():
    session = Session(1.5, (shown(), "it was late."), 0.25)
    pool = Pool(session)
    pace = Pace(pool, SOURCE, ("scipy",), {"a.csv": b"1"})
    assert pool.given == [], "not before a submission is slow"
    found = [pace.seconds("f", "x"), pace.seconds(None, "plot"), pace.seconds("g", ""), pace.seconds(None, "f")]
    assert found == [1.5, 0.0, 0.25, 1.5]
    assert pace.seconds("other", "def g()") == pace.seconds(None, "elsewhere") == 0.0
    ((allow, files, warm, fixed, budget),) = pool.given
    assert (allow, files, warm, fixed) == (("scipy",), {"a.csv": b"1"}, frozenset({"matplotlib"}), ())
    assert budget.limits is Pool.limits
    assert [ran[:4] for ran in session.ran] == [(text, False, False, None) for _, text in SOURCE.program]
    assert {ran[4]() for ran in session.ran} == {LONGEST}
    assert session.closed == 1


def test_what_was_measured_before_the_process_ended_counts_and_it_is_not_tried_again():
    pool = Pool(Session(1.5, "it ended."), Session(2.0))
    pace = Pace(pool, SOURCE, (), {})
    assert [pace.seconds("f", ""), pace.seconds(None, "plot"), pace.seconds("g", "")] == [1.5, 0.0, 0.0]
    assert len(pool.given) == 1


def test_where_no_process_can_be_started_no_cell_has_more():
    pool = Pool(ForkServerError("none"))
    pace = Pace(pool, SOURCE, (), {})
    assert [pace.seconds("f", ""), pace.seconds("f", "")] == [0.0, 0.0]
    assert len(pool.given) == 1
