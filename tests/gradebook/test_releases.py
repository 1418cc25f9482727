"""What has changed in a source since its release is counted by kind: texts, hidden tests, points and cells."""

from __future__ import annotations

import copy
from dataclasses import replace

import ledger
import pytest
from damage import SOURCE, cell, deleted, edited, find, notebook, set_meta

from autograder.gradebook.releases import (
    Changes,
    Release,
    cells_of,
    changes,
    digest_of,
    read_release,
    write_release,
)
from autograder.notebooks.source import Source

PLAIN = {"cell_type": "markdown", "id": "plain", "metadata": {}, "source": "A text."}
BEFORE = notebook(PLAIN, *SOURCE["cells"])
HIDDEN = find(SOURCE, "double")["source"].replace("double(-1)", "double(-2)")
SOLUTION = "### BEGIN SOLUTION\ndef double(x): return x + x\n### END SOLUTION"


def added(own):
    return lambda book: book["cells"].append(own)


def changed(change):
    book = copy.deepcopy(BEFORE)
    change(book)
    return book


CASES = {
    "nothing": (lambda book: None, Changes(), Changes()),
    "a hidden test": (edited("double", HIDDEN), Changes(hidden=1), Changes(hidden=1)),
    "a solution": (edited("double-solution", SOLUTION), Changes(), Changes()),
    "an answer": (edited("why", "Because it is so."), Changes(), Changes()),
    "blanks at a line's end": (edited("area", "credit(area)  "), Changes(), Changes()),
    "a visible line": (edited("area", "credit(area) # !"), Changes(texts=1), Changes(texts=1)),
    "a text beside a solution": (edited("double-solution", f"# Now.\n{SOLUTION}"), Changes(texts=1), Changes()),
    "points": (set_meta("area", points=5), Changes(points=1), Changes(points=1)),
    "points of an answer": (set_meta("why", points=5), Changes(points=1), Changes()),
    "a plain text": (lambda book: book["cells"][0].update(source="Another."), Changes(texts=1), Changes()),
    "a plain text less": (lambda book: book["cells"].pop(0), Changes(texts=1), Changes()),
    "the same plain text twice": (added(PLAIN), Changes(texts=1), Changes()),
    "a marked cell more": (
        added(cell("new", "code", "1", grade=True, locked=True, points=1)),
        Changes(cells=1),
        Changes(cells=1),
    ),
    "a marked cell less": (deleted("area"), Changes(cells=1, gone=("area",)), Changes(cells=1, gone=("area",))),
    "an answer less": (deleted("why"), Changes(cells=1, gone=("why",)), Changes(gone=("why",))),
}


@pytest.mark.parametrize("case", CASES)
def test_each_change_is_counted_by_its_kind(case):
    """With a note of the release; without one only locked cells can be compared, and no time is known."""
    change, noted, unnoted = CASES[case]
    entered, now = Source.from_notebook(BEFORE), changed(change)
    release = Release("at noon", "", digest_of(entered), cells_of(BEFORE))
    assert changes(entered, release, now) == replace(noted, since="at noon")
    assert bool(noted) == (noted != Changes())
    for unknown in (None, replace(release, entered="another")):
        assert changes(entered, unknown, now) == unnoted


def test_each_change_is_said_with_its_number():
    said = Changes(hidden=2, texts=1, points=2, cells=1, since="noon", gone=("a", "b")).sentence("hw", "nb")
    assert said == (
        "hw/nb: 2 hidden tests, 1 text, 2 numbers of points and 1 marked cell changed since the release of noon; "
        "students have the old text, and marks follow that release. “autograder release hw” brings the change in. "
        "The source no longer has “a”, “b”: was that meant?"
    )
    assert Changes(points=1).sentence("hw", "hw") == (
        "hw: 1 number of points changed since the release, and marks follow that release. "
        "“autograder release hw” brings the change in."
    )
    assert Changes().sentence("hw", "hw").startswith("hw: the metadata of cells changed")


@pytest.mark.parametrize("kind", [{"grade_id": "other"}, {"source": "other"}, {"points": 7.0}])
def test_a_digest_is_of_names_texts_and_points(kind):
    entered = Source.from_notebook(BEFORE)
    other = replace(entered, cells=(replace(entered.cells[0], **kind), *entered.cells[1:]))
    assert digest_of(other) != digest_of(entered) == digest_of(Source.from_notebook(copy.deepcopy(BEFORE)))


def test_a_release_is_noted_for_its_notebook_and_replaced():
    first, second = Release("noon", "p", "e", cells_of(BEFORE)), Release("one", "q", "f", [])
    with ledger.session_with() as session:
        for assignment, name in (("hw", "nb"), ("hw", "more"), ("old", "nb")):
            write_release(session, assignment, name, first)
        write_release(session, "hw", "nb", second)
        assert read_release(session, "hw", "nb") == second
        assert read_release(session, "hw", "more") == read_release(session, "old", "nb") == first
        assert read_release(session, "old", "more") is None
