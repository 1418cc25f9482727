"""How long somebody waits for one notebook: ``autograder grade`` started anew each time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import CHECKOUT
from benchmarks.assignments import COURSE
from benchmarks.courses import STOCK, Released, run
from benchmarks.mixed import of_kind

TOPIC = "softmax"
KINDS = ("perfect", "unfinished", "untouched")


def commands(scratch: Path) -> dict[str, Callable[[], float]]:
    """Return commands; each gives its time in seconds."""
    entries = [of_kind(kind, COURSE[TOPIC], [1])[0] for kind in KINDS]
    root = scratch / "course"
    Released(scratch / "released", STOCK, [COURSE[TOPIC]]).submit(root, entries)
    grade = partial(run, "autograder", "grade")
    bare = ("--assignment", TOPIC, "--no-gradebook", "--course", str(CHECKOUT))
    found: dict[str, Callable[[], float]] = {}
    for entry in entries:
        path = root / "submitted" / entry.student / TOPIC / f"{TOPIC}.ipynb"
        alone = scratch / f"{entry.student}.ipynb"
        alone.write_bytes(entry.content)
        found[f"{entry.kind}, no gradebook"] = partial(grade, str(alone), *bare)
        found[f"{entry.kind}, into a gradebook"] = partial(grade, str(path), "--force", cwd=root)
    return found | {"autograder --help": partial(run, "autograder", "--help")}
