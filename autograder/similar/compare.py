"""The pairs of a class, ranked by how unusual it is that they share what they share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from autograder.similar.calibration import Numbers, Tail, as_score
from autograder.similar.features import hash_of
from autograder.similar.index import Channel, Pairs, Prints, all_pairs, likely_pairs, random_pairs

EVERY = 120_000
"""Up to so many pairs, every one is looked at; in a larger class, those that share what is rare."""
SAMPLE, LIKELY, BUDGET = 40_000, 100_000, 4_000_000
REPORTED = 200
"""How many pairs are reported at most."""
MISTAKE = 0.1
"""A mistake that a larger share of the class made is no evidence."""


@dataclass
class Work:
    """What one student handed in, as hashes."""

    prints: dict[str, Prints] = field(default_factory=dict)
    """The fingerprints of each question, by ``grade_id``."""
    shapes: dict[str, int] = field(default_factory=dict)
    """A hash of each question's statements, whatever their order."""
    own: dict[str, Prints] = field(default_factory=dict)
    """Hashes of the names and remarks that the student chose, by question."""
    mistakes: frozenset[str] = frozenset()
    """The named mistakes and the wrong answers."""
    earlier: bool = False
    """Whether it was handed in in an earlier year; two of these are no pair."""


@dataclass(frozen=True)
class Pair:
    """Two students, by number, and how unusual it is that they share what they share."""

    a: int
    b: int
    score: float
    unusual: float
    """Minus the logarithm of the chance, in nats."""
    cells: dict[str, float]
    mistakes: list[str]


class Comparison:
    """All pairs of a class.

    Parameters
    ----------
    works
        What each student handed in.
    forced
        What the release and the solution hold: it counts for nothing.
    """

    def __init__(self, works: Sequence[Work], forced: Collection[int]) -> None:
        self.works = works
        questions = list(dict.fromkeys(name for work in works for name in work.prints))
        self.questions = {
            name: Channel([work.prints.get(name, ()) for work in works], forced) for name in questions
        }
        self.shapes = {name: Channel([_shape(work, name) for work in works]) for name in questions}
        self.own = {name: Channel([work.own.get(name, ()) for work in works], forced) for name in questions}
        self.earlier = np.array([work.earlier for work in works], dtype=bool)
        self._mistakes = self._weights_of_mistakes()

    def ranked(self) -> list[Pair]:
        """Return the most unusual pairs, the most unusual first; none if nobody shares anything."""
        count = len(self.works)
        if count < 2:
            return []
        rng = np.random.default_rng(0)  # the same class is ranked in the same way each time
        total = count * (count - 1) // 2
        pairs = all_pairs(count) if total <= EVERY else self._likely(count)
        sample = pairs if total <= EVERY else random_pairs(count, SAMPLE, rng)
        pairs = pairs[~(self.earlier[pairs[:, 0]] & self.earlier[pairs[:, 1]])]
        drawn, seen = self._unusual(sample, pairs)
        # Half of a notebook may be copied, and names may be changed: ask for every number of the most unusual
        # answers, by their structure alone and with the words.
        by_chance, evidence = np.zeros(len(sample)), np.zeros(len(pairs))
        for rows in (slice(len(self.questions)), slice(None)):
            sums = (np.cumsum(-np.sort(-values[rows], axis=0), axis=0) for values in (drawn, seen))
            for own, theirs in zip(*sums, strict=True):
                tail = Tail(own)
                by_chance = np.maximum(by_chance, tail.unusual(own))
                evidence = np.maximum(evidence, tail.unusual(theirs))
        evidence[seen.sum(axis=0) <= 0] = 0.0
        unusual = np.where(evidence > 0, Tail(by_chance).unusual(evidence), 0.0)
        order = np.lexsort((-evidence, -unusual))[:REPORTED]
        scores = as_score(unusual, total)
        by_cell = dict(zip(self.questions, seen, strict=False))
        cells = {name: as_score(values, total) for name, values in by_cell.items()}
        return [
            Pair(
                a=int(pairs[place, 0]),
                b=int(pairs[place, 1]),
                score=float(scores[place]),
                unusual=float(unusual[place]),
                cells={name: float(values[place]) for name, values in cells.items() if by_cell[name][place] > 0},
                mistakes=sorted(self._shared_mistakes(*pairs[place])),
            )
            for place in order
            if evidence[place] > 0
        ]

    def shared(self, pair: Pair) -> dict[str, set[int]]:
        """Return the fingerprints that count and that both students of a pair have, by question."""
        return {name: channel.shared(pair.a, pair.b) for name, channel in self.questions.items()}

    def _unusual(self, sample: Pairs, pairs: Pairs) -> tuple[Numbers, Numbers]:
        """Return how unusual each pair is in each question, in the students' own words, and in mistakes.

        Returns
        -------
        array, array
            For the sample and for the pairs, of shape (kinds of evidence, pairs), in nats; the questions first.
        """
        both = np.concatenate([sample, pairs])
        rows = []
        for name, channel in self.questions.items():
            alike = _in_nats(channel.likeness(both), len(sample))
            same = _in_nats(self.shapes[name].overlap(both), len(sample))
            rows.append(np.maximum(alike, same))
        rows += [_in_nats(channel.likeness(both), len(sample)) for channel in self.own.values()]
        rows.append(self._by_mistakes(both))
        drawn, seen = np.split(np.stack(rows), [len(sample)], axis=1)
        return drawn, seen

    def _likely(self, count: int) -> Pairs:
        """Return pairs that share what is rare: fingerprints, or the shapes of two answers at once."""
        combined = []
        for one, other in combinations(self.questions, 2):
            both = [
                [hash_of(f"{work.shapes[one]} {work.shapes[other]}")]
                if work.shapes.get(one) and work.shapes.get(other)
                else []
                for work in self.works
            ]
            combined.append(Channel(both))
        return likely_pairs([*self.questions.values(), *self.own.values(), *combined], count, LIKELY, BUDGET)

    def _weights_of_mistakes(self) -> dict[str, float]:
        holders: dict[str, int] = {}
        for work in self.works:
            for name in work.mistakes:
                holders[name] = holders.get(name, 0) + 1
        count = len(self.works)
        rare = {name: held for name, held in holders.items() if 1 < held <= max(2.0, MISTAKE * count)}
        return {name: float(np.log(count / held)) for name, held in rare.items() if held < count}

    def _shared_mistakes(self, a: int, b: int) -> frozenset[str]:
        both = self.works[a].mistakes & self.works[b].mistakes
        return frozenset(name for name in both if name in self._mistakes)

    def _by_mistakes(self, pairs: Pairs) -> Numbers:
        """Return the rarest mistake that each pair shares: several in one function are hardly more."""
        if not self._mistakes:
            return np.zeros(len(pairs))
        rare = [frozenset(work.mistakes & self._mistakes.keys()) for work in self.works]
        weights = self._mistakes
        return np.array([max((weights[name] for name in rare[a] & rare[b]), default=0.0) for a, b in pairs])


def _in_nats(values: Numbers, drawn: int) -> Numbers:
    """Return how unusual values are among the first ``drawn`` of them; 0 where there is nothing in common.

    One answer alone is never rarer than the rarest in the sample: how fast a tail falls is a guess.
    """
    unusual = np.minimum(Tail(values[:drawn]).unusual(values), np.log(max(drawn, 1)))
    return np.where(values > 0, unusual, 0.0)


def _shape(work: Work, question: str) -> list[int]:
    shape = work.shapes.get(question)
    return [shape] if shape else []
