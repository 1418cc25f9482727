"""Grade many submissions on a cluster, and yield the outcomes in the given order."""

from __future__ import annotations

import hashlib
import queue
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec

from autograder.cluster import worker
from autograder.cluster.address import Address
from autograder.cluster.connection import ClusterError, LostError, connected
from autograder.cluster.crew import Crew, Hand
from autograder.cluster.sizes import MOST_BYTES, group_size
from autograder.cluster.verdicts import InvalidError, read_graded, read_notebook, read_results
from autograder.cluster.wire import Done, Group, kit_for, packed
from autograder.course import Course
from autograder.grading.batch import AHEAD, IDLE_SECONDS
from autograder.grading.grader import digest_of
from autograder.grading.outcome import Outcome, file_of, not_graded, open_submission
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission, failed
from autograder.grading.workers import Earlier
from autograder.intake import SubmittedNotebook
from autograder.notebooks.source import Source

DEPTH = 2
"""Tasks that a thread of a worker has at a time: one is graded while the other waits."""
DEATHS = 2
"""How many workers may die of a submission that they grade alone, until it is the one to blame."""
FETCH_SECONDS = 5.0
"""Seconds to fetch a result until somebody looks whether the worker is still there."""
Wanted = Sequence[tuple[SubmittedNotebook, Source]]


@dataclass(eq=False)
class Task:
    """Submissions that one worker grades, one after the other."""

    numbers: list[int]
    hand: Hand
    started: float
    alone: bool
    """Whether it is graded alone because a worker may have died of it."""
    future: Any = None


@dataclass
class _Open:
    """A submission that is not graded yet."""

    submission: Submission
    digest: str


@dataclass
class _Finished:
    """An outcome, with its notebook as JSON until it is asked for."""

    outcome: Outcome
    notebook: msgspec.Raw | None = None

    def opened(self) -> Outcome:
        """Return the outcome with its notebook; without one that can be read, the submission is not graded."""
        if self.notebook is None:
            return self.outcome
        try:
            return replace(self.outcome, notebook=read_notebook(self.notebook))
        except InvalidError as error:
            report = self.outcome.report
            report = report.as_failed(f"{report.file} could not be graded: its worker {error}.")
            return Outcome(self.outcome.found, report, None)


