"""What a submission may send: sizes that are powers of two, and what one answer takes the next one lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.judging.stopwatch import Stopwatch
from autograder.sandbox import budget
from autograder.sandbox.budget import Budget, reply_of_cell, room_for
from autograder.sandbox.policy import Limits

KB, MB = 1 << 10, 1 << 20
LIMITS = Limits(reply_bytes=100, submission_reply_bytes=250, output_bytes=10, submission_output_bytes=25)


@pytest.mark.parametrize(
    ("sizes", "room"),
    [
        ([], 16 * KB),
        ([0], 16 * KB),
        ([64], 16 * KB),
        ([1023], 16 * KB),
        ([1024], 32 * KB),
        ([1024, 64], 32 * KB),
        ([64, 1024, 64], 32 * KB),
        ([4000], 64 * KB),
        ([1 * MB], 32 * MB),
        ([8 * MB], 64 * MB),
        ([100 * MB], 256 * MB),
    ],
)
def test_the_room_is_a_power_of_two_above_16_times_the_largest_answer_or_16_mb_more_than_twice_it(sizes, room):
    assert room_for(sizes) == room


@pytest.mark.parametrize(
    ("outputs", "decisive"), [(0, 4 * KB), (1000, 4 * KB), (32 * KB, 32 * KB), (64 * KB, 64 * KB), (MB, 64 * KB)]
)
def test_a_cells_reply_may_hold_its_outputs_an_error_a_result_and_what_lies_between(outputs, decisive):
    assert reply_of_cell(outputs) == outputs + outputs // 32 + 2 * decisive + 2 * KB


@pytest.mark.parametrize(("left", "extra"), [(250, 100), (100, 100), (99, 99), (0, 0)])
def test_an_answer_may_exceed_its_room_by_what_one_may_or_by_what_all_have_left(left, extra):
    spent = Budget(LIMITS)
    assert spent.answers == 250
    spent.answers = left
    assert spent.extra == extra


@pytest.mark.parametrize(("left", "kept"), [(25, 10), (10, 10), (9, 9), (0, 0), (-5, 0)])
def test_a_cell_has_the_outputs_of_one_or_what_all_have_left_and_never_less_than_none(left, kept):
    spent = Budget(LIMITS)
    assert spent.outputs == 25
    spent.outputs = left
    assert spent.of_cell == kept


def test_the_seconds_of_a_submission_and_the_grader_s_own_are_told_apart():
    spent = Budget(replace(LIMITS, submission_seconds=2.5, judging_seconds=7.0))
    assert spent.time.seconds == 2.5
    assert spent.time.why_over == "the cells that carry no marks took more than 2.5 s together."
    assert not spent.time.is_over
    assert spent.watch.seconds == 7.0
    assert spent.why_over is None
    spent.watch = Stopwatch(-1.0)
    assert spent.why_over == "the grader took more than -1 seconds to read and compare what came from it."


def test_two_submissions_share_no_time():
    one, other = Budget(LIMITS), Budget(LIMITS)
    one.time.seconds -= 1
    assert other.time.seconds == LIMITS.submission_seconds


def test_a_process_may_answer_its_start_before_it_has_room_for_a_value():
    assert budget.ENVELOPE_BYTES >= budget.ROOM_BYTES > budget.CELL_BYTES
