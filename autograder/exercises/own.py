"""A course's own exercises: the files in its ``exercises/``, with references in its ``solutions/``."""

from __future__ import annotations

import hashlib
import importlib
import sys
import warnings
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from autograder.exercises import builtin

if TYPE_CHECKING:
    from autograder.judging import Exercise

_PACKAGE = "autograder_course"
_OLD_ADDRESSES = ("autograder.exercise", "autograder.compare")
"""Modules that authors imported from before version 0.2. Both still answer until 0.4."""
_loaded: dict[str, Exercise] = {}
_root: Path | None = None


class OwnExerciseError(ValueError):
    """A course's own exercise can't be used; the text says which and why."""


def loaded() -> dict[str, Exercise]:
    """Return the exercises of the course in use, by name."""
    return _loaded


def course_in_use() -> Path | None:
    """Return the folder of the course whose exercises are registered; None if there is none."""
    return _root


def use_course(root: Path) -> None:
    """Register a course's own exercises in place of another course's.

    Each file is imported as ``autograder_course.exercises.<function>``, so that ``from ..solutions import counts``
    finds the reference in the course's ``solutions/counts.py``.

    Raises
    ------
    OwnExerciseError
        If a file can't be imported, has the name of a built-in exercise, or defines no exercise of its own name.
    """
    global _root  # noqa: PLW0603  # one course at a time is in use, as modules are
    _root = root
    _loaded.clear()
    digest_of_own.cache_clear()
    for module in list(sys.modules):
        if module.partition(".")[0] == _PACKAGE or module in _OLD_ADDRESSES:
            del sys.modules[module]
    files = sorted(file for file in (root / "exercises").glob("*.py") if not file.stem.startswith("_"))
    if not files:
        return
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(root)]
    sys.modules[_PACKAGE] = package
    importlib.invalidate_caches()
    sys.modules.update({address: _old_address(address) for address in _OLD_ADDRESSES})
    _loaded.update({file.stem: _load(file) for file in files})


def _load(file: Path) -> Exercise:
    from autograder.judging import Exercise  # noqa: PLC0415  # imports NumPy, which takes as long as all the rest
    from autograder.judging.patience import IMPORT_SECONDS, EndlessError, stopped_after  # noqa: PLC0415

    if any(name == file.stem for _, name in (*builtin.names(), *builtin.items())):
        raise OwnExerciseError(f"{file}: there is an exercise “{file.stem}” already; give yours another name.")
    if not file.is_file():
        raise OwnExerciseError(f"{file} is no file that can be read: exercises/ holds one file for each exercise.")
    try:
        with stopped_after(IMPORT_SECONDS, "its import"):
            found = getattr(importlib.import_module(f"{_PACKAGE}.exercises.{file.stem}"), "exercise", None)
    except (SystemExit, EndlessError) as error:
        why = "it ends the program" if isinstance(error, SystemExit) else str(error)
        raise OwnExerciseError(f"{file} can't be imported: {why}.") from None
    except ModuleNotFoundError as error:
        package, _, missing = (error.name or "").partition(".")
        if package != _PACKAGE:
            raise OwnExerciseError(f"{file} can't be imported: ModuleNotFoundError: {error}.") from error
        place = f"{file.parents[1] / missing.replace('.', '/')}"
        raise OwnExerciseError(f"{file} can't be imported: it needs {place}, which is not there.") from error
    except Exception as error:
        raise OwnExerciseError(f"{file} can't be imported: {type(error).__name__}: {error}") from error
    if not isinstance(found, Exercise) or found.name != file.stem:
        raise OwnExerciseError(f"{file} must define “exercise”, an Exercise whose name is “{file.stem}”.")
    return found


def _old_address(address: str) -> ModuleType:
    """Return a module that gives the public names of :mod:`autograder.judging`, each with a warning."""
    module = ModuleType(address)

    def look_up(name: str) -> Any:
        judging = importlib.import_module("autograder.judging")
        if name not in judging.__all__:
            raise AttributeError(f"module {address!r} has no attribute {name!r}")
        text = f"{address} is removed in 0.4: write “from autograder import {name}” instead."
        warnings.warn(text, FutureWarning, stacklevel=2)
        return getattr(judging, name)

    module.__getattr__ = look_up  # type: ignore[method-assign]
    return module


@cache
def digest_of_own() -> str:
    """Return a digest of the course's own exercises and solutions, which decide about marks as sources do."""
    texts = hashlib.sha256()
    for root in map(Path, sys.modules[_PACKAGE].__path__ if _loaded else ()):
        for file in sorted((*root.glob("exercises/*.py"), *root.glob("solutions/*.py"))):
            texts.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes())
    return texts.hexdigest()
