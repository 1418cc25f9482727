"""What is read of a notebook becomes marks on a page, and one student's work."""

from __future__ import annotations

import pytest

from autograder.similar.compare import Work
from autograder.similar.reading import Prints, add, joined


@pytest.mark.parametrize(
    ("spans", "length", "found"),
    [
        ([(5, 8), (0, 3)], 9, [(0, 3), (5, 8)]),
        ([(0, 5), (3, 8)], 9, [(0, 8)]),
        ([(0, 8), (2, 3), (7, 9)], 9, [(0, 9)]),
        ([(0, 3), (3, 5), (6, 8)], 9, [(0, 8)]),
        ([(0, 3), (5, 8)], 9, [(0, 3), (5, 8)]),
        ([(0, 3), (5, 12), (14, 20)], 9, [(0, 3), (5, 9)]),
        ([(9, 12)], 9, []),
        ([], 9, []),
    ],
)
def test_marks_that_overlap_or_touch_are_one_and_end_with_the_text(spans, length, found):
    assert joined(spans, length) == found


def test_what_a_student_wrote_in_two_notebooks_is_put_together():
    work = Work()
    add(work, Prints({"f": [3, 1]}, {"f": 7}, {"f": [5]}))
    add(work, Prints({"f": [2**64 - 1, 3], "g": [4]}, {"g": 8}, {"g": [6]}))
    assert {name: list(prints) for name, prints in work.prints.items()} == {"f": [1, 3, 2**64 - 1], "g": [4]}
    assert {name: list(words) for name, words in work.own.items()} == {"f": [5], "g": [6]}
    assert work.shapes == {"f": 7, "g": 8}
