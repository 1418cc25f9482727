"""Who gets which submissions of a class, and what becomes of a task that is done, odd or lost."""

from __future__ import annotations

import queue
from collections import deque
from contextlib import nullcontext
from types import SimpleNamespace

import msgspec
import pytest
from conftest import SECRET

from autograder.cluster import batch as module
from autograder.cluster import graders, worker
from autograder.cluster.address import Address
from autograder.cluster.batch import ClusterBatch
from autograder.cluster.connection import ClusterError, LostError
from autograder.cluster.crew import Hand
from autograder.cluster.submissions import Submissions
from autograder.cluster.wire import Done, Group, Results
from autograder.course import Course
from autograder.grading.settings import Settings
from autograder.intake import SubmittedNotebook

A, B = "tcp://127.0.0.1:1", "tcp://127.0.0.1:2"


class Future:
    """A task at the scheduler."""

    def __init__(self, content, where, key):
        self.numbers = [item.number for item in msgspec.msgpack.decode(content, type=Group).items]
        self.kit = msgspec.msgpack.decode(content, type=Group).kit
        self.where, self.key, self.status, self.released = where, key, "pending", False

    def add_done_callback(self, call):
        self._call = call

    def release(self):
        self.released = True

    def done(self, status="finished", result=None, error=None):
        self.status, self._result, self._error = status, result, error
        self._call(self)

    def result(self, timeout):
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def exception(self, timeout):
        return self._error


class Scheduler:
    """Notes what it is given."""

    def __init__(self):
        self.status, self.sent, self.cancelled, self.full = "running", [], [], None

    def submit(self, function, content, *, key, workers, allow_other_workers, pure):
        if self.full:
            raise self.full
        assert (function, allow_other_workers, pure) == (worker.grade_group, False, False)
        self.sent.append(Future(content, *workers, key))
        return self.sent[-1]

    def cancel(self, futures, *, force):
        self.cancelled.append((futures, force))


class Crew:
    """Workers that are there until they are gone."""

    def __init__(self, **hands):
        self.client, self.digest, self.gone, self.refused = Scheduler(), "kit", [], []
        self.hands = {address: Hand(address, threads, 0) for address, threads in hands["hands"].items()}

    @property
    def slots(self):
        return sum(hand.threads for hand in self.hands.values())

    def look(self, *, at_once=False):
        gone = [self.hands.pop(address) for address in self.gone if address in self.hands]
        self.gone.clear()
        return gone

    def refuse(self, address, why):
        self.refused.append((address, why))
        return self.hands.pop(address, None)

    def forget(self, address):
        return self.hands.pop(address, None)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Whether a worker is gone is known at once."""
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.0)


@pytest.fixture
def class_of(source, tmp_path):
    """Submissions of a class; none of them is read from a course's files."""

    def made(count):
        wanted = []
        for number in range(count):
            path = tmp_path / "submitted" / f"s{number}" / "hw" / "softmax.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text("{}")
            wanted.append((SubmittedNotebook(path, f"s{number}", "hw", "softmax"), source))
        return Submissions(Course(tmp_path), Settings(SECRET), wanted, lambda _: None)

    return made


@pytest.fixture
def batch(class_of):
    def made(count, jobs=None, **hands):
        found = ClusterBatch(Crew(hands={A: hands.get("a", 1), B: hands.get("b", 1)}), class_of(count), jobs)
        found.sent = found.crew.client.sent
        return found

    return made


def where(batch, start=0):
    return [(future.where, future.numbers) for future in batch.sent[start:]]


def results(batch, *numbers, seconds=1.0, unfit=None, why="no"):
    return msgspec.json.encode(Results([Done(number, why=why) for number in numbers], seconds, unfit))


# --- sending ---------------------------------------------------------------------------------------------


