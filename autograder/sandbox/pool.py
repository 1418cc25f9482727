"""The fork servers of a run, and the choice of one for each submission."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.results import Isolation
from autograder.sandbox import policy
from autograder.sandbox.fork_server import ForkServer, ForkServerError
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Runtime

if TYPE_CHECKING:
    from autograder.sandbox.budget import Budget
    from autograder.sandbox.session import Session

MAX_FORKS = 1000
"""Submissions after which a fork server is replaced, even if it works."""
WARM = {"matplotlib": ("matplotlib", "pylab", "pandas"), "ipywidgets": ("ipywidgets",)}
"""What a fork server imports only for submissions that name it, with the words that name it.

These imports take long, and every page of them is one more to copy for each fork.
"""


class Pool:
    """Gives each submission its own process, forked by a server that serves no other submission meanwhile.

    Parameters
    ----------
    limits
        What one submission may use.
    isolated
        False runs student code in an ordinary process (``--sandbox none``).
    way
        How it is isolated; in the best way by default.
    """

    def __init__(self, limits: Limits, *, isolated: bool = True, way: Isolation | None = None) -> None:
        self.limits = limits
        self.way: Isolation | None = way if isolated else "none"
        self._runtimes: dict[frozenset[str], Runtime] = {}
        self._idle: dict[object, list[ForkServer]] = defaultdict(list)
        self._busy: set[ForkServer] = set()
        self._left: list[ForkServer] = []
        self._open = contextlib.ExitStack()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process makes a pool of its own, with the same limits."""
        return partial(Pool, isolated=self.way != "none", way=self.way), (self.limits,)

    def session(
        self,
        allow: Collection[str],
        files: Mapping[str, bytes],
        warm: frozenset[str] = frozenset(),
        fixed: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> Session:
        """Start the process of a submission.

        Parameters
        ----------
        allow
            Modules that the submission may import in addition to the default ones.
        files
            Files that lie beside the notebook, by relative path.
        warm
            What is imported before the fork (see :func:`warm_imports`). The submission may import the rest itself.
        fixed
            The instructor's cells that the submission is going to run: they are compiled once for all submissions.
        budget
            What the submission may still cost the grader, if it had other processes before.

        Raises
        ------
        SessionEndedError
            If the files can't be laid out, or the process does not start.
        ForkServerError
            If no fork server can be started.
        CannotIsolateError
            If this machine can't isolate in that way.
        """
        runtime = self._runtime(frozenset(allow))
        with self._lock:
            idle = self._idle[runtime, warm]
            server = idle.pop() if idle else None
        if server:
            with contextlib.suppress(ForkServerError):  # it was killed while it was idle, perhaps
                server.use_callers_cores()
                return self._open_session(server, files, fixed, budget)
        return self._open_session(ForkServer(runtime, self.limits, warm), files, fixed, budget)

    def prepare(self, allow: Collection[str], warm: frozenset[str], launcher: Launcher) -> None:
        """Start a fork server for the first submission that may import ``allow``, without waiting for it."""
        runtime = self._runtime(frozenset(allow))
        self._idle[runtime, warm].append(ForkServer(runtime, self.limits, warm, launcher))

    def _open_session(
        self,
        server: ForkServer,
        files: Mapping[str, bytes],
        fixed: Sequence[str],
        budget: Budget | None,
    ) -> Session:
        from autograder.sandbox.session import Session  # noqa: PLC0415  # imports NumPy, which prepare must not wait for

        with self._lock:
            self._busy.add(server)
        return Session(server, self.limits, files, fixed, self._take_back, budget)

    def leave_prepared(self) -> None:
        """Close this process's ends of the fork servers: a process forked from it uses them from now on."""
        for servers in self._idle.values():
            for server in servers:
                server.leave()
                self._left.append(server)
        self._idle.clear()

    def close(self) -> None:
        """Kill the fork servers, and remove the Python that they shared."""
        for servers in self._idle.values():
            for server in servers:
                server.close()
        for server in self._left:
            server.reap_left()
        self._idle.clear()
        self._left.clear()
        self._open.close()

    def _runtime(self, allow: frozenset[str]) -> Runtime:
        with self._lock:
            if allow not in self._runtimes:
                self._runtimes[allow] = self._open.enter_context(policy.runtime(allow, self.way))
            return self._runtimes[allow]

    def _take_back(self, server: ForkServer) -> None:
        """Keep a fork server for the next submission, with an empty folder, or close it if it must be replaced."""
        with self._lock:
            self._busy.discard(server)
        if server.broken or server.forks >= MAX_FORKS:
            server.close()
            return
        server.scratch.clear()
        with self._lock:
            self._idle[server.runtime, server.warm].append(server)


def warm_imports(code: str, files: Mapping[str, bytes], *, figures: bool = False) -> frozenset[str]:
    """Return what a fork server should import for a submission, judged by the words in its code.

    Parameters
    ----------
    code
        The source of all cells. What they import counts.
    files
        Files that lie beside the notebook. What the Python files whose names stand in the code import at their top
        counts as well.
    figures
        Whether figures are drawn; then every mention counts, and adds "figures" if it is of matplotlib.

    Returns
    -------
    frozenset
        Keys of :data:`WARM`, and "figures".
    """
    beside = [content for name, content in files.items() if name.endswith(".py") and Path(name).stem in code]
    lines = code.split("\n")
    for content in beside:
        text = content.decode("utf-8", "replace").split("\n")
        lines += text if figures else [line for line in text if line.startswith(("import", "from"))]
    if not figures:
        lines = [line for line in lines if "import" in line or "%" in line]
    named = {module for module, words in WARM.items() if any(word in line for word in words for line in lines)}
    return frozenset(named | {"figures"} if figures and "matplotlib" in named else named)
