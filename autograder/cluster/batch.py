"""Give a class to the workers of a cluster, task by task; whatever goes wrong, no submission is lost."""

from __future__ import annotations

import hashlib
import queue
import secrets
import time
from dataclasses import dataclass
from typing import Any

import msgspec

from autograder.cluster import worker
from autograder.cluster.connection import ClusterError, LostError
from autograder.cluster.crew import Crew, Hand
from autograder.cluster.sizes import group_size
from autograder.cluster.submissions import Submissions
from autograder.cluster.verdicts import InvalidError, read_results
from autograder.cluster.wire import Group
from autograder.grading.batch import AHEAD, IDLE_SECONDS

DEPTH = 2
"""Tasks that a thread of a worker has at a time: one is graded while the other waits."""
FETCH_SECONDS = 5.0
"""Seconds to fetch a result until somebody looks whether the worker is still there."""


@dataclass(eq=False)
class Task:
    """Submissions that one worker grades, one after the other."""

    numbers: list[int]
    hand: Hand
    started: float
    alone: bool
    """Whether it is graded alone because a worker may have died of it."""
    future: Any = None


class ClusterBatch:
    """One class on its way through a cluster.

    Parameters
    ----------
    crew
        The workers.
    submissions
        The class.
    jobs
        How many notebooks are graded at the same time, at most; None for as many as the cluster can.
    """

    def __init__(self, crew: Crew, submissions: Submissions, jobs: int | None) -> None:
        self.crew, self.submissions = crew, submissions
        self.yielded = 0
        self._jobs = jobs
        self._tasks: set[Task] = set()
        self._seconds: float | None = None
        """How long a submission takes, as far as it is known."""
        self._finished: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._run = secrets.token_bytes(16)

    # --- the loop ----------------------------------------------------------------------------------------

    def step(self, seconds: float) -> None:
        """Send what can be sent, and wait so long for a result.

        Raises
        ------
        ClusterError
            If the scheduler is gone, or no worker can grade.
        """
        for hand in self.crew.look():
            self._give_up(hand)
        self._send()
        self.submissions.read(self.yielded + AHEAD)  # what has not changed needs no worker
        try:
            self._take(self._finished.get(timeout=0 if self.yielded in self.submissions.finished else seconds))
        except queue.Empty:
            return

    def slowest(self) -> tuple[str, float] | None:
        """Return the first file of the task that a worker has had longest, and for how many seconds."""
        tasks = list(self._tasks)
        if not tasks:
            return None
        oldest = min(tasks, key=lambda task: task.started)
        return self.submissions.file(oldest.numbers[0]), time.monotonic() - oldest.started

    def cancel(self) -> None:
        """Have the scheduler forget what is not graded."""
        if self._tasks and self.crew.client.status == "running":
            self.crew.client.cancel([task.future for task in self._tasks], force=True)

    # --- sending -----------------------------------------------------------------------------------------

    def _send(self) -> None:
        slots = self.crew.slots if self._jobs is None else min(self.crew.slots, self._jobs)
        kept = self._kept_free()
        if kept and self.submissions.alone and not kept.sent:
            self._submit(Task([self.submissions.alone.popleft()], kept, time.monotonic(), alone=True))
        for depth in range(1, DEPTH + 1):  # nobody gets a second task while another has none
            for hand in self.crew.hands.values():
                while (
                    hand is not kept and len(hand.sent) < depth * hand.threads and len(self._tasks) < depth * slots
                ):
                    numbers = self._next(slots)
                    if not numbers:
                        return
                    self._submit(Task(numbers, hand, time.monotonic(), alone=False))

    def _kept_free(self) -> Hand | None:
        """Return the worker that gets only submissions that are graded alone, while there are any."""
        alone = next((task.hand for task in self._tasks if task.alone), None)
        if alone or not self.submissions.alone:
            return alone
        return min(self.crew.hands.values(), key=lambda hand: len(hand.sent), default=None)

    def _next(self, slots: int) -> list[int]:
        """Return the submissions of the next task; none if there are none, or too many wait to be yielded."""
        most = group_size(self.submissions.left, slots, self._seconds)
        return self.submissions.take(most, self.yielded + slots * max(AHEAD, 4 * most))

    def _submit(self, task: Task) -> None:
        items = [self.submissions.item(number) for number in task.numbers]
        content = msgspec.msgpack.encode(Group(self.crew.digest, items))
        where = task.hand.address
        key = f"notebooks-{hashlib.sha256(self._run + secrets.token_bytes(16)).hexdigest()}"  # and no name
        try:
            task.future = self.crew.client.submit(
                worker.grade_group, content, key=key, workers=[where], allow_other_workers=False, pure=False
            )
        except Exception as error:  # noqa: BLE001  # distributed raises many kinds when the scheduler is gone
            raise LostError(f"The scheduler takes no more tasks ({type(error).__name__}).") from None
        task.hand.sent.append(task)
        self._tasks.add(task)
        task.future.add_done_callback(lambda _: self._finished.put(task))

    # --- results -----------------------------------------------------------------------------------------

    def _take(self, task: Task) -> None:
        """Take the results of a task, if it has any and was not given to another worker meanwhile."""
        if task not in self._tasks:
            return
        if task.future.status == "error":
            self._explain(task)
        try:
            if task.future.status != "finished":
                raise LostError("its worker died")  # noqa: TRY301  # as one whose result can't be fetched
            content = task.future.result(timeout=FETCH_SECONDS)
        except Exception:  # noqa: BLE001  # distributed raises many kinds when a worker dies or is cut off
            self._look_again(task)
            return
        self._forget(task)
        try:
            results = read_results(content)
            graded = {
                done.number: self.submissions.outcome(done) for done in results.done if done.number in task.numbers
            }
        except InvalidError as error:
            self._unfit(task, str(error), task.numbers)
            return
        self.submissions.finish(graded)
        if graded:
            each = results.seconds / len(graded)
            self._seconds = each if self._seconds is None else 0.8 * self._seconds + 0.2 * each
        left = [number for number in task.numbers if number not in graded]
        if left and results.unfit == worker.LOST_KIT and (hand := self.crew.forget(task.hand.address)):
            hand.sent.insert(0, task)  # another process has its address: it died in the midst of this
            task.numbers = left
            self._give_up(hand, task)
        elif left:
            self._unfit(task, results.unfit or "returned less than it was asked", left)

    # --- what goes wrong ---------------------------------------------------------------------------------

    @staticmethod
    def _explain(task: Task) -> None:
        """Raise ClusterError if a task failed before it reached a worker; a task itself never raises."""
        error = task.future.exception(timeout=FETCH_SECONDS)
        if type(error).__name__ != "KilledWorker":
            raise ClusterError(
                f"The cluster can't take tasks ({type(error).__name__}: {error}). Is the same version of this "
                "package installed where the scheduler runs?"
            )

    def _look_again(self, task: Task) -> None:
        """Find out whether a worker is gone whose task has no result; have the task graded again."""
        time.sleep(IDLE_SECONDS)
        for hand in self.crew.look(at_once=True):
            self._give_up(hand)
        if task in self._tasks:
            self._again(task, task.numbers)

    def _give_up(self, hand: Hand, lost: Task | None = None) -> None:
        """Give what a dead worker had to others; what it graded when it died, one by one.

        ``lost`` is a task that came back from the process that has its address now: its future is finished.
        """
        running = [task for task in hand.sent if task is lost or task.future.status != "finished"][: hand.threads]
        for task in list(hand.sent):
            if task in running:
                self._forget(task)
                self.submissions.suspect(task.numbers, alone=task.alone)
            else:
                self._again(task, task.numbers)

    def _unfit(self, task: Task, why: str, numbers: list[int]) -> None:
        """Send a worker nothing more, and give what it had to others."""
        self._again(task, numbers)
        hand = self.crew.refuse(task.hand.address, why)
        for other in list(hand.sent) if hand else ():
            self._again(other, other.numbers)

    def _again(self, task: Task, numbers: list[int]) -> None:
        """Have submissions of a task graded by another worker."""
        self._forget(task)
        self.submissions.again(numbers, alone=task.alone)

    def _forget(self, task: Task) -> None:
        self._tasks.discard(task)
        if task in task.hand.sent:
            task.hand.sent.remove(task)
        task.future.release()