class ClusterBatch:
    """One class on its way through a cluster.

    Parameters
    ----------
    crew
        The workers.
    course
        Holds the files that lie beside the notebooks.
    settings
        The settings of the run.
    wanted
        The notebooks, each with the instructor's cells.
    jobs
        How many notebooks are graded at the same time, at most; None for as many as the cluster can.
    earlier
        Returns the digest and the report of a notebook's last grading, or None.
    """

    def __init__(
        self,
        crew: Crew,
        course: Course,
        settings: Settings,
        wanted: Wanted,
        jobs: int | None,
        earlier: Callable[[SubmittedNotebook], Earlier | None],
    ) -> None:
        self.crew, self.course, self.settings, self.wanted = crew, course, settings, wanted
        self.outcomes: dict[int, _Finished] = {}
        self.yielded = 0
        self._jobs, self._earlier = jobs, earlier
        self._unread = 0
        """The number of the first submission that was not read yet."""
        self._ready: deque[int] = deque()
        self._alone: deque[int] = deque()
        """Those of which a worker may have died: each is graded while its worker has no other."""
        self._open: dict[int, _Open] = {}
        self._tasks: set[Task] = set()
        self._blamed: Counter[int] = Counter()
        self._seconds: float | None = None
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
        self._read(self.yielded + AHEAD)  # what has not changed needs no worker
        try:
            self._take(self._finished.get(timeout=0 if self.yielded in self.outcomes else seconds))
        except queue.Empty:
            return

    def slowest(self) -> tuple[str, float] | None:
        """Return the first file of the task that a worker has had longest, and for how many seconds."""
        tasks = list(self._tasks)
        if not tasks:
            return None
        oldest = min(tasks, key=lambda task: task.started)
        return file_of(self.course, self.wanted[oldest.numbers[0]][0]), time.monotonic() - oldest.started

    def cancel(self) -> None:
        """Have the scheduler forget what is not graded."""
        if self._tasks and self.crew.client.status == "running":
            self.crew.client.cancel([task.future for task in self._tasks], force=True)

    # --- sending -----------------------------------------------------------------------------------------

    def _send(self) -> None:
        slots = self.crew.slots if self._jobs is None else min(self.crew.slots, self._jobs)
        kept = self._kept_free()
        if kept and self._alone and not kept.sent:
            self._submit(Task([self._alone.popleft()], kept, time.monotonic(), alone=True))
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
        if alone or not self._alone:
            return alone
        return min(self.crew.hands.values(), key=lambda hand: len(hand.sent), default=None)

    def _next(self, slots: int) -> list[int]:
        """Return the submissions of the next task; none if there are none, or too many wait to be yielded."""
        left = len(self.wanted) - self._unread + len(self._ready)
        most = group_size(left, slots, self._seconds)
        numbers: list[int] = []
        size = 0
        while (
            len(numbers) < most and size < MOST_BYTES and self._read(self.yielded + slots * max(AHEAD, 4 * most))
        ):
            numbers.append(self._ready.popleft())
            opened = self._open[numbers[-1]].submission
            size += len(opened.content) + sum(map(len, opened.files.values()))
        return numbers

    def _read(self, until: int) -> bool:
        """Read submissions below a number until one is ready; return whether one is."""
        while not self._ready and self._unread < min(until, len(self.wanted)):
            number, self._unread = self._unread, self._unread + 1
            found, source = self.wanted[number]
            try:
                submission = open_submission(self.course, found)
                digest = digest_of(self.settings, source, submission)
            except Exception as error:  # noqa: BLE001  # every submission has a report, and the batch goes on
                self.outcomes[number] = _Finished(not_graded(self.course, found, source, error))
                continue
            earlier = self._earlier(found)
            if earlier and earlier[0] == digest:
                self.outcomes[number] = _Finished(Outcome(found, earlier[1], None, digest, fresh=False))
            else:
                self._open[number] = _Open(submission, digest)
                self._ready.append(number)
        return bool(self._ready)

    def _submit(self, task: Task) -> None:
        items = [packed(number, self._open[number].submission) for number in task.numbers]
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
            graded = {done.number: self._outcome(done) for done in results.done if done.number in task.numbers}
        except InvalidError as error:
            self._unfit(task, str(error), task.numbers)
            return
        self.outcomes |= graded
        for number in graded:
            del self._open[number]
        if graded:
            each = results.seconds / len(graded)
            self._seconds = each if self._seconds is None else 0.8 * self._seconds + 0.2 * each
        left = [number for number in task.numbers if number not in graded]
        if left and results.unfit == worker.LOST_KIT and (hand := self.crew.forget(task.hand.address)):
            hand.sent.insert(0, task)  # another process has its address: it died in the midst of this
            task.numbers = left
            self._give_up(hand)
        elif left:
            self._unfit(task, results.unfit or "returned less than it was asked", left)

    def _outcome(self, done: Done) -> _Finished:
        found, source = self.wanted[done.number]
        opened = self._open[done.number]
        if done.graded is msgspec.UNSET:
            report = failed(source, opened.submission, done.why or "It could not be graded.")
            return _Finished(Outcome(found, report, None))
        report, notebook = read_graded(done.graded, source, opened.submission, isolated=self.settings.isolated)
        return _Finished(Outcome(found, report, None, opened.digest), notebook)

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

    def _give_up(self, hand: Hand) -> None:
        """Give what a dead worker had to others; what it graded when it died, one by one."""
        running = [task for task in hand.sent if task.future.status != "finished"][: hand.threads]
        for task in list(hand.sent):
            if task in running:
                self._suspect(task)
            else:
                self._again(task, task.numbers)

    def _suspect(self, task: Task) -> None:
        """Have submissions graded alone of which a worker may have died; two such deaths are a verdict."""
        self._forget(task)
        for number in task.numbers:
            self._blamed[number] += task.alone
            if self._blamed[number] < DEATHS:
                self._alone.append(number)
                continue
            found, source = self.wanted[number]
            why = f"{file_of(self.course, found)} could not be graded: {DEATHS} workers died while they graded it."
            report = failed(source, self._open.pop(number).submission, why)
            self.outcomes[number] = _Finished(Outcome(found, report, None))

    def _unfit(self, task: Task, why: str, numbers: list[int]) -> None:
        """Send a worker nothing more, and give what it had to others."""
        self._again(task, numbers)
        hand = self.crew.refuse(task.hand.address, why)
        for other in list(hand.sent) if hand else ():
            self._again(other, other.numbers)

    def _again(self, task: Task, numbers: list[int]) -> None:
        """Have submissions of a task graded by another worker."""
        self._forget(task)
        (self._alone if task.alone else self._ready).extendleft(reversed(numbers))

    def _forget(self, task: Task) -> None:
        self._tasks.discard(task)
        if task in task.hand.sent:
            task.hand.sent.remove(task)
        task.future.release()


