"""The submissions of a class: which are to be read, which wait for a worker, and what became of the others."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from autograder.cluster.sizes import MOST_BYTES
from autograder.cluster.verdicts import InvalidError, read_graded, read_notebook
from autograder.cluster.wire import Done, Item, packed
from autograder.course import Course
from autograder.grading.grader import digest_of
from autograder.grading.outcome import Outcome, file_of, not_graded, open_submission
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission, failed
from autograder.grading.workers import Earlier
from autograder.intake import SubmittedNotebook
from autograder.notebooks.source import Source

DEATHS = 2
"""How many workers may die of a submission that they grade alone, until it is the one to blame."""
Wanted = Sequence[tuple[SubmittedNotebook, Source]]


@dataclass
class _Open:
    """A submission that is not graded yet."""

    submission: Submission
    digest: str


@dataclass
class Finished:
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
            why = f"{report.file} could not be graded: its worker {error}."
            report = report.as_failed(why, fault=True)
            return Outcome(self.outcome.found, report, None)


class Submissions:
    """The submissions of a class, each by its number in the given order.

    Parameters
    ----------
    course
        Holds the files that lie beside the notebooks.
    settings
        The settings of the run.
    wanted
        The notebooks, each with the instructor's cells.
    earlier
        Returns the digest and the report of a notebook's last grading, or None.
    """

    def __init__(
        self,
        course: Course,
        settings: Settings,
        wanted: Wanted,
        earlier: Callable[[SubmittedNotebook], Earlier | None],
    ) -> None:
        self.course, self.settings, self.wanted = course, settings, wanted
        self.finished: dict[int, Finished] = {}
        self.alone: deque[int] = deque()
        """Those of which a worker may have died: each is graded while its worker has no other."""
        self._earlier = earlier
        self._unread = 0
        """The number of the first submission that was not read yet."""
        self._ready: deque[int] = deque()
        self._open: dict[int, _Open] = {}
        self._blamed: Counter[int] = Counter()

    @property
    def left(self) -> int:
        """How many have not been given out, those that are graded alone left aside."""
        return len(self.wanted) - self._unread + len(self._ready)

    def file(self, number: int) -> str:
        """Return the name of a submission's file."""
        return file_of(self.course, self.wanted[number][0])

    def item(self, number: int) -> Item:
        """Return a submission as it is sent."""
        return packed(number, self._open[number].submission)

    def read(self, until: int) -> bool:
        """Read submissions below a number until one is ready; return whether one is.

        What can't be read, and what has not changed since it was graded, is finished.
        """
        while not self._ready and self._unread < min(until, len(self.wanted)):
            number, self._unread = self._unread, self._unread + 1
            found, source = self.wanted[number]
            try:
                submission = open_submission(self.course, found)
                digest = digest_of(self.settings, source, submission)
            except Exception as error:  # noqa: BLE001  # every submission has a report, and the batch goes on
                self.finished[number] = Finished(not_graded(self.course, found, source, error))
                continue
            earlier = self._earlier(found)
            if earlier and earlier[0] == digest:
                self.finished[number] = Finished(Outcome(found, earlier[1], None, digest, fresh=False))
            else:
                self._open[number] = _Open(submission, digest)
                self._ready.append(number)
        return bool(self._ready)

    def take(self, most: int, until: int) -> list[int]:
        """Give out so many submissions, or fewer if they are large; read none beyond a number."""
        numbers: list[int] = []
        size = 0
        while len(numbers) < most and size < MOST_BYTES and self.read(until):
            numbers.append(self._ready.popleft())
            opened = self._open[numbers[-1]].submission
            size += len(opened.content) + sum(map(len, opened.files.values()))
        return numbers

    # --- what comes back ---------------------------------------------------------------------------------

    def outcome(self, done: Done) -> Finished:
        """Return what a worker says about a submission.

        Raises
        ------
        InvalidError
            If it can't be so.
        """
        found, source = self.wanted[done.number]
        opened = self._open[done.number]
        if done.graded is msgspec.UNSET:
            why = done.why or "It could not be graded."
            report = failed(source, opened.submission, why, fault=done.fault)
            return Finished(Outcome(found, report, None))
        report, notebook = read_graded(done.graded, source, opened.submission, isolated=self.settings.isolated)
        return Finished(Outcome(found, report, None, opened.digest), notebook)

    def finish(self, outcomes: Mapping[int, Finished]) -> None:
        """Keep outcomes until somebody takes them."""
        self.finished |= outcomes
        for number in outcomes:
            del self._open[number]

    def again(self, numbers: Sequence[int], *, alone: bool) -> None:
        """Have submissions graded once more, before all others."""
        (self.alone if alone else self._ready).extendleft(reversed(numbers))

    def suspect(self, numbers: Sequence[int], *, alone: bool) -> None:
        """Have submissions graded alone of which a worker may have died; two such deaths are a verdict.

        ``alone`` says whether the worker had no other one.
        """
        for number in numbers:
            self._blamed[number] += alone
            if self._blamed[number] < DEATHS:
                self.alone.append(number)
                continue
            found, source = self.wanted[number]
            why = f"{self.file(number)} could not be graded: {DEATHS} workers died while they graded it."
            report = failed(source, self._open[number].submission, why)
            self.finish({number: Finished(Outcome(found, report, None))})
