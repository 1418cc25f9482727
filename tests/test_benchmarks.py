"""The class that the benchmarks grade is what it says: the same each time, and its mistakes cost marks."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random

import pytest
from sampling import sampled

from autograder.exercises import names
from autograder.grading.submission import Submission
from benchmarks import answers, mixed, workloads
from benchmarks.assignments import COURSE
from benchmarks.kinds import ENDLESS, KINDS, ONLY_IN, write


@pytest.fixture(scope="module")
def handed_in():
    return mixed.ordinary_class(1)


@pytest.mark.deep
def test_a_seed_decides_about_everything(handed_in):
    assert mixed.ordinary_class(1) == handed_in
    assert mixed.ordinary_class(2) != handed_in


@pytest.mark.deep
def test_each_student_hands_in_every_assignment(handed_in):
    assert Counter((entry.student, entry.topic) for entry in handed_in) == {
        (f"student-{number}", topic): 1 for number in range(mixed.STUDENTS) for topic in COURSE
    }


@pytest.mark.slow
def test_the_kinds_have_their_shares(handed_in):
    """A quarter is right, a half has mistakes."""
    counts = Counter(entry.kind for entry in handed_in)
    assert counts == mixed.COUNTS
    assert counts["right in another style"] / len(handed_in) == pytest.approx(1 / 4, abs=0.03)
    mistaken = sum(count for kind, count in counts.items() if "mistake" in kind)
    assert mistaken / len(handed_in) == pytest.approx(1 / 2, abs=0.03)
    assert {*counts, *mixed.RARE, "perfect"} == KINDS.keys()
    assert sum(mixed.RARE.values()) == pytest.approx(1 / 50)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(partial(workloads.mixed, 1), marks=pytest.mark.slow),
        partial(workloads.perfect, 12, lean=True),
        *(partial(workloads.of_one_kind, kind, topic) for kind, topic in ONLY_IN.items()),
    ],
    ids=["mixed", "perfect", *ONLY_IN],
)
def test_no_two_notebooks_of_a_class_are_the_same(make):
    """So the larger class holds the smaller one and more."""
    load = make()
    for more in (load.more, *load.by_jobs.values()):
        larger = [*load.few, *more]
        assert len({entry.content for entry in larger}) == len(larger)
        assert len({(entry.student, entry.topic) for entry in larger}) == len(larger)


def test_an_endless_loop_is_one_function_of_a_perfect_notebook():
    topic, function = ENDLESS
    softmax = COURSE[topic]
    looping = KINDS["endless loop"](softmax, Random(1))
    assert "while True" in looping.pop(function)
    assert looping.items() < softmax.perfect.items()


# --- cut -------------------------------------------------------------------------------------------------

FILE = '''"""A file."""

import math
import statistics

import scipy.special

LOW, HIGH = 1, 2


def unrelated(x):
    return statistics.mean(x)


@staticmethod
def helper(x):
    return LOW + math.sin(x)


def f_by_loops(x):
    return helper(f_by_loops(x - 1)) if x else other(x)


def other(x):
    return x


def f_by_scipy(x):
    return helper(scipy.special.expit(x))
'''


def test_a_function_is_cut_out_with_what_it_needs_under_its_new_name():
    text = answers.cut(FILE, "f_by_loops", "f", own_cells=["other"])
    assert text.split("\n\n") == [
        "import math",
        "LOW, HIGH = 1, 2",
        "@staticmethod\ndef helper(x):\n    return LOW + math.sin(x)",
        "def f(x):\n    return helper(f(x - 1)) if x else other(x)",
    ]
    assert "def other(x)" in answers.cut(FILE, "f_by_loops", "f")


def test_what_needs_a_package_that_submissions_lack_is_not_cut_out():
    assert answers.cut(FILE, "f_by_scipy") is None
    assert answers.cut(FILE, "missing") is None


# --- marks -----------------------------------------------------------------------------------------------


def score_of(grader, topic, function, text):
    """The mark of a function beside the perfect submission's others, and its full mark."""
    others = [other for name, other in COURSE[topic].perfect.items() if name != function]
    content = "\n\n".join([*others, text]).encode()
    result = grader.grade_file(function, content, file=f"{function}.py", student="")
    return result.score, result.max_score


@pytest.mark.sandbox
@pytest.mark.parametrize("named", sampled(list(names()), every=64, rest=6, ident="-".join))
def test_right_answers_get_full_marks_and_wrong_ones_lose_some(grader, named):
    topic, function = named
    right, wrong = COURSE[topic].right[function], COURSE[topic].wrong[function]
    assert len(right) > 1, "there are other styles to choose from"
    for style, text in right.items():
        score, full = score_of(grader, topic, function, text)
        assert score == full, style
    for behaviour, text in wrong.items():
        score, full = score_of(grader, topic, function, text)
        assert score < full, behaviour


@pytest.mark.sandbox
@pytest.mark.parametrize("number", sampled(range(sum(mixed.COUNTS.values())), every=0, rest=3))
def test_a_notebook_of_the_class_gets_what_its_kind_says(grader, handed_in, number):
    """Right ones lose nothing; each mistake costs marks, perhaps in functions that call the mistaken one, too."""
    entry = handed_in[number]
    assignment = COURSE[entry.topic]
    submission = Submission(entry.content, student=entry.student, files=assignment.files)
    cells = [cell for cell in grader.grade(assignment.source, submission).report.cells if cell.exercise]
    losing = sum(cell.score < cell.max_score for cell in cells)
    if entry.kind == "right in another style":
        assert losing == 0
    else:
        assert losing >= LEAST[entry.kind](len(cells), sum(bool(texts) for texts in assignment.wrong.values()))


LEAST = {
    "one mistake": lambda count, possible: 1,
    "two mistakes": lambda count, possible: min(2, possible),
    "three mistakes": lambda count, possible: min(3, possible),
    "four mistakes": lambda count, possible: min(4, possible),
    "unfinished": lambda count, possible: count - count // 2,
    "untouched": lambda count, possible: count,
    "raises early": lambda count, possible: 1,
    "lacks a package": lambda count, possible: 1,
    "syntax error": lambda count, possible: 1,
}
"""In how many functions a kind loses marks at least: of so many, of which so many have mistakes."""


def test_the_first_cell_of_a_kind_that_stops_early_raises():
    softmax = COURSE["softmax"]
    for kind, line in (("raises early", "np.loadtxt("), ("lacks a package", "import torch")):
        assert line in KINDS[kind](softmax, Random(1))["softmax"]
    with pytest.raises(SyntaxError):
        compile("\n".join(KINDS["syntax error"](softmax, Random(1)).values()), "", "exec")
    assert b"import torch" in write(softmax, "lacks a package", "ada", Random(1))
