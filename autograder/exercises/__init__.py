"""The registered exercises: a folder a topic, a file a function; and a course's own beside them.

The file ``exercises/<topic>/<function>.py`` holds everything the trusted side knows about one function, as
``exercise``; the reference itself is in ``solutions/<topic>.py``. Finding one imports that file alone. A course
has its own in its folder's ``exercises/<function>.py``, with references in ``solutions/*.py`` beside it.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
import warnings
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.judging.model import Exercise

TOPICS = ("bayes", "gaussian", "softmax", "bernoulli", "divergence", "matching")
"""In the order of the course."""
OWN = "own"
"""In place of a topic: the exercises of the course that is open."""
_PACKAGE = "autograder_course"
_OLD_ADDRESSES = ("autograder.exercise", "autograder.compare")
"""Where authors imported from before 0.2, until 0.4; now everything public stands in ``autograder`` itself."""
_own: dict[str, Exercise] = {}


class UnknownExerciseError(LookupError):
    """No exercise of that name is registered."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no exercise called “{name}”; “autograder list” names them all")


class OwnExerciseError(ValueError):
    """A course's own exercise can't be used; the text says which and why."""


def names() -> tuple[tuple[str, str], ...]:
    """Return (topic, exercise) for every registered exercise, without importing any of ours."""
    return *_ours(), *((OWN, name) for name in _own)


@cache
def _ours() -> tuple[tuple[str, str], ...]:
    return tuple(
        (topic, file.stem)
        for topic in TOPICS
        for file in sorted(Path(__file__).with_name(topic).glob("*.py"))
        if not file.stem.startswith("_")
    )


def find(name: str) -> Exercise:
    """Return the exercise of that name.

    Raises
    ------
    UnknownExerciseError
        If none is registered under it.
    """
    for topic, exercise in names():
        if exercise == name:
            found: Exercise = (
                _own[name] if topic == OWN else importlib.import_module(f"{__name__}.{topic}.{name}").exercise
            )
            return found
    raise UnknownExerciseError(name)


def is_registered(name: str) -> bool:
    """Whether an exercise of that name exists."""
    return any(exercise == name for _, exercise in names())


def use_course(root: Path) -> None:
    """Register a course's own exercises in place of another course's.

    Each is imported as ``autograder_course.exercises.<function>``, so that ``from ..solutions import counts``
    finds the reference in the course's ``solutions/counts.py``.

    Raises
    ------
    OwnExerciseError
        If one can't be imported, is no exercise of its file's name, or has the name of one of ours.
    """
    _own.clear()
    digest_of_own.cache_clear()
    for module in [known for known in sys.modules if known.partition(".")[0] == _PACKAGE]:
        del sys.modules[module]
    files = sorted(file for file in (root / "exercises").glob("*.py") if not file.stem.startswith("_"))
    if not files:
        return
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(root)]
    sys.modules[_PACKAGE] = package
    importlib.invalidate_caches()
    sys.modules.update({address: _old_address(address) for address in _OLD_ADDRESSES})
    _own.update({file.stem: _load(file) for file in files})


def _old_address(address: str) -> ModuleType:
    """Return a module that still answers at an address that was given up, and says so."""
    module = ModuleType(address)

    def look_up(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        advice = f"from autograder import {name}"
        warnings.warn(f"{address} will be gone in 0.4: write “{advice}”.", FutureWarning, stacklevel=2)
        return getattr(importlib.import_module("autograder.judging"), name)

    module.__getattr__ = look_up  # type: ignore[method-assign]
    return module


def _load(file: Path) -> Exercise:
    from autograder.judging.model import Exercise  # noqa: PLC0415  # brings NumPy, which takes as long as all the rest

    if is_registered(file.stem):
        raise OwnExerciseError(f"{file}: there is an exercise “{file.stem}” already; give yours another name.")
    try:
        found = getattr(importlib.import_module(f"{_PACKAGE}.exercises.{file.stem}"), "exercise", None)
    except Exception as error:
        raise OwnExerciseError(f"{file} can't be imported: {type(error).__name__}: {error}") from error
    if not isinstance(found, Exercise) or found.name != file.stem:
        raise OwnExerciseError(f"{file} must define “exercise”, an Exercise whose name is “{file.stem}”.")
    return found


@cache
def digest_of_own() -> str:
    """Return a digest of the course's own exercises and solutions: what they say decides about marks."""
    texts = hashlib.sha256()
    for root in map(Path, sys.modules[_PACKAGE].__path__ if _own else ()):
        for file in sorted((*root.glob("exercises/*.py"), *root.glob("solutions/*.py"))):
            texts.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes())
    return texts.hexdigest()
