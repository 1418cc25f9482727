"""What a report says of a notebook that is refused, or that meets a fault of the grader, and where it lies."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.course import Course
from autograder.grading import batch
from autograder.grading.batch import AHEAD, OneMachine, grade_batch
from autograder.grading.outcome import file_of, grade_submission, not_graded, open_submission
from autograder.grading.runner import Runner, digest_of
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission, cell_result, failed
from autograder.grading.workers import envelope_for
from autograder.intake import RefusedError, SubmittedNotebook
from autograder.notebooks.source import Source, SourceCell
from autograder.sandbox.policy import EVERYTHING, Limits


def cell(name, source="1.0", kind="code", points=2.0, **flags):
    given = {"grade": True, "solution": False, "locked": True, "task": False} | flags
    return SourceCell(name, kind, source, points=points, **given)


SEALED = cell("f", '### BEGIN HIDDEN TESTS\ncheck("f", f)\n### END HIDDEN TESTS')
SOURCE = Source((cell("one"), cell("help", grade=False), SEALED, cell("task", task=True, points=3.0)))


@pytest.fixture
def handed_in(tmp_path):
    path = tmp_path / "submitted" / "ada" / "hw" / "one.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{}")
    (path.parent / "mine.csv").write_bytes(b"2")
    (tmp_path / "source" / "hw").mkdir(parents=True)
    (tmp_path / "source" / "hw" / "data.csv").write_bytes(b"1")
    return Course(tmp_path), SubmittedNotebook(path, "ada", "hw", "one")


def test_what_is_refused_has_0_and_the_reason_without_the_course_s_own_folder(handed_in):
    course, found = handed_in
    outcome = not_graded(course, found, SOURCE, RefusedError(f"{found.path} is a link."))
    report = outcome.report
    assert report.message == "submitted/ada/hw/one.ipynb is a link."
    assert [(each.grade_id, each.score) for each in report.cells] == [("one", 0.0), ("f", 0.0), ("task", 0.0)]
    assert (report.score, report.max_score) == (0.0, 7.0)
    assert (report.student, report.assignment, report.notebook) == ("ada", "hw", "one")
    assert (outcome.digest, outcome.notebook, outcome.fresh) == ("", None, True)


def test_a_fault_of_the_grader_has_no_mark(handed_in):
    report = not_graded(*handed_in, SOURCE, KeyError("x")).report
    assert {each.score for each in report.cells} == {None}
    assert report.message == (
        "submitted/ada/hw/one.ipynb could not be graded: a fault of the grader (KeyError: 'x')."
    )


def test_a_file_is_named_within_the_course_and_elsewhere_by_its_whole_path(handed_in):
    course, found = handed_in
    assert file_of(course, found) == "submitted/ada/hw/one.ipynb"
    assert file_of(course, SubmittedNotebook(Path("/mail/one.ipynb"), "ada", "hw", "one")) == "/mail/one.ipynb"


def test_a_submission_is_opened_with_the_files_beside_it_and_whose_they_are(handed_in):
    opened = open_submission(*handed_in)
    assert (opened.content, opened.student, opened.assignment, opened.name) == (b"{}", "ada", "hw", "one")
    assert (opened.files, opened.instructors) == ({"mine.csv": b"2", "data.csv": b"1"}, {"data.csv"})


def test_the_same_digest_is_not_graded_again_and_want_of_memory_is_no_verdict(handed_in):
    graded = []

    def grade(source, submission):
        graded.append(submission.student)
        raise MemoryError

    grader = SimpleNamespace(digest=lambda *_: "same", grade=grade)
    assert grade_submission(grader, *handed_in, SOURCE, "same") is None
    assert graded == []
    with pytest.raises(MemoryError):
        grade_submission(grader, *handed_in, SOURCE, "other")


# --- submissions and settings ----------------------------------------------------------------------------


def test_a_cell_s_mode_is_who_marks_it():
    modes = {each.grade_id: cell_result(each, 1.0).mode for each in SOURCE.cells if each.is_marked}
    assert modes == {"one": "in-process", "f": "sealed", "task": "manual"}
    assert cell_result(cell("text", kind="markdown"), None).mode == "manual"
    assert cell_result(SEALED, 0.0, exercise="f").exercise == "f"
    assert cell_result(SEALED, 0.0).exercise is None


def test_a_submission_that_failed_says_so_in_every_cell():
    report = failed(SOURCE, Submission(b"", "ada", "hw", "one", "a.ipynb"), "no", fault=True)
    assert {(each.message, each.score) for each in report.cells} == {("no", None)}
    assert (report.status, report.isolation, report.file) == ("failed", None, "a.ipynb")


def test_one_sealed_cell_closes_the_imports_of_a_notebook():
    settings = Settings(b"", allow=("scipy",))
    assert settings.allowed_for(SOURCE) == ("scipy",)
    assert settings.allowed_for(Source((cell("one"), cell("two")))) == (EVERYTHING,)


def test_figures_are_drawn_where_a_person_marks_code_or_all_are_wanted():
    code, text = Source((cell("one"), cell("plot", solution=True))), Source((cell("t", kind="markdown"),))
    assert Settings(b"").shows_figures(code)
    assert not Settings(b"").shows_figures(text)
    assert not Settings(b"").shows_figures(Source((cell("one"),)))
    assert Settings(b"", figures=True).shows_figures(text)


def test_the_envelope_of_a_submission_follows_from_its_limits():
    limits = Limits(submission_seconds=10, start_seconds=3, grader_seconds=7, grader_memory=1 << 30)
    envelope = envelope_for(limits)
    assert (envelope.seconds, envelope.processor_seconds, envelope.memory) == (46, 7, 1 << 30)


# --- what stopped a function -----------------------------------------------------------------------------


@pytest.fixture
def runner():
    return Runner(SimpleNamespace(limits=Limits()), (), {}, [])


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([], ""),
        ([("x", "AssertionError: no"), ("y", "NotImplementedError")], ""),
        (
            [("x", "AssertionError"), ("y", "KeyError"), ("z", "NameError")],
            "The code before it stopped: KeyError.",
        ),
        ([("x", "KeyError"), ("def f(z): 1", "NameError: n.")], "Its own cell stopped: NameError: n."),
        ([("f = 1 / 0", "ZeroDivisionError:"), ("f(2)", "KeyError")], "Its own cell stopped: ZeroDivisionError."),
        ([("def f(", "SyntaxError: a"), ("ff(", "SyntaxError: b")], "Its own cell stopped: SyntaxError: a."),
        ([("def ff(z): 1", "NameError")], "The code before it stopped: NameError."),
        ([("def f(): 1", "AssertionError: a\n\tb")], "Its own cell stopped: AssertionError: a b."),
        ([("def f(): 1", "KeyError: 1"), ("def f(): 2", "KeyError: 2")], "Its own cell stopped: KeyError: 2."),
    ],
)
def test_a_missing_function_is_explained_by_its_own_cell_or_by_the_first_that_stopped(runner, errors, said):
    for source, error in errors:
        runner.note_error(source, error)
    stopped = runner.stopped("f", "f is not defined.")
    assert (stopped.why, stopped.final) == (f"f is not defined. {said}".rstrip(), True)


def test_a_module_that_may_not_be_imported_says_what_may(runner):
    runner.note_error("import x", "ModuleNotFoundError: No module named 'x'")
    assert "an instructor can allow more with --allow." in runner.stopped("f", "").why


@pytest.mark.parametrize("source", ["", " \n", "# only\n  # comments\n"])
def test_a_cell_without_code_is_not_run_and_has_no_number(runner, source):
    assert runner.run(source, figures=False) == ([], None)


def test_nothing_is_asked_about_no_cells_or_no_names(runner):
    assert not runner.read_any([], ["x"])
    assert not runner.read_any(["x"], [])


def test_hidden_inputs_differ_with_each_cell_and_file_and_where_one_ends():
    found = [
        digest_of(["ab", "c"], {}),
        digest_of(["a", "bc"], {}),
        digest_of(["c", "ab"], {}),
        digest_of(["abc"], {}),
        digest_of(["ab"], {"c": b""}),
        digest_of(["ab", "c", ""], {}),
        digest_of([], {"a": b"1", "b": b"2"}),
        digest_of([], {"a": b"2", "b": b"1"}),
    ]
    assert len(set(found)) == len(found)
    assert digest_of([], {"b": b"2", "a": b"1"}) == found[6]
    assert digest_of(["\ud800"], {"\udcff": b""})


# --- a batch ---------------------------------------------------------------------------------------------


class Workers:
    """Grades at once, and notes what."""

    def __init__(self):
        self.asked, self.closed = [], 0

    def grade(self, course, found, source, earlier):
        self.asked.append((found, earlier))
        return f"{found} against {source}"

    def close(self):
        self.closed += 1

    def slowest(self):
        return "slow.ipynb", 3.0


def test_a_batch_is_yielded_in_order_and_told_each_ones_earlier_report():
    workers = Workers()
    wanted = [(f"n{number}", f"s{number}") for number in range(30)]
    came = list(grade_batch(workers, None, wanted, 2, lambda found: f"earlier {found}"))
    assert came == [f"n{number} against s{number}" for number in range(30)]
    assert sorted(workers.asked) == sorted((found, f"earlier {found}") for found, _ in wanted)
    assert workers.closed == 0
    assert list(OneMachine(workers).grade(None, wanted[:3], None)) == came[:3]
    assert OneMachine(workers).slowest() == ("slow.ipynb", 3.0)


def test_a_batch_runs_only_so_far_ahead_and_is_closed_where_somebody_stops_it():
    workers = Workers()
    run = grade_batch(workers, None, [(f"n{number:03}", "s") for number in range(100)], 2)
    assert next(run) == "n000 against s"
    run.close()
    assert len(workers.asked) <= 2 * AHEAD + 1
    assert workers.closed == 1


def test_a_batch_without_time_yields_only_what_is_done():
    assert list(grade_batch(Workers(), None, [], 2, seconds=0.0)) == []
    workers = Workers()
    assert list(grade_batch(workers, None, [("n", "s")], 1, seconds=1000.0)) == ["n against s"]
    assert workers.closed == 0


@pytest.mark.parametrize(
    ("left", "ready", "waits", "idles", "up"),
    [
        (None, 0, [0.25], 0, False),
        (None, 1, [0.25, None], 1, False),
        (10.0, 1, [0.25, 9.75], 1, False),
        (10.0, 2, [0.25, 9.75], 1, True),
        (0.125, 1, [0.125, 0.0], 1, False),
        (0.0, 0, [0.0], 0, False),
        (-5.0, 2, [0.0, 0.0], 1, True),
    ],
)
def test_the_next_outcome_is_waited_for_a_moment_then_as_long_as_there_is(
    monkeypatch, left, ready, waits, idles, up
):
    """``ready`` says after how many waits it is there."""
    asked, idle = [], []
    future = SimpleNamespace(result=lambda: "outcome")

    def wait(futures, timeout):
        assert futures == [future]
        asked.append(timeout)
        return SimpleNamespace(not_done=len(asked) <= ready)

    monkeypatch.setattr(batch, "wait", wait)
    monkeypatch.setattr(batch, "time", SimpleNamespace(monotonic=lambda: 100.0))
    waiting = deque([future, "later"])
    deadline = None if left is None else 100.0 + left
    if up:
        with pytest.raises(batch._TimeIsUpError):
            batch._next(waiting, lambda: idle.append(1), deadline)
        assert list(waiting) == [future, "later"]
    else:
        assert batch._next(waiting, lambda: idle.append(1), deadline) == "outcome"
        assert list(waiting) == ["later"]
    assert asked == waits
    assert len(idle) == idles


def test_when_the_time_is_up_what_is_done_is_yielded_and_the_rest_is_killed(monkeypatch):
    """The second of three is not done when the time is up."""
    ended, began = threading.Event(), threading.Event()

    class Slow(Workers):
        def grade(self, course, found, source, earlier):
            if found == "n1":
                began.wait(60)
                ended.wait(60)
            if found == "n2":
                began.set()
            return found

        def close(self):
            super().close()
            ended.set()

    def up(waiting, idle, deadline):
        assert deadline == 107.0
        began.wait(60)
        for number in (0, 2):
            batch.wait([waiting[number]])
        raise batch._TimeIsUpError

    monkeypatch.setattr(batch, "_next", up)
    monkeypatch.setattr(batch, "time", SimpleNamespace(monotonic=lambda: 100.0))
    workers = Slow()
    came = list(grade_batch(workers, None, [(f"n{number}", "s") for number in range(3)], 3, seconds=7.0))
    assert came == ["n0", "n2"]
    assert workers.closed == 1


@pytest.mark.parametrize(("jobs", "cores", "used"), [(None, 6, 6), (3, 6, 3), (None, None, 1)])
def test_a_machine_grades_a_notebook_a_core_unless_told_otherwise_and_hands_everything_on(
    monkeypatch, jobs, cores, used
):
    monkeypatch.setattr(batch.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(batch, "grade_batch", lambda *given: given)
    given = OneMachine("workers").grade("course", "wanted", jobs, "earlier", "idle", 5.0)
    assert given == ("workers", "course", "wanted", used, "earlier", "idle", 5.0)