def test_nobody_gets_a_second_task_while_another_has_none_and_nobody_a_third(batch):
    some = batch(9)
    some.step(0)
    assert where(some) == [(A, [0]), (B, [1]), (A, [2]), (B, [3])]
    some.step(0)
    assert len(some.sent) == 4
    assert {future.kit for future in some.sent} == {"kit"}
    assert [hand.sent[0].numbers for hand in some.crew.hands.values()] == [[0], [1]]


def test_a_worker_of_two_threads_gets_two_tasks_at_each_round(batch):
    some = batch(9, a=2)
    some.step(0)
    assert where(some) == [(A, [0]), (A, [1]), (B, [2]), (A, [3]), (A, [4]), (B, [5])]


@pytest.mark.parametrize(("jobs", "sent"), [(1, 2), (2, 4), (9, 4)])
def test_jobs_are_a_bound_for_the_cluster_too(batch, jobs, sent):
    some = batch(9, jobs)
    some.step(0)
    assert len(some.sent) == sent


def test_no_name_is_in_a_tasks_key_and_no_two_are_alike(batch):
    some = batch(9)
    some.step(0)
    keys = [future.key for future in some.sent]
    assert len(set(keys)) == 4
    assert all(key.removeprefix("notebooks-").isalnum() for key in keys)


def test_what_comes_back_makes_room_for_the_next(batch):
    some = batch(9)
    some.step(0)
    some.sent[1].done(result=results(some, 1))
    some.step(0)
    some.step(0)
    assert sorted(some.submissions.finished) == [1]
    assert some.sent[1].released
    assert where(some, 4) == [(B, [4])]


def test_what_is_yielded_last_bounds_what_is_sent(batch):
    """Memory must not grow with the class while its first submission takes long."""
    some = batch(60)
    sent = 0
    for _ in range(60):
        some.step(0)
        while sent < len(some.sent):
            future = some.sent[sent]
            sent += 1
            if future.numbers != [0]:
                future.done(result=results(some, *future.numbers, seconds=1e6))
    assert max(max(future.numbers) for future in some.sent) == 2 * module.AHEAD - 1


def test_what_can_t_be_read_needs_no_worker(class_of):
    unread = ClusterBatch(Crew(hands={}), class_of(3), None)
    for number in range(3):
        unread.submissions.wanted[number][0].path.unlink()
    unread.step(0)
    assert sorted(unread.submissions.finished) == [0, 1, 2]


def test_a_scheduler_that_takes_no_tasks_is_lost(batch):
    some = batch(2)
    some.crew.client.full = OSError("gone")
    with pytest.raises(LostError, match=r"takes no more tasks \(OSError\)"):
        some.step(0)


def test_nobody_waits_for_a_result_while_the_next_one_to_be_yielded_is_there(batch):
    some, waited = batch(9), []

    def get(timeout):
        waited.append(timeout)
        raise queue.Empty

    some._finished = SimpleNamespace(get=get)
    some.step(7.0)
    some.submissions.finished[1] = "another"
    some.step(7.0)
    some.submissions.finished[0] = "the next"
    some.step(7.0)
    assert waited == [7.0, 7.0, 0]


def test_four_tasks_of_each_slot_are_read_ahead_of_what_was_yielded_and_never_fewer_than_usual(batch):
    some, asked = batch(900), []
    some.submissions.take = lambda *words: asked.append(words) or []
    some.yielded = 3
    for seconds in (None, 0.02):
        some._seconds = seconds
        some._next(2)
    assert asked == [(1, 3 + 2 * module.AHEAD), (50, 3 + 2 * 4 * 50)]
    assert module.AHEAD < 200


# --- alone -----------------------------------------------------------------------------------------------


def test_a_suspect_is_graded_alone_by_a_worker_that_has_nothing_else(batch):
    some = batch(9)
    some.step(0)
    some.submissions.alone.append(4)
    some.submissions.read(5)
    some.submissions._ready.remove(4)
    for future in (some.sent[0], some.sent[2]):
        some.step(0)
        assert len(some.sent) == 4, "the others' worker has two, and this one is kept free"
        future.done(result=results(some, *future.numbers))
        some.step(0)
    some.step(0)
    assert where(some, 4) == [(A, [4])]
    assert [task.alone for task in some.crew.hands[A].sent] == [True]
    some.step(0)
    assert len(some.sent) == 5, "and gets nothing while it grades it"


