"""What becomes of a submission whose worker refuses it, fails, is exhausted or dies."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from autograder.course import Course
from autograder.envelope.nursery import NurseryError
from autograder.envelope.worker import DiedError, Envelope, ExhaustedError, RequestError
from autograder.grading import workers as workers_module
from autograder.grading.outcome import Outcome
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission, failed
from autograder.grading.workers import GraderFaultError, NotGradedError, WorkerPool, _raw, envelope_for
from autograder.notebooks.source import Source, SourceCell
from autograder.results import FileResult
from autograder.sandbox.policy import Limits


class Workers(WorkerPool):
    """A pool of which each worker answers once, as it is told to, or raises."""

    def __init__(self, *answers):
        self._lock, self._own, self._running = threading.Lock(), threading.local(), {}
        self._answers, self.ended, self.seen = list(answers), 0, []

    def _worker(self):
        return SimpleNamespace(request=self._request_of, end=self._end)

    def _request_of(self, name, *arguments):
        self.seen.append((name, arguments, self.slowest()[0]))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _end(self):
        self.ended += 1

    def ask(self):
        return bytes(self._request(_raw, "a.ipynb", "grade", 1, 2))


def test_an_answer_is_handed_on_and_while_it_is_awaited_the_file_is_named():
    workers = Workers(b"7")
    assert workers.slowest() is None
    assert workers.ask() == b"7"
    assert workers.seen == [("grade", (1, 2), "a.ipynb")]
    assert workers.slowest() is None


@pytest.mark.parametrize(
    ("error", "fault", "said"),
    [
        (RequestError("RefusedError", "a.ipynb is a link."), False, "a.ipynb is a link."),
        (RequestError("OwnExerciseError", "exercises/f.py is odd."), True, "exercises/f.py is odd."),
        (RequestError("UnknownExerciseError", "there is none."), True, "there is none."),
        (
            RequestError("KeyError", "x"),
            True,
            "a.ipynb could not be graded: a fault of the grader (KeyError: x).",
        ),
        (ExhaustedError("took more than 5 seconds"), False, "a.ipynb took more than 5 seconds."),
    ],
)
def test_a_submission_that_is_refused_or_takes_too_much_is_not_tried_again(error, fault, said):
    workers = Workers(error, b"7")
    with pytest.raises(NotGradedError) as refused:
        workers.ask()
    assert (str(refused.value), refused.value.fault) == (said, fault)
    assert isinstance(refused.value, GraderFaultError) == fault
    assert len(workers.seen) == 1
    assert workers.slowest() is None


@pytest.mark.parametrize("first", [DiedError(), b"nonsense"])
def test_a_worker_that_dies_or_answers_nonsense_is_replaced_once(first):
    workers = Workers(first, b"7")
    assert workers.ask() == b"7"
    assert workers.ended == (first == b"nonsense")
    twice = Workers(first, first, b"7")
    with pytest.raises(NotGradedError, match="twice the grader's own process died") as refused:
        twice.ask()
    assert not refused.value.fault
    assert len(twice.seen) == 2


def test_the_slowest_is_the_one_that_began_first():
    workers = Workers()
    workers._running = {1: ("late", 200.0), 2: ("early", 100.0), 3: ("later", 300.0)}
    assert workers.slowest()[0] == "early"


# --- what each request asks, and what becomes of its answer ----------------------------------------------


class Asked(WorkerPool):
    """A pool whose requests are noted and answered as they are told to."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def _request(self, decoder, what, name, *arguments):
        self.asked.append((what, name, *arguments))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return decoder.decode(msgspec.json.encode(answer))


@pytest.fixture
def found(tmp_path):
    """A course, and a notebook in it."""
    path = tmp_path / "submitted" / "ada" / "hw" / "nb.ipynb"
    return Course(tmp_path), SimpleNamespace(path=path, student="ada", assignment="hw", notebook="nb")


CELL = SourceCell("f", "code", "assert x", True, False, True, False, 3.0)
SOURCE = Source((CELL,))
REPORT = failed(SOURCE, Submission(b"", "ada", "hw", "nb", "a.ipynb"), "earlier")
FILE = "submitted/ada/hw/nb.ipynb"


