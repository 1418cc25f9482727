"""A submission's code runs in one process after the other, and all of them draw on one budget."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
from conftest import GENEROUS

from autograder.grading.caller import Caller
from autograder.grading.runner import Runner
from autograder.judging.calls import Call, Returned, Stopped
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
        (answer,) = Caller(runner, "f")([Call(())], [64])
        assert runner._session.server.forks == 1
    why = "the grader took more than 0.5 seconds to read and compare what came from it."
    assert (outputs[0]["ename"], outputs[0]["evalue"]) == ("Stopped", why)
    assert answer == Stopped(f"f did not come back: {why}")


# --- time ------------------------------------------------------------------------------------------------

ENDLESS = (
    "def f(x=0):\n    while x == 0: pass\n    return x\ndef g(x):\n    return f(x)\ndef h(x):\n    return 2 * x"
)


def ask(runner, function, *arguments):
    return list(Caller(runner, function)([Call((x,)) for x in arguments], [64] * len(arguments)))


def test_what_needs_a_function_that_does_not_end_finds_that_out_at_once_and_the_rest_is_as_ever():
    late = "f did not end within 1 s and was stopped."
    with running(call_seconds=1, cell_seconds=60) as runner:
        runner.run(ENDLESS, figures=False)
        first, second = ask(runner, "f", 0, 0)
        assert first == Stopped(late, seconds=1)
        assert (second.why, second.final) == (f"f was not asked again: {late}", True)
        outputs, _ = runner.run("f(1)", figures=False)
        assert (outputs[0]["ename"], outputs[0]["evalue"]) == ("RuntimeError", f"{late} It is not called again.")
        assert "worker.py" not in "".join(outputs[0]["traceback"])
        assert [answer.type for answer in ask(runner, "g", 1)] == ["RuntimeError"]
        assert ask(runner, "h", 1) == [Returned(2)]


@pytest.mark.slow
def test_a_function_that_is_given_up_stays_so_in_a_new_process_until_it_is_written_anew():
    with running(call_seconds=1, cell_seconds=60) as runner:
        runner.run(ENDLESS, figures=False)
        ask(runner, "f", 0)
        runner.run("import os\nos._exit(0)", figures=False)
        outputs, _ = runner.run("f(1)", figures=False)
        assert outputs[0]["ename"] == "RuntimeError"
        runner.run("def f(x): return x", figures=False)
        runner.run("import os\nos._exit(0)", figures=False)
        assert ask(runner, "f", 1) == [Returned(1)]


@pytest.mark.slow
def test_a_function_that_has_answered_has_a_second_chance():
    with running(call_seconds=1) as runner:
        runner.run(ENDLESS, figures=False)
        answers = ask(runner, "f", 1, 0, 2, 0, 3)
        kinds = ["Returned", "Stopped", "Returned", "Stopped", "Stopped"]
        assert [type(answer).__name__ for answer in answers] == kinds
        assert answers[-1].final


def test_what_other_cells_waste_is_not_taken_from_a_function():
    with running(submission_seconds=1.5, cell_seconds=5) as runner:
        why = runner.budget.time.why_over
        said = [runner.run(f"import time\ntime.sleep({seconds})", figures=False)[0] for seconds in (1, 60, 60)]
        assert [outputs[-1]["evalue"] if outputs else "" for outputs in said] == ["", why, why]
        assert runner.run("import time\ntime.sleep(1)\ndef h(x): return x", figures=False, own=True)[0] == []
        assert ask(runner, "h", 1) == [Returned(1)]


@pytest.mark.slow
def test_the_calls_of_a_function_have_a_time_together_but_as_much_as_the_reference_gives_each():
    waits = "import time\ndef f(x):\n    time.sleep(0.4)\n    return x"
    with running(function_seconds=1, call_seconds=5) as runner:
        runner.run(waits, figures=False)
        answers = ask(runner, "f", *range(6))
        assert answers[0] == Returned(0)
        assert "the calls of f took more than 1 s together." in answers[-1].why
        patient = Caller(runner, "f", lambda _: 0.01)
        runner.run(waits, figures=False)
        assert list(patient([Call((x,)) for x in range(4)], [64] * 4)) == [Returned(x) for x in range(4)]


@pytest.mark.slow
def test_a_slow_cell_has_as_long_in_a_new_process():
    with running(cell_seconds=1) as runner:
        slow = "import time\ntime.sleep(1.5)\nx = 7"
        assert runner.run(slow, figures=False, reference=lambda: 0.03)[0] == []
        runner.run("import os\nos._exit(0)", figures=False)
        assert shown(runner, "print(x)") == "7\n"