# --- what comes back -------------------------------------------------------------------------------------


def started(batch, *args, **kwargs):
    some = batch(*args, **kwargs)
    some.step(0)
    return some


def test_only_what_was_asked_is_taken(batch):
    """A worker can't answer for a submission that another one grades."""
    some = started(batch, 9)
    some.sent[0].done(result=results(some, 0, 1))
    some.step(0)
    assert sorted(some.submissions.finished) == [0]
    assert some.crew.refused == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"nonsense", "returned no results"),
        (b'{"done": [], "seconds": 1}', "returned less than it was asked"),
        (b'{"done": [], "seconds": 1, "unfit": "is full"}', "is full"),
        (b'{"done": [{"number": 0, "graded": 7}], "seconds": 1}', "returned no report"),
    ],
)
def test_a_worker_that_returns_too_little_or_nonsense_is_refused_and_others_grade_what_it_had(batch, content, why):
    some = started(batch, 4)
    some.sent[0].done(result=content)
    some.step(0)
    [(address, said)] = some.crew.refused
    assert address == A
    assert said.startswith(why)
    assert not some.submissions.finished
    assert list(some.submissions._ready) == [2, 0]
    assert not some.submissions.alone
    for future in (some.sent[1], some.sent[3]):
        future.done(result=results(some, *future.numbers))
        some.step(0)
    some.step(0)
    assert sorted(number for _, numbers in where(some, 4) for number in numbers) == [0, 2]
    assert {address for address, _ in where(some, 4)} == {B}


def test_what_comes_from_a_worker_after_its_task_was_given_to_another_is_ignored(batch):
    some = started(batch, 4)
    task = some.crew.hands[A].sent[0]
    some._again(task, task.numbers)
    some._take(task)
    assert not some.submissions.finished


def test_a_worker_in_whose_place_another_process_came_has_died_of_what_it_had(batch):
    some = started(batch, 9)
    some.sent[0].done(result=results(some, unfit=worker.LOST_KIT))
    some.step(0)
    assert list(some.submissions.alone) == [0]
    assert some.submissions._ready[0] == 2, "what only waited there has no blame"
    assert some.crew.refused == []
    assert A not in some.crew.hands


def test_of_what_a_dead_worker_had_only_what_its_threads_graded_is_suspect(batch):
    some = started(batch, 12, a=2)
    assert [task.numbers for task in some.crew.hands[A].sent] == [[0], [1], [3], [4]]
    some.sent[0].status = "finished"  # its result came too late
    some.crew.gone.append(A)
    some.submissions.take = lambda *_: []  # what is sent next is not the question
    some.step(0)
    assert list(some.submissions.alone) == [1, 3]
    assert sorted(some.submissions._ready)[:2] == [0, 4], "the other two have no blame"
    assert some.sent[1].released


def test_a_result_that_can_t_be_fetched_is_graded_again_without_blame(batch):
    some = started(batch, 4)
    some.sent[0].done(result=TimeoutError())
    some.step(0)
    assert some.submissions._ready[0] == 0
    assert not some.submissions.alone
    assert A in some.crew.hands


def test_a_cluster_that_can_t_take_tasks_is_a_sentence_and_a_killed_worker_is_not(batch):
    some = started(batch, 4)
    some.sent[0].done(status="error", error=type("KilledWorker", (Exception,), {})())
    some.step(0)
    assert 0 in some.submissions._ready
    some.sent[1].done(status="error", error=ImportError("no module"))
    with pytest.raises(ClusterError, match=r"can't take tasks \(ImportError: no module\)"):
        some.step(0)


