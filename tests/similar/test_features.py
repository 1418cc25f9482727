"""Fingerprints of an answer: which tokens are looked at, which statements count, and where they stand."""

from __future__ import annotations

import pytest

from autograder.similar import features
from autograder.similar.features import LENGTH, WINDOW, answers_of, hash_of, winnow
from autograder.similar.parts import Part
from autograder.similar.tokens import scan, statements

LONG = "first = np.exp(alpha + beta * gamma)"
OTHER = "second = np.log(delta - epsilon / zeta)"


def code(*texts, question="q", cell=0):
    return Part(question, cell, False, [each for text in texts for each in statements(text)])


def prose(text, question="q", cell=0):
    return Part(question, cell, True, [[token for token in scan(text) if token.kind != "newline"]])


def answer(*parts, **options):
    return answers_of(parts, ("np",), **options)["q"]


def test_a_hash_is_sixty_four_bits_of_any_text():
    texts = ["", "a", "A", "é", "日本 🙂", "\ud800", "\udcff"]
    hashes = [hash_of(text) for text in texts]
    assert len(set(hashes)) == len(texts)
    assert all(0 <= value < 2**64 for value in hashes)
    assert max(hashes) >= 2**60


# --- winnowing -------------------------------------------------------------------------------------------


def words(count):
    return [f"w{number}" for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, LENGTH - 1, LENGTH, LENGTH + 1, LENGTH + WINDOW - 1, 40])
def test_every_run_of_tokens_is_a_fingerprint_of_its_own_place(count):
    found = winnow(words(count), every=True)
    assert [place for _, place in found] == list(range(max(0, count - LENGTH + 1)))
    assert len({value for value, _ in found}) == len(found)


@pytest.mark.parametrize("count", [LENGTH, LENGTH + 1, LENGTH + WINDOW - 1])
def test_a_short_text_leaves_its_smallest_hash_alone(count):
    assert winnow(words(count)) == [min(winnow(words(count), every=True))]


def test_of_each_window_the_smallest_hash_is_kept_and_no_other():
    every = winnow(words(60), every=True)
    windows = [every[start : start + WINDOW] for start in range(len(every) - WINDOW + 1)]
    assert winnow(words(60)) == sorted({min(window) for window in windows}, key=lambda found: found[1])


def test_a_fingerprint_depends_on_the_order_of_its_tokens():
    assert winnow(words(LENGTH))[0][0] != winnow(words(LENGTH)[::-1])[0][0]
    assert winnow(["a"] * LENGTH)[0][0] != winnow(["b"] * LENGTH)[0][0]


# --- answers ---------------------------------------------------------------------------------------------


def test_parts_of_a_question_are_one_answer_and_those_of_others_another():
    found = answers_of([code(LONG), code(OTHER, question="r"), code(OTHER, cell=3)], ("np",))
    assert list(found) == ["q", "r"]
    assert found["r"].prints.keys() < found["q"].prints.keys()
    assert {cell for places in found["q"].prints.values() for cell, *_ in places} == {0, 3}
    assert found["q"].size == answer(code(LONG)).size + found["r"].size


def test_what_is_written_twice_stands_at_both_places():
    places = answer(code(LONG), code(LONG, cell=2)).prints.values()
    assert all([cell for cell, *_ in each] == [0, 2] for each in places)


def test_a_statement_of_five_words_makes_no_fingerprint_of_its_own_and_a_longer_one_does():
    """``a = b + c`` is six words with its end; ``a = -b`` is five."""
    assert answer(code("a = -b")).prints == {}
    assert answer(code("a = -b"), every=True).prints.keys() == {hash_of("statement $0 = - $1 ;")}
    assert hash_of("statement $0 = $1 + $2 ;") in answer(code("a = b + c")).prints


def test_the_place_of_a_statement_is_the_statement():
    whole = hash_of("statement $0 = np . exp ( $1 + $2 * $3 ) ;")
    assert answer(code(f"x = 1\n{LONG}\n")).prints[whole] == [(0, len("x = 1\n"), len("x = 1\n") + len(LONG))]


def test_imports_and_docstrings_are_no_part_of_an_answer():
    assert answer(code("import numpy as np", '"""A long text that stands alone."""', LONG)) == answer(code(LONG))


def test_the_order_of_statements_makes_no_other_shape_and_what_is_forced_makes_none():
    assert answer(code(LONG, OTHER)).shape == answer(code(OTHER, LONG)).shape
    assert answer(code(LONG, OTHER)).shape != answer(code(LONG)).shape
    assert answer(code(LONG, LONG)).shape != answer(code(LONG)).shape
    forced = answer(code(OTHER), every=True).prints
    assert answer(code(LONG, OTHER), forced=forced).shape == answer(code(LONG)).shape
    assert answer(code(OTHER), forced=forced).shape == 0
    assert answer(code(OTHER), forced=forced).prints == answer(code(OTHER)).prints


def test_prose_has_fingerprints_whatever_its_case_and_no_shape():
    text = "The softmax of a shifted row is the same as before it"
    found = answer(prose(text, cell=4))
    assert found.prints
    assert found.shape == 0
    assert answer(prose(text.upper())).prints.keys() == found.prints.keys()
    assert {cell for places in found.prints.values() for cell, *_ in places} == {4}
    # Words aren't names: another word is another text.
    assert answer(prose(text.replace("softmax", "entropy"))).prints.keys() != found.prints.keys()


def test_prose_that_begins_like_an_import_counts():
    assert answer(prose("from here on every row of the table adds up to one")).prints


def test_after_so_many_tokens_of_a_question_nothing_more_is_read(monkeypatch):
    """The statement that passes the limit is the last; another question starts anew."""
    size, third = answer(code(LONG)).size, "third = a + b + c + d"
    both, one = answer(code(LONG, OTHER)), answer(code(LONG))
    split = answer(code(LONG), code(OTHER))
    monkeypatch.setattr(features, "MOST", size)
    assert answer(code(LONG, OTHER, third)) == both
    assert answer(code(LONG), code(OTHER), code(third)) == split
    found = answers_of([code(LONG), code(OTHER), code(third), code(LONG, question="r")], ("np",))
    assert (found["q"], found["r"]) == (split, one)
    monkeypatch.setattr(features, "MOST", size - 1)
    assert answer(code(LONG, OTHER, third)) == one
    assert answer(code(LONG), prose("and many more words that say something")) == one
