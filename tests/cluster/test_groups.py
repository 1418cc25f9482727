"""Tasks are large enough for the scheduler, and smaller towards the end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograder.cluster.sizes import GROUP_SECONDS, MOST, group_size
from autograder.cluster.versions import difference, versions


@given(st.integers(1, 10**6), st.integers(1, 1000), st.floats(1e-3, 1e3))
def test_a_task_is_never_empty_too_long_or_more_than_its_share(left, slots, seconds):
    size = group_size(left, slots, seconds)
    assert 1 <= size <= MOST
    assert size == 1 or (size - 1) * seconds < GROUP_SECONDS
    assert size == 1 or (size - 1) * slots < left


def test_the_first_tasks_measure_and_the_last_ones_are_single():
    assert group_size(10_000, 4, None) == 1
    assert group_size(10_000, 4, 0.1) == 10
    assert [group_size(left, 4, 0.1) for left in (60, 24, 12, 4)] == [5, 2, 1, 1]


def test_a_worker_that_differs_is_described_by_what_differs():
    here = versions()
    assert difference(here, dict(here)) == ""
    assert {"autograder", "Python", "numpy", "msgspec", "ipython"} <= set(here)
    assert difference(here, here | {"numpy": "1.0"}) == f"has numpy 1.0, here {here['numpy']}"
    assert difference({"a": "1"}, {"b": "2"}) == "has a is missing, here 1; b 2, here it is missing"
    assert "and 2 others" in difference(dict.fromkeys("abcde", "1"), dict.fromkeys("abcde", "2"))
