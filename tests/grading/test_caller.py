"""How often a function is called that does not come back, and what is told of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograder.grading.caller import Caller
from autograder.judging.calls import Call, Raised, Returned, Stopped
from autograder.sandbox.process import SessionEndedError

LATE, FINAL = Stopped("it was late.", seconds=1), Stopped("f is not defined.", final=True)


class Runner:
    """Answers as it is told to; a text ends the process, with that as the reason."""

    def __init__(self, *answers):
        self.pool = SimpleNamespace(limits=SimpleNamespace(function_seconds=60.0))
        self.given_up, self.asked, self.sessions, self._answers = [], [], 0, list(answers)

    def session(self):
        self.sessions += 1
        if isinstance(self._answers[0], SessionEndedError):
            raise self._answers.pop(0)
        self.ended = None
        return self

    def ask_all(self, function, calls, sizes, time_left, reference):
        assert function == "f"
        for call, size in zip(calls, sizes, strict=True):
            self.asked.append((call.args[0], size))
            answer = self._answers.pop(0)
            if isinstance(answer, str):
                self.ended = answer
                return
            yield answer

    def stopped(self, function, why):
        return Stopped(f"{why} Its cause.", final=True)

    def give_up(self, function, why):
        self.given_up.append((function, why))


def called(runner, count):
    return list(Caller(runner, "f")([Call((n,)) for n in range(count)], [10 * n for n in range(count)]))


def test_answers_come_in_order_with_the_size_of_each_right_one():
    answers = [Returned(1), Raised("ValueError"), LATE, Returned(2)]
    runner = Runner(*answers)
    assert called(runner, 4) == answers
    assert runner.asked == [(0, 0), (1, 10), (2, 20), (3, 30)]
    assert (runner.sessions, runner.given_up) == (1, [])


def test_a_call_that_ends_the_process_is_lost_alone_and_the_next_one_is_asked_in_a_new_one():
    runner = Runner(Returned(1), "it exited.", Returned(3))
    assert called(runner, 3) == [Returned(1), Stopped("f did not come back: it exited."), Returned(3)]
    assert [number for number, _ in runner.asked] == [0, 1, 2]
    assert (runner.sessions, runner.given_up) == (2, [])


def test_after_two_failures_a_function_is_given_up_and_not_asked_again():
    runner = Runner(Returned(1), "it exited.", Returned(2), "it crashed.", Returned(9))
    *_, third, last = called(runner, 6)
    why = "f did not come back: it crashed."
    assert runner.given_up == [("f", why)]
    assert third == last == Stopped(f"f was not asked again: {why} Its cause.", final=True)
    assert len(runner.asked) == 4


def test_a_function_whose_first_call_does_not_end_has_no_second_chance_but_after_an_answer_it_has():
    first = Runner(LATE, Returned(1))
    assert [type(answer) for answer in called(first, 1)] == [Stopped]
    assert first.given_up == [("f", LATE.why)]
    later = Runner(Raised("ValueError"), LATE, Returned(1))
    called(later, 3)
    assert later.given_up == []


def test_a_process_that_ends_at_the_first_call_is_tried_once_more():
    runner = Runner("it exited.", Returned(1))
    assert called(runner, 2)[1] == Returned(1)
    assert runner.given_up == []


def test_a_function_that_is_not_there_is_told_with_the_cause_and_has_not_failed():
    runner = Runner(FINAL)
    assert called(runner, 1) == [Stopped("f is not defined. Its cause.", final=True)]
    assert runner.given_up == []


def test_a_process_that_can_t_be_started_counts_as_a_call_that_did_not_come_back():
    runner = Runner(SessionEndedError("the time is over."), Returned(1))
    assert called(runner, 2) == [Stopped("f did not come back: the time is over."), Returned(1)]


def test_what_is_spent_is_what_is_no_longer_left():
    caller = Caller(Runner(), "f")
    assert caller.spent() == 0.0
    caller.time_left.seconds -= 12.5
    assert caller.spent() == 12.5
    assert caller.time_left.why_over == "the calls of f took more than 60 s together."


@pytest.mark.parametrize("count", [0, 1])
def test_no_call_asks_nothing(count):
    runner = Runner(*[Returned(1)] * count)
    assert len(called(runner, count)) == count
    assert runner.sessions == count
