"""Work on one submission in a fork of this process, which ends with it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from autograder.envelope.nursery import never_return
from autograder.envelope.worker import MAX_REPLY, DiedError, Envelope, answer_of, limit, result_of, why_exhausted


def in_fork(work: Callable[[], Any], envelope: Envelope) -> bytes:
    """Run a function in a fork of this process; return its result as JSON.

    The function uses what this process has in memory, and changes none of it. A worker is for many requests; this
    is for a page now and then.

    Parameters
    ----------
    work
        Its result must have a JSON form.
    envelope
        What it may use.

    Raises
    ------
    RequestError
        If the function raised.
    ExhaustedError
        If it used more than the envelope.
    DiedError
        If the process died otherwise.
    """
    incoming, outgoing = os.pipe()
    pid = os.fork()
    if pid == 0:
        never_return(lambda: _answer(work, envelope, outgoing))
    os.close(outgoing)
    try:
        content = _read(incoming, time.monotonic() + envelope.seconds)
    finally:
        os.close(incoming)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
    if content is None:
        raise why_exhausted(envelope, "seconds")
    if os.waitstatus_to_exitcode(status) == -signal.SIGXCPU:
        raise why_exhausted(envelope, "processor_seconds")
    if not content:
        raise DiedError
    return result_of(content, envelope)


def _answer(work: Callable[[], Any], envelope: Envelope, outgoing: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    limit(envelope)
    content = memoryview(answer_of(work, ()))
    while content:
        content = content[os.write(outgoing, content) :]


def _read(incoming: int, deadline: float) -> bytes | None:
    """Read to the end; None if the deadline passes first, and nothing if it is more than a result may be."""
    content = bytearray()
    poll = select.poll()
    poll.register(incoming, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return None
        part = os.read(incoming, 1 << 20)
        if not part:
            return bytes(content)
        content += part
        if len(content) > MAX_REPLY:
            return b""
