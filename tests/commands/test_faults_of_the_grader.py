"""What a fault of the grader costs: no student a mark. The instructor reads it, and the next run tries again.

The grader is made to trip as instructors do it: by an exercise of the course's own with a mistake in it.
"""

from __future__ import annotations

import pytest
import stock
import tiny_course
from course_commands import as_instructor

pytestmark = pytest.mark.sandbox
WRONG = tiny_course.SOLUTION.replace("-np.sum", "np.sum")
OWN = """import dataclasses
from autograder import Misconception, exercises

found = exercises.find("entropy")


def judge(exercise, call, answer, truth):
    {judge}
    return found.checks[0].judge(exercise, call, answer, truth)


exercise = dataclasses.replace(
    found,
    name="mine",
    checks=tuple(dataclasses.replace(check, judge=judge) for check in found.checks),
    misconceptions=(Misconception("sign-lost", lambda p: -found.reference(p), {message}),),
)
"""
MESSAGE = '"The entropy of a pmf is never negative."'
A_TUPLE = f"({MESSAGE},)"
TRIPS = "if answer.value < 0: raise KeyError('no such bin')"


@pytest.fixture
def run(tmp_path):
    return as_instructor(tmp_path)


@pytest.fixture
def root(tmp_path):
    """A course whose students, ada and ben, hand in a right and a wrong function."""
    root = tiny_course.make(tmp_path / "course", name="mine")
    (root / "exercises").mkdir()
    write(root)
    for student, solution in (("ada", tiny_course.SOLUTION), ("ben", WRONG)):
        path = tiny_course.submit(root, student)
        path.write_bytes(tiny_course.notebook(name="mine", kind="submitted", solution=solution))
    return root


def write(root, judge="pass", message=MESSAGE):
    (root / "exercises" / "mine.py").write_text(OWN.format(judge=judge, message=message))


def marks(root, student):
    return stock.marks(root, "hw", student)


@pytest.mark.slow
def test_what_can_not_be_named_keeps_the_marks_of_its_checks(root, run):
    write(root, message=A_TUPLE)
    said = run(root, "grade", "--show-students", expect=1)
    assert "✗ ben: “mine” has the marks of its checks, but its mistakes could not be named" in said
    assert "for a fault of the grader (TypeError: " in said
    assert "✗ ada" not in said
    faulty = marks(root, "ben")
    write(root)
    said = run(root, "grade", "--show-students")
    assert "sign-lost" in said
    assert "✗" not in said
    assert faulty == marks(root, "ben")
    assert marks(root, "ada") == {"mine": 4.0}


@pytest.mark.slow
def test_what_could_not_be_judged_has_no_mark_and_is_judged_by_the_next_run(root, run):
    write(root, judge=TRIPS)
    said = run(root, "grade", "--show-students", expect=1)
    assert "✗ ben: “mine” has no mark, for a fault of the grader (KeyError: 'no such bin', in line 8 of" in said
    assert "1 answer waits to be marked by a person" in said
    assert marks(root, "ben") == {"mine": None}
    assert "1 unchanged since the last grading" in run(root, "grade", expect=1)  # ada's; ben's is tried again
    write(root)
    assert "✗" not in run(root, "grade", "--show-students")
    assert marks(root, "ben")["mine"] is not None


@pytest.mark.deep
def test_in_a_log_nobody_is_named(root, run):
    write(root, judge=TRIPS)
    said = run(root, "grade", expect=1)
    assert "✗ A submission met a fault of the grader at “mine” of hw, and waits for a person." in said
    assert "ben" not in said


@pytest.mark.deep
def test_nbgrader_enters_no_mark_either(root, run):
    config = root / "nbgrader_config.py"
    config.write_text(
        config.read_text() + "from autograder import nbgrader_plugin\nnbgrader_plugin.configure(c)\n"
    )
    run(root, "release")
    write(root, judge=TRIPS)
    said = run(root, "autograde", "hw", program="nbgrader", expect=1)
    assert "ben: “mine” has no mark, for a fault of the grader (KeyError: 'no such bin'" in said
    assert (marks(root, "ada"), marks(root, "ben")) == ({"mine": 4.0}, {"mine": None})


@pytest.mark.slow
def test_prove_says_it_beforehand(root, run):
    write(root, message=A_TUPLE)
    assert "must be a sentence or two" in run(root, "prove", "mine", expect=1)
    write(root, judge=TRIPS)
    assert "judging answers to it fails (AttributeError: " in run(root, "prove", "mine", expect=1)


@pytest.mark.slow
def test_an_example_that_is_no_call_is_a_sentence(root, run):
    path = root / "exercises" / "mine.py"
    path.write_text("from autograder.judging import Call\nexample = Call(3)\n")
    for command in ("list", "prove", "release", "grade"):
        said = run(root, command, expect=2)
        assert (
            "mine.py can't be imported: TypeError: Call takes a tuple of arguments, for one argument Call((x,))"
            in said
        )


@pytest.mark.deep
def test_an_endless_reference_is_a_sentence(root, run):
    text = OWN.format(judge="pass", message=MESSAGE).replace('name="mine",', 'name="mine", reference=endless,')
    text = text.replace("\n\ndef judge", "\n\ndef endless(p):\n    while True:\n        pass\n\n\ndef judge")
    (root / "exercises" / "mine.py").write_text(text)
    for command, status in (("prove", 1), ("release", 1), ("grade", 2)):
        said = run(root, command, expect=status)
        assert "one call took more than 10 s and was stopped; it was in line 9 of" in said
        assert "mine" in said
