"""The grading secret: made once, kept, readable by its owner alone, and not guessable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from conftest import CHECKOUT

from autograder.grading.secret import SIZE, default_path, load_secret


def test_a_secret_is_made_on_first_use_and_kept(tmp_path):
    path = tmp_path / "new" / "folder" / "seed"
    first = load_secret(path)
    assert len(first) == SIZE >= 32
    assert load_secret(path) == first == path.read_bytes()


def test_no_two_secrets_are_alike(tmp_path):
    assert len({load_secret(tmp_path / str(number)) for number in range(20)}) == 20


def test_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "folder" / "seed"
    load_secret(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("size", [0, 1, SIZE - 1])
def test_a_file_that_is_too_short_is_refused_and_left_alone(size, tmp_path):
    path = tmp_path / "seed"
    path.write_bytes(bytes(size))
    with pytest.raises(ValueError, match=f"holds {size} bytes; a seed file needs at least {SIZE}") as error:
        load_secret(path)
    assert str(path) in str(error.value)
    assert path.read_bytes() == bytes(size)


def test_a_longer_file_counts_whole(tmp_path):
    path = tmp_path / "seed"
    path.write_bytes(bytes(range(100)))
    assert load_secret(path) == bytes(range(100))


def test_a_place_where_nothing_can_be_made_is_an_os_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        load_secret(tmp_path / "file" / "seed")
    with pytest.raises(OSError):
        load_secret(tmp_path)


def test_by_default_it_lies_with_the_user_and_outside_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_path().is_absolute()
    assert not default_path().is_relative_to(CHECKOUT)
    assert load_secret() == Path(default_path()).read_bytes()
