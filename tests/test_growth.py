"""No text of a student's takes the trusted side more than linear time: twice as much takes about twice as long.

What is measured is this process's own time on the processor, at four sizes that double. A time that grows with the
square grows fourfold each time; one that grows faster is not waited for.
"""

from __future__ import annotations

import gc
import math
import time

import pytest
from hostile_texts import KINDS
from sampling import sampled

MOST = 9.0
"""How many times as long four times the size may take: linear time takes 4, quadratic time 16."""
STEEP = 6.0
"""How many times as long twice the size may take before it isn't worth waiting for more."""
FLOOR = 0.002
"""Seconds that count as nothing: what is called once, whatever the size, takes part of them."""
ATTEMPTS = 5
"""A busy machine makes any measurement longer, and none shorter."""


def seconds(kind, size):
    content = kind.make(size)
    gc.disable()  # a collection looks at everything that the other tests have left, too
    try:
        started = time.process_time()
        kind.read(content)
        return time.process_time() - started
    finally:
        gc.enable()


def too_long(best, number):
    """Whether a size takes too long, compared with a half and a quarter of it."""
    steps = ((1, STEEP), (2, MOST))
    return any(best[number] > most * max(best[number - back], FLOOR) for back, most in steps if back <= number)


def growth(kind):
    """The shortest times at four sizes that double, up to the first that took too long."""
    best = [math.inf] * 4
    for _ in range(ATTEMPTS):
        for number in range(4):
            best[number] = min(best[number], seconds(kind, kind.size << number))
            if too_long(best, number):
                break
        else:
            return best, True
    return [time for time in best if time < math.inf], False


LONG = ("html entities", "keys", "loose notebooks", "markdown signs", "page signs")
"""Kinds whose smallest size that can be measured takes seconds."""
LONGEST = ("attempts of one student", "copies of copies")
"""Kinds that take a minute."""


def of_kinds(names):
    return [kind for kind in KINDS if kind.name in names]


@pytest.mark.parametrize(
    "kind", sampled(KINDS, 4, 3, slow=of_kinds(LONG), deep=of_kinds(LONGEST), ident=lambda kind: kind.name)
)
def test_twice_the_input_takes_about_twice_the_time(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind.read(kind.make(1))  # imports what is imported late
    times, linear = growth(kind)
    assert linear, f"{kind.name}: {', '.join(f'{1000 * each:.1f}' for each in times)} ms"


@pytest.mark.slow
def test_time_that_grows_with_the_square_is_seen(monkeypatch):
    from hostile_texts import Kind

    times, linear = growth(Kind("square", lambda n: n, lambda n: sum(1 for _ in range(n * n)), 500))
    assert not linear, times