@pytest.mark.parametrize("earlier", [None, ("old", REPORT)])
def test_a_report_of_this_run_comes_with_its_notebook_and_digest(found, earlier):
    workers, (course, book) = Asked((REPORT, {"cells": []}, "new")), found
    outcome = workers.grade(course, book, SOURCE, earlier)
    assert outcome == Outcome(book, REPORT, {"cells": []}, "new", fresh=True)
    assert workers.asked == [(FILE, "grade", course.root, book, SOURCE, "old" if earlier else "")]


def test_a_report_of_an_earlier_run_is_returned_only_if_nothing_has_changed(found):
    workers, (course, book) = Asked(None), found
    outcome = workers.grade(course, book, SOURCE, ("old", REPORT))
    assert outcome == Outcome(book, REPORT, None, "old", fresh=False)


@pytest.mark.parametrize("earlier", [None, ("old", REPORT)])
@pytest.mark.parametrize(("error", "score"), [(NotGradedError, 0.0), (GraderFaultError, None)])
def test_what_can_not_be_graded_has_no_earlier_marks_and_none_at_all_if_it_is_not_its_fault(
    found, earlier, error, score
):
    course, book = found
    outcome = Asked(error("it failed.")).grade(course, book, SOURCE, earlier)
    assert (outcome.digest, outcome.fresh, outcome.notebook) == ("", True, None)
    report = outcome.report
    assert (report.status, report.message, report.file) == ("failed", "it failed.", FILE)
    assert (report.student, report.assignment, report.notebook) == ("ada", "hw", "nb")
    assert [(cell.score, cell.max_score) for cell in report.cells] == [(score, 3.0)]


def test_unchanged_without_an_earlier_report_is_a_fault_of_the_grader(found):
    course, book = found
    report = Asked(None).grade(course, book, SOURCE).report
    assert report.message == f"{FILE} could not be graded: the grader's own process took it for unchanged."
    assert report.cells[0].score is None


@pytest.mark.parametrize(("error", "score"), [(NotGradedError, 0.0), (GraderFaultError, None)])
def test_a_submission_without_a_course_is_named_and_fails_with_the_reason(error, score):
    workers = Asked(REPORT, REPORT, error("it failed."))
    for file, named in (("", "The notebook"), ("a.ipynb", "a.ipynb")):
        submission = Submission(b"{", "ada", file=file)
        assert workers.grade_alone(SOURCE, submission) == REPORT
        assert workers.asked[-1] == (named, "grade_alone", SOURCE, submission)
    report = workers.grade_alone(SOURCE, submission)
    assert (report.message, report.student, report.cells[0].score) == ("it failed.", "ada", score)


def test_each_request_is_named_by_its_file_and_hands_everything_on(tmp_path):
    book, submission = {"cells": []}, Submission(b"{", "ada", file="a.ipynb")
    more = {"score": 1.0, "max_score": 1.0, "passed": True, "isolation": None, "seconds": 0.0, "message": None}
    result = FileResult(exercise="f", file="f.py", checks=[], misconceptions=[], **more)
    workers = Asked(["r", book], result, [book, ["mended"]], [book, []], [REPORT, None])
    path = tmp_path / "f.py"
    assert bytes(workers.grade_sent(tmp_path, SOURCE, submission)) == b'["r",{"cells":[]}]'
    assert workers.grade_file(tmp_path, "f", path, "ada") == result
    assert workers.read(path) == (book, ["mended"])
    assert workers.restore(path, SOURCE, book) == (book, [])
    assert workers.grade_read(tmp_path, path, SOURCE, book, submission) == (REPORT, None)
    assert workers.asked == [
        ("a.ipynb", "grade_sent", tmp_path, SOURCE, submission),
        (str(path), "grade_file", tmp_path, "f", path, "ada"),
        (str(path), "read", path),
        (str(path), "restore", path, SOURCE, book),
        ("a.ipynb", "grade_read", tmp_path, path, SOURCE, book, submission),
    ]


def test_a_worker_that_took_too_much_or_died_is_not_asked_again():
    for error in (ExhaustedError("took more."), DiedError(), NurseryError("dead")):
        workers = Workers(error, b"7")
        workers._own.worker = "spent"
        if isinstance(error, ExhaustedError):
            with pytest.raises(NotGradedError):
                workers.ask()
        else:
            assert workers.ask() == b"7"
        assert workers._own.worker is None


