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
    _digests,
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


def region(kind, *lines):
    return "\n".join([f"### BEGIN {kind}", *lines, f"### END {kind}"])


@pytest.mark.parametrize(
    ("before", "after", "seen", "hidden"),
    [
        ("a", "b", True, False),
        ("a\n  b", "a\nb", True, False),
        ("a\nb", "b\na", True, False),
        ("a  \nb", "a\nb\t", False, False),
        ("x = 1  # THE END OF a", "x = 1  # THE END OF b", True, False),  # no region is open
        (region("HIDDEN TESTS", "a"), region("HIDDEN TESTS", "b"), False, True),
        (region("HIDDEN TESTS", "a"), region("HIDDEN TESTS", "a", "b"), False, True),
        (region("MARK SCHEME", "a"), region("MARK SCHEME", "b"), False, True),
        (region("SOLUTION", "a"), region("SOLUTION", "b", "c"), False, False),
        (region("SOLUTION", "a") + "\nx", region("SOLUTION", "a") + "\ny", True, False),
        (region("SOLUTION", "a"), "", True, False),  # students see that there was something
        (
            f"{region('HIDDEN TESTS', 'a')}\n{region('HIDDEN TESTS', 'b')}",
            region("HIDDEN TESTS", "a", "b"),
            True,
            False,
        ),
        (f"{region('SOLUTION', 'a')}\n{region('HIDDEN TESTS', 'b')}", region("SOLUTION", "a"), True, True),
        ("é 🙂", "é 🙁", True, False),
        ("\udcff", "\udcfe", True, False),
    ],
)
def test_what_students_see_and_what_is_hidden_from_them_are_told_apart(before, after, seen, hidden):
    (visible, tests), (visible_now, tests_now) = _digests(before), _digests(after)
    assert (visible != visible_now, tests != tests_now) == (seen, hidden)


def test_every_change_makes_a_difference_of_its_own():
    for kind in ("hidden", "texts", "points", "cells"):
        assert Changes(**{kind: 1})
    assert Changes(gone=("a",))
    assert not Changes(since="noon")


def test_points_that_are_no_number_or_none_are_0_and_a_cell_without_a_name_has_an_empty_one():
    cells = [PLAIN, cell("a", "code", "1", grade=True, locked=True, points=None), cell("b", "code", "1", points=2)]
    assert [(name, points) for name, *_, points in cells_of(notebook(*cells))] == [
        ("", 0.0),
        ("a", 0.0),
        ("b", 2.0),
    ]


def test_an_answer_without_regions_is_released_empty_and_its_text_is_no_change():
    answers = [cell("a", "markdown", text, solution=True) for text in ("Mine.", "Yours.")]
    assert cells_of(notebook(answers[0])) == cells_of(notebook(answers[1]))
    marked = [
        cell("a", "code", f"{text}\n{region('SOLUTION', 'x')}", solution=True) for text in ("# Mine.", "# Yours.")
    ]
    assert cells_of(notebook(marked[0])) != cells_of(notebook(marked[1]))


def test_plain_texts_are_compared_wherever_they_stand_and_as_often_as_they_do():
    texts = [{**PLAIN, "id": f"p{n}", "source": text} for n, text in enumerate("aabc")]
    before = notebook(*texts)
    entered = Source.from_notebook(before)
    release = Release("", "", digest_of(entered), cells_of(before))
    for now, count in (("bcaa", 0), ("aabd", 1), ("abc", 1), ("aaabc", 1), ("xyz", 4), ("", 4), ("xyzuvw", 6)):
        book = notebook(*({**PLAIN, "id": f"n{n}", "source": text} for n, text in enumerate(now)))
        assert changes(entered, release, book).texts == count


def test_digests_stay_comparable_with_those_that_gradebooks_hold():
    """Of nothing, SHA-256 is e3b0c44298fc1c149afb…; another length would call every released cell changed."""
    assert _digests("") == ("e3b0c44298fc1c14",) * 2
