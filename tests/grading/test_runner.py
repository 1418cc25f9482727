"""A submission's code runs in one process after the other, and all of them draw on one budget."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
from conftest import GENEROUS

from autograder.grading.runner import Runner
from autograder.judging.calls import Call, Stopped
from autograder.sandbox.inside.display import CUT
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.sandbox


@contextmanager
def running(**limits):
    pool = Pool(replace(GENEROUS, **limits))
    try:
        with Runner(pool, (), {}, []) as runner:
            yield runner
    finally:
        pool.close()


def shown(runner, source):
    outputs, _ = runner.run(source, figures=False)
    return "".join(output.get("text", "") for output in outputs)


def test_cells_that_run_again_in_a_new_process_send_nothing_anew_and_what_is_used_up_stays_so():
    loud, ends = "print('x' * 15_000)", "import os\nos._exit(0)"
    with running(output_bytes=20_000, submission_output_bytes=50_000) as runner:
        lengths = [len(shown(runner, cell)) for cell in (loud, ends, loud, ends, loud, ends)]
        assert lengths == [15_001, 0] * 3
        assert len(CUT) < len(shown(runner, loud)) < 6000
        assert shown(runner, loud) == CUT


def test_once_the_grader_s_time_is_over_the_rest_of_a_submission_is_not_run_and_says_why():
    """The process is ended, and no other is started."""
    with running(judging_seconds=0.5) as runner:
        assert shown(runner, "def f(): return 1.0\nprint('runs')") == "runs\n"
        with runner.budget.watch:
            while not runner.budget.watch.is_over:
                pass
        outputs, _ = runner.run("1", figures=False)
        (answer,) = runner.caller("f")([Call(())], [64])
        assert runner._session.server.forks == 1
    why = "the grader took more than 0.5 seconds to read and compare what came from it."
    assert (outputs[0]["ename"], outputs[0]["evalue"]) == ("Stopped", why)
    assert answer == Stopped(f"f did not come back: {why}")
