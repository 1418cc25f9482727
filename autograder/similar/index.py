"""An inverted index of fingerprints: who has each, how rare it is, and which pairs share rare ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograder.similar.calibration import Numbers

Ints = np.ndarray[Any, np.dtype[np.int64]]
Pairs = Ints
"""Pairs of students by number, of shape (m, 2), the smaller number first."""
Prints = np.ndarray[Any, np.dtype[np.uint64]] | Collection[int]
"""Fingerprints."""
COMMON = 0.5
"""What a larger share of the class has counts for nothing."""
WHOLENESS = 2
"""The power of the share that two answers have in common: those who worked alone share pieces, not wholes."""


class Channel:
    """One kind of fingerprint of every student.

    Parameters
    ----------
    prints
        Each student's fingerprints.
    forced
        Fingerprints that the release or the solution holds; they count for nothing.
    """

    def __init__(self, prints: Sequence[Prints], forced: Collection[int] = ()) -> None:
        self.count = len(prints)
        sets = [np.unique(np.array(list(each), dtype=np.uint64)) for each in prints]
        everything = np.concatenate([*sets, np.zeros(0, dtype=np.uint64)])
        owners = np.repeat(np.arange(self.count), [len(each) for each in sets])
        values, places, holders = np.unique(everything, return_inverse=True, return_counts=True)
        counts = holders <= max(2, COMMON * self.count)
        counts &= ~np.isin(values, np.array(list(forced), dtype=np.uint64))
        weights = np.where(counts, np.log(self.count / np.maximum(holders, 1)), 0.0)
        self._whole = np.asarray(np.bincount(owners, weights[places], self.count), dtype=float)
        weights[holders < 2] = 0.0
        kept = weights[places] > 0
        self.weights: Numbers = weights
        self.values = values
        self._ids = places[kept]
        self._starts = np.searchsorted(owners[kept], np.arange(self.count + 1))
        self._owners = owners[kept]
        self._mark = np.zeros(len(values))

    def of(self, student: int) -> Ints:
        """Return the numbers of a student's fingerprints that count."""
        return np.asarray(self._ids[self._starts[student] : self._starts[student + 1]])

    def shared(self, one: int, other: int) -> set[int]:
        """Return the fingerprints that count and that both have."""
        both = np.intersect1d(self.of(one), self.of(other), assume_unique=True)
        return {int(self.values[place]) for place in both}

    def overlap(self, pairs: Pairs) -> Numbers:
        """Return for each pair the weights of what both have, added up."""
        sums = np.zeros(len(pairs))
        order = np.argsort(pairs[:, 0], kind="stable")
        firsts = pairs[order, 0]
        breaks = [0, *(np.flatnonzero(np.diff(firsts)) + 1).tolist(), len(firsts)] if len(firsts) else []
        for start, end in pairwise(breaks):
            own = self.of(int(firsts[start]))
            if not len(own):
                continue
            self._mark[own] = self.weights[own]
            others = [self.of(int(other)) for other in pairs[order[start:end], 1]]
            sizes = np.array([len(each) for each in others])
            held = self._mark[np.concatenate(others)]
            ends = np.concatenate([[0], np.cumsum(held)])
            limits = np.concatenate([[0], np.cumsum(sizes)])
            sums[order[start:end]] = ends[limits[1:]] - ends[limits[:-1]]
            self._mark[own] = 0.0
        return sums

    def likeness(self, pairs: Pairs) -> Numbers:
        """Return the overlap of each pair, less the more either wrote that the other did not."""
        both = self.overlap(pairs)
        either = self._whole[pairs[:, 0]] + self._whole[pairs[:, 1]] - both
        part = np.divide(both, either, out=np.zeros(len(both)), where=either > 0)
        return np.asarray(both * part**WHOLENESS)

    def rare(self, budget: int) -> tuple[Ints, Numbers]:
        """Return pairs that share a fingerprint, the rarest first until there are ``budget``, with its weight.

        A pair is one number, ``smaller · count + larger``; it occurs once for each fingerprint.
        """
        order = np.argsort(self._ids, kind="stable")
        ids, owners = self._ids[order], self._owners[order]
        found, holders = np.unique(ids, return_counts=True)
        starts = np.searchsorted(ids, found)
        codes, weights = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        left = budget
        for many in np.unique(holders):
            which = np.flatnonzero(holders == many)[: max(0, left // math.comb(int(many), 2))]
            if not len(which):
                break
            people = owners[starts[which][:, None] + np.arange(many)]
            a, b = np.triu_indices(int(many), 1)
            codes.append((people[:, a] * self.count + people[:, b]).ravel())
            weights.append(np.repeat(self.weights[found[which]], len(a)))
            left -= len(codes[-1])
        return np.concatenate(codes), np.concatenate(weights)


def all_pairs(count: int) -> Pairs:
    """Return every pair of ``count`` students."""
    return np.stack(np.triu_indices(count, 1), axis=1).astype(np.int64)


def random_pairs(count: int, wanted: int, rng: np.random.Generator) -> Pairs:
    """Return pairs of students drawn at random."""
    a, b = rng.integers(0, count, wanted), rng.integers(0, count - 1, wanted)
    b = b + (b >= a)
    return np.stack([np.minimum(a, b), np.maximum(a, b)], axis=1).astype(np.int64)


def likely_pairs(channels: Iterable[Channel], count: int, wanted: int, budget: int) -> Pairs:
    """Return the pairs that share most of what is rare, without looking at every pair.

    Parameters
    ----------
    channels
        Their rare fingerprints are looked at.
    count
        The number of students.
    wanted
        How many pairs are returned at most.
    budget
        How many common fingerprints of pairs are listed for each channel; it bounds time and memory.
    """
    codes: Ints = np.zeros(0, dtype=np.int64)
    sums: Numbers = np.zeros(0)
    for channel in channels:
        more, weights = channel.rare(budget)
        codes, places = np.unique(np.concatenate([codes, more]), return_inverse=True)
        sums = np.asarray(np.bincount(places, np.concatenate([sums, weights]), len(codes)), dtype=float)
        if len(codes) > 4 * wanted:
            best = np.sort(np.argpartition(-sums, 4 * wanted)[: 4 * wanted])
            codes, sums = codes[best], sums[best]
    best = np.argsort(-sums, kind="stable")[:wanted]
    return np.stack([codes[best] // count, codes[best] % count], axis=1)
