"""Warm processes, and which submission gets which."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.sandbox import policy
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Runtime
from autograder.sandbox.zygote import Zygote, ZygoteError

if TYPE_CHECKING:
    from autograder.sandbox.session import Session

MAX_FORKS = 1000
"""After so many submissions a warm process is replaced, whatever its state."""
WARM = {"matplotlib": ("matplotlib", "pylab", "pandas"), "ipywidgets": ("ipywidgets",)}
"""What a warm process imports for submissions that name it: it takes long, and is much to copy for the others."""


class Pool:
    """Gives each submission a process of its own, forked by a warm one that no other submission has meanwhile.

    Parameters
    ----------
    limits
        What one submission may use.
    isolated
        False runs student code as an ordinary process: ``--sandbox none``.
    """

    def __init__(self, limits: Limits, *, isolated: bool = True) -> None:
        self.limits, self.isolated = limits, isolated
        self._runtimes: dict[frozenset[str], Runtime] = {}
        self._idle: dict[object, list[Zygote]] = defaultdict(list)
        self._busy: set[Zygote] = set()
        self._open = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._stopped = False

    def session(
        self,
        allow: Collection[str],
        files: Mapping[str, bytes],
        deadline: float,
        warm: frozenset[str] = frozenset(WARM),
        fixed: Sequence[str] = (),
    ) -> Session:
        """Give a process to a submission that may import ``allow`` besides the default modules.

        ``warm`` names what is imported already; the submission is free to import the rest. ``fixed`` are cells
        of the instructor's that it is going to run: they are compiled once for all who have the same.

        Raises
        ------
        SessionEndedError
            If the files can't be laid out, or the process does not start.
        ZygoteError
            If no warm process can be started, or the pool was stopped.
        """
        if self._stopped:
            raise ZygoteError("the grader was stopped")
        runtime = self._runtime(frozenset(allow))
        with self._lock:
            idle = self._idle[runtime, warm]
            zygote = idle.pop() if idle else None
        if zygote:
            with contextlib.suppress(ZygoteError):  # it was killed, perhaps, while it was idle
                zygote.follow()
                return self._open_session(zygote, files, fixed, deadline)
        return self._open_session(Zygote(runtime, self.limits, warm), files, fixed, deadline)

    def prepare(self, allow: Collection[str], warm: frozenset[str], launcher: Launcher) -> None:
        """Start a warm process for the first submission that may import ``allow``, without waiting for it."""
        runtime = self._runtime(frozenset(allow))
        self._idle[runtime, warm].append(Zygote(runtime, self.limits, warm, launcher))

    def _open_session(
        self, zygote: Zygote, files: Mapping[str, bytes], fixed: Sequence[str], deadline: float
    ) -> Session:
        from autograder.sandbox.session import Session  # noqa: PLC0415  # brings NumPy, for which prepare can't wait

        with self._lock:
            self._busy.add(zygote)
            if self._stopped:
                zygote.kill()
        return Session(zygote, self.limits, files, fixed, deadline, self._take_back)

    def stop(self) -> None:
        """Kill the processes of all submissions that run now and start no others; their sessions raise."""
        with self._lock:
            self._stopped = True
            for zygote in self._busy:
                zygote.kill()

    def close(self) -> None:
        """Kill the warm processes, and remove what they shared."""
        for zygotes in self._idle.values():
            for zygote in zygotes:
                zygote.close()
        self._idle.clear()
        self._open.close()

    def _runtime(self, allow: frozenset[str]) -> Runtime:
        with self._lock:
            if allow not in self._runtimes:
                self._runtimes[allow] = self._open.enter_context(policy.runtime(allow, isolated=self.isolated))
            return self._runtimes[allow]

    def _take_back(self, zygote: Zygote) -> None:
        """Keep a warm process for the next submission, or replace it; its folder is empty again."""
        with self._lock:
            self._busy.discard(zygote)
        if zygote.broken or zygote.forks >= MAX_FORKS:
            zygote.close()
            return
        zygote.scratch.clear()
        with self._lock:
            self._idle[zygote.runtime, zygote.warm].append(zygote)


def named_in(code: str, files: Mapping[str, bytes], *, figures: bool = False) -> frozenset[str]:
    """Return what a warm process should have imported for a submission's code, and the files that it names.

    With "figures" it should have drawn one, too.
    """
    beside = [content for name, content in files.items() if name.endswith(".py") and Path(name).stem in code]
    text = "\n".join([code, *(content.decode("utf-8", "replace") for content in beside)])
    named = frozenset(module for module, words in WARM.items() if any(word in text for word in words))
    return named | {"figures"} if figures and "matplotlib" in named else named
