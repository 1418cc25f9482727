"""How long the cells of a source notebook take on this machine, with the reference's own functions."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping

from autograder.notebooks.source import Source
from autograder.sandbox.budget import Budget
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.pool import Pool, warm_imports
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.timing import LONGEST


class Pace:
    """Measures the cells of a source notebook when the first submission is slow, and keeps what it found.

    Parameters
    ----------
    pool
        Gives the process in which they run; no submission runs in it.
    source
        The source notebook.
    allow
        Modules that it may import in addition to the default ones.
    files
        The instructor's files beside it, by relative path.
    """

    def __init__(self, pool: Pool, source: Source, allow: Collection[str], files: Mapping[str, bytes]) -> None:
        self._pool, self._source, self._allow, self._files = pool, source, allow, files
        self._found: dict[str, float] | None = None

    def seconds(self, grade_id: str | None, text: str) -> float:
        """Return how long a cell takes, found by its ``grade_id`` or its text; 0 if it is not the source's."""
        if self._found is None:
            self._found = {}
            with contextlib.suppress(ForkServerError, SessionEndedError):  # then no cell has more
                self._measure(self._found)
        return self._found.get(grade_id or text, 0.0)

    def _measure(self, found: dict[str, float]) -> None:
        texts = [text for _, text in self._source.program]
        warm = warm_imports("\n".join(texts), self._files)
        with self._pool.session(self._allow, self._files, warm, (), Budget(self._pool.limits)) as session:
            for grade_id, text in self._source.program:
                _, late = session.run_cell(text, figures=False, kept=False, reference=lambda: LONGEST)
                if not late:  # else it may never end, and tells nothing
                    found[grade_id or text] = session.took
