"""Runs a cell in an event loop; one that waits for nothing takes no look at files and timers."""

from __future__ import annotations

import sys
from asyncio import events
from threading import get_ident


def run(loop, task):
    """Run a new task of a loop to its end, as ``run_until_complete`` does; return its result.

    A kernel runs cells in its loop, too, and a cell may use it: what it leaves there goes on with the next cells.
    """
    if len(loop._ready) > 1 or loop._scheduled or len(loop._selector.get_map()) > 1:  # there are others
        return loop.run_until_complete(task)
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook)
    loop._thread_id = get_ident()
    events._set_running_loop(loop)
    try:
        loop._ready.popleft()._run()
    finally:
        loop._thread_id = None
        events._set_running_loop(None)
        sys.set_asyncgen_hooks(*hooks)
    if task.done() and not loop._ready and not loop._scheduled:
        return task.result()
    return loop.run_until_complete(task)
