"""The grading secret: made once, kept, readable by its owner alone, and not guessable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from conftest import CHECKOUT

from autograder.grading.secret import LARGEST, SIZE, default_path, load_secret


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Move the default place to a folder that does not exist yet; return the path of the secret in it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "new"))
    return default_path()


def test_a_secret_is_made_on_first_use_and_kept(place):
    first = load_secret()
    assert len(first) == SIZE >= 32
    assert load_secret() == load_secret(place) == first == place.read_bytes()


def test_no_two_secrets_are_alike(tmp_path, monkeypatch):
    made = set()
    for number in range(20):
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / str(number)))
        made.add(load_secret())
    assert len(made) == 20


def test_only_its_owner_may_read_it(place):
    load_secret()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_a_file_that_is_named_is_made_on_first_use_too(tmp_path):
    for path in (tmp_path / "seed", tmp_path / "folder" / "seed", tmp_path / "a name" / "seed"):
        assert load_secret(path) == path.read_bytes()


def test_a_device_and_a_huge_file_are_no_secret(tmp_path):
    with pytest.raises(ValueError, match="/dev/zero is no file"):
        load_secret(Path("/dev/zero"))
    with (tmp_path / "seed").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ValueError, match="holds more than 65536 bytes"):
        load_secret(tmp_path / "seed")


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


def test_a_place_where_nothing_can_be_made_is_an_os_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError):
        load_secret()
    with pytest.raises(OSError):
        load_secret(tmp_path)


def test_by_default_it_lies_with_the_user_and_outside_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_path().is_absolute()
    assert not default_path().is_relative_to(CHECKOUT)
    assert load_secret() == Path(default_path()).read_bytes()


@pytest.mark.parametrize("size", [SIZE, LARGEST])
def test_the_least_and_the_most_bytes_are_a_secret(size, tmp_path):
    (tmp_path / "seed").write_bytes(bytes(size))
    assert len(load_secret(tmp_path / "seed")) == size


def test_nothing_is_left_beside_a_secret_and_who_made_one_first_is_right(tmp_path, monkeypatch):
    path = tmp_path / "seed"
    load_secret(path)
    assert [each.name for each in tmp_path.iterdir()] == ["seed"]
    kept, exists = path.read_bytes(), Path.exists
    monkeypatch.setattr(Path, "exists", lambda self: self != path and exists(self))  # another is just making it
    assert load_secret(path) == kept
    assert [each.name for each in tmp_path.iterdir()] == ["seed"]
