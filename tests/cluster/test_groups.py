"""Tasks are large enough for the scheduler, and smaller towards the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.cluster.sizes import GROUP_SECONDS, MOST, group_size
from autograder.cluster.versions import _code_digest, card, difference, versions
from autograder.sandbox import ways


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


def test_a_group_is_rounded_up_and_has_no_more_than_the_most():
    assert group_size(10**6, 1, 0.3) == 4  # 3.3 would take a second
    assert group_size(61, 4, 0.01) == 6  # a third of what is left for each
    assert group_size(10**6, 1, 1e-3) == MOST
    assert group_size(10**6, 1, 0.0) == 1  # nothing was measured
    assert group_size(30, 0, 0.01) == 10  # nobody is there yet


def test_three_differences_are_named_in_order_and_only_what_is_beyond_is_counted():
    said = difference({"c": "1", "a": "1", "b": "1"}, {"b": "2", "c": "2", "a": "2"})
    assert said == "has a 2, here 1; b 2, here 1; c 2, here 1"
    assert difference(dict.fromkeys("dcba", "1"), dict.fromkeys("abcd", "2")).endswith("c 2, here 1 and 1 others")


def test_what_a_package_requires_in_turn_counts_and_extras_do_not():
    found = versions()
    assert {"parso", "traitlets"} <= set(found)  # IPython's, at one and two removes
    assert not {"distributed", "pytest", "sphinx"} & set(found)
    assert found["Python"].startswith("3.")


def test_the_digest_of_the_code_changes_with_any_file_of_python_its_name_and_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.cluster.versions.PACKAGE", tmp_path)
    (tmp_path / "inner").mkdir()
    found = []
    for changes in (
        {"a.py": "1", "inner/b.py": "2"},
        {"inner/b.py": "3"},
        {"a.py": "2"},
        {"c.py": ""},
        {"inner/c.py": ""},
    ):
        for name, text in changes.items():
            (tmp_path / name).write_text(text)
        found.append(_code_digest())
    assert len(set(found)) == 5
    (tmp_path / "notes.txt").write_text("no code")
    assert _code_digest() == found[-1]
    assert len(found[-1]) == 12


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("socket.gethostname", lambda: "elsewhere"),
        ("os.getuid", lambda: 54321),
        ("sys.executable", "/other/python"),
    ],
)
def test_a_machine_is_told_by_its_host_its_user_and_its_python(monkeypatch, what, other):
    here = card()
    assert card() == here
    assert here.versions == versions()
    monkeypatch.setattr(what, other)
    assert card().machine != here.machine
    assert card().versions == here.versions


def test_a_machine_that_is_told_to_isolate_otherwise_is_another(monkeypatch):
    monkeypatch.delenv(ways.CHOICE, raising=False)
    here = card().machine
    monkeypatch.setenv(ways.CHOICE, "chroot")
    assert card().machine != here
