"""What becomes of a submission whose worker refuses it, fails, is exhausted or dies."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from autograder.envelope.worker import DiedError, ExhaustedError, RequestError
from autograder.grading.workers import GraderFaultError, NotGradedError, WorkerPool, _raw


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