def grade_batch(
    batch: ClusterBatch, idle: Callable[[], None] = lambda: None, seconds: float | None = None
) -> Generator[Outcome]:
    """Grade a class; yield an outcome for each notebook, in the given order.

    ``idle`` and ``seconds`` are as in :func:`autograder.grading.batch.grade_batch`, and so is what happens if the
    caller closes the generator early.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    try:
        while batch.yielded < len(batch.wanted):
            waited = time.monotonic()
            while batch.yielded not in batch.outcomes:
                left = IDLE_SECONDS if deadline is None else min(IDLE_SECONDS, deadline - time.monotonic())
                if left <= 0:
                    yield from (finished.opened() for _, finished in sorted(batch.outcomes.items()))
                    return
                batch.step(left)
                if time.monotonic() - waited > IDLE_SECONDS:
                    idle()
                    waited = time.monotonic()
            yield batch.outcomes.pop(batch.yielded).opened()
            batch.yielded += 1
    finally:
        batch.cancel()


class Cluster:
    """A cluster that grades classes.

    Parameters
    ----------
    client
        The connection to its scheduler.
    settings
        The settings of the run.
    tell
        Prints a line for the instructor.
    local, insecure
        As of a :class:`~autograder.cluster.crew.Crew`.
    """

    def __init__(
        self, client: Any, settings: Settings, tell: Callable[[str], None], *, local: bool, insecure: bool
    ) -> None:
        self._crew = partial(Crew, client, settings=settings, tell=tell, local=local, insecure=insecure)
        self._settings = settings
        self._batch: ClusterBatch | None = None

    def grade(
        self,
        course: Course,
        wanted: Wanted,
        jobs: int | None,
        earlier: Callable[[SubmittedNotebook], Earlier | None] = lambda _: None,
        idle: Callable[[], None] = lambda: None,
        seconds: float | None = None,
    ) -> Generator[Outcome]:
        """Grade a class; the arguments are those of :func:`autograder.grading.batch.grade_batch`."""
        sources = {(found.assignment, found.notebook): source for found, source in wanted}
        crew = self._crew(kit_for(course, self._settings, sources))
        self._batch = ClusterBatch(crew, course, self._settings, wanted, jobs, earlier)
        try:
            yield from grade_batch(self._batch, idle, seconds)
        finally:
            crew.close()

    def slowest(self) -> tuple[str, float] | None:
        """Return the file that has been graded longest, and for how many seconds."""
        return self._batch.slowest() if self._batch else None


@contextmanager
def opened(
    address: Address, settings: Settings, tell: Callable[[str], None], *, insecure: bool = False
) -> Iterator[Cluster]:
    """Connect to a cluster, or start one here.

    Raises
    ------
    ClusterError
        If there is none that can be used.
    """
    with connected(address) as client:
        yield Cluster(client, settings, tell, local=bool(address.workers), insecure=insecure)
