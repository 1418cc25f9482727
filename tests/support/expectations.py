"""What each file under ``submissions/<topic>/`` declares that it must get.

A file carries a block of TOML in comments, between ``# /// expect`` and ``# ///``: for each function ``"full"``,
``"nothing"``, or a score with the mistakes that must be named. A function that a file neither declares nor
defines is missing, and gets nothing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from autograder import exercises

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
_BLOCK = re.compile(r"^# /// expect\n((?:#.*\n)*?)# ///$", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    score: float
    mistakes: tuple[str, ...] = ()


def behaviours(topic: str) -> list[Path]:
    return sorted((SUBMISSIONS / topic).glob("*.py"))


def expected(path: Path, exercise: str) -> Expected:
    """What ``autograder check <exercise> <path>`` must give."""
    block = _BLOCK.search(path.read_text())
    assert block, f"{path} declares nothing"
    declared = tomllib.loads("".join(line[2:] for line in block[1].splitlines(keepends=True)))
    entry = declared.get(exercise, declared.get("everything", "nothing"))
    if entry == "full":
        return Expected(exercises.find(exercise).points)
    return Expected(0.0) if entry == "nothing" else Expected(entry["score"], tuple(entry["mistakes"]))
