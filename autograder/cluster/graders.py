"""A cluster as what grades classes: it yields the outcomes in the given order, as one machine does."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from autograder.cluster.address import Address
from autograder.cluster.batch import ClusterBatch
from autograder.cluster.connection import connected
from autograder.cluster.crew import Crew
from autograder.cluster.submissions import Submissions, Wanted
from autograder.cluster.wire import kit_for
from autograder.course import Course
from autograder.grading.batch import IDLE_SECONDS
from autograder.grading.outcome import Outcome
from autograder.grading.settings import Settings
from autograder.grading.workers import Earlier
from autograder.intake import SubmittedNotebook


def grade_batch(
    batch: ClusterBatch, idle: Callable[[], None] = lambda: None, seconds: float | None = None
) -> Generator[Outcome]:
    """Grade a class; yield an outcome for each notebook, in the given order.

    ``idle`` and ``seconds`` are as in :func:`autograder.grading.batch.grade_batch`, and so is what happens if the
    caller closes the generator early.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    finished = batch.submissions.finished
    try:
        while batch.yielded < len(batch.submissions.wanted):
            waited = time.monotonic()
            while batch.yielded not in finished:
                left = IDLE_SECONDS if deadline is None else min(IDLE_SECONDS, deadline - time.monotonic())
                if left <= 0:
                    yield from (early.opened() for _, early in sorted(finished.items()))
                    return
                batch.step(left)
                if time.monotonic() - waited > IDLE_SECONDS:
                    idle()
                    waited = time.monotonic()
            yield finished.pop(batch.yielded).opened()
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
        self._batch = ClusterBatch(crew, Submissions(course, self._settings, wanted, earlier), jobs)
        try:
            yield from grade_batch(self._batch, idle, seconds)
        finally:
            crew.close()

    @property
    def slots(self) -> int:
        """How many submissions of the latest class its workers can grade at the same time."""
        return self._batch.crew.slots if self._batch else 0

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
