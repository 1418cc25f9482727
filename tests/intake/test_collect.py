"""Notebooks and refused paths are handed on together, in the order in which they were found."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import Collected, Refused, SubmittedNotebook
from autograder.intake.collect import _below
from autograder.intake.model import DeliveredFile

ADA, BOB = (SubmittedNotebook(Path(f"{name}.ipynb"), name, "softmax", "softmax") for name in ("ada", "bob"))
EVE, ZOE = (Refused(Path(f"{name}.ipynb"), "does not exist.") for name in ("eve", "zoe"))


def test_notebooks_are_separated_from_refused_paths_and_both_keep_their_order():
    assert Collected.of([EVE, BOB, ZOE, ADA]) == Collected((BOB, ADA), (EVE, ZOE))


def test_collections_are_added_in_order():
    assert Collected.of([ADA, EVE]) + Collected.of([ZOE, BOB]) == Collected((ADA, BOB), (EVE, ZOE))


def test_nothing_found_equals_an_empty_collection():
    assert Collected.of(iter([])) == Collected()
    assert Collected.of([EVE]) != Collected()


NAMES = st.lists(st.sampled_from(["a", "a0", "a.b", "b", "\u0100"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(NAMES, unique=True), NAMES | st.just(""))
def test_the_files_below_a_folder_are_those_whose_name_begins_with_it(names, folder):
    folder = folder and f"{folder}/"
    files = [DeliveredFile(name, Path(name), name, lambda _: b"") for name in sorted(names)]
    assert [file.name for file in _below(folder, files)] == [n for n in sorted(names) if n.startswith(folder)]
