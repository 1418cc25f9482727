"""Named mistakes, lost checks, and wrong answers without a name that agree."""

from __future__ import annotations

import pytest
from msgspec import UNSET

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
        ('f(1) → "by Ada", expected 1', ("f(1)", "a text")),
        ("", None),
        (None, None),
    ],
)
def test_older_results_have_the_answer_in_the_message(message, evidence):
    assert evidence_of(check(passed=False, message=message)) == evidence


@pytest.mark.parametrize(
    ("more", "evidence"),
    [
        ({"example": "g(7)", "answer": "8"}, ("g(7)", "8")),
        ({"example": "g(7)"}, ("f(1)", "2")),
        ({"answer": "8"}, ("f(1)", "2")),
    ],
)
def test_what_the_result_holds_goes_before_its_message_if_it_is_both_the_call_and_the_answer(more, evidence):
    assert evidence_of(check(passed=False, message="f(1) → 2, expected 3", **more)) == evidence


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


def test_only_a_check_that_failed_has_its_answer_in_the_message():
    message = "f(1) → 2, expected 3"
    assert [evidence_of(check(passed=passed, message=message)) for passed in (True, None)] == [None, None]


def test_checks_lost_by_as_many_are_ordered_by_how_many_could_not_be_asked():
    rare = check("takes lists", passed=None)
    often = check(LARGE, passed=None)
    found = lost_checks(class_of([wrong("2"), rare, often], [check(), often]))
    assert [each.name for each in found] == [FIRST, LARGE, "takes lists"]


def test_the_check_of_another_assignment_or_question_is_another_and_a_student_counts_once():
    cells = [cell("f", 0.0, checks=[wrong("2")]), cell("g", 0.0, checks=[wrong("2")])]
    reports = [report("ada", cells), report("ada", cells), report("ada", cells[:1], assignment="bayes")]
    assert [(each.assignment, each.grade_id, each.lost) for each in lost_checks(reports)] == [
        ("softmax", "f", 1),
        ("softmax", "g", 1),
        ("bayes", "f", 1),
    ]


def test_the_most_frequent_mistake_comes_first_and_of_equals_the_first_by_name():
    def made(student, *names):
        return report(student, [cell("f", 0.0, exercise="f", misconceptions=list(names))])

    reports = [
        made("c", "late", "early"),
        made("b", "often", "late", "early"),
        made("a", "often", "zero", "often"),
    ]
    reports.append(made("d", "often"))
    found = named_mistakes(reports, {}, names=True)
    assert [(each.name, each.students) for each in found] == [("often", 3), ("early", 2), ("late", 2), ("zero", 1)]
    assert found[0].names == ["a", "b", "d"]
    assert [(pair.a, pair.b, pair.students) for pair in made_together(reports)] == [
        ("early", "late", 2),
        ("early", "often", 1),
        ("late", "often", 1),
        ("often", "zero", 1),
    ]


def test_a_mistake_without_an_exercise_goes_by_its_cell_and_one_name_in_two_cells_is_two():
    cells = [cell(name, 0.0, misconceptions=["sum"]) for name in ("f", "g")]
    reports = [report("a", cells)]
    assert [(each.exercise, each.name) for each in named_mistakes(reports, {}, names=False)] == [
        ("f", "sum"),
        ("g", "sum"),
    ]
    (pair,) = made_together(reports)
    assert (pair.a_exercise, pair.b_exercise, pair.students) == ("f", "g", 1)


def test_a_mistake_is_shown_by_an_answer_where_any_student_has_one():
    """The first failed on hidden inputs alone; the name of another mistake that begins alike is not this one."""
    hidden = check(FIRST, passed=False, misconception="sum", message="f(1) is right, but others are not.")
    longer = wrong("9", misconception="sum-of-all")
    reports = class_of([longer, hidden], [wrong("2", misconception="sum")], misconceptions=["sum"])
    (found,) = named_mistakes(reports, {}, names=False)
    assert (found.example, found.answer) == ("f(1)", "2")


def test_what_a_student_read_is_told_without_evidence_warnings_and_hidden_calls():
    message = "f(1) → 2, expected 3\nIt warned: w\nIt sums.\nhidden: f(7) → 8\nIt printed: p\nLook again."
    (found,) = named_mistakes(
        class_of([wrong("2", misconception="sum", message=message)], misconceptions=["sum"]), {}, names=False
    )
    assert found.message == "It sums. Look again."


