"""The public ``check`` of stock nbgrader: the marks and sentences of a notebook's functions in their order."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import check, exercises, inprocess

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