def test_how_long_a_submission_takes_decides_how_many_make_a_task(batch):
    some = started(batch, 200)
    some.sent[0].done(result=results(some, 0, seconds=0.25))
    some.step(0)
    some.step(0)
    assert where(some, 4) == [(A, [4, 5, 6, 7])]
    assert some._seconds == 0.25
    some.sent[4].done(result=results(some, 4, 5, 6, 7, seconds=4.0))
    some.step(0)
    assert some._seconds == pytest.approx(0.8 * 0.25 + 0.2 * 1.0)


# --- from outside ----------------------------------------------------------------------------------------


def test_the_slowest_is_the_first_file_of_the_oldest_task(batch):
    some = batch(9)
    assert some.slowest() is None
    some.step(0)
    some.crew.hands[B].sent[0].started -= 100
    file, seconds = some.slowest()
    assert file == "submitted/s1/hw/softmax.ipynb"
    assert 100 <= seconds < 200


def test_at_the_end_the_scheduler_forgets_what_is_not_graded_unless_it_is_gone(batch):
    some = batch(3)
    some.cancel()
    assert some.crew.client.cancelled == []
    some.step(0)
    some.cancel()
    [(futures, force)] = some.crew.client.cancelled
    assert (set(futures), force) == (set(some.sent), True)
    some.crew.client.status = "closed"
    some.cancel()
    assert len(some.crew.client.cancelled) == 1


# --- a class ---------------------------------------------------------------------------------------------


class Early:
    """An outcome."""

    def __init__(self, number):
        self.number = number

    def opened(self):
        return self.number


class Steps:
    """A class whose submissions are finished in another order: some with each step."""

    def __init__(self, count, *steps):
        self.submissions = SimpleNamespace(finished={}, wanted=range(count))
        self.yielded, self.cancelled, self.left, self._steps = 0, 0, [], deque(steps)

    def step(self, seconds):
        self.left.append(seconds)
        for number in self._steps.popleft() if self._steps else ():
            self.submissions.finished[number] = Early(number)

    def cancel(self):
        self.cancelled += 1


def test_outcomes_come_in_the_given_order_and_none_is_kept():
    steps = Steps(4, [2], [1], [0, 3])
    assert list(graders.grade_batch(steps)) == [0, 1, 2, 3]
    assert (steps.submissions.finished, steps.yielded, steps.cancelled) == ({}, 4, 1)
    assert max(steps.left) <= graders.IDLE_SECONDS


def test_who_stops_early_has_the_rest_cancelled():
    steps = Steps(4, [0, 1])
    outcomes = graders.grade_batch(steps)
    assert next(outcomes) == 0
    outcomes.close()
    assert steps.cancelled == 1


def test_when_its_time_is_up_a_batch_yields_what_is_finished_in_order():
    steps = Steps(6, [5, 0, 3])
    assert list(graders.grade_batch(steps, seconds=0)) == []
    steps = Steps(6, [5, 0, 3], [])
    outcomes = graders.grade_batch(steps, seconds=0.05)
    assert list(outcomes) == [0, 3, 5]
    assert steps.cancelled == 1


def test_while_nothing_comes_the_caller_may_do_something_else(monkeypatch):
    monkeypatch.setattr(graders, "IDLE_SECONDS", 1e-9)
    called = []
    list(graders.grade_batch(Steps(2, [], [0], [1]), idle=lambda: called.append("idle")))
    assert called == ["idle"] * 3


def test_workers_that_were_started_here_are_known_to_be_local(monkeypatch):
    made = []
    monkeypatch.setattr(graders, "connected", lambda address: nullcontext("client"))
    monkeypatch.setattr(graders, "Cluster", lambda *args, **more: made.append((args[0], more)))
    for address, insecure in ((Address("", 2), False), (Address("tls://a:1"), True)):
        with graders.opened(address, Settings(SECRET), print, insecure=insecure):
            pass
    assert made == [
        ("client", {"local": True, "insecure": False}),
        ("client", {"local": False, "insecure": True}),
    ]
