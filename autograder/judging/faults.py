"""Faults of the grader while it names mistakes: they cost no marks, and the instructor reads them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
LONGEST = 200
"""Characters of an exception's text that are kept."""


class Faults:
    """Catches what goes wrong while mistakes are named and explained; the checks have their verdicts by then."""

    def __init__(self) -> None:
        self.first: str | None = None
        """The first fault; those after it are mostly its consequences."""

    def caught(self, work: Callable[[], T], otherwise: T) -> T:
        """Return the result of some work; note the exception and return ``otherwise`` if it raises.

        Raises
        ------
        MemoryError
            If the memory is full: the process may have no room for another submission.
        """
        try:
            return work()
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a mistake of a course's own may raise anything
            self.first = self.first or described(error)
            return otherwise


def described(error: BaseException) -> str:
    """Return an exception in one line, with the place where it was raised."""
    text = " ".join(str(error).split())
    said = f"{type(error).__name__}: {text[:LONGEST]}" if text else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{said}, in line {frames[-1].lineno} of {Path(frames[-1].filename).name}" if frames else said
