"""The public ``check`` of stock nbgrader: the marks and sentences of a notebook's functions in their order."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder import check, exercises, inprocess
from autograder.__main__ import main

find = exercises.find


def naive(z, axis=-1):
    return np.log(np.sum(np.exp(z), axis=axis))


def built_on_naive(z, axis=-1):
    return z - np.expand_dims(naive(z, axis), axis)


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """No notebook ran before in this process."""
    monkeypatch.setattr(inprocess, "_EARLIER", {})


def test_the_marks_are_the_value_and_the_checks_are_printed(capsys):
    assert check("logsumexp", find("logsumexp").reference, points=7) == 7.0
    said = capsys.readouterr().out
    assert all(each.name in said for each in find("logsumexp").checks)
    assert said.endswith("Graded in the notebook's own process: nothing here is isolated from the submission.\n")


@pytest.mark.parametrize(
    "given", [3, None, "softmax", lambda z, axis=-1: object()], ids=["number", "None", "text", "object"]
)
def test_what_gives_no_numbers_has_no_marks(given, capsys):
    assert check("logsumexp", given) == 0.0
    assert "object" in capsys.readouterr().out


def test_a_mistake_explains_a_later_function_until_it_is_mended(capsys):
    """As where a student runs the cells once more after correcting the first."""
    assert check("logsumexp", naive) < find("logsumexp").points
    followed = check("log_softmax", built_on_naive)
    assert "Correct `logsumexp` first" in capsys.readouterr().out
    check("logsumexp", find("logsumexp").reference)
    capsys.readouterr()
    assert check("log_softmax", built_on_naive) < followed
    assert "Correct `logsumexp` first" not in capsys.readouterr().out


@pytest.mark.parametrize("value", [None, True, 3, 2.5, 1j, "a", [1, (2.0, [None])], (), np.ones(2), np.float32(1)])
def test_numbers_texts_arrays_and_lists_of_them_are_data(value):
    assert inprocess._is_data(value)


@pytest.mark.parametrize("value", [object(), {1: 2}, {1}, [1, object()], [object(), 1], (1, [len])])
def test_one_object_among_numbers_is_none(value):
    assert not inprocess._is_data(value)


def test_a_name_that_is_not_public_is_no_attribute_and_every_public_one_is():
    assert all(getattr(autograder, name) is not None for name in autograder.__all__)
    with pytest.raises(AttributeError, match="module 'autograder' has no attribute 'checked'"):
        _ = autograder.checked


# --- the command -----------------------------------------------------------------------------------------


def run_command(monkeypatch, error):
    def run(prog_name):
        raise error

    monkeypatch.setattr("autograder.cli.main", run)
    main()


def test_ctrl_c_ends_the_command_with_a_sentence_and_the_status_of_an_interrupt(monkeypatch, capsys):
    within = RuntimeError("Error calling __set_name__")
    within.__cause__ = KeyboardInterrupt()
    for error in (KeyboardInterrupt(), within):
        with pytest.raises(SystemExit) as ended:
            run_command(monkeypatch, error)
        assert ended.value.code == 130
        assert capsys.readouterr().err == "\nStopped. Run the command again to finish.\n"


def test_a_fault_is_not_taken_for_an_interrupt(monkeypatch):
    with pytest.raises(RuntimeError, match="a fault"):
        run_command(monkeypatch, RuntimeError("a fault"))
