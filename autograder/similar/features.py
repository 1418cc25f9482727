"""Fingerprints of what a student wrote: winnowed runs of tokens, and whole statements.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) keeps the smallest of every ``WINDOW`` neighbouring hashes
of ``LENGTH`` tokens, so that ``LENGTH + WINDOW - 1`` equal tokens in a row leave a fingerprint in both texts.
copydetect has it, too, but compares every pair of files, and knows neither questions nor how rare a fingerprint is
in a class. Without these, the dozen lines of `winnow` would be left of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from autograder.similar.parts import Part
from autograder.similar.tokens import Token, normalised, says_little

LENGTH, WINDOW = 6, 4
MOST = 6000
"""Tokens of a question that are looked at."""
SHORTEST = 5
"""Tokens of the shortest statement that is a fingerprint of its own."""
Place = tuple[int, int, int]
"""A cell's number, and where something starts and ends in its text."""


@dataclass
class Answer:
    """What a student wrote for one question, as hashes."""

    prints: dict[int, list[Place]] = field(default_factory=dict)
    """Each fingerprint, and where it was found."""
    shape: int = 0
    """A hash of all statements, whatever their order."""
    size: int = 0
    """The number of tokens."""


@lru_cache(maxsize=1 << 16)
def hash_of(text: str) -> int:
    """Return 64 bits that are the same on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def answers_of(
    parts: Iterable[Part], given: Collection[str], forced: Collection[int] = (), *, every: bool = False
) -> dict[str, Answer]:
    """Return the fingerprints of each question's parts.

    Parameters
    ----------
    parts
        The parts.
    given
        Names that stay as they are.
    forced
        Hashes of statements that the release or the solution holds: they make no shape.
    every
        Return the fingerprints that winnowing leaves out, too.
    """
    answers: dict[str, Answer] = {}
    shapes: dict[str, list[int]] = {}
    for part in parts:
        answer = answers.setdefault(part.question, Answer())
        run: list[tuple[str, Token]] = []
        for statement in part.statements:
            if answer.size + len(run) > MOST or (not part.prose and says_little(statement)):
                continue
            if part.prose:
                run += [(token.text.lower(), token) for token in statement]
                continue
            words = normalised(statement, given)
            run += words
            whole = " ".join(word for word, _ in words)
            value = hash_of(f"statement {whole}")
            if value not in forced:
                shapes.setdefault(part.question, []).append(value)
            if len(words) > SHORTEST or every:
                answer.prints.setdefault(value, []).append((part.cell, statement[0].start, statement[-1].end))
        for value, start in winnow([word for word, _ in run], every=every):
            last = run[min(start + LENGTH, len(run)) - 1][1]
            answer.prints.setdefault(value, []).append((part.cell, run[start][1].start, last.end))
        answer.size += len(run)
    for question, hashes in shapes.items():
        answers[question].shape = hash_of(" ".join(map(str, sorted(hashes))))
    return answers


def winnow(words: Sequence[str], *, every: bool = False) -> list[tuple[int, int]]:
    """Return the fingerprints of a run of tokens, each with the number of its first token."""
    if len(words) < LENGTH:
        return []
    ids = np.fromiter(map(hash_of, words), dtype=np.uint64, count=len(words))
    grams = np.zeros(len(ids) - LENGTH + 1, dtype=np.uint64)
    for place in range(LENGTH):
        grams = (grams ^ ids[place : place + len(grams)]) * np.uint64(0x9E3779B97F4A7C15)
        grams ^= grams >> np.uint64(29)
    if every:
        chosen = np.arange(len(grams))
    elif len(grams) <= WINDOW:
        chosen = np.array([int(np.argmin(grams))])
    else:
        windows = np.lib.stride_tricks.sliding_window_view(grams, WINDOW)
        chosen = np.unique(np.argmin(windows, axis=1) + np.arange(len(windows)))
    return [(int(grams[place]), int(place)) for place in chosen]
