"""Run one submission's code, in a new process whenever the submission ends its own."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from autograder.judging.calls import Stopped
from autograder.notebooks.outputs import as_nbformat
from autograder.sandbox.budget import Budget
from autograder.sandbox.pool import Pool, warm_imports
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.session import Session

NOT_PARSED = ("SyntaxError", "IndentationError", "TabError")
HARMLESS = ("AssertionError", "NotImplementedError")
"""Errors of a visible check. They keep no other cell from its work."""
CELL_FILE = re.compile(r"<ipython-input-[\w-]+>, ")
"""How IPython names a cell in the text of a SyntaxError."""
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
        sources: Sequence[str],
        *,
        fixed: Sequence[str] = (),
        figures: bool = False,
    ) -> None:
        self.pool, self.allow, self.files, self.fixed = pool, allow, files, fixed
        self.digest = digest_of(sources, files)
        """Of everything that the submission can read: hidden inputs are drawn from it."""
        self.warm = warm_imports("\n".join(sources), files, figures=figures)
        self.budget = Budget(pool.limits)
        self._errors: list[tuple[str, str]] = []
        """The source of each cell that stopped so far, and its error in one line."""
        self._ran: list[_Ran | _GivenUp] = []
        self._session: Session | None = None
        self._counter = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session:
            self._session.close()

    def run(
        self, source: str, *, figures: bool, own: bool = False, reference: Callable[[], float] | None = None
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Run a cell.

        Parameters
        ----------
        source
            Python and IPython's magics.
        figures
            Whether its figures are drawn.
        own
            Whether it has a time of its own, as every cell of a graded function has. The others share theirs.
        reference
            Returns how long the cell takes with the reference's functions, in seconds.

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
        shared = None if own else self.budget.time
        if shared and shared.is_over:
            return [_error_output("Stopped", shared.why_over)], self._counter
        try:
            done, late = self.session().run_cell(source, figures=figures, time_left=shared, reference=reference)
        except SessionEndedError as error:
            self.note_error(source, str(error).rstrip("."))
            return [_error_output("Stopped", str(error))], self._counter
        with self.budget.watch:
            outputs = [as_nbformat(output) for output in done.outputs]
        if done.error and not late and all(output["output_type"] != "error" for output in outputs):
            outputs.append(_error_output(done.error[:200], ""))  # the notebook hid the error
        if late:
            outputs.append(_error_output("Stopped", late))
        else:
            self._ran.append(_Ran(source, reference))
        for output in outputs:
            if output["output_type"] == "error":
                self.note_error(source, f"{output['ename']}: {output['evalue'][:200]}")
        return outputs, self._counter

    def read_any(self, sources: Sequence[str], names: Collection[str]) -> bool:
        """Whether cells may read one of some names of the notebook."""
        if not sources or not names:
            return False
        try:
            return bool(self.session().names_read(sources, names))
        except SessionEndedError:
            return True

    def give_up(self, function: str, why: str) -> None:
        """Have cells that call a function find out at once that it doesn't end."""
        given_up = _GivenUp(function, f"{why} It is not called again.")
        self._ran.append(given_up)
        if self._session and not self._session.ended:
            with contextlib.suppress(SessionEndedError):
                self._session.give_up(*given_up)

    def note_error(self, source: str, error: str) -> None:
        """Note that a cell stopped, and why."""
        self._errors.append((source, _in_one_line(CELL_FILE.sub("", error)).rstrip(":. ")))

    def stopped(self, function: str, why: str) -> Stopped:
        """Return the answer that a function can be asked nothing more, with the error that may be the cause."""
        return Stopped(why + self._cause(function), final=True)

    def _cause(self, function: str) -> str:
        """Say what stopped the function's own cell, or else the first cell that did not just fail a check.

        Its own cell defines it, or names it where Python can't tell: its text has an error of syntax.
        """
        defines = re.compile(rf"^[ \t]*(?:def[ \t]+{function}\b|{function}[ \t]*=)", re.MULTILINE)
        names = re.compile(rf"\b{function}\b")
        own = [error for source, error in self._errors if error.startswith(NOT_PARSED) and names.search(source)]
        own += [error for source, error in self._errors if defines.search(source)]
        others = [error for _, error in self._errors if not error.startswith(HARMLESS)]
        if not own and not others:
            return ""
        error, where = (own[-1], "Its own cell") if own else (others[0], "The code before it")
        hint = f" {ALLOWED_SENTENCE}" if error.startswith("ModuleNotFoundError") else ""
        return f" {where} stopped: {error}.{hint}"

    def session(self) -> Session:
        """Return the current session, or start a new one and run again the cells that ran to their end."""
        if self._session is None:
            self._session = self._start()
        elif self._session.ended:
            if self.budget.time.is_over:
                raise SessionEndedError(self._session.ended)
            started = time.monotonic()
            try:
                self._session = self._start()
                self._run_again(self._session)
            finally:
                self.budget.time.seconds -= time.monotonic() - started
        return self._session

    def _start(self) -> Session:
        if self.budget.why_over:
            raise SessionEndedError(self.budget.why_over)
        return self.pool.session(self.allow, self.files, self.warm, self.fixed, self.budget)

    def _run_again(self, session: Session) -> None:
        for step in list(self._ran):
            try:
                if isinstance(step, _GivenUp):
                    session.give_up(*step)
                else:
                    session.run_cell(step.source, figures=False, kept=False, reference=step.reference)
            except SessionEndedError:
                self._ran.remove(step)
                raise


class _Ran(NamedTuple):
    """A cell that ran to its end, and how long it takes with the reference's functions."""

    source: str
    reference: Callable[[], float] | None


class _GivenUp(NamedTuple):
    """A function that is not called again, and why."""

    function: str
    why: str


def digest_of(sources: Iterable[str], files: Mapping[str, bytes]) -> bytes:
    """Return a digest of everything that the code of a submission can read: its cells and the files beside it.

    Hidden inputs are drawn from it. Whatever else a submission is given to read belongs in here, too: if two
    submissions that differ in it were asked the same, the first could note the inputs and the second look them up.
    """
    parts = [source.encode("utf-8", "surrogatepass") for source in sources]
    for name, content in sorted(files.items()):
        parts += [name.encode("utf-8", "surrogatepass"), content]
    whole = hashlib.sha256(f"{len(parts) - 2 * len(files)} cells".encode())
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.digest()


def _has_code(source: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in source.split("\n"))


def _in_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _error_output(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}".rstrip(": ")]}
