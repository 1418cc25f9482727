"""Named mistakes, lost checks, and wrong answers without a name that agree."""

from __future__ import annotations

import pytest
from analysis.classes import cell, check, report

from autograder.analysis.evidence import evidence_of
from autograder.analysis.mistakes import lost_checks, made_together, named_mistakes
from autograder.analysis.unexplained import clusters_of, stops_of

FIRST, LARGE = "matches the definition", "stays finite"


def wrong(answer, name=FIRST, example="f(1)", **more):
    return check(name, passed=False, example=example, answer=answer, **more)


def class_of(*answers, misconceptions=()):
    """A student for each list of checks."""
    return [
        report(f"s{n}", [cell("f", 0.0, exercise="f", checks=checks, misconceptions=list(misconceptions))])
        for n, checks in enumerate(answers)
    ]


def test_answers_that_agree_on_all_public_examples_are_one_group_and_the_largest_comes_first():
    same = [wrong("2"), wrong("nan", LARGE, "f(9)")]
    reports = class_of(same, [wrong("7")], same, [wrong("2"), wrong("5", LARGE, "f(9)")], [wrong("7")], same)
    found, alone = clusters_of(reports, names=True)
    assert [(each.students, each.answer, each.names) for each in found] == [
        (3, "2", ["s0", "s2", "s5"]),
        (2, "7", ["s1", "s4"]),
    ]
    assert [(each.example, each.answer) for each in found[0].others] == [("f(9)", "nan")]
    assert alone == 1


def test_a_check_that_was_not_run_counts_by_its_public_answer():
    gated = check(LARGE, passed=None, example="f(9)", answer="3")
    found, _ = clusters_of(class_of([wrong("2"), gated], [wrong("2"), gated]), names=False)
    assert found[0].others[0].answer == "3"


def test_an_answer_with_a_name_is_not_unexplained_nor_what_follows_from_it():
    named = wrong("2", misconception="sum")
    for reports in (
        class_of([named], [named], misconceptions=["sum"]),
        class_of(*[[named, wrong("4", LARGE)]] * 3, misconceptions=["sum"]),
        class_of(
            *[[check(), named, check(LARGE, passed=None, answer="4", example="f(2)")]] * 3, misconceptions=["sum"]
        ),
        class_of([check()], [check()]),
    ):
        assert clusters_of(reports, names=False) == ([], 0)


def test_an_answer_without_a_name_beside_a_named_one_is_unexplained():
    both = [check(), wrong("2", misconception="sum"), wrong("4", "takes lists", "f([1])")]
    found, _ = clusters_of(class_of(both, both, misconceptions=["sum"]), names=False)
    assert [(each.example, each.answer) for each in found] == [("f([1])", "4")]


def test_an_exception_is_no_answer_and_is_counted_by_its_name():
    reports = class_of([wrong("raises TypeError")], [wrong("raises TypeError")], [wrong("raises KeyError")])
    assert clusters_of(reports, names=False) == ([], 0)
    assert [(each.error, each.students) for each in stops_of(reports)] == [("TypeError", 2), ("KeyError", 1)]


@pytest.mark.parametrize(
    ("message", "evidence"),
    [
        ("f([1, 2]) → [3, 4], expected [5, 6]\nA hint.", ("f([1, 2])", "[3, 4]")),
        ("f(1) → None where a number is wanted", ("f(1)", "None where a number is wanted")),
        ("f(1) → 'by Ada', expected 1", ("f(1)", "a text")),
        ("f(1) raised ValueError: bad", ("f(1)", "raises ValueError")),
        ("f(1) is right, but other inputs of this kind are not: a value is wrong.", None),
        ("f still raises NotImplementedError: write your solution in its place.", None),
        (None, None),
    ],
)
def test_older_results_have_the_answer_in_the_message(message, evidence):
    assert evidence_of(check(passed=False, message=message)) == evidence


def test_a_mistake_counts_each_student_once_and_says_what_the_catalogue_says():
    shown = wrong("2", misconception="sum+ddof", message="f(1) → 2, expected 3\nIt warned: x\nTwo things.")
    reports = class_of([shown], [shown], misconceptions=["sum", "ddof"])
    reports += [report("s0", reports[0].cells, assignment="again")]
    found = named_mistakes(reports, {("f", "sum"): "It sums."}, names=False)
    assert [(each.name, each.students, each.message) for each in found] == [
        ("ddof", 2, "Two things."),
        ("sum", 2, "It sums."),
    ]
    assert {(each.example, each.answer) for each in found} == {("f(1)", "2")}
    (pair,) = made_together(reports)
    assert (pair.a, pair.b, pair.students) == ("ddof", "sum", 2)


def test_a_failed_notebook_has_no_mistakes():
    (whole,) = class_of([wrong("2", misconception="sum")], misconceptions=["sum"])
    failed = report("x", whole.cells, status="failed")
    assert (named_mistakes([failed], {}, names=False), lost_checks([failed]), made_together([failed])) == (
        [],
        [],
        [],
    )


def test_lost_and_not_run_are_counted_apart():
    skipped = check(LARGE, passed=None, message="not run")
    found = lost_checks(class_of([wrong("2"), skipped], [wrong("3"), skipped], [check(), wrong("1", LARGE)]))
    assert [(each.name, each.lost, each.not_run) for each in found] == [(FIRST, 2, 0), (LARGE, 1, 2)]
