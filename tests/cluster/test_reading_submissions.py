"""Which submissions are given out, once more if a worker dies, and when one is to blame."""

from __future__ import annotations

import pytest
from conftest import SECRET, SHORT

from autograder.cluster.submissions import Submissions
from autograder.course import Course
from autograder.grading.settings import Settings
from autograder.intake import SubmittedNotebook


@pytest.fixture
def some(source, tmp_path):
    """Five submissions; the fourth can't be read."""
    wanted = []
    for number in range(5):
        path = tmp_path / "submitted" / f"s{number}" / "hw" / "softmax.ipynb"
        path.parent.mkdir(parents=True)
        if number != 3:
            path.write_text("{}")
        wanted.append((SubmittedNotebook(path, f"s{number}", "hw", "softmax"), source))
    return Submissions(Course(tmp_path), Settings(SECRET, limits=SHORT), wanted, lambda _: None)


def test_they_are_given_out_in_order_and_what_can_t_be_read_is_finished(some):
    assert some.take(2, until=5) == [0, 1]
    assert some.left == 3
    assert some.take(9, until=5) == [2, 4]
    assert list(some.finished) == [3]
    assert some.finished[3].opened().report.status == "failed"
    assert some.take(9, until=5) == []


def test_none_is_read_too_far_ahead(some):
    assert some.take(9, until=2) == [0, 1]
    assert some.left == 3


def test_what_a_dead_worker_had_comes_first(some):
    taken = some.take(2, until=5)
    some.again(taken, alone=False)
    assert some.take(3, until=5) == [0, 1, 2]


def test_only_a_submission_that_two_workers_die_of_alone_is_to_blame(some):
    some.take(2, until=5)
    some.suspect([0, 1], alone=False)
    assert list(some.alone) == [0, 1]
    some.alone.clear()
    some.suspect([0], alone=True)
    assert list(some.alone) == [0]
    assert not some.finished
    some.suspect([0], alone=True)
    assert list(some.alone) == [0]
    assert "2 workers died while they graded it" in some.finished[0].opened().report.message
