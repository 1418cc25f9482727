"""What to install for a command that needs more."""

from __future__ import annotations

import pytest

from autograder.commands.extras import advice

INSTALL = "python -m pip install 'logits-and-likelihoods[{}]'."


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        *(("nbgrader", "nbgrader"), ("nbgrader.api", "nbgrader"), ("sqlalchemy.orm", "nbgrader")),
        *(("alembic", "nbgrader"), ("nbconvert", "nbgrader"), ("scipy.special", "scipy")),
        *(("nbformat", "precheck"), ("nbclient", "precheck"), ("ipykernel", "precheck")),
        ("jupyter_client", "precheck"),
    ],
)
def test_a_missing_package_is_named_by_the_extra_that_brings_it(name, extra):
    said = advice(ModuleNotFoundError("no", name=name))
    assert INSTALL.format(extra) in said
    assert ("--no-gradebook" in said) == (extra == "nbgrader")


@pytest.mark.parametrize("name", ["mine", "nb", None, ""])
def test_of_a_module_that_no_extra_brings_nothing_is_said(name):
    assert advice(ModuleNotFoundError("no", name=name)) == ""
