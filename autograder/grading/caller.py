"""Call a function of a submission until it has answered, or has failed too often."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from autograder.grading.runner import Runner
from autograder.judging.calls import Answer, Call, Stopped
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.timing import TimeLeft

MAX_FAILURES = 2
"""Calls of one function that may run out of time or end the process. After that, it is not called again."""


class Caller:
    """Calls one function of a notebook, and goes on in a new process if one ends.

    Parameters
    ----------
    runner
        Runs the notebook.
    function
        The function's name.
    reference
        Returns how long the reference takes for a call, in seconds.
    """

    def __init__(self, runner: Runner, function: str, reference: Callable[[Call], float] = lambda _: 0.0) -> None:
        self.runner, self.function, self.reference = runner, function, reference
        seconds = runner.pool.limits.function_seconds
        self.time_left = TimeLeft(seconds, f"the calls of {function} took more than {seconds:g} s together.")
        self._failures: list[str] = []
        self._returned = self._final = False

    def spent(self) -> float:
        """Return the seconds that the function has taken so far."""
        return self.runner.pool.limits.function_seconds - self.time_left.seconds

    def __call__(self, calls: Sequence[Call], sizes: Sequence[int]) -> Iterator[Answer]:
        given = 0
        while given < len(calls):
            for answer in self._answers(calls[given:], sizes[given:]):
                given += 1
                yield answer

    def _answers(self, calls: Sequence[Call], sizes: Sequence[int]) -> Iterator[Answer]:
        """Yield at least one answer, and all up to the first call that runs out of time or ends the process."""
        if self._final:
            yield self.runner.stopped(self.function, f"{self.function} was not asked again: {self._failures[-1]}")
            return
        given, why = 0, None
        try:
            session = self.runner.session()
            for answer in session.ask_all(self.function, calls, sizes, self.time_left, self.reference):
                given += 1
                if isinstance(answer, Stopped) and answer.final:
                    answer = self.runner.stopped(self.function, answer.why)  # noqa: PLW2901
                elif isinstance(answer, Stopped):
                    self._fail(answer.why, late=True)
                self._returned = self._returned or not isinstance(answer, Stopped)
                yield answer
            why = session.ended if given < len(calls) else None
        except SessionEndedError as error:
            why = str(error)
        if why:
            self._fail(f"{self.function} did not come back: {why}")
            yield Stopped(self._failures[-1])

    def _fail(self, why: str, *, late: bool = False) -> None:
        """Note a call that did not return. A function whose first call does not end has no second chance."""
        self._failures.append(why)
        if len(self._failures) >= MAX_FAILURES or (late and not self._returned):
            self._final = True
            self.runner.give_up(self.function, why)