def test_groups_of_one_size_stand_in_the_order_of_their_exercises_and_answers_count_once():
    def gives(student, name, answer):
        return report(student, [cell("q-" + name, 0.0, exercise=name, checks=[wrong(answer)])])

    reports = [gives(student, name, "2") for name in ("g", "f") for student in ("b", "a")]
    reports += [gives("lone", "f", "7"), gives("lone", "g", "8"), gives("a", "g", "2")]
    found, alone = clusters_of(reports, names=True)
    assert [(each.exercise, each.students, each.names) for each in found] == [
        ("f", 2, ["a", "b"]),
        ("g", 2, ["a", "b"]),
    ]
    assert alone == 1


def test_an_exception_beside_a_value_is_part_of_the_answer():
    both = [wrong("raises TypeError"), wrong("2", LARGE, "f(9)")]
    found, alone = clusters_of(class_of(both, both, [wrong("raises TypeError")]), names=False)
    assert [(each.answer, each.students, len(each.others)) for each in found] == [("raises TypeError", 2, 1)]
    assert alone == 0
    assert [(each.error, each.students) for each in stops_of(class_of(both, both))] == [("TypeError", 2)]


def test_an_exception_counts_a_student_once_for_a_function_and_each_function_apart():
    checks = [wrong("raises KeyError"), wrong("raises KeyError", LARGE, "f(9)")]
    cells = [cell("f", 0.0, checks=checks), cell("g", 0.0, exercise="g", checks=checks)]
    found = stops_of([report("a", cells), report("a", cells), report("b", cells[1:])])
    assert [(each.exercise, each.error, each.students) for each in found] == [
        ("g", "KeyError", 2),
        ("f", "KeyError", 1),
    ]


def test_students_are_left_out_of_groups_and_mistakes_unless_asked_for():
    reports = class_of([wrong("2")], [wrong("2")], misconceptions=["sum"])
    (cluster,), _ = clusters_of(reports, names=False)
    (mistake,) = named_mistakes(reports, {}, names=False)
    assert (cluster.names, mistake.names) == (UNSET, UNSET)


def test_of_several_answers_that_show_a_mistake_the_first_is_taken_with_what_was_read_beside_it():
    """Named in one breath with another mistake it is shown as well."""
    shown = [
        wrong("2", misconception="ddof+sum", message="f(1) → 2, expected 3\nTwo things."),
        wrong("5", misconception="sum", message="f(1) → 5, expected 3\nIt sums."),
    ]
    (found,) = named_mistakes(class_of(*([each] for each in shown), misconceptions=["sum"]), {}, names=False)
    assert (found.students, found.answer, found.message) == (2, "2", "Two things.")


def test_a_mistake_that_no_check_shows_has_neither_an_answer_nor_a_message():
    (found,) = named_mistakes(class_of([wrong("2")], misconceptions=["sum"]), {}, names=False)
    assert (found.message, found.example, found.answer) == ("", None, None)
    quiet = check(passed=False, misconception="sum")
    (found,) = named_mistakes(class_of([quiet], misconceptions=["sum"]), {("g", "sum"): "no"}, names=False)
    assert (found.message, found.example, found.answer) == ("", None, None)


def test_answers_to_a_question_without_an_exercise_go_by_its_cell():
    cells = [cell(name, 0.0, checks=[wrong("2")]) for name in ("q1", "q2")]
    found, _ = clusters_of([report("a", cells), report("b", cells)], names=False)
    assert [(each.exercise, each.students) for each in found] == [("q1", 2), ("q2", 2)]


def test_a_named_first_check_explains_the_others_and_a_named_later_one_itself_alone():
    named_first = [wrong("2", misconception="sum"), wrong("4", LARGE, "f(9)")]
    named_later = [wrong("2"), wrong("4", LARGE, "f(9)", misconception="sum")]
    assert clusters_of(class_of(named_first, named_first), names=False) == ([], 0)
    (found,), _ = clusters_of(class_of(named_later, named_later), names=False)
    assert (found.example, found.answer, found.others) == ("f(1)", "2", [])
    assert clusters_of(class_of([check()], [check()]), names=False) == ([], 0)
