"""A cell runs in the event loop as in a kernel, whether or not it waits for something."""

from __future__ import annotations

import asyncio
import sys

import pytest

from autograder.sandbox.inside import loop as loops


@pytest.fixture
def loop():
    made = asyncio.new_event_loop()
    yield made
    made.close()


def run(loop, coroutine):
    return loops.run(loop, loop.create_task(coroutine))


async def nothing():
    return asyncio.get_running_loop()


async def fails():
    raise ZeroDivisionError


def test_a_task_that_waits_for_nothing_runs_in_its_loop_and_leaves_no_trace(loop):
    hooks = sys.get_asyncgen_hooks()
    assert run(loop, nothing()) is loop
    with pytest.raises(ZeroDivisionError):
        run(loop, fails())
    assert sys.get_asyncgen_hooks() == hooks
    assert not loop.is_running()
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


def test_a_task_that_waits_is_waited_for(loop):
    async def waits():
        for _ in range(3):
            await asyncio.sleep(0)
        return await asyncio.ensure_future(nothing())

    assert run(loop, waits()) is loop


def test_what_earlier_cells_left_in_the_loop_goes_on_before_the_next_one(loop):
    done = []
    loop.call_soon(done.append, "earlier")

    async def now():
        done.append("now")

    run(loop, now())
    assert done == ["earlier", "now"]


def test_what_a_cell_leaves_in_the_loop_begins_with_it(loop):
    done = []

    async def leaves():
        asyncio.get_running_loop().call_soon(done.append, "left")

    run(loop, leaves())
    assert done == ["left"]
