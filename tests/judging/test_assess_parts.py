"""Each step of a judgement by itself: what is asked and not run, and how checks become a report."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from autograder.judging import assess as grading
from autograder.judging.calls import Call, Raised, Returned, Stopped, answer_of
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.findings import Finding
from autograder.judging.follow_through import Share
from autograder.judging.stopwatch import Stopwatch
from judging.doubling import DOUBLE, LARGE, NEGATIVE, SEED, SMALL


def tried(number, *clauses):
    check, one = DOUBLE.checks[number], Returned(1.0)
    return TriedCheck(check, tuple(AskedCall(Call((1.0,)), one, one, clause) for clause in clauses))


def report(checks, skipped=None, found=None, shares=None, *, points=None, feedback="messages"):
    texts = {entry.check.name: None if entry.passed else f"about {entry.check.name}" for entry in checks}
    return grading._report(
        DOUBLE, checks, skipped or {}, found or {}, shares or {}, texts, points=points, feedback=feedback
    )


WEIGHTS = [check.weight for check in DOUBLE.checks]


def test_a_report_lists_every_check_in_its_order_run_or_not():
    found = report([tried(0, None, "wrong"), tried(2, None)], {LARGE: "not run"})
    assert [check.name for check in found.checks] == [SMALL, LARGE, NEGATIVE]
    assert [check.passed for check in found.checks] == [False, None, True]
    assert [check.message for check in found.checks] == [f"about {SMALL}", "not run", None]
    assert [check.max_score for check in found.checks] == WEIGHTS
    assert [check.score for check in found.checks] == [0, 0, WEIGHTS[2]]
    assert (found.score, found.max_score) == (WEIGHTS[2], sum(WEIGHTS))


@pytest.mark.parametrize("points", [0.0, 1.0, 7.0])
def test_the_points_of_a_cell_are_shared_out_by_weight_and_0_is_a_number_too(points):
    found = report([tried(0, None), tried(1, "wrong"), tried(2, None)], points=points)
    assert found.max_score == points
    assert [check.max_score for check in found.checks] == [points * w / sum(WEIGHTS) for w in WEIGHTS]
    assert found.score == pytest.approx(points * (WEIGHTS[0] + WEIGHTS[2]) / sum(WEIGHTS))
    assert report([tried(number, None) for number in range(3)], points=points).score == points


def test_a_share_gives_its_part_and_says_why_below_the_message_or_in_place_of_why_it_was_not_run():
    shares = {LARGE: Share(0.5, "Half."), NEGATIVE: Share(1.0, "All.")}
    checks = [tried(0, "wrong"), tried(1, "wrong"), tried(2, None)]
    found = report(checks, {NEGATIVE: "not counted"}, shares=shares)
    assert [check.score for check in found.checks] == [0, WEIGHTS[1] / 2, WEIGHTS[2]]
    assert [check.passed for check in found.checks] == [False, False, False]
    assert [check.message for check in found.checks] == [f"about {SMALL}", f"about {LARGE}\nHalf.", "All."]
    assert found.score == WEIGHTS[1] / 2 + WEIGHTS[2]


def test_mistakes_are_listed_once_in_the_order_of_the_checks_and_not_beside_marks_alone():
    both, one, none = Finding(("b", "a"), ""), Finding(("a",), ""), Finding((), "It is described.")
    checks = [tried(number, "wrong") for number in range(3)]
    found = {NEGATIVE: Finding(("c",), ""), SMALL: both, LARGE: one}
    assert report(checks, found=found).misconceptions == ["b", "a", "c"]
    assert [check.misconception for check in report(checks, found=found).checks] == ["b+a", "a", "c"]
    assert report(checks, found={SMALL: none}).checks[0].misconception is None
    bare = report(checks, found=found, feedback="score")
    assert bare.misconceptions == []
    assert {(check.misconception, check.message) for check in bare.checks} == {(None, None)}
    assert report(checks, found=found, feedback="full").misconceptions == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("answer", "message"), [(Stopped("It hangs.", final=True), "It hangs."), (Stopped("It hangs."), None)]
)
def test_a_function_that_can_not_be_asked_any_more_is_said_to_be_so(answer, message):
    entry = AskedCall(Call((1.0,)), answer, Returned(1.0), "It hangs.")
    assert report([TriedCheck(DOUBLE.checks[0], (entry,))]).message == message
    assert report([TriedCheck(DOUBLE.checks[0], (replace(entry, answer=Returned(1.0)), entry))]).message is None


def test_a_check_that_is_not_run_says_why():
    passed, failed = tried(0, None), tried(0, None, "wrong")
    example = AskedCall(Call((1.0,)), Returned(1.0), Returned(1.0), None)
    gone = replace(example, answer=Stopped("it ended its process", final=True))
    once = replace(example, answer=Stopped("it took too long"))
    assert grading._why_not(DOUBLE, passed, example) is None
    assert grading._why_not(DOUBLE, passed, once) is None
    assert grading._why_not(DOUBLE, passed, gone) == "not run: it ended its process"
    for each in (example, gone):
        assert grading._why_not(DOUBLE, failed, each) == f"not run: it counts once “{SMALL}” holds"


@pytest.mark.parametrize(
    ("examples", "needs"),
    [
        ([(Returned(1.0), None)], False),
        ([(Returned(1.0), "wrong")], True),
        ([(Returned(1.0), None), (Raised("KeyError"), "raised")], True),
        ([(Returned(1.0), "wrong"), (Stopped("late"), "late")], False),
        ([], False),
    ],
)
def test_a_picture_is_drawn_of_what_is_wrong_and_came_back(examples, needs):
    asked = [
        (DOUBLE.checks[0], AskedCall(Call((1.0,)), answer, Returned(1.0), clause)) for answer, clause in examples
    ]
    assert grading._needs_picture(asked) is needs


def tries(answer, numbers=(0, 1, 2)):
    """The checks with the calls that were asked of each, and the lengths of the requests."""
    examples = [
        (DOUBLE.checks[n], AskedCall(DOUBLE.checks[n].example, Returned(1.0), Returned(1.0), None))
        for n in numbers
    ]
    requests = []

    def ask(calls, sizes):
        requests.append(len(calls))
        assert len(calls) == len(sizes)
        return map(answer, calls)

    return grading._try(DOUBLE, examples, SEED, ask, Stopwatch()), requests, examples


def test_the_hidden_calls_of_all_checks_are_asked_at_once_each_after_its_example():
    found, requests, examples = tries(partial(answer_of, DOUBLE.reference))
    assert [entry.check.name for entry in found] == [SMALL, LARGE, NEGATIVE]
    assert [entry.asked[0] for entry in found] == [asked for _, asked in examples]
    assert requests == [sum(len(entry.asked) - 1 for entry in found)]
    for entry in found:
        drawn = entry.check.drawn(grading._generator(SEED, entry.check))
        assert [str(asked.call) for asked in entry.asked[1:]] == [str(call) for call in drawn]
    assert tries(partial(answer_of, DOUBLE.reference), ())[:2] == ([], [])


def test_a_call_that_stops_ends_its_check_and_all_others_are_asked_to_their_ends():
    whole = tries(partial(answer_of, DOUBLE.reference))[0]
    stopping = str(whole[1].asked[1].call)

    def answer(call):
        return Stopped("late") if str(call) == stopping else answer_of(DOUBLE.reference, call)

    found, requests, _ = tries(answer)
    assert [len(entry.asked) for entry in found] == [len(whole[0].asked), 2, len(whole[2].asked)]
    assert len(requests) == 2
    assert requests[1] == len(whole[2].asked) - 1
    every = tries(lambda _: Stopped("late"))[0]
    assert [len(entry.asked) for entry in every] == [2, 2, 2]


def test_each_wrong_public_answer_is_added_to_its_check_and_nothing_else():
    results = report([tried(number, None) for number in range(3)]).checks
    asked = [AskedCall(Call((1.0,)), Returned(3.0), Returned(2.0), clause) for clause in (None, "wrong", None)]
    found = grading._with_public_answers(DOUBLE, results, list(zip(DOUBLE.checks, asked, strict=True)))
    assert (found[0], found[2]) == (results[0], results[2])
    assert (found[1].example, found[1].answer) == (f"{DOUBLE.name}(1)", "3")
