"""Compare the time per notebook of stock nbgrader, our plug-in inside it, ``autograder grade``, and the floor.

The floor is the time of the same cells and calls without isolation and grading.

A time per notebook is a slope: the time of a larger class minus that of a smaller one that it contains, divided by
the difference in size. So the time to start Python and nbgrader does not count. Compare ratios: seconds depend on
the machine. All ways take turns, round after round, and the median counts: a busy moment affects all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import CHECKOUT, cold, warm, workloads
from benchmarks.assignments import COURSE
from benchmarks.kinds import ONLY_IN
from benchmarks.tables import show

console = Console()


def in_turns(part: str, rounds: int, ways: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Measure each way once a round; return the median seconds of each."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(1, rounds + 1):
        for name, way in ways.items():
            with console.status(f"{part}, round {turn} of {rounds}: {name} …"):
                found[name].append(way())
            console.print(f"{part}, round {turn} of {rounds}: {name}: {found[name][-1]:.3f} s", highlight=False)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def compared(part: str, load: workloads.Workload, rounds: int) -> dict[str, float]:
    """Measure all ways of grading a workload."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return in_turns(part, rounds, workloads.ways(load, Path(folder)))


def loops(_: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Measure what ends at a time limit, or is slow, by kind and way; once, as it is the limits that count."""
    found = {}
    for kind, topic in ONLY_IN.items():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            ways = workloads.ways(workloads.of_one_kind(kind, topic), Path(folder))
            del ways[workloads.FLOOR]
            found[kind] = in_turns(f"loops, {kind}", 1, ways)
    return found


def kinds(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Measure each kind of submission in each assignment; return the median seconds by kind and assignment."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    numbers = range(options.seed, options.seed + options.rounds)
    for topic, assignment in COURSE.items():
        by_kind = defaultdict(list)
        with console.status(f"kinds: {topic} …"):
            for kind, seconds in warm.seconds_by_kind(assignment, numbers):
                by_kind[kind].append(seconds)
        for kind, times in by_kind.items():
            found[kind][topic] = statistics.median(times)
        console.print(f"kinds: {topic}: perfect {found['perfect'][topic]:.3f} s", highlight=False)
    return found


def cold_starts(options: argparse.Namespace) -> dict[str, float]:
    """Measure how long one command takes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return in_turns("cold", options.rounds, cold.commands(Path(folder)))


def memory(options: argparse.Namespace) -> dict[str, float]:
    """Measure the memory after 10, 100, … submissions."""
    counts = [*(count for count in (10, 100, 1000) if count < options.memory), options.memory]
    with console.status(f"memory: {options.memory} submissions …"):
        return {str(count): round(megabytes, 1) for count, megabytes in warm.memory(counts)}


MEASURES: dict[str, Callable[[argparse.Namespace], Any]] = {
    "computes": lambda o: compared("computes", workloads.perfect(200, lean=True), o.rounds),
    "whole": lambda o: compared("whole", workloads.perfect(40, lean=False), o.rounds),
    "mixed": lambda o: compared("mixed", workloads.mixed(o.seed), o.rounds),
    "loops": loops,
    "kinds": kinds,
    "cold": cold_starts,
    "memory": memory,
}


def main(words: Iterable[str] | None = None) -> None:
    """Measure everything, or the parts that are named; print tables, write the JSON file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, default=CHECKOUT / "build" / "bench.json")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), help="by default all")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each way is measured")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="decides the mixed class")
    parser.add_argument(
        "--memory",
        type=int,
        default=1000,
        metavar="N",
        help="how many submissions to grade when memory is measured",
    )
    options = parser.parse_args(words)
    found: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    }
    found |= {part: measure(options) for part, measure in MEASURES.items() if part in options.only}
    show(found, console)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    console.print(f"written to {options.json}")


if __name__ == "__main__":
    main()
