"""Packages and modules that nbgrader imports, and whose own code runs when somebody uses a name of theirs."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _LazyPackage(ModuleType):
    def __getattr__(self, name: str) -> Any:
        module = f"{self.__name__}.{name}"
        if importlib.util.find_spec(module):
            return importlib.import_module(module)
        self.__class__ = ModuleType  # type: ignore[assignment]
        assert self.__spec__ is not None  # for the type checker; defer_package has found it
        assert self.__spec__.loader is not None
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def defer_package(name: str) -> None:
    """Let an installed package be imported without running its ``__init__`` for now.

    ``nbgrader`` imports there what JupyterLab needs, and its modules import packages of which grading uses
    nothing: together, that takes longer than grading a submission.
    """
    spec = importlib.util.find_spec(name) if name not in sys.modules else None
    if spec is not None:
        package = importlib.util.module_from_spec(spec)
        package.__class__ = _LazyPackage
        sys.modules[name] = package


class _Functions(ModuleType):
    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def function(*args: Any, **kwargs: Any) -> Any:
            return getattr(importlib.import_module(self.__name__), name)(*args, **kwargs)

        return function


@contextmanager
def functions_on_request(name: str) -> Iterator[None]:
    """Let what is imported meanwhile take functions from a module that is imported when one of them is called."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = _Functions(name)
    try:
        yield
    finally:
        del sys.modules[name]
