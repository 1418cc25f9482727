"""Run one submission's code, in a new process whenever the submission ends its own."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from autograder.judging.calls import Answer, Ask, Call, Stopped
from autograder.notebooks.outputs import as_nbformat
from autograder.sandbox.budget import Budget
from autograder.sandbox.pool import Pool, warm_imports
from autograder.sandbox.session import Session, SessionEndedError

MAX_FAILURES = 2
"""Calls of one function that may run out of time or end the process. After that, it is not called again."""
TIME_IS_UP = "its time is up."
ALLOWED_SENTENCE = (
    "A submission may import NumPy, matplotlib, ipywidgets, IPython and the standard library; "
    "an instructor can allow more with --allow."
)


class Runner:
    """Runs the cells of a submission and calls its functions.

    If a cell or call ends the process, the submission loses that cell or call alone: a new process runs the cells
    before it again, and the submission goes on there.

    Parameters
    ----------
    pool
        Gives the processes.
    allow
        Modules that the submission may import in addition to the default ones.
    files
        Files that lie beside the notebook, by relative path.
    sources
        The source of every cell, which decides what the fork server imports.
    fixed
        The instructor's cells that the submission is going to run.
    figures
        Whether any cell has its figures drawn.

    Raises
    ------
    ForkServerError
        By its methods, if the fork server dies.
    """

    def __init__(
        self,
        pool: Pool,
        allow: Collection[str],
        files: Mapping[str, bytes],
        sources: Iterable[str],
        *,
        fixed: Sequence[str] = (),
        figures: bool = False,
    ) -> None:
        self.pool, self.allow, self.files, self.fixed = pool, allow, files, fixed
        self.warm = warm_imports("\n".join(sources), files, figures=figures)
        self.deadline = time.monotonic() + pool.limits.submission_seconds
        self.budget = Budget(pool.limits)
        self.first_error: str | None = None
        """The first error of the cells so far, in one line."""
        self._ran: list[str] = []
        self._session: Session | None = None
        self._counter = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session:
            self._session.close()

    def run(self, source: str, *, figures: bool) -> tuple[list[dict[str, Any]], int | None]:
        """Run a cell, and draw its figures if ``figures``.

        Returns
        -------
        list of dict
            Its outputs, in nbformat's form.
        int or None
            Its execution count; None if it has no code.
        """
        if not _has_code(source):
            return [], None
        self._counter += 1
        try:
            done, late = self._open().run_cell(source, figures=figures)
        except SessionEndedError as error:
            self.first_error = self.first_error or str(error).rstrip(".")
            return [_error_output("Stopped", str(error))], self._counter
        with self.budget.watch:
            outputs = [as_nbformat(output) for output in done.outputs]
        if done.error and not late and all(output["output_type"] != "error" for output in outputs):
            outputs.append(_error_output(done.error[:200], ""))  # the notebook hid the error
        if late:
            outputs.append(_error_output("Stopped", late))
        else:
            self._ran.append(source)
        for output in outputs:
            if output["output_type"] == "error":
                self.first_error = self.first_error or _in_one_line(f"{output['ename']}: {output['evalue'][:200]}")
        return outputs, self._counter

    def caller(self, function: str) -> Ask:
        """Return a callable that calls a function of the notebook, and goes on in a new process if one ends."""
        failures: list[str] = []

        def ask(calls: Sequence[Call], sizes: Sequence[int]) -> Iterator[Answer]:
            given = 0
            while given < len(calls):
                for answer in self._answers(function, calls[given:], sizes[given:], failures):
                    given += 1
                    yield answer

        return ask

    def _answers(
        self, function: str, calls: Sequence[Call], sizes: Sequence[int], failures: list[str]
    ) -> Iterator[Answer]:
        """Yield at least one answer, and all up to the first call that runs out of time or ends the process."""
        if len(failures) >= MAX_FAILURES:
            yield self._stopped(f"{function} was not asked again: {failures[-1]}")
            return
        given, why = 0, None
        try:
            session = self._open()
            for answer in session.ask_all(function, calls, sizes):
                given += 1
                if isinstance(answer, Stopped) and answer.final:
                    answer = self._stopped(answer.why)  # noqa: PLW2901
                elif isinstance(answer, Stopped):
                    failures.append(answer.why)
                yield answer
            why = session.ended if given < len(calls) else None
        except SessionEndedError as error:
            why = str(error)
        if why:
            failures.append(f"{function} did not come back: {why}")
            yield Stopped(failures[-1])

    def _stopped(self, why: str) -> Stopped:
        """Return the answer that nothing more can be asked, with the first error if it may be the cause."""
        return Stopped(why + self._earlier_error(), final=True)

    def _earlier_error(self) -> str:
        if not self.first_error:
            return ""
        hint = f" {ALLOWED_SENTENCE}" if self.first_error.startswith("ModuleNotFoundError") else ""
        return f" The code before it stopped: {self.first_error}.{hint}"

    def _open(self) -> Session:
        """Return the current session, or start a new one and run again the cells that ran to their end."""
        if self._session and not self._session.ended:
            return self._session
        if time.monotonic() >= self.deadline:
            raise SessionEndedError(self._session.ended if self._session and self._session.ended else TIME_IS_UP)
        if self.budget.why_over:
            raise SessionEndedError(self.budget.why_over)
        self._session = self.pool.session(
            self.allow, self.files, self.deadline, self.warm, self.fixed, self.budget
        )
        for source in list(self._ran):
            try:
                self._session.run_cell(source, figures=False, kept=False)
            except SessionEndedError:
                self._ran.remove(source)
                raise
        return self._session


def _has_code(source: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in source.split("\n"))


def _in_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _error_output(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}".rstrip(": ")]}
