"""What ``autograder similar`` reports: the data of its JSON and of its page."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.results import schema_of

SCHEMA_VERSION = 1


class SimilarCell(msgspec.Struct, frozen=True, kw_only=True):
    """A question whose answers two students share something of."""

    grade_id: str
    score: float
    """In [0, 1]: how unusual it is, in this class, that two answers are so alike."""


class SimilarPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two students."""

    a: str
    b: str
    score: float
    """In [0, 1]: 0.5 where a class of this size holds one such pair by chance, more where it is rarer."""
    cells: list[SimilarCell]
    shared_mistakes: list[str]
    """The mistakes, and the wrong answers, that few in the class made and both have."""


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """The pairs of a class, by falling score: a ranking for a person to read, and no verdict."""

    assignment: str
    students: int
    """How many handed in something that could be read."""
    pairs: list[SimilarPair]


def to_json(found: Similar) -> bytes:
    """Encode a ranking; numbers are finite."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema, as it is committed in ``similar.schema.json``."""
    return schema_of("What autograder similar --json writes", SCHEMA_VERSION, Similar)