def test_each_thread_has_one_worker_and_the_cores_are_taken_in_turn(monkeypatch):
    pinned, made = [], []

    def worker(nursery, envelope):
        made.append((nursery, envelope))
        return SimpleNamespace(pid=100 + len(made))

    monkeypatch.setattr(workers_module, "Worker", worker)
    monkeypatch.setattr(workers_module, "pin_to_core", lambda *given: pinned.append(given))
    workers = Workers()
    workers._nursery, workers.envelope, workers._cores, workers._started = "nursery", "envelope", [4, 6, 7], 1
    for _ in range(4):
        first = WorkerPool._worker(workers)
        assert WorkerPool._worker(workers) is first
        workers._own = threading.local()
    assert made == [("nursery", "envelope")] * 4
    assert pinned == [(7, 101), (4, 102), (6, 103), (7, 104)]
    workers._cores = []
    WorkerPool._worker(workers)
    assert len(pinned) == 4


def test_a_process_is_pinned_to_one_core_as_a_batch_where_the_system_can(monkeypatch):
    done, can = [], []

    def affinity(process, cores):
        done.append((process, cores))
        if not can:
            raise OSError

    calls = {"sched_setaffinity": affinity, "sched_setscheduler": lambda *given: done.append(given[:2])}
    monkeypatch.setattr(workers_module, "os", SimpleNamespace(SCHED_BATCH=3, sched_param=int, **calls))
    workers_module.pin_to_core(2)
    assert done == [(0, {2})]
    can.append(True)
    workers_module.pin_to_core(1, 7)
    assert done[1:] == [(7, {1}), (7, 3)]


def test_the_grader_s_own_work_on_one_submission_has_an_envelope():
    limits = replace(Limits(), submission_seconds=100.0, start_seconds=7.0, grader_seconds=9.0, grader_memory=11)
    assert envelope_for(limits) == Envelope(414.0, 9.0, 11)


@pytest.mark.parametrize("isolated", [True, False])
def test_a_pool_of_workers_is_refused_before_it_starts_where_less_is_promised_or_nothing_isolates(
    monkeypatch, isolated
):
    done = []
    monkeypatch.setattr(workers_module, "refuse_less", done.append)
    monkeypatch.setattr(workers_module, "isolation", done.append)

    def nursery(main, left):
        done.append("nursery")
        return SimpleNamespace(close=lambda: done.append("close"), is_alive=lambda: "alive", left=left)

    monkeypatch.setattr(workers_module, "Nursery", nursery)
    settings = Settings(b"", isolated=isolated, way="landlock")
    pool = SimpleNamespace(leave_prepared="left")
    with WorkerPool(settings, pool, 5) as workers:
        assert (workers._started, workers._nursery.left, workers.is_alive()) == (5, "left", "alive")
        assert workers.envelope == envelope_for(settings.limits)
    assert done == [settings.limits, *(["landlock"] if isolated else []), "nursery", "close"]


def test_a_worker_serves_what_its_settings_and_its_pool_make_of_a_service(monkeypatch):
    served, limits = [], Limits(threads=7)
    monkeypatch.setattr(workers_module, "serve", lambda *given: served.append(given))
    monkeypatch.setattr(workers_module, "Service", lambda *given: SimpleNamespace(methods=lambda: given))
    settings = Settings(b"", limits=limits)
    workers_module._run(settings, "pool", "connection")
    ((connection, envelope, service),) = served
    assert (connection, envelope, service()) == ("connection", envelope_for(limits), (settings, "pool"))


def test_a_pool_of_workers_without_processes_has_its_own_with_the_limits_and_the_way(monkeypatch):
    made = []

    def pool(limits, *, isolated, way):
        made.append((limits, isolated, way))
        return SimpleNamespace(leave_prepared="left")

    monkeypatch.setattr(workers_module, "Pool", pool)
    monkeypatch.setattr(workers_module, "Nursery", lambda main, left: SimpleNamespace(left=left))
    settings = Settings(b"", isolated=False, way="chroot")
    assert WorkerPool(settings)._nursery.left == "left"
    assert made == [(settings.limits, False, "chroot")]
