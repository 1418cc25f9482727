"""Notebooks and refused paths are handed on together, in the order in which they were found."""

from __future__ import annotations

from pathlib import Path

from autograder.intake import Collected, Refused, SubmittedNotebook

ADA, BOB = (SubmittedNotebook(Path(f"{name}.ipynb"), name, "softmax", "softmax") for name in ("ada", "bob"))
EVE, ZOE = (Refused(Path(f"{name}.ipynb"), "does not exist.") for name in ("eve", "zoe"))


def test_notebooks_are_separated_from_refused_paths_and_both_keep_their_order():
    assert Collected.of([EVE, BOB, ZOE, ADA]) == Collected((BOB, ADA), (EVE, ZOE))


def test_collections_are_added_in_order():
    assert Collected.of([ADA, EVE]) + Collected.of([ZOE, BOB]) == Collected((ADA, BOB), (EVE, ZOE))


def test_nothing_found_equals_an_empty_collection():
    assert Collected.of(iter([])) == Collected()
    assert Collected.of([EVE]) != Collected()
