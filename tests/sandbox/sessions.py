"""Sessions of a student's process, for tests."""

from __future__ import annotations

import contextlib
import time

import pytest
from hostile.attacks import processes_in

from autograder.judging.calls import Call, Returned
from autograder.sandbox.policy import Limits
from autograder.sandbox.pool import Pool
from autograder.sandbox.process import SessionEndedError

HURRIED = Limits(cell_seconds=1.0, call_seconds=1.0, grace_seconds=0.5, submission_seconds=600)
LATEST = 1.0 + 0.5 + 60.0
"""Seconds after which even a cell that resists is gone. A busy machine needs the last summand; a cell that nobody
stops outlives it, for the submission has more."""


@contextlib.contextmanager
def opened(limits, files=None, warm=frozenset()):
    """A session in a pool of its own; afterwards neither process nor folder is left."""
    pool = Pool(limits)
    try:
        with pool.session((), files or {}, warm) as session:
            yield session
        assert processes_in(session.folder) == []
        assert list(session.scratch.path.glob("*")) == []
    finally:
        pool.close()
    assert processes_in(session.server.runtime.folder) == []
    assert not session.server.runtime.folder.exists()


def outputs(session, source):
    done, late = session.run_cell(source)
    assert late is None
    return [(o.__struct_config__.tag, o) for o in done.outputs]


def printed(session, source):
    return "".join(o.text for tag, o in outputs(session, source) if tag == "stream")


def ended(session, source):
    """The sentence with which a cell ends its process, and the seconds it took."""
    started = time.monotonic()
    with pytest.raises(SessionEndedError) as caught:
        session.run_cell(source)
    assert session.ended == str(caught.value)
    return str(caught.value), time.monotonic() - started


def honest(pool):
    """Whether a new session of the pool works as if nothing had happened."""
    with pool.session((), {}) as session:
        session.run_cell("def double(x):\n    return 2 * x")
        return session.ask("double", Call((21,))) == Returned(42)
