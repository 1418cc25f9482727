"""The processor time of some blocks is added up."""

from __future__ import annotations

import time

from autograder.judging.stopwatch import Stopwatch


def spin(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_the_time_of_all_blocks_counts_and_no_other():
    watch = Stopwatch(0.05)
    for _ in range(2):
        with watch:
            spin(0.02)
        spin(0.05)
    assert 0.04 <= watch.spent < 0.05
    assert not watch.is_over
    with watch:
        spin(0.02)
    assert watch.is_over


def test_a_block_that_runs_counts_already():
    watch = Stopwatch(0.01)
    with watch:
        spin(0.02)
        assert watch.is_over


def test_a_block_in_a_block_counts_once():
    watch = Stopwatch(1)
    with watch:
        with watch:
            spin(0.02)
        spin(0.01)
        assert 0.03 <= watch.spent < 0.04
    assert 0.03 <= watch.spent < 0.04


def test_waiting_costs_nothing():
    watch = Stopwatch(0.05)
    with watch:
        time.sleep(0.2)
    assert not watch.is_over


def test_without_a_number_there_is_all_the_time():
    watch = Stopwatch()
    with watch:
        spin(0.01)
    assert not watch.is_over
