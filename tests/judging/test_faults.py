"""What goes wrong while mistakes are named is noted once, in one line, and stops nothing."""

from __future__ import annotations

import pytest

from autograder.judging.faults import LONGEST, Faults, described


def raises(error):
    raise error


def test_the_first_fault_is_kept_and_work_that_goes_well_returns_its_result():
    faults = Faults()
    assert faults.caught(lambda: 3, 0) == 3
    assert faults.first is None
    assert faults.caught(lambda: raises(KeyError("one")), 5) == 5
    assert faults.caught(lambda: raises(SystemExit("two")), None) is None
    assert faults.first.startswith("KeyError: 'one', in line ")


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt()], ids=repr)
def test_a_full_memory_and_the_instructor_s_own_interruption_are_no_faults(error):
    faults = Faults()
    with pytest.raises(type(error)):
        faults.caught(lambda: raises(error), None)
    assert faults.first is None


def test_a_fault_is_one_short_line_with_the_place_where_it_was_raised():
    try:
        raises(ValueError("one\n  two\t" + "x" * 500))
    except ValueError as error:
        said = described(error)
    assert said.startswith("ValueError: one two xxx")
    assert said.count("x") == LONGEST - len("one two ")
    assert said.endswith(f", in line {raises.__code__.co_firstlineno + 1} of test_faults.py")


@pytest.mark.parametrize(("error", "said"), [(ValueError(), "ValueError"), (KeyError(" "), "KeyError: ' '")])
def test_an_exception_that_says_nothing_is_called_by_its_name(error, said):
    assert described(error) == said
