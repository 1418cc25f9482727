"""A module that a course allows and no submission could import is named before anything is graded."""

from __future__ import annotations

import importlib.metadata

import pytest

from autograder.grading.modules import missing
from autograder.sandbox.policy import NEVER

INSTALLED = {"scipy": ["scipy"], "sklearn": ["scikit-learn"]}


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "packages_distributions", lambda: dict(INSTALLED))


@pytest.mark.parametrize("names", [[], ["scipy"], ["scipy.stats", "sklearn"], ["json"], ["xml.dom", "os"]])
def test_what_is_installed_or_pythons_own_may_be_named_with_its_parts(names):
    assert missing(names) == ""


def test_the_first_that_is_missing_is_named_with_what_may_be_meant():
    assert missing(["scipy", "json", "scipi.stats", "nothing_like"]).startswith(
        "No module “scipi.stats” is installed"
    )
    assert missing(["scipi"]).endswith("did you mean “scipy”? Otherwise install it where you grade.")
    assert missing(["nothing_like"]).endswith("; install it where you grade.")


@pytest.mark.parametrize("name", sorted(NEVER))
def test_what_holds_hidden_tests_is_never_allowed_nor_any_part_of_it(name, monkeypatch):
    monkeypatch.setitem(INSTALLED, name, [name])
    assert missing(["scipy", f"{name}.judging"]) == f"“{name}.judging” holds hidden tests and can't be allowed."
