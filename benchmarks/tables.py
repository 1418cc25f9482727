"""The measurements as tables."""

from __future__ import annotations

import statistics
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.kinds import ONLY_IN
from benchmarks.mixed import COUNTS, RARE
from benchmarks.workloads import FLOOR, NBGRADER

Seconds = dict[str, float]
WAYS = "{}: milliseconds per notebook"
MIXED = (
    f"mixed: milliseconds per notebook of {sum(COUNTS.values())} over all assignments: "
    + ", ".join(f"{count} {kind}" for kind, count in COUNTS.items())
    + ". What loops or is slow is not among them, as stock nbgrader waits half a minute in each cell that loops. "
    "“with loops” adds one in a hundred that loops and one that is slow, each at its own time below."
)
LOOPS = "loops: seconds per notebook, measured once; with two jobs, two notebooks at a time"
KINDS = "kinds: milliseconds per notebook in one warm grader: each assignment's median, and the mean of them"
COLD = "cold: seconds for one softmax notebook, from the command's start to its end"


def show(found: dict[str, Any], console: Console) -> None:
    """Print what was measured; parts that were left out are missing."""
    console.print(found["machine"])
    loops = found.get("loops", {})
    tables = [(WAYS.format(part), _ways(found[part], {})) for part in ("computes", "whole") if part in found]
    if "mixed" in found:
        tables.append((MIXED, _ways(found["mixed"], loops)))
    if loops:
        tables.append((LOOPS, _loops(loops)))
    if "kinds" in found:
        tables.append((KINDS, _kinds(found["kinds"])))
    if "cold" in found:
        tables.append((COLD, _cold(found["cold"])))
    for title, table in tables:
        console.print(f"\n{title}", highlight=False)
        console.print(table)
    if memory := found.get("memory"):
        sizes = ", ".join(f"{megabytes:.0f} MB after {count}" for count, megabytes in memory.items())
        console.print(f"\nmemory: {sizes}")


def with_loops(way: str, seconds: float, loops: dict[str, Seconds]) -> float:
    """Return the mean time of a notebook in one way, in a class that has its share of what loops or is slow."""
    return (1 - sum(RARE.values())) * seconds + sum(share * loops[kind][way] for kind, share in RARE.items())


def _ways(times: Seconds, loops: dict[str, Seconds]) -> Table:
    more = ("with loops", "times stock") if loops else ()
    table = _table("what", "ms", "times stock", "times floor", *more)
    measured = next(iter(loops.values()), {})
    whole = {way: with_loops(way, times[way], loops) for way in times if way in measured}
    for way, seconds in times.items():
        row = [way, _ms(seconds), _times(times[NBGRADER] / seconds), _times(seconds / times[FLOOR])]
        if way in whole:
            row += [_ms(whole[way]), _times(whole[NBGRADER] / whole[way])]
        table.add_row(*row)
    return table


def _loops(loops: dict[str, Seconds]) -> Table:
    table = _table("what", *(f"{kind} ({ONLY_IN[kind]})" for kind in loops))
    for way in next(iter(loops.values())):
        table.add_row(way, *(f"{times[way]:.1f}" for times in loops.values()))
    return table


def _kinds(kinds: dict[str, Seconds]) -> Table:
    table = _table("what", "ms", "times perfect", "at most")
    for kind, by_topic in kinds.items():
        perfect = {topic: kinds["perfect"][topic] for topic in by_topic}
        ratios = {topic: seconds / perfect[topic] for topic, seconds in by_topic.items()}
        most = max(ratios, key=lambda topic: ratios[topic])
        mean = statistics.mean(by_topic.values())
        name = f"{kind} ({ONLY_IN[kind]})" if kind in ONLY_IN else kind
        ratio = mean / statistics.mean(perfect.values())
        table.add_row(name, _ms(mean), _times(ratio), f"{_times(ratios[most])} in {most}")
    return table


def _cold(cold: Seconds) -> Table:
    table = _table("what", "s")
    for name, seconds in cold.items():
        table.add_row(name, f"{seconds:.2f}")
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None)
    for column in columns:
        table.add_column(column, justify="left" if column == "what" else "right")
    return table


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f}"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}×"
